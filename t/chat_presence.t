#!/usr/bin/perl
#
# Presence states of the desk, and agents who miss, idle or vanish.
#
# proves: A1 A10 I21 C12

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;

my %profile = (ana => 'strict', ben => 'all', cleo => 'idler');

my $t = ChatDesk::Test->new(desk => {
    name => 'Test desk', default_queue => 'help', grace_seconds => 1,
    queues => [ { id => 'help', name => 'Help', priority => 5,
                  accept_seconds => 2 } ],
    profiles => [
        { id => 'strict', name => 'Strict', capacity => 3,
          queues => ['help'], missed_limit => 1,
          capacity_by_channel => { chat => 1 } },
        { id => 'all', name => 'All', capacity => 3, queues => ['help'] },
        { id => 'idler', name => 'Idler', capacity => 3, queues => ['help'],
          idle_seconds => 2 },
    ],
    states => [
        { id => 'lunch', name => 'At lunch', channels => [] },
        { id => 'mail', name => 'Mail alone', channels => ['messaging'] },
        { id => 'chats', name => 'Chats alone', channels => ['chat'] },
    ],
    agents => [ map { { login => $_, name => ucfirst $_, role => 'agent',
                        profile => $profile{$_} } } sort keys %profile ],
});

my ($ana, $ben) = map { $t->agent($_) } qw(ana ben);
$_->presence('busy') for $ana, $ben;


sub me {
    my ($agent) = @_;

    return $agent->feed('inbox')->{registers}{'me:'};
}


# -- states of the desk

is(me($ana)->{states}, 'available, busy, away, lunch=At lunch, '
    . 'mail=Mail alone, chats=Chats alone', '`me` lists the states');
my $id = $ana->request('presence', state => 'siesta');
is($ana->expect(t => 'error', re => $id)->{code}, 'no_state',
    'one that there is not is refused');
$ana->presence('mail');
is(me($ana)->{takes}, 'messaging', 'and what the own one takes');

my $bob = $t->visitor('Bob');
my $conv = $bob->start(name => 'Bob');
$t->until(10, 'to wait', sub {
    ($bob->feed($conv)->{registers}{'phase:'}{phase} // '') eq 'waiting' });
is($ana->card($conv), undef, 'a state without chats takes none');
$ana->presence('chats');
is($ana->expect_offer($conv)->{channel}, 'chat', 'one with chats does');

# -- missed: away, with the reason

$ana->expect(t => 'card_gone', conv => $conv, why => 'missed', within => 8);
$t->until(10, 'to be away', sub { me($ana)->{state} eq 'away' });
is(me($ana)->{why}, 'missed', 'who misses an offer is away, and knows why');
$ana->available;
is(me($ana)->{why}, undef, 'until a state is chosen');

# -- an agent who vanishes

$ben->available;
$ana->presence('lunch');
$ben->accept($conv);
my $laptop = $t->agent('ben');
$t->until(10, 'the inbox', sub { $laptop->feed('inbox')->{live} });
is($laptop->card($conv)->{phase}, 'active',
    'another device of an agent is the same agent');
$ben->close;
$bob->say($conv, 'still there?');
$laptop->open($conv);
$laptop->say($conv, 'yes');
$bob->expect(t => 'message', text => 'yes');
pass('one device is enough to stay');

$laptop->drop(60);
is($bob->expect(t => 'event', what => 'requeued', within => 20)->{role},
    'system', 'after the grace the chat waits again');
$ana->presence('chats');
is($ana->expect_offer($conv)->{number}, 1, 'at its old place');
$ana->accept($conv);
ok((grep { $_->{text} eq 'yes' } @{ $ana->feed($conv)->{messages} }),
    'with its history');

# -- capacity by channel

my $eve = $t->visitor('Eve');
my $other = $eve->start(name => 'Eve');
$t->until(10, 'to wait', sub {
    ($eve->feed($other)->{registers}{'phase:'}{phase} // '') eq 'waiting' });
is($ana->card($other), undef, 'a channel may have a capacity of its own');

# -- doing nothing

my $cleo = $t->agent('cleo');
$t->until(20, 'to be away', sub {
    (me($cleo) // {})->{state} && me($cleo)->{state} eq 'away' });
is(me($cleo)->{why}, 'idle', 'who does nothing is away, and knows why');

$t->finish;
