#!/usr/bin/perl
#
# Conversations that come and go: a web flow of the channel `messaging`.
#
# proves: A2 A10 I1 I5 I16 I20

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;

my %profile = (ana => 'all', ben => 'post', cleo => 'chats');

my $t = ChatDesk::Test->new(desk => {
    name => 'Test desk', default_queue => 'help',
    queues => [ { id => 'help', name => 'Help', priority => 5,
                  accept_seconds => 20 } ],
    profiles => [
        { id => 'all', name => 'All', capacity => 3, queues => ['help'],
          capacity_by_channel => { messaging => 1 } },
        { id => 'post', name => 'Post', capacity => 3, queues => ['help'],
          channels => ['messaging'] },
        { id => 'chats', name => 'Chats', capacity => 3,
          queues => ['help'], channels => ['chat'] },
    ],
    states => [
        { id => 'chats', name => 'Chats alone', channels => ['chat'] },
        { id => 'mail', name => 'Mail alone', channels => ['messaging'] },
    ],
    flows => [ { id => 'orders', name => 'Orders', channel => 'messaging',
                 continuation => 'append' } ],
    agents => [ map { { login => $_, name => ucfirst $_, role => 'admin',
                        profile => $profile{$_} } } sort keys %profile ],
});

my ($ana, $cleo) = map { $t->agent($_) } qw(ana cleo);
my ($bob, $eve, $zoe) = map { $t->visitor($_) } qw(Bob Eve Zoe);


sub me {
    my ($agent) = @_;

    return $agent->feed('inbox')->{registers}{'me:'};
}


sub waits {
    my ($visitor, $conv) = @_;

    return $t->until(10, "$visitor->{name} to wait", sub {
        ($visitor->feed($conv)->{registers}{'phase:'}{phase} // '')
            eq 'waiting';
    });
}


# -- states and profiles that leave messaging out

$ana->presence('chats');
$cleo->available;
is(me($cleo)->{takes}, 'chat', 'a profile takes what it has');
is(me($cleo)->{channels}, 'chat', '`me` says which channels these are');
is(me($ana)->{channels}, 'chat, messaging, item', 'or that they are all');
$cleo->presence('mail');
is(me($cleo)->{takes}, '', 'nothing, where the state takes another one');
$cleo->available;

my $conv = $bob->start(name => 'Bob', flow => 'orders');
waits($bob, $conv);
is($ana->card($conv), undef, 'a state without messaging is offered none');
is($cleo->card($conv), undef, 'nor is a profile without it');

# -- a state that takes it

$ana->presence('mail');
my $card = $ana->expect_offer($conv);
is($card->{channel}, 'messaging', 'a state with messaging is');
$ana->accept($conv);
$bob->say($conv, 'Where is it?');
$ana->expect(t => 'message', text => 'Where is it?');
$t->until(10, 'the card to be renewed',
    sub { $ana->card($conv)->{unread} == 1 });
is($ana->card($conv)->{number}, 1, 'the card has the interaction\'s number');
cmp_ok($ana->card($conv)->{client_at}, '>=', $ana->card($conv)->{since},
    'and when it changed last');

# -- capacity of a channel

$ana->available;
my $other = $eve->start(name => 'Eve', flow => 'orders');
waits($eve, $other);
is($ana->card($other), undef, 'one of them is all that this profile holds');

# cleo has more room, but no messaging; the chat goes to whoever holds less
my $chat = $zoe->start(name => 'Zoe');
is($cleo->expect_offer($chat)->{channel}, 'chat',
    'a chat goes past the messages that wait');
is((grep { $_->{phase} eq 'waiting' } $eve->feed($other)->{registers}
    {'phase:'}), 1, 'which wait');

my $ben = $t->agent('ben');
$ben->available;
is(me($ben)->{takes}, 'messaging', 'available takes what the profile has');
$ben->accept($other);
pass('and who has the channel is offered them');

# -- it goes on after its end, on the same channel

$ana->presence('chats');
$ana->end($conv);
$bob->expect(t => 'phase', phase => 'closed');
is($bob->start(name => 'Bob', flow => 'orders'), $conv,
    'it goes on after its end');
is($ben->expect_offer($conv)->{channel}, 'messaging', 'as messaging');
is($ana->card($conv), undef, 'and is no chat for whoever had it');

# -- a profile that changes while the desk runs

my $answer = $t->rest('ana')->put('profiles/post', { name => 'Post',
    capacity => 3, queues => ['help'], channels => ['chat'] });
is($answer->{status}, 200, 'another channel for a profile')
    or diag($answer->{content});
$ben->expect(t => 'card_gone', conv => $conv, why => 'withdrawn');
is($ben->card($other)->{phase}, 'active',
    'takes offers back, and leaves what was accepted');
$t->until(10, '`me` to tell', sub { me($ben)->{takes} eq 'chat' });
$ana->presence('mail');
$ana->expect_offer($conv);
$answer = $t->rest('ana')->put('profiles/post', { name => 'Post',
    capacity => 3, queues => ['help'], channels => [] });
is("$answer->{status} " . ($answer->{json}{field} // ''), '400 channels',
    'one without any is refused') or diag($answer->{content});

$t->finish;
