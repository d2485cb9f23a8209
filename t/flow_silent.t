#!/usr/bin/perl
#
# A silent visitor is reminded, then the conversation ends; the janitor closes
# what nobody writes in, and the log says when it is off.
#
# proves: A7 A8 E6

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;

my $t = ChatDesk::Test->new(settings => { capacity => 1, flows => [
    { id => 'web', name => 'Web', channel => 'web', janitor_minutes => 0,
      remind_seconds => 1, end_seconds => 3,
      texts => [ { reminder => 'Are you there?', ended => 'Goodbye' },
                 { lang => 'de', reminder => 'Noch da?' } ] },
] });
my $ana = $t->agent('ana');
$ana->available;

like($t->stack->{worker}[0]->log_text, qr/janitor_off.*flow web/,
    'the log warns of a flow whose janitor is off');

my $bob = $t->visitor('Bob');
my $eve = $t->visitor('Eve');
my $conv = $bob->start(name => 'Bob', lang => 'de-AT');
$ana->expect_offer($conv);
$ana->accept($conv);
$bob->expect(t => 'phase', phase => 'active');

# an agent who has the turn is not waited for
$bob->say($conv, 'Hello');
$ana->expect(t => 'message', text => 'Hello');
$ana->say($conv, 'Yes?');
my $reminder = $bob->expect(t => 'message', role => 'system');
is($reminder->{text}, 'Noch da?', 'it is reminded, in its language');
$bob->say($conv, 'Here!');
$ana->expect(t => 'message', text => 'Here!');
$ana->say($conv, 'And now?');

my $waiting = $eve->start(name => 'Eve');
is($bob->expect(t => 'message', text => 'Goodbye')->{role}, 'system',
    'silent again it is told that the conversation ends');
my $ended = $bob->expect(t => 'event', what => 'ended');
is("$ended->{role} $ended->{why}", 'system silent', 'and why');
is($bob->expect(t => 'phase', phase => 'closed')->{closed_by}, 'system',
    'the desk has closed it');
is((grep { ($_->{text} // '') eq 'Noch da?' } @{ $bob->{seen} }), 1,
    'it was reminded once more before');
is($ana->expect_offer($waiting)->{conv}, $waiting, 'the capacity is free');

$t->finish;
