#!/usr/bin/perl
#
# One conversation from start to dismissal, over real sockets.
#
# proves: V4 V11 I1 I4 E3

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;

my $t = ChatDesk::Test->new;
my $ana = $t->agent('ana');
my $bob = $t->visitor('Bob');

# an agent who is connected but takes no offers gets none
$ana->presence('busy');
my $conv = $bob->start(name => 'Bob', page => 'https://shop.example/cart');
is($bob->expect(t => 'phase')->{phase}, 'waiting', 'the conversation waits');
is($ana->card($conv), undef, 'nobody is offered it while nobody takes any');

$ana->available;
my $card = $ana->expect_offer($conv);
is($card->{name}, 'Bob', 'the offer says who');
is($card->{queue}, 'Help', 'and which queue');
is($card->{page}, 'https://shop.example/cart', 'and from where');
is($card->{accept_ms}, 20_000, 'and how long it stands');
cmp_ok($card->{expires}, '>', time * 1000, 'until when, in the future');
ok($card->{present}, 'the visitor is there');
cmp_ok($card->{number}, '>=', 1, 'it has an interaction number');

# accepting connects both at once
$ana->accept($conv);
my $joined = $bob->expect(t => 'event', what => 'joined');
is($joined->{name}, 'Ana', 'the visitor sees who joined');
is($bob->expect(t => 'phase', phase => 'active')->{conv}, $conv,
    'and that the conversation is active');

# messages go both ways, in order, with sender and time
my $before = int(time * 1000) - 1000;
$bob->say($conv, 'Hello, my parcel is late.');
my $message = $ana->expect(t => 'message', conv => $conv);
is($message->{text}, 'Hello, my parcel is late.', 'the agent gets the text');
is($message->{role}, 'visitor', 'and the role of the sender');
is($message->{from}, $bob->{who}, 'and the id of the sender');
cmp_ok($message->{at}, '>=', $before, 'and the time');

$ana->say($conv, "Let me see\x{2026}");
$ana->say($conv, 'It arrives today.');
is($bob->expect(t => 'message', from => 'ana')->{text},
    "Let me see\x{2026}", 'the visitor gets the first answer');
my $second = $bob->expect(t => 'message', from => 'ana');
is($second->{text}, 'It arrives today.', 'and then the second');
is($second->{name}, 'Ana', 'with the name of the agent');

# both ends live; nobody hears of an end that has not happened
$bob->end;
is($ana->expect(t => 'event', what => 'ended')->{who}, $bob->{who},
    'the agent sees that the visitor ended it');
is($ana->expect(t => 'card', conv => $conv, phase => 'closed')->{closed_by},
    'visitor', 'the card says who closed it');
is($bob->expect(t => 'phase', phase => 'closed')->{closed_by}, 'visitor',
    'the visitor sees it closed');

$bob->send({ t => 'send', conv => $conv, k => 2, text => 'One more thing' });
is($bob->expect(t => 'error', k => 2)->{code}, 'closed',
    'nothing can be said in a conversation that has ended');

$ana->dismiss($conv);
is($ana->expect(t => 'card_gone', conv => $conv)->{why}, 'dismissed',
    'the agent removes it from the inbox');
is($ana->card($conv), undef, 'and it is gone');

$t->verdict_ok('basic');
$t->finish;
