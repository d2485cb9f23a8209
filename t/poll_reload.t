#!/usr/bin/perl
#
# nginx reloads while clients wait by long-poll: nothing is lost.
#
# proves: V22

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;

my $t = ChatDesk::Test->new(workers => 2);
my $ana = $t->agent('ana', poll => 1);
my $bob = $t->visitor('Bob', poll => 1);

$ana->available;
my $conv = $t->connect($bob, $ana);

# an old worker exits as soon as it has answered: within the hold time
for my $round (1 .. 3) {
    my %old = map { $_ => 1 } $t->stack->nginx_workers;

    $bob->say($conv, "before $round");
    $t->stack->reload_nginx;
    $bob->say($conv, "from the visitor $round");
    $ana->say($conv, "from the agent $round");

    $t->until(12, 'the old nginx workers to go', sub {
        !grep { $old{$_} } $t->stack->nginx_workers;
    });
    pass("round $round: the old nginx workers have gone");

    is($ana->expect(t => 'message', text => "from the visitor $round")->{conv},
        $conv, 'the agent goes on');
    is($bob->expect(t => 'message', text => "from the agent $round")->{conv},
        $conv, 'the visitor goes on');
}

is($ana->{resets} + $bob->{resets}, 0, 'from where they were');

my $member = $bob->feed($conv)->{registers}{'member:ana'};
ok($member->{present}, 'nobody was away');

$t->settle(20);
$t->verdict_ok('reload');
$t->finish;
