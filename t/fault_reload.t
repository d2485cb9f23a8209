#!/usr/bin/perl
#
# nginx reloads, three times, under load: clients are moved, nothing is lost,
# the old nginx workers go.
#
# proves: O2 F1

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Load;

my $load = ChatDesk::Load->new(workers => 2);
my $test = $load->test;
my $stack = $test->stack;
my %old;


sub reload {
    $old{$_} = 1 for $stack->nginx_workers;
    $stack->reload_nginx;
}

$load->run(messages => 100, rate => 10,
    at => { 20 => \&reload, 50 => \&reload, 80 => \&reload });

cmp_ok(scalar keys %old, '>=', 6, 'there were three generations');
$test->until(30, 'the old nginx workers to go', sub {
    !grep { $old{$_} } $stack->nginx_workers;
});
pass('the old nginx workers have gone');

my @codes = map { @{ $_->{closes} } } $load->clients;
cmp_ok(scalar @codes, ">=", 200, "clients were moved, each twice or more");
is_deeply([ grep { $_ != 1012 } @codes ], [], 'each with code 1012');
$load->none_ok(resets => 'all went on where they were');

$test->verdict_ok('reloaded three times');
$test->finish;
