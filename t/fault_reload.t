#!/usr/bin/perl
#
# nginx reloads, three times, under load: clients are moved, nothing is lost,
# the old nginx workers go.
#
# CHATDESK_FULL asks for 200, one a second.
#
# proves: O2 F1

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Load;

my $times = ChatDesk::Load->times(3, 200);
my $apart = ChatDesk::Load->times(30, 10);
my $load = ChatDesk::Load->new(workers => 2);
my $test = $load->test;
my $stack = $test->stack;
my %old;


sub reload {
    $old{$_} = 1 for $stack->nginx_workers;
    $stack->reload_nginx;
}

$load->run(messages => 10 + $times * $apart, rate => 10,
    at => { map { 20 + $_ * $apart => \&reload } 0 .. $times - 1 });

cmp_ok(scalar keys %old, '>=', 6, 'there were three generations and more');
$test->until(30, 'the old nginx workers to go', sub {
    !grep { $old{$_} } $stack->nginx_workers;
});
pass('the old nginx workers have gone');

my @codes = map { @{ $_->{closes} } } $load->clients;
cmp_ok(scalar @codes, ">=", 200, "clients were moved, each twice or more");
is_deeply([ grep { $_ != 1012 } @codes ], [], 'each with code 1012');
$load->none_ok(resets => 'all went on where they were');

$test->verdict_ok("reloaded $times times");
$test->finish;
