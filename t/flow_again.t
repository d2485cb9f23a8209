#!/usr/bin/perl
#
# Conversations that go on after their end.
#
# proves: A5 A6 A7

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;

use ChatDesk::Test;

my $t = ChatDesk::Test->new(settings => { flows => [ {
    id => 'web', name => 'Web', channel => 'web', continuation => 'append',
    long_lived => JSON::PP::true,
} ] });
my $ana = $t->agent('ana');
my $bob = $t->visitor('Bob');

$ana->available;
my $conv = $bob->start(name => 'Bob');
my $first = $ana->expect_offer($conv)->{number};
$ana->accept($conv);
$bob->say($conv, 'One');
$ana->expect(t => 'message', text => 'One');
$ana->say($conv, 'Two');
$bob->expect(t => 'message', text => 'Two');
$ana->end($conv);
$bob->expect(t => 'phase', phase => 'closed');
is($ana->expect(t => 'card', conv => $conv, phase => 'closed')->{phase},
    'closed', 'the agent has ended it');

# a message to the closed one is refused, a start opens it again
$bob->send({ t => 'send', conv => $conv, k => 2, text => 'Three' });
is($bob->expect(t => 'error', k => 2)->{code}, 'closed',
    'a message to an ended conversation is refused');
my $id = $bob->request('start', name => 'Bob');
is($bob->expect(t => 'ack', re => $id)->{conv}, $conv,
    'a start goes on with the same conversation');
is($ana->expect(t => 'card_gone', conv => $conv)->{why}, 'reopened',
    'it leaves the inbox of the agent who had it');
my $card = $ana->expect_offer($conv);
cmp_ok($card->{number}, '>', $first, 'it is a new interaction');
is($card->{unread}, 0, 'nothing of before is unread');

# the counter goes on, and the history is there for another agent
$bob->say($conv, 'Three');
$ana->reject($conv);
my $ben = $t->agent('ben');
$ben->available;
$ben->expect_offer($conv);
$ben->accept($conv);
$ben->expect(t => 'message', text => 'Three');
is_deeply([ map { $_->{text} } @{ $ben->feed($conv)->{messages} } ],
    [ 'One', 'Two', 'Three' ], 'the new agent has all of it');
$ben->say($conv, 'Four');
$bob->expect(t => 'message', text => 'Four');

# who had it is no member any more
$ana->send({ t => 'send', conv => $conv, k => 9, text => 'Not mine' });
is($ana->expect(t => 'error', conv => $conv, k => 9)->{code}, 'not_found',
    'the agent who had it can write in it no more');
my ($gone) = grep { $_->{t} eq 'member' && $_->{who} eq 'ana' && $_->{gone} }
    @{ $bob->{seen} };
ok($gone, 'the visitor sees that this agent has gone');

# forgotten by the desk, kept by Redis: dismissed by all
$ben->end($conv);
$bob->expect(t => 'phase', phase => 'closed');
$ben->expect(t => 'card', conv => $conv, phase => 'closed');
$ben->dismiss($conv);
$ben->expect(t => 'card_gone', conv => $conv, why => 'dismissed');
my $seen = @{ $bob->{seen} };
$id = $bob->request('start', name => 'Bob');
is($bob->expect(t => 'ack', re => $id)->{conv}, $conv,
    'also when no inbox had it any more');
$t->loop->until(10, 'ben to be told gone', sub {
    grep { $_->{t} eq 'member' && $_->{who} eq 'ben' && $_->{gone} }
        @{ $bob->{seen} }[ $seen .. $#{ $bob->{seen} } ];
});
pass('who had it then has gone');

$t->finish;
