#!/usr/bin/perl
#
# Processes that stand still and go on, under load: the worker past its
# lease, Redis for a moment; and subscribers that Redis cuts off.
#
# proves: O3 O4

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Load;

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

$load->run(messages => 120, rate => 10, at => {
    10 => \&pause_owner, 60 => pause_redis(1), 80 => \&cut_subscribers,
    90 => \&cut_subscribers, 100 => pause_redis(1),
});

cmp_ok($redis->get('cd:{demo}:epoch'), '>', $epoch,
    'the desk has another owner');
isnt($fenced[0][1], $fenced[0][0],
    'the one that stood still had lost its lease when it went on');
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
