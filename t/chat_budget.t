#!/usr/bin/perl
#
# One reader that stops under steady fan-out: what waits for all readers of an
# nginx worker together has a bound.  The one that is behind is closed with
# 1013 and resumes; the others of the same conversation notice nothing.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;

use constant MESSAGES => 400;

my $rate = 'chatdesk_rate 1000r/s burst=10000; chatdesk_send_queue 64m;'
    . ' chatdesk_send_timeout 60s; chatdesk_close_timeout 60s;';
my $t = ChatDesk::Test->new(http => 'chatdesk_send_memory 512k;',
    visitor => $rate, agent => $rate, log_level => 'info');
my $stack = $t->stack;
my $ana = $t->agent('ana');
my $bob = $t->visitor('Bob');

$ana->available;
my $conv = $t->connect($bob, $ana);
my $tab = $t->visitor('tab', token => $bob->{token}, conv => $conv);
$t->{ledger}->joined($tab, $conv);
$t->until(10, 'the other tab', sub { $tab->in_step });

$tab->{socket}->stand_still;
$tab->{reconnect} = 0;

for my $n (1 .. MESSAGES) {
    $ana->say($conv, "$n " . 'x' x 7000);
    $t->until(30, "message $n to arrive", sub {
        ($bob->feed($conv)->{messages}[-1] // { text => '' })->{text}
            =~ /^$n /;
    });
}

my ($total) = $stack->log('error.log')
    =~ /client reads too slowly.*all frames take (\d+)/;
ok($total, 'the one that stopped was cut');
cmp_ok($total // 0, '>', 512 << 10, 'when all frames took the bound');
cmp_ok($total // 1 << 40, '<', 600 << 10, 'and not more');
is($bob->{cuts} + $ana->{cuts}, 0, 'nobody else was cut');

$tab->{reconnect} = 1;
$tab->{socket}->go_on;
$t->until(30, 'it to read on and to be cut', sub { $tab->{cuts} });
is($tab->{closes}[0], 1013, 'with 1013');
$t->until(30, 'it to be back', sub { $tab->in_step });
is($tab->feed($conv)->{n}, $bob->feed($conv)->{n}, 'as far as the other');
is($tab->feed($conv)->{messages}[-1]{text},
    $bob->feed($conv)->{messages}[-1]{text}, 'with the same last message');

$t->finish;
