#!/usr/bin/perl
#
# The worker is killed, twice, under load: open chats go on, the standby
# takes over, nothing is done twice.
#
# CHATDESK_FULL asks for 100.
#
# proves: O4

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Load;

my $times = ChatDesk::Load->times(2, 100);
my $load = ChatDesk::Load->new(standby => 1);
my $test = $load->test;
my $stack = $test->stack;
my $redis = $test->redis;
my @takeovers;


# Kills whoever owns the desk, and starts another standby.

sub kill_owner {
    my $epoch = $redis->get('cd:{demo}:epoch');
    my $owner = $stack->worker_of($redis->get('cd:{demo}:lease'));
    my $began = $test->loop->now;

    $owner->stop('KILL', 5);
    $stack->start_worker;

    my $look;
    $look = sub {
        if ($redis->get('cd:{demo}:epoch') > $epoch) {
            push @takeovers, $test->loop->now - $began;
            undef $look;
            return;
        }
        $test->loop->after(0.05, $look);
    };
    $look->();
}

$load->run(messages => 10 + 45 * $times, rate => 10,
    at => { map { 20 + 45 * $_ => \&kill_owner } 0 .. $times - 1 });

$test->until(10, 'all takeovers', sub { @takeovers == $times });
cmp_ok($_, '<', 3, sprintf 'a standby took over in %.1f s', $_)
    for @takeovers;

# chats went on without the worker: no client noticed
$load->none_ok(cuts => 'nobody was cut');

# the desk goes on deciding, from where it was
my $conv = $load->{talks}[0][2];
my ($visitor, $agent) = @{ $load->{talks}[0] };
$visitor->end;
$agent->expect(t => 'card', conv => $conv, phase => 'closed');
my $next = $test->visitor('afterwards');
$test->connect($next, $agent);
pass('a conversation can be ended, and another one begun');

# one event of each kind: nothing was done twice
my @joined = grep { $_->{what} eq 'joined' }
    @{ $load->{talks}[1][0]->feed($load->{talks}[1][2])->{events} };
is(scalar @joined, 1, 'one agent joined once');

$test->settle(20);
$test->verdict_ok("worker killed $times times");
$test->finish;
