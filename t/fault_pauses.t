#!/usr/bin/perl
#
# Processes that stand still and go on, under load: the worker past its
# lease, Redis for a moment; and subscribers that Redis cuts off.  Each twice.
#
# CHATDESK_FULL asks for 30, 20 (up to 30 seconds) and 50.
#
# proves: O3 O4

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Load;

my $workers = ChatDesk::Load->times(2, 30);
my $subscribers = ChatDesk::Load->times(2, 50);
my @seconds = (1, 5, 1, 30, 1, 5, 1, 1, 5, 30, (1) x 10)
    [ 0 .. ChatDesk::Load->times(2, 20) - 1 ];
my $load = ChatDesk::Load->new(standby => 1);
my $test = $load->test;
my $stack = $test->stack;
my $redis = $test->redis;
my $epoch = $redis->get('cd:{demo}:epoch');
my @fenced;


# The owner stands still past its lease; it must not own the desk when it
# goes on.

sub pause_owner {
    my $before = $redis->get('cd:{demo}:lease');
    my $owner = $stack->worker_of($before);

    $owner->signal('STOP');
    $test->loop->after(3.5, sub {
        push @fenced, [ $before, $redis->get('cd:{demo}:lease') ];
        $owner->signal('CONT');
    });
}


sub pause_redis {
    my ($seconds) = @_;

    return sub {
        $stack->{redis}->signal('STOP');
        $test->loop->after($seconds, sub { $stack->{redis}->signal('CONT') });
    };
}


sub cut_subscribers {
    $redis->client('kill', 'type', 'pubsub');
}

my %at;
my $tick = 10;

for (1 .. $workers) {
    $at{$tick} = \&pause_owner;
    $tick += 70;
}

for (1 .. $subscribers) {
    $at{$tick} = \&cut_subscribers;
    $tick += 10;
}

for my $seconds (@seconds) {
    $at{$tick} = pause_redis($seconds);
    $tick += 20 + 20 * $seconds;
}

$load->run(messages => $tick, rate => 10, at => \%at);

cmp_ok($redis->get('cd:{demo}:epoch'), '>', $epoch,
    'the desk has another owner');
is(scalar(grep { $_->[1] ne $_->[0] } @fenced), $workers,
    'each that stood still had lost its lease when it went on');
$load->none_ok(cuts => 'all sockets stayed');

# the desk decides, once
my ($visitor, $agent, $conv) = @{ $load->{talks}[0] };
$visitor->end;
$agent->expect(t => 'card', conv => $conv, phase => 'closed', within => 20);
$test->until(10, 'the end',
    sub { grep { $_->{what} eq 'ended' } @{ $agent->feed($conv)->{events} } });
my @ended = grep { $_->{what} eq 'ended' }
    @{ $agent->feed($conv)->{events} };
is(scalar @ended, 1, 'an end is an end once');

$test->settle(30);
$test->verdict_ok('pauses');
$test->finish;
