#!/usr/bin/perl
#
# Redis restarts under load with the shipped redis.conf: once in good order,
# once by kill -9.  Sockets stay, senders are told, nothing that was
# acknowledged is lost.
#
# CHATDESK_FULL asks for 50 times.
#
# proves: O3

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Load;

my $times = ChatDesk::Load->times(2, 50);
my $load = ChatDesk::Load->new;
my $test = $load->test;
my $stack = $test->stack;


# Down for a second.

sub restart_by {
    my ($signal) = @_;

    return sub {
        $stack->{redis}->stop($signal, 10);
        $test->loop->after(1, sub { $stack->start_redis });
    };
}

$load->run(messages => 20 + 40 * $times, rate => 10, at => {
    map { 20 + 40 * $_ => restart_by($_ % 2 ? 'KILL' : 'TERM') }
        0 .. $times - 1 });

my @told = grep { $_->{t} eq 'error' && ($_->{code} // '') =~ /^(?:busy|un)/ }
    map { @{ $_->{seen} } } $load->clients;
cmp_ok(scalar @told, '>', 0, 'senders were told to wait');
is(scalar(grep { !$_->{retry_after} } @told), 0, 'and for how long');
$load->none_ok(cuts => 'all sockets stayed');

# the desk decides again
my ($visitor, $agent, $conv) = @{ $load->{talks}[0] };
$visitor->end;
$agent->expect(t => 'card', conv => $conv, phase => 'closed', within => 20);
pass('the desk decides again');

$test->settle(30);
$test->verdict_ok("Redis restarted $times times");
$test->finish;
