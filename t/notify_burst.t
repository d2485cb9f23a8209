#!/usr/bin/perl
#
# A burst to an agent with three devices: one notice at once, then as many as
# the interval allows, the last with everything; read anywhere is known
# everywhere; all of it also when the worker dies in the midst.
#
# proves: N5 N12 N14 I12

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;

use constant INTERVAL => 2;

my $t = ChatDesk::Test->new(standby => 1, settings => {
    notify => { interval_seconds => INTERVAL } });
my @ana = map { $t->agent('ana') } 1 .. 3;
my $bob = $t->visitor('Bob');

$ana[0]->available;
my $conv = $bob->start(name => 'Bob');
$ana[0]->accept($conv);
$t->until(5, 'the offer to be over on every device',
    sub { !grep { $_->notice($conv) } @ana });


# What each device has been told, oldest first; forgets it.

sub told {
    return map {
        my $device = $_;
        my @all;
        while (my $one = $device->take(t => 'notice', about => $conv)) {
            push @all, $one;
        }
        [ @all ];
    } @ana;
}


# Says so many things in so many seconds.

sub burst {
    my ($count, $seconds) = @_;
    my ($said, $step) = (0, $seconds / 20);
    my $some;

    $some = sub {
        for (1 .. $count / 20) {
            $said++;
            $bob->say($conv, "text $said");
        }
        $t->loop->after($step, $some) if $said < $count;
    };
    $some->();
    $t->until($seconds + 5, 'all to be said', sub { $said == $count });
}


# Number on the desk side of the last message, as a device has it.

sub newest {
    my ($message) = reverse @{ $ana[0]->feed($conv)->{messages} };

    return $message->{n};
}


sub told_of_ok {
    my ($count, $text) = @_;

    $t->until(15, "all devices to be told of $count", sub {
        3 == grep { my $one = $_->notice($conv);
                    $one && $one->{count} == $count } @ana;
    });
    is($_->notice($conv)->{preview}, $text, 'with the newest text') for @ana;
    is($_->card($conv)->{unread}, $count, 'the card counts the same')
        for @ana;
}


sub read_ok {
    my ($device) = @_;
    my $began = $t->loop->now;

    $device->mark($conv, newest(), newest(), newest());
    $t->until(5, 'every device to know it', sub {
        !grep { $_->notice($conv) || $_->card($conv)->{unread} } @ana;
    });
    cmp_ok($t->loop->now - $began, '<', 1,
        'read on one device is known on all within a second');
}

told();
burst(100, 2);
told_of_ok(100, 'text 100');

my @lists = told();
is_deeply([ map { $_->{count} } @{ $lists[$_] } ],
    [ map { $_->{count} } @{ $lists[0] } ],
    'every device is told the same') for 1, 2;

my @at = map { $_->{at} } @{ $lists[0] };
cmp_ok($lists[0][0]{count}, '<=', 20, 'the first comes at once');
cmp_ok(scalar @at, '<=', 1 + int(1 + 3 / INTERVAL), 'then one an interval');
cmp_ok($at[$_] - $at[$_ - 1], '>=', INTERVAL * 1000 - 5,
    'not earlier') for 1 .. $#at;

read_ok($ana[1]);

# what is in focus on one device is told on none
$ana[2]->look($conv);
$bob->say($conv, 'you are here');
$t->until(5, 'the card', sub { $ana[0]->card($conv)->{unread} == 1 });
ok(!$ana[0]->notice($conv), 'nobody is told of what is in focus');
$ana[2]->look(undef);
told_of_ok(1, 'you are here');
read_ok($ana[0]);

# the worker dies with a notice due
$bob->say($conv, 'one');
told_of_ok(1, 'one');
$bob->say($conv, 'two');
$t->until(5, 'two to be counted',
    sub { $ana[0]->card($conv)->{unread} == 2 });
$t->stack->worker_of($t->redis->get('cd:{demo}:lease'))->stop('KILL', 5);
$bob->say($conv, 'three');
told_of_ok(3, 'three');

# a device that comes back has the newest alone
$ana[2]->drop;
$t->until(10, 'the device to be back',
    sub { $ana[2]->{welcome} && $ana[2]->in_step });
is($ana[2]->notice($conv)->{count}, 3, 'a device that resumes sees it');
read_ok($ana[2]);

$t->settle(10);
$t->verdict_ok('burst');
$t->finish;
