#!/usr/bin/perl
#
# Wrap-up: after the end the agent has time for disposition, tags and note;
# for the visitor the chat has ended.
#
# proves: E5

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;

# as many as there may be, as long as they may be
my @more = map { { id => sprintf('%032d', $_), name => 'x' x 78 . "$_" } }
    10 .. 99;
push @more, map { { id => "d$_", name => "D$_" } } 1 .. 8;

my $t = ChatDesk::Test->new(desk => {
    name => 'Test desk', default_queue => 'help',
    queues => [
        { id => 'help', name => 'Help', priority => 5, accept_seconds => 60,
          wrapup_seconds => 300,
          dispositions => [ { id => 'solved', name => 'Solved' },
                            { id => 'spam', name => 'No chat' },
                            @more ] },
        { id => 'quick', name => 'Quick, easy', priority => 5,
          accept_seconds => 60, wrapup_seconds => 1 },
    ],
    profiles => [ { id => 'all', name => 'All', capacity => 1,
                    queues => [qw(help quick)] } ],
    agents => [ { login => 'ana', name => 'Ana', role => 'agent',
                  profile => 'all' } ],
});

my $ana = $t->agent('ana');

$ana->available;
my $bob = $t->visitor('Bob');
my $conv = $t->connect($bob, $ana);

$bob->end;
my $card = $t->until(10, 'the wrap-up', sub {
    $ana->card($conv)->{phase} eq 'wrapup' ? $ana->card($conv) : undef });
is($card->{dispositions}, join(', ', 'solved=Solved', 'spam=No chat',
    map { "$_->{id}=$_->{name}" } @more), 'the card says what may be chosen');
cmp_ok($card->{expires} / 1000, '>', time + 250, 'and until when');
is($bob->feed($conv)->{registers}{'phase:'}{phase}, 'closed',
    'for the visitor the chat is closed');
is($ana->feed('inbox')->{registers}{'me:'}{queues}, 'Help, Quick, easy',
    '`me` names the queues');
is_deeply($ana->feed('inbox')->{registers}{'me:'}{queue_ids},
    [qw(help quick)], 'and says by id which they are');
is($ana->feed('inbox')->{registers}{'me:'}{wrapups}, 1,
    '`me` counts what is being wrapped up');

# the capacity is taken
my $eve = $t->visitor('Eve');
my $next = $eve->start(name => 'Eve');
$t->until(10, 'to wait', sub {
    $eve->feed($next)->{registers}{'phase:'}{phase} eq 'waiting' });
is($ana->card($next), undef, 'nothing is offered meanwhile');

is($ana->refused('wrapup', $conv, disposition => 'magic'), 'not_listed',
    'a disposition is one of the list');
is($ana->refused('wrapup', $next, disposition => 'spam'), 'not_found',
    'and of a chat that was one\'s own');
$ana->does('wrapup', $conv, disposition => 'd8', tags => 'order, late',
    note => 'sent again');
$ana->expect_offer($next);
pass('then the capacity is free');
is_deeply([ @{ $ana->card($conv) }{qw(phase disposition tags note)} ],
    [ 'closed', 'd8', 'order, late', 'sent again' ],
    'the card has what was said');
$ana->dismiss($conv);
$t->until(10, 'the card to go', sub { !$ana->card($conv) });

# a dismissal ends it, too
$ana->accept($next);
$eve->end;
$t->until(10, 'the wrap-up', sub { $ana->card($next)->{phase} eq 'wrapup' });
$ana->dismiss($next);
$t->until(10, 'the card to go', sub { !$ana->card($next) });
is($ana->feed('inbox')->{registers}{'me:'}{wrapups}, 0,
    'a dismissal ends the wrap-up');

# the time runs out by itself
my $zoe = $t->visitor('Zoe');
my $last = $zoe->start(name => 'Zoe', queue => 'quick');
$ana->accept($last);
$zoe->end;
$t->until(10, 'the time to be over',
    sub { $ana->card($last)->{phase} eq 'closed' });
is($ana->card($last)->{disposition}, undef,
    'when the time is over the chat is closed without a word');

# whom a client comes back to, before it is wrapped up, may still say it
my $sam = $t->visitor('Sam', flow => 'sms');
my $long = $sam->start(flow => 'sms');
my $before = $ana->expect_offer($long)->{number};
$ana->accept($long);
$sam->expect(t => 'phase', phase => 'active');
$sam->end;
$t->until(10, 'the wrap-up', sub { $ana->card($long)->{phase} eq 'wrapup' });
is($sam->start(flow => 'sms'), $long, 'the client comes back at once');
$ana->expect(t => 'card_gone', conv => $long, why => 'reopened');
my $after = $ana->expect_offer($long)->{number};
cmp_ok($after, '>', $before, 'in another interaction');
is($ana->refused('wrapup', $long, disposition => 'unheard-of'), 'not_listed',
    'what no queue lists is refused');
$ana->does('wrapup', $long, disposition => 'solved', note => 'called back');
is($ana->refused('wrapup', $long, disposition => 'solved'), 'not_found',
    'it may be said once');
is_deeply([ map { [ @{$_}{qw(agent disposition note)} ] }
            grep { $_->{what} eq 'wrapup' }
            @{ $t->rest('ana')->get("records/$before")->{json}{items} } ],
    [ [ 'ana', 'solved', 'called back' ] ],
    'and stands in the record that it is of');

$t->finish;
