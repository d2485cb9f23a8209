#!/usr/bin/perl
#
# A day goes by: the janitor closes what nobody writes in, what comes then is
# not lost, and business hours end.
#
# The day is a jump of the worker's clock, so this runs on the release build:
# the sanitizers have a preload of their own.
#
# proves: A5 A7 V14

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Preload;
use ChatDesk::Test;

use constant DAY => 86400;

my $clock = ChatDesk::Preload->new('clock_jump', CLOCK_JUMP_FILE =>
    pack 'q', 0);
my @today = map { sprintf '%04d-%02d-%02d', $_->[5] + 1900, $_->[4] + 1,
                      $_->[3] }
    map { [ gmtime(time + $_ * DAY) ] } 0, 1;
my $t = ChatDesk::Test->new(flavour => 'release',
    env => { worker => $clock->env }, settings => { capacity => 2,
    hours => [ { id => 'now', name => 'Now', zone => 'UTC', week => {},
                 exceptions => [ map { { date => $_,
                                         spans => ['00:00-24:00'] } }
                                 @today ] } ],
    flows => [ { id => 'web', name => 'Web', channel => 'web' },
               { id => 'on', name => 'On', channel => 'web', hours => 'now',
                 continuation => 'append' } ] });
my $ana = $t->agent('ana');
my %visitor = (web => $t->visitor('Bob'), on => $t->visitor('Eve'));
my %conv;

$ana->available;
for my $flow (qw(web on)) {
    $conv{$flow} = $visitor{$flow}->start(flow => $flow);
    $ana->expect_offer($conv{$flow});
    $ana->accept($conv{$flow});
    $visitor{$flow}->expect(t => 'phase', phase => 'active');
    $visitor{$flow}->say($conv{$flow}, 'Hello');
    $ana->expect(t => 'message', conv => $conv{$flow}, text => 'Hello');

    # the worker has seen it, too: today, and not in three days
    $t->until(10, 'the card', sub {
        ($ana->card($conv{$flow})->{preview} // '') eq 'Hello' });
}

my $id = $visitor{on}->request('flow', flow => 'on');
my $told = $visitor{on}->expect(t => 'flow', re => $id);
ok($told->{open}, 'within hours');

$clock->drive(pack 'q', 3 * DAY);
$ana->presence('busy');
for my $flow (qw(web on)) {
    my $ended = $visitor{$flow}->expect(t => 'event', what => 'ended');
    is("$ended->{role} $ended->{why}", 'system inactive',
        "flow $flow: the janitor has closed it, a day is enough");
    $ana->expect(t => 'card', conv => $conv{$flow}, phase => 'closed');
}

# a message to what is closed: refused, and then taken by the flow's rule
for my $flow (qw(web on)) {
    my $who = $visitor{$flow};

    $who->send({ t => 'send', conv => $conv{$flow}, k => 2,
                 text => 'Still there?' });
    is($who->expect(t => 'error', k => 2)->{code}, 'closed',
        "flow $flow: a message later is refused");
}

my $again = $visitor{on}->start(flow => 'on');
is($again, $conv{on}, 'one that appends goes on');
ok($visitor{on}->expect(t => 'event', what => 'opened', why => 'reopened'),
    'and says so');
my $other = $visitor{web}->start(flow => 'web');
isnt($other, $conv{web}, 'the other one begins anew');
$visitor{on}->say($again, 'Still there?');
$visitor{web}->say($other, 'Still there?');
$ana->presence('available');
for my $conv ($again, $other) {
    $ana->expect_offer($conv);
    $ana->accept($conv);
    $ana->expect(t => 'message', conv => $conv, text => 'Still there?');
}
pass('and the agent reads both');

# the hours have ended meanwhile
$id = $visitor{on}->request('flow', flow => 'on');
$told = $visitor{on}->expect(t => 'flow', re => $id);
ok(!$told->{open}, 'out of hours three days later');

$t->finish;
