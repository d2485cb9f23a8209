#!/usr/bin/perl
#
# Out of hours: hidden, or a message that becomes work.
#
# proves: V14

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;

# a day that is not today or tomorrow, wherever this runs
my $far = (qw(sun mon tue wed thu fri sat))[ ((gmtime)[6] + 3) % 7 ];

my $t = ChatDesk::Test->new(settings => {
    hours => [ { id => 'far', name => 'Far', zone => 'Europe/Lisbon',
                 week => { $far => [ '09:00-12:00', '13:00-18:00' ] } },
               { id => 'always', name => 'Always', zone => 'UTC',
                 week => { map { $_ => ['00:00-24:00'] }
                           qw(mon tue wed thu fri sat sun) } } ],
    flows => [
        { id => 'web', name => 'Web', channel => 'web', hours => 'far',
          closed => 'message', rules => [
              { name => 'night', hours => 'closed', queue => 'sales',
                priority => 9 } ],
          texts => [ { offline => 'Leave a message' } ] },
        { id => 'hidden', name => 'Hidden', channel => 'web',
          hours => 'far', closed => 'hide' },
        { id => 'open', name => 'Open', channel => 'web',
          hours => 'always' },
    ] });
my $ana = $t->agent('ana');
my $bob = $t->visitor('Bob', flow => 'web');
my $flow = $bob->expect(t => 'flow');

ok(!$flow->{open}, 'the visitor is told that it is closed');
cmp_ok($flow->{next_at}, '>', time * 1000, 'and when it opens');
is((gmtime($flow->{next_at} / 1000))[6], ((gmtime)[6] + 3) % 7,
    'on the right day');
is("$flow->{closed} $flow->{text}", 'message Leave a message',
    'and what it can do');

my $id = $bob->request('flow', flow => 'open');
ok($bob->expect(t => 'flow', re => $id)->{open}, 'another flow is open');

$id = $bob->request('start', flow => 'hidden');
is($bob->expect(t => 'error', re => $id)->{code}, 'out_of_hours',
    'a start is refused where the flow hides');

# a message becomes work for the queue, with a mark
$ana->presence('busy');
my $conv = $bob->start(name => 'Bob');
is($bob->expect(t => 'event', what => 'opened')->{why}, 'offline',
    'the visitor sees that it is taken out of hours');
is($bob->expect(t => 'phase', phase => 'waiting')->{queue}, 'Sales',
    'the rule for closed hours leads it');
$bob->say($conv, 'Call me tomorrow');
$t->loop->until(10, 'the message to be stored', sub { !$bob->unsent });
$bob->close;
$ana->available;
my $card = $ana->expect_offer($conv);
ok($card->{offline}, 'the card has the mark');
is($card->{preview}, 'Call me tomorrow', 'and what was left');
$ana->accept($conv);
$ana->expect(t => 'message', text => 'Call me tomorrow');

$t->finish;
