#!/usr/bin/perl
#
# An nginx worker is killed, twice, under load: its clients come back and
# nothing that was acknowledged is missing.
#
# CHATDESK_FULL asks for 100.
#
# proves: O2

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Load;

my $times = ChatDesk::Load->times(2, 100);
my $load = ChatDesk::Load->new(workers => 2);
my $test = $load->test;
my $stack = $test->stack;
my (@killed, %back);

$test->expect_complaint(qr/exited on signal 9/);


# The nginx worker that has the most descriptors, and so the most clients.

sub busiest {
    my %count = map { my @fds = glob("/proc/$_/fd/*"); $_ => scalar @fds }
        $stack->nginx_workers;

    return (sort { $count{$b} <=> $count{$a} } keys %count)[0];
}


# Kills it, and notes when its clients are in step again.

sub kill_busiest {
    my $victim = busiest();
    my $began = $test->loop->now;
    my %cuts = map { $_ => $_->{cuts} } $load->clients;

    kill 'KILL', $victim;
    push @killed, $victim;

    my $look;
    $look = sub {
        my @cut = grep { $_->{cuts} > $cuts{$_} } $load->clients;

        if (@cut && !grep { !$_->in_step } @cut) {
            $back{$victim} = $test->loop->now - $began;
            undef $look;
            return;
        }
        $test->loop->after(0.05, $look);
    };
    $test->loop->after(0.05, $look);
}

$load->run(messages => 20 + 40 * $times, rate => 10,
    at => { map { 25 + 40 * $_ => \&kill_busiest } 0 .. $times - 1 });

is(scalar @killed, $times, "$times nginx workers were killed");
cmp_ok($back{$_} // 99, '<', 10,
    sprintf 'their clients were back in %.1f s', $back{$_} // 99)
    for @killed;

$test->verdict_ok("nginx worker killed $times times");
$test->finish;
