#!/usr/bin/perl
#
# What a visitor is told before it starts, the form, and the rules that say
# where it waits.
#
# proves: A2 A4 A11 V13 C5

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;

use ChatDesk::Test;

my $t = ChatDesk::Test->new(settings => { flows => [ {
    id => 'web', name => 'Web', channel => 'web', queue => 'help',
    show_display_name => JSON::PP::false,
    form => [ { key => 'topic', label => 'Topic', required => JSON::PP::true,
                max => 20 },
              { key => 'note', label => 'Note' } ],
    texts => [ { greeting => 'Hello' },
               { lang => 'pt', greeting => "Ol\x{e1}",
                 labels => { topic => 'Assunto' } } ],
    rules => [ { name => 'cart', page => 'https://shop.example/*',
                 queue => 'sales', priority => 2,
                 greeting => 'About your cart?' },
               { name => 'angry', text => '(?i)\\brefund', queue => 'sales' },
               { name => 'order', field => 'topic', value => 'order*',
                 priority => 1 } ],
} ] });

# the flow of a new visitor comes after the welcome, in its language
my $bob = $t->visitor('Bob', flow => 'web', lang => 'pt-BR');
my $flow = $bob->expect(t => 'flow');
is($flow->{flow}, 'web', 'a visitor is told of the flow');
ok($flow->{open}, 'it is open, for it has no hours');
is($flow->{greeting}, "Ol\x{e1}", 'the greeting is in its language');
my $fields = JSON::PP->new->decode($flow->{fields});
is_deeply([ map { $_->{label} } @$fields ], [ 'Assunto', 'Note' ],
    'and so is the form, as far as there are words');
ok(!defined $flow->{known}, 'nothing is known of it yet');

# another flow, and one that there is not
my $id = $bob->request('flow', flow => 'sms');
is($bob->expect(t => 'flow', re => $id)->{append}, JSON::PP::true,
    'a flow sms is there though the file does not name one');
$id = $bob->request('flow', flow => 'fax');
is($bob->expect(t => 'error', re => $id)->{code}, 'no_flow',
    'a flow that there is not is refused');

# the form is checked, and what is at fault is named
for my $row ([ '', 'bad_request', 'topic' ],
             [ 'topic=x&colour=red', 'bad_request', 'colour' ],
             [ 'topic=' . 'x' x 21, 'too_long', 'topic' ],
             [ 'topic=%', 'bad_request', 'form' ])
{
    my ($form, $code, $field) = @$row;
    my $refused = $bob->request('start',
        ($form ne '' ? (form => $form) : ()));
    my $error = $bob->expect(t => 'error', re => $refused);
    is("$error->{code} $error->{field}", "$code $field",
        "a start with the form '$form' is refused, its field is named");
}

$id = $bob->request('start', flow => 'fax', form => 'topic=x');
is($bob->expect(t => 'error', re => $id)->{code}, 'no_flow',
    'so is a start by a flow that there is not');

# rules: the page
my $ana = $t->agent('ana');
$ana->presence('busy');
my $conv = $bob->start(name => 'Bob', form => 'topic=my+order',
    page => 'https://shop.example/cart?id=1', lang => 'pt');
is($bob->expect(t => 'phase', phase => 'waiting')->{queue}, 'Sales',
    'the page leads to the queue of its rule');
my $said = $bob->expect(t => 'message');
is("$said->{role} $said->{text}", 'system About your cart?',
    'the desk greets as the rule says');
is($said->{name}, 'Test desk', 'by its own name');

# the priority within a queue
my $eve = $t->visitor('Eve', flow => 'web');
my $second = $eve->start(form => 'topic=other', text => 'I want a REFUND');
is($eve->expect(t => 'phase', phase => 'waiting')->{queue}, 'Sales',
    'what it is about to write leads to a queue');
$ana->available;
my $card = $ana->expect_offer($conv);
is($card->{priority}, 2, 'who has the better priority is offered first');
is($card->{form}, 'topic=my+order', 'the agent sees what was typed');
ok(!$card->{show_name} && !defined $card->{name},
    'the name is not told, for the setting does not allow it');
$ana->accept($conv);
$bob->expect(t => 'phase', phase => 'active');
$bob->say($conv, 'Hello');
my $heard = $ana->expect(t => 'message', text => 'Hello');
$bob->typing($conv, 1);
my $hint = $ana->expect(t => 'typing');
is_deeply([ map { $_->{name} } $heard, $hint ], [ undef, undef ],
    'nor with what the client writes');
my $number = $card->{number};
is($t->rest('ana')->get("records/$number")->{json}{items}[0]{name}, undef,
    'nor in the record');
$ana->end($conv);
$bob->expect(t => 'phase', phase => 'closed');
$ana->end($second) if $ana->card($second);

# what was asked once is not asked again
$bob->{token} or fail('a token was given');
$bob->drop;
my $again = $bob->expect(t => 'flow', known => 'topic');
is($again->{known}, 'topic', 'a visitor who comes back is known');
my $third = $bob->start(name => 'Bob');
isnt($third, $conv, 'a flow that does not append opens another one');
$t->loop->until(10, 'its card', sub {
    my ($found) = grep { $_->{t} eq 'card' && $_->{conv} eq $third }
        @{ $ana->{seen} };
    $found && ($found->{form} // '') eq 'topic=my+order';
});
pass('the answer of before is taken');

$t->finish;
