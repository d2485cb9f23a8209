#!/usr/bin/perl
#
# A whole conversation by long-poll, alone and beside WebSockets.
#
# proves: V22

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;

my $t = ChatDesk::Test->new(workers => 2);


# Typing is a hint that is not kept: the one who types repeats it.

sub typing {
    my ($from, $to, $conv, $name) = @_;
    my $next = 0;
    my $seen = $t->until(10, $name, sub {
        if ($t->loop->now >= $next) {
            $from->typing($conv, 1);
            $next = $t->loop->now + 0.5;
        }
        $to->take(t => 'typing', who => $from->{who});
    });

    ok($seen->{on}, $name);
}


# One conversation of two clients, from start to dismissal.

sub talk {
    my ($name, $bob, $ana) = @_;
    my $conv = $bob->start(name => 'Bob');

    is($ana->expect_offer($conv)->{name}, 'Bob', "$name: an offer comes");
    $ana->accept($conv);
    is($bob->expect(t => 'event', what => 'joined')->{name}, 'Ana',
        "$name: the visitor sees who joined");

    $bob->say($conv, "question $_") for 1 .. 3;
    is($ana->expect(t => 'message', conv => $conv)->{text}, 'question 1',
        "$name: messages come in order");
    $ana->say($conv, "answer $_") for 1 .. 3;
    is($bob->expect(t => 'message', from => 'ana')->{text}, 'answer 1',
        "$name: both ways");
    $ana->say($conv, 'between us', private => 1);
    $t->settle(20);

    typing($bob, $ana, $conv, "$name: the agent sees the visitor type");
    typing($ana, $bob, $conv, "$name: the visitor sees the agent type");

    my $top = $ana->feed($conv)->{messages}[-2]{v};
    $bob->mark($conv, $top, $top);
    is($ana->expect(t => 'mark', who => $bob->{who}, read => $top)->{got},
        $top, "$name: the agent sees what was read");

    is(scalar(grep { $_->{private} } @{ $bob->feed($conv)->{messages} }), 0,
        "$name: a note reaches agents only");

    my $member = $ana->feed($conv)->{registers}{"member:$bob->{who}"};
    ok($member->{present}, "$name: the visitor is there");

    $bob->end;
    is($ana->expect(t => 'event', what => 'ended')->{who}, $bob->{who},
        "$name: the agent sees the end");
    $ana->expect(t => 'card', conv => $conv, phase => 'closed');
    $ana->dismiss($conv);
    # between two polls an inbox just comes without it
    $t->until(10, 'the card to go', sub { !$ana->card($conv) });
    pass("$name: and can put the conversation away");
    delete $ana->{wanted}{$conv};
}

my $ana = $t->agent('ana', poll => 1);
my $bob = $t->visitor('Bob', poll => 1);
$ana->available;
talk('both by long-poll', $bob, $ana);

talk('visitor by WebSocket', $t->visitor('Eve'), $ana);

my $ben = $t->agent('ben');
$ana->presence('busy');
$ben->{name} = 'Ben';
$ben->available;
my $conv = $bob->start(name => 'Bob');
$ben->accept($conv);
$bob->say($conv, 'Is this a socket?');
is($ben->expect(t => 'message', conv => $conv)->{text}, 'Is this a socket?',
    'agent by WebSocket: it hears the visitor');
$ben->say($conv, 'It is.');
is($bob->expect(t => 'message', from => 'ben')->{text}, 'It is.',
    'and answers');

# what came while the client was away
$bob->drop(1);
$ben->say($conv, "while away $_") for 1 .. 5;
$t->until(10, 'the agent to have sent', sub { !$ben->unsent });
$bob->{away} = 0;
$bob->connect;
is($bob->expect(t => 'message', text => 'while away 5')->{from}, 'ben',
    'a visitor who comes back gets what it missed');
is($bob->{resets}, 0, 'from where it was');

# the same client goes on over the other transport
$bob->drop(1);
$bob->{poll} = 0;
$bob->{path} = '/chatdesk/socket';
$ben->say($conv, 'on another road');
$bob->{away} = 0;
$bob->connect;
is($bob->expect(t => 'message', text => 'on another road')->{from}, 'ben',
    'and goes on by WebSocket');
is($bob->{resets}, 0, 'from there as well');

$t->settle(20);
$t->verdict_ok('long-poll');
$t->finish;
