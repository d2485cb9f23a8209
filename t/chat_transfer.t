#!/usr/bin/perl
#
# Handing on: to an agent or a queue, with a note; it comes back when nobody
# takes it, and the visitor is never alone.
#
# proves: P12 P6 P7

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;

my %profile = (ana => 'helper', ben => 'helper', cleo => 'seller');

my $t = ChatDesk::Test->new(desk => {
    name => 'Test desk', default_queue => 'help',
    queues => [
        { id => 'help', name => 'Help', priority => 5, accept_seconds => 2 },
        { id => 'sales', name => 'Sales', priority => 1,
          accept_seconds => 60 },
    ],
    profiles => [
        { id => 'helper', name => 'Helper', capacity => 2,
          queues => ['help'] },
        { id => 'seller', name => 'Seller', capacity => 2,
          queues => ['sales'], buttons => [qw(end)] },
    ],
    agents => [ map { { login => $_, name => ucfirst $_, role => 'agent',
                        profile => $profile{$_} } } sort keys %profile ],
});

my ($ana, $ben, $cleo) = map { $t->agent($_) } qw(ana ben cleo);

$ana->presence('available');
$ben->presence('busy');
$cleo->presence('available');

my $bob = $t->visitor('Bob');
my $conv = $bob->start(name => 'Bob');

$ana->accept($conv);
$bob->say($conv, 'my order is lost');
$ana->expect(t => 'message', text => 'my order is lost');

# nobody takes it: it comes back
$ben->available;
$ana->does('transfer', $conv, agent => 'ben', note => 'order 17');
is($ben->expect_offer($conv)->{note}, 'order 17',
    'a transfer is offered with its note');
is($ana->card($conv)->{phase}, 'active', 'the source has the chat meanwhile');
is($ana->expect(t => 'event', what => 'returned', within => 8)->{why},
    'missed', 'not accepted in time: it comes back');
$ana->say($conv, 'one moment please');
$bob->expect(t => 'message', text => 'one moment please');
pass('and goes on as if nothing had been');
is($bob->take(t => 'event', what => 'left'), undef,
    'the visitor has seen nothing of it');

# to a queue: its agent takes it, the source has left
$ana->does('transfer', $conv, queue => 'sales', note => 'order 17');
is($cleo->expect_offer($conv)->{ask}, 'transfer', 'an agent of the queue');
$cleo->accept($conv);
is($ana->expect(t => 'card_gone', conv => $conv)->{why}, 'handed',
    'it leaves the inbox of the source');
is($bob->expect(t => 'event', what => 'left', who => 'ana')->{name}, 'Ana',
    'the source has left');
is($bob->feed($conv)->{registers}{'phase:'}{queue}, 'Sales',
    'the chat is of the other queue');
is_deeply([ map { $_->{text} } @{ $cleo->feed($conv)->{messages} } ],
    [ 'my order is lost', 'one moment please' ], 'the history goes along');
my ($handing) = grep { $_->{what} eq 'handing' }
    @{ $cleo->feed($conv)->{events} };
is($handing->{note}, 'order 17', 'and so does the note');
is_deeply([ map { $_->{what} } @{ $bob->feed($conv)->{events} } ],
    [qw(opened joined joined left)], 'of which the visitor sees who is there');

# capacity is where the chat is
$t->until(10, "the load to move", sub {
    $ana->feed('inbox')->{registers}{'me:'}{active} == 0
        && $cleo->feed('inbox')->{registers}{'me:'}{active} == 1;
});
pass('the load has moved with it');

# buttons of the profile
is($cleo->feed('inbox')->{registers}{'me:'}{buttons}, 'end',
    '`me` says what the profile allows');
is($cleo->refused('transfer', $conv, agent => 'ana'), 'forbidden',
    'what it does not is refused');

# the end while a transfer is open
my $eve = $t->visitor('Eve');
my $other = $eve->start(name => 'Eve');
$ben->presence('busy');
$ana->accept($other);
$ben->available;
$ana->does('transfer', $other, agent => 'ben');
$ben->expect_offer($other);
$eve->end;
is($ben->expect(t => 'card_gone', conv => $other)->{why}, 'withdrawn',
    'an end takes the offer back');
$t->until(10, 'the end', sub { $ana->card($other)->{phase} eq 'closed' });
is($ana->card($other)->{ask}, undef, 'and nothing is asked any more');

$t->finish;
