#!/usr/bin/perl
#
# nginx has no descriptor, or no connection, left for one more client: those
# that are there go on without loss, new ones wait or are refused, and get in
# when others have left.  Nothing can be taken back: all of them are upgraded.
#
# proves: O2

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;
use ChatDesk::Visitor;

use constant ROOM => 64;
use constant CROWD => 80;
use constant LEAVE => 20;


# `fault` is what nginx says when there is no more; `arg` what makes it so.

sub no_more {
    my ($fault, %arg) = @_;
    my $t = ChatDesk::Test->new(settings => { agents => ['ana'] }, %arg);
    my $stack = $t->stack;
    my $ana = $t->agent('ana');
    my $bob = $t->visitor('Bob');
    my @crowd;

    $t->expect_complaint($fault);
    $ana->available;
    my $conv = $t->connect($bob, $ana);
    my ($worker) = $stack->nginx_workers;

    # one more that nobody waits for
    my $comes = sub {
        push @crowd, ChatDesk::Visitor->new(loop => $t->loop,
            port => $stack->port, name => 'crowd', reconnect => 0);
    };
    my $inside = sub { grep { $_->{welcome} } @crowd };
    my $talks = sub {
        my ($name) = @_;

        $bob->say($conv, "$name $_") for 1 .. 5;
        $ana->say($conv, "$name $_") for 1 .. 5;
        $t->settle(20);
        pass("$name: messages go both ways");
    };

    $comes->() for 1 .. CROWD;
    $t->until(20, 'nginx to be full',
        sub { $stack->log('error.log') =~ $fault });
    $talks->('full');
    $t->until(20, 'many to be inside', sub { $inside->() > LEAVE });
    cmp_ok(scalar $inside->(), '<', ROOM, 'no more than there is room for');

    # the connections to Redis are lost, and there may be no room for others
    my $redis = $t->redis;
    for my $client (split /\n/, $redis->client('list')) {
        $redis->client('kill', 'id', $1)
            if $client =~ /^id=(\d+) .* name=chatdesk-(?:command|subscriber) /;
    }
    $bob->say($conv, 'without Redis');
    $bob->expect(t => 'error', code => qr/^(?:busy|unavailable)$/)
        if $arg{connections};

    my $most = $inside->();
    $_->drop(60) for ($inside->())[0 .. LEAVE - 1];
    $ana->expect(t => 'message', text => 'without Redis', within => 20);
    pass('it goes on when others have left');

    # those that were not refused wait still
    $comes->() for 1 .. LEAVE / 2;
    $t->until(20, 'new ones to get in',
        sub { $inside->() >= $most - LEAVE / 2 });
    pass('and new ones get in');
    $talks->('after');

    is(($stack->nginx_workers)[0], $worker, 'the same process served all');
    is(scalar(grep { $_->{cuts} } $ana, $bob), 0, 'and cut nobody off');

    # nginx looks at its listening socket again by a timer, also when it has
    # closed it meanwhile
    $_->drop(60) for @crowd;
    my $last = $t->visitor('last');
    $t->until(20, 'the last one to get in', sub { $last->{welcome} });
    $t->verdict_ok('no more room');
    $t->finish;
}

subtest 'no descriptors' => sub {
    no_more(qr/Too many open files/, main => 'worker_rlimit_nofile '
        . ROOM . ";\n");
};

subtest 'no connections' => sub {
    no_more(qr/worker_connections are not enough/, connections => ROOM);
};

done_testing();
