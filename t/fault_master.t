#!/usr/bin/perl
#
# nginx as a whole is killed under load, twice: its master and, as a service
# manager does, what the master leaves behind; then it is started again.  All
# clients are back within ten seconds, and no lock is held.
#
# CHATDESK_FULL asks for ten.
#
# proves: O2

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Load;

my $times = ChatDesk::Load->times(2, 10);
my $load = ChatDesk::Load->new(workers => 2);
my $test = $load->test;
my $stack = $test->stack;
my $loop = $test->loop;
my @back;


sub kill_all {
    my $began = $loop->now;
    my @workers = $stack->nginx_workers;

    $stack->{nginx}->stop('KILL', 5);
    kill 'KILL', @workers;
    $loop->until(5, 'nginx to be gone',
        sub { !grep { kill 0, $_ } @workers });
    $stack->start_nginx;

    my $look;
    $look = sub {
        return $loop->after(0.05, $look)
            if grep { !$_->in_step } $load->clients;
        push @back, $loop->now - $began;
        undef $look;
    };
    $loop->after(0.2, $look);
}

$load->run(messages => 30 + 60 * $times, rate => 10,
    at => { map { 20 + 60 * $_ => \&kill_all } 0 .. $times - 1 });

$test->until(20, 'all to be back', sub { @back == $times });
cmp_ok($_, '<', 10, sprintf 'all clients were back in %.1f s', $_) for @back;
$load->none_ok(resets => 'all went on where they were');

$test->verdict_ok("nginx killed $times times");
$test->finish;
