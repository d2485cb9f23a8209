#!/usr/bin/perl
#
# Work items: made by the REST interface, offered and done as chats are; and
# `why` tells of both why they are where they are.
#
# proves: I10 I22

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Rest;
use ChatDesk::Test;

my ($key, $row) = ChatDesk::Rest::key('tickets', 'supervisor');
my $desk = ChatDesk::Test::desk(keys => [ $row ], flows => [ {
    id => 'web', name => 'Web', channel => 'web', queue => 'help',
    rules => [ { name => 'buyers', page => '*/cart', queue => 'sales' } ],
} ]);
$desk->{profiles}[0]{capacity_by_channel} = { item => 1 };
$desk->{states} = [ { id => 'chats', name => 'Chats', channels => ['chat'] } ];

my $t = ChatDesk::Test->new(desk => $desk);
my $robot = $t->rest(undef, key => $key);
my %agent = map { $_ => $t->agent($_) } qw(ana ben);
my %case = (kind => 'case', title => 'Parcel 7 is lost', queue => 'help',
    link => 'https://cases.example/7?a=b');

$t->until(20, 'the worker', sub { $robot->get('me')->{status} == 200 });


# A new item's id.

sub item {
    my (%more) = @_;
    my $answer = $robot->post(items => { %case, %more });

    is($answer->{status}, 201, 'an item is made') or diag($answer->{content});
    return $answer->{json}{conv};
}


sub why {
    my ($conv) = @_;

    return $robot->get("conversations/$conv/why")->{json};
}


# "ana=state ben=offline": what keeps the agents from being asked.

sub passed {
    my ($conv) = @_;

    return join ' ', map { "$_->{agent}=$_->{why}" }
        @{ why($conv)->{agents} // [] };
}


# -- offered as a chat, with kind, title and link

$agent{ana}->available;
$agent{ben}->presence('busy');
my $first = item(priority => 3);
my $card = $agent{ana}->expect_offer($first);
is_deeply({ map { $_ => $card->{$_} } qw(kind title name link channel
                                         priority queue) },
    { kind => 'case', title => $case{title}, name => $case{title},
      link => $case{link}, channel => 'item', priority => 3,
      queue => 'Help' }, 'the offer says what it is');
ok(!exists $card->{flow}, 'and no flow');
my $why = why($first);
is_deeply([ @{ $why->{chosen} }{qw(agent load passed place)},
            @{ $why->{queue} }{qw(id by)} ],
    [ 'ana', 0, 0, 1, 'help', 'item' ], 'why it was offered to her');

# -- rejected, it waits at its old place; why nobody has it

my $second = item();
is(passed($second), 'ana=channel ben=state',
    'one item at once, and ben takes none');
is(why($second)->{line}{place}, 2, 'it is second in line');
$agent{ana}->reject($first);
$agent{ana}->expect_offer($second);
is(passed($first), 'ana=channel ben=state', 'she has the other one now');
is(why($first)->{line}{place}, 1, 'the first keeps its place');
$robot->post("items/$second/cancel", {});
$t->until(10, "it to go", sub { !$agent{ana}->card($second) });
is(passed($first), 'ana=refused ben=state',
    'a cancelled one frees her, but she has refused');
cmp_ok(why($first)->{agents}[0]{until}, '>', time * 1000,
    'not for ever');

# -- by the state: chats alone, then everything

$agent{ben}->presence('chats');
is(passed($first), 'ana=refused ben=state', 'a state that takes no items');
$agent{ben}->available;
$agent{ben}->accept($first);
is($robot->get("items/$first")->{json}{phase}, 'active', 'it is in work');
is(why($first)->{chosen}{passed}, 1, 'one had refused before ben was asked');

# -- a chat beside it: the item counts against its own channel alone

my $vera = $t->visitor('Vera');
my $chat = $vera->start(name => 'Vera', page => 'https://shop.example/cart');
$why = undef;
$t->until(10, 'the offer', sub { ($why = why($chat))->{chosen} });
is_deeply([ @{ $why->{queue} }{qw(id by rule flow)} ],
    [qw(sales rule buyers web)], 'why a chat is in its queue');
is(why($chat)->{chosen}{agent}, 'ana', 'to the one with less to do');
$agent{ana}->accept($chat);

# -- done; its record

$agent{ben}->end($first);
$t->until(10, 'the end', sub {
    $robot->get("items/$first")->{json}{phase} eq 'closed';
});
my ($record) = @{ $robot->get("conversations/$first/records")->{json}{items} };
is_deeply([ @{$record}{qw(source kind title link by)} ],
    [ 'item', 'case', @case{qw(title link)}, 'key:tickets' ],
    'an item has a record');
my @entries = map { $_->{what} }
    @{ $robot->get("records/$record->{number}")->{json}{items} };
is_deeply(\@entries, [qw(started offered rejected offered accepted joined
                         ended)], 'with all that happened');
$agent{ben}->dismiss($first);
$t->until(10, 'it to go', sub {
    $robot->get("items/$first")->{status} == 404;
});

# -- cancelled while somebody has it

my $third = item();
$agent{ben}->accept($third);
is($robot->post("items/$third/cancel", {})->{json}{closed_by}, 'system',
    'it ends where it is');
is($robot->post("items/$third/cancel", {})->{status}, 200, 'once');

# -- refusals

for my $bad ([ link => 'http://a.example/' ], [ link => 'javascript:alert(1)' ],
             [ link => 'https:///x' ], [ link => "https://a/\x{e9}" ],
             [ link => 'https://user@a/' ], [ link => 'https://a/ b' ],
             [ link => 'https://' . 'a' x 1024 ], [ kind => 'A Case' ],
             [ kind => 'x' x 17 ], [ title => '' ], [ queue => 'none' ],
             [ priority => 0 ], [ priority => 10 ]) {
    my $answer = $robot->post(items => { %case, @$bad });

    is("$answer->{status} $answer->{json}{field}", "400 $bad->[0]",
        "refused: $bad->[0]");
}
my $ana = $t->rest('ana');
is($ana->post(items => \%case)->{status}, 403, 'agents make none');
is($ana->get("items/$third")->{status}, 404, 'nor see those of others');
is($ana->get("conversations/$third/why")->{status}, 404, 'nor why');
is($robot->get("items/$chat")->{status}, 404, 'a chat is no item');
is($robot->post("items/$chat/cancel", {})->{status}, 404,
    'and not cancelled');
my @once = ('Idempotency-Key' => 'ticket-9');
is($robot->post(items => \%case, @once)->{json}{conv},
    $robot->post(items => \%case, @once)->{json}{conv},
    'with a key it is made once');

$t->finish;
