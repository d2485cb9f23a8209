#!/usr/bin/perl
#
# Inviting: an agent by name, or one of a queue; one at a time; to stay or to
# leave; what agents say among themselves stays among them.
#
# proves: P4 P5 P6 P7 V9 I24

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
        { id => 'help', name => 'Help', priority => 5, accept_seconds => 60 },
        { id => 'sales', name => 'Sales', priority => 1,
          accept_seconds => 2 },
    ],
    profiles => [
        { id => 'helper', name => 'Helper', capacity => 3,
          queues => ['help'] },
        { id => 'seller', name => 'Seller', capacity => 3,
          queues => ['sales'] },
    ],
    agents => [ map { { login => $_, name => ucfirst $_, role => 'agent',
                        profile => $profile{$_} } } sort keys %profile ],
});

my %agent = map { $_ => $t->agent($_) } sort keys %profile;
my ($ana, $ben, $cleo) = @agent{qw(ana ben cleo)};

$ana->available;
my $bob = $t->visitor('Bob');
my $conv = $t->connect($bob, $ana);

# a lone agent's note
$ana->say($conv, 'a note to myself', private => 1);
ok($ana->expect(t => 'message', text => 'a note to myself')->{private},
    'one agent alone writes notes');

# who cannot be invited
is($ana->refused('invite', $conv, agent => 'nobody'), 'no_target',
    'somebody who does not exist cannot be invited');
is($ana->refused('invite', $conv, queue => 'none'), 'no_target',
    'nor anybody of a queue that does not exist');
$ben->presence('busy');
is($ana->refused('invite', $conv, agent => 'ben'), 'not_free',
    'nor an agent who takes no chats now');
is($ben->refused('invite', $conv, agent => 'ana'), 'not_found',
    'only members invite');

# by name, with a note; one at a time
$ben->available;
$ana->does('invite', $conv, agent => 'ben', note => 'knows the printer');
my $offer = $ben->expect_offer($conv);
is($offer->{ask}, 'invite', 'the agent is offered an invitation');
is($offer->{from}, 'ana', 'from whom');
is($offer->{note}, 'knows the printer', 'and why');
$t->until(10, 'the asking on the own card',
    sub { ($ana->card($conv)->{asked} // '') eq 'Ben' });
is($ana->card($conv)->{phase}, 'active', 'the chat goes on meanwhile');
is($ana->refused('invite', $conv, queue => 'sales'), 'ask_open',
    'one invitation at a time');

# rejected: the source is told
$ben->reject($conv);
my $event = $ana->expect(t => 'event', what => 'returned');
is($event->{why}, 'rejected', 'a rejection is told to who asked');
is($event->{v}, 0, 'on the desk side alone');

# taken back
$ana->does('invite', $conv, agent => 'ben');
$ben->expect_offer($conv);
$ana->does('reject', $conv);
$t->until(10, 'the offer to go', sub { !$ben->card($conv) });
is($ana->expect(t => 'event', what => 'returned', why => 'withdrawn')->{who},
    'ana', 'an invitation can be taken back');

# accepted: both are members, the history is there
$ana->does('invite', $conv, agent => 'ben');
$ben->accept($conv);
is($bob->expect(t => 'event', what => 'joined', who => 'ben')->{name}, 'Ben',
    'the visitor sees who joins');
ok((grep { $_->{text} eq 'a note to myself' }
    @{ $ben->feed($conv)->{messages} }), 'the history goes along');
$ana->say($conv, 'psst', private => 1);
$ben->expect(t => 'message', text => 'psst');
$ben->say($conv, 'hello Bob');
$bob->expect(t => 'message', text => 'hello Bob');
pass('agents talk among themselves, and to the visitor');

# who looks at it, and who types
$ben->send({ t => 'view', conv => $conv, on => JSON::PP::true });
is($ana->expect(t => 'viewing', who => 'ben')->{name}, 'Ben',
    'who has it on screen is told to the other agents');
is($bob->take(t => 'viewing'), undef, 'and not to the visitor');

# a queue: one of its agents, the next one while nobody takes it
$cleo->available;
$ana->does('invite', $conv, queue => 'sales');
is($cleo->expect_offer($conv)->{ask}, 'invite',
    'a free agent of a queue is invited');
is($cleo->expect(t => 'card_gone', conv => $conv, within => 8)->{why},
    'missed', 'for the accept time of that queue');
$cleo->presence('busy');
$ana->does('reject', $conv);
$ana->expect(t => 'event', what => 'returned', why => 'withdrawn');

# to leave, and the last one stays
$ana->does('leave', $conv);
is($ana->expect(t => 'card_gone', conv => $conv)->{why}, 'left',
    'who invited may leave');
is($bob->expect(t => 'event', what => 'left', who => 'ana')->{name}, 'Ana',
    'which the visitor sees');
is($ben->refused('leave', $conv), 'last_agent',
    'the last agent does not leave the visitor alone');
$ana->send({ t => 'follow', feed => $conv });
is($ana->expect(t => 'error', feed => $conv)->{code}, 'not_found',
    'who has left reads no more');
$ana->send({ t => 'send', conv => $conv, k => 99, text => 'still here?' });
is($ana->expect(t => 'error', k => 99)->{code}, 'not_found',
    'and writes no more');

# nothing of all that on the visitor's side
is_deeply([ grep { /note|psst|printer/ } map { $_->{text} }
    @{ $bob->feed($conv)->{messages} } ], [], 'no note reached the visitor');
is_deeply([ grep { /invited|returned/ } map { $_->{what} }
    @{ $bob->feed($conv)->{events} } ], [], 'nor that agents were asked');

$t->finish;
