#!/usr/bin/perl
#
# A Redis that is there and does not serve: it has become a replica, it wants
# a password, it stands still.  Senders are told to wait, nginx's log says
# why, and everything goes on when it is over.
#
# proves: O3

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Config qw(read_file write_file);
use ChatDesk::Test;

my $t = ChatDesk::Test->new;
my $stack = $t->stack;
my $conf = "$stack->{dir}/nginx.conf";

# short enough to see it run out
my $text = read_file($conf);
$text =~ s/(chatdesk_redis [^;]+);/$1 timeout=500ms;/ or die 'no Redis';
write_file($conf, $text);
my ($old) = $stack->nginx_workers;
$stack->{nginx}->signal('HUP');
$t->until(10, 'the new configuration',
    sub { !grep { $_ == $old } $stack->nginx_workers });

my $redis = $t->redis;
my $ana = $t->agent('ana');
my $bob = $t->visitor('Bob');
$ana->available;
my $conv = $t->connect($bob, $ana);


# The trouble begins; a message that is sent meanwhile is refused with
# `busy`, for this reason; the trouble ends and the message arrives.

sub trouble {
    my ($name, $reason, $begin, $end) = @_;
    my $known = length $stack->log('error.log');

    $bob->forget_seen;
    $begin->();
    $bob->say($conv, $name);

    my $error = $bob->expect(t => 'error', code => 'busy');
    cmp_ok($error->{retry_after}, '>', 0, "$name: the sender is told to wait");

    $t->until(10, "$name in the log", sub {
        substr($stack->log('error.log'), $known)
            =~ /"chatdesk-command" to Redis \S+ is down: $reason/;
    });
    pass("$name: the log says why");

    $end->();
    $ana->expect(t => 'message', text => $name, within => 15);
    pass("$name: it goes on afterwards");

    my @down = substr($stack->log('error.log'), $known)
        =~ /"chatdesk-command" to Redis \S+ is down/g;
    is(scalar @down, 1, "$name: told once");
}


sub kill_ours {
    for my $client (split /\n/, $redis->client('list')) {
        $redis->client('kill', 'id', $1)
            if $client =~ /^id=(\d+) .* name=chatdesk-(?:command|subscriber) /;
    }
}

trouble('a replica', '(?:READONLY|it is a replica)',
    sub { $redis->replicaof('127.0.0.1', 1) },
    sub { $redis->replicaof('no', 'one') });

trouble('a password', '(?:NOAUTH|Redis closed it)',
    sub { $redis->config('set', 'requirepass', 'secret'); kill_ours() },
    sub { $redis->config('set', 'requirepass', '') });

trouble('a pause', 'no answer',
    sub { $stack->{redis}->signal('STOP') },
    sub { $stack->{redis}->signal('CONT') });

$t->settle(20);
$t->verdict_ok('refused three times');
is(scalar(grep { $_->{cuts} } $ana, $bob), 0, 'all sockets stayed');
$t->finish;
