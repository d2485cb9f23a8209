#!/usr/bin/perl
#
# A Redis that answers late: what is said then is refused with `busy` while the
# sender still waits for it, and not queued behind all that others said; what
# was under way is answered, and everything arrives in order.
#
# proves: O3

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;

use constant LATE => 0.5;

my $t = ChatDesk::Test->new;
my $redis = $t->stack->{redis};
my $ana = $t->agent('ana');
my $bob = $t->visitor('Bob');
$ana->available;
my $conv = $t->connect($bob, $ana);

$redis->signal('STOP');
$bob->say($conv, 'Under way');
my $since = $t->loop->now;
$t->until(5, 'Redis to be late', sub { $t->loop->now - $since > LATE + 0.1 });
$bob->say($conv, 'Too much');

my $error = $bob->expect(t => 'error', k => 2, within => 2);
is($error->{code}, 'busy', 'what is said now is refused,');
cmp_ok($error->{retry_after}, '>', 0, 'with a time to come again,');
is(scalar(grep { $_->{t} eq 'ack' && ($_->{k} // 0) == 1 }
    @{ $bob->{seen} }), 0, 'before the first was answered');

$redis->signal('CONT');
is($ana->expect(t => 'message', conv => $conv)->{text}, 'Under way',
    'what was under way arrives');
is($ana->expect(t => 'message', conv => $conv)->{text}, 'Too much',
    'and then what came again');
$t->settle(20);
$t->verdict_ok('late');
$t->finish;
