#!/usr/bin/perl
#
# Flows and hours by the REST interface: what is there from the start, changes
# that hold at once, and the test console.
#
# proves: A2 A3 A4 A8 A11 V14

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;

use ChatDesk::Rest;
use ChatDesk::Test;

my @week = qw(mon tue wed thu fri sat sun);
my ($key, $row) = ChatDesk::Rest::key('robot', 'admin');
my $t = ChatDesk::Test->new(settings => { keys => [ $row ] });
my $robot = $t->rest(undef, key => $key);
my $bob = $t->visitor('Bob', flow => 'web');


sub told {
    my ($flow) = @_;
    my $id = $bob->request('flow', flow => $flow, lang => 'pt');

    return $bob->expect(re => $id);
}


ok($bob->expect(t => 'flow')->{open}, 'a flow is there without settings');
is_deeply([ map { $_->{id} } $robot->all('flows') ], [qw(sms web)],
    'web and sms are among the settings');

# another flow: at once
is(told('shop')->{code}, 'no_flow', 'there is no other one');
is($robot->put('queues/carts', { name => 'Carts', priority => 1,
        accept_seconds => 30 })->{status}, 201, 'a queue');
is($robot->put('hours/never', { name => 'Never', zone => 'UTC', week => {} })
    ->{status}, 201, 'hours');
my %shop = (
    name => 'Shop', channel => 'web', queue => 'help', hours => 'never',
    closed => 'hide', form => [ { key => 'topic', label => 'Topic',
                                  required => JSON::PP::true } ],
    rules => [ { name => 'night', page => '*/night*', hours => 'open' },
               { name => 'cart', page => 'https://shop.example/*',
                 lang => 'pt', queue => 'carts', priority => 1 },
               { name => 'angry', text => '(?i)\\brefund',
                 greeting => 'Sorry' } ],
    texts => [ { greeting => 'Hi' },
               { lang => 'pt', greeting => "Ol\x{e1}" } ],
);
my $made = $robot->put('flows/shop', \%shop);
is($made->{status}, 201, 'a flow by REST') or diag($made->{content});
my $flow = told('shop');
is($flow->{greeting}, "Ol\x{e1}", 'visitors are told of it at once');
ok(!$flow->{open}, 'it is closed');
$robot->put('hours/never', { name => 'Ever', zone => 'UTC',
    week => { map { $_ => ['00:00-24:00'] } @week } });
ok(told('shop')->{open}, 'other hours hold at once too');

# refusals, with the place at fault
my $bad = $robot->patch('flows/shop', { queue => 'none' });
is("$bad->{status} $bad->{json}{field}", '400 queue', 'a queue there is not');
$bad = $robot->patch('flows/shop', { rules => [ { name => 'x',
    text => '(' } ] });
is("$bad->{status} $bad->{json}{field}", '400 rules[0].text',
    'a pattern that does not compile');
$bad = $robot->put('hours/bad', { name => 'B', zone => 'Mars/Base',
    week => {} });
is("$bad->{status} $bad->{json}{field}", '400 zone', 'an unknown zone');
is($robot->delete('queues/carts')->{status}, 409,
    'a queue that a rule names stays');
is($robot->delete('hours/never')->{status}, 409, 'and so do its hours');

# the test console
my $test = $robot->post('flows/shop/test', { lang => 'pt-BR',
    page => 'https://shop.example/cart', form => { topic => 'x' } })->{json};
is("$test->{admitted} $test->{queue} $test->{by} $test->{rule}",
    '1 carts rule cart', 'where it would wait, and by which rule');
is($test->{priority}, 1, 'with what priority');
is($test->{greeting}, "Ol\x{e1}", 'and what it would be greeted with');
is_deeply([ map { $_->{holds} ? 1 : 0 } @{ $test->{rules} } ], [ 0, 1, 0 ],
    'each rule is answered for');
like($test->{rules}[0]{why}, qr/page/, '... the one before');
like($test->{rules}[2]{why}, qr/earlier/, '... and the one behind');

# of a page's address the console takes what nginx would tell
$robot->put('flows/query', { name => 'Query', channel => 'web',
    rules => [ { name => 'cart', page => '*cart*', queue => 'carts' } ] });
is_deeply([ map { $robot->post('flows/query/test', { page => $_ })
                ->{json}{rule} }
            'https://shop.example/cart?id=1', 'https://shop.example/?to=cart',
            'https://shop.example/#cart' ], [ 'cart', undef, undef ],
    'neither a query nor a fragment');
is($robot->delete('flows/query')->{status}, 204, 'this flow goes again');

$test = $robot->post('flows/shop/test', { text => 'My REFUND!',
    queue => 'Carts' })->{json};
is("$test->{admitted} $test->{code} $test->{field}",
    '0 bad_request topic', 'a form that lacks an answer is said');
is("$test->{queue} $test->{by} $test->{greeting}", 'carts visitor Sorry',
    'the rest all the same');
$test = $robot->post('flows/shop/test', { known => { topic => 'y' } });
is("$test->{json}{admitted} $test->{json}{queue} $test->{json}{by}",
    '1 help flow', 'an answer of before will do');
$bad = $robot->post('flows/shop/test', { form => { 'a b' => 'x' } });
is("$bad->{status} $bad->{json}{field}", '400 form.a b', 'a key that is none');
is($robot->post('flows/none/test', {})->{status}, 404, 'no such flow');

# a conversation keeps its flow; the janitor off is a warning
my $conv = $bob->start(flow => 'shop', form => 'topic=x', name => 'Bob');
is($robot->get("conversations/$conv")->{json}{flow}, 'shop', 'its flow');
is($robot->patch('flows/shop', { janitor_minutes => 0 })->{status}, 200,
    'the janitor is turned off');
$t->until(10, 'the warning', sub {
    $t->stack->{worker}[0]->log_text =~ /janitor_off.*flow shop/;
});
is($robot->delete('flows/shop')->{status}, 204, 'the flow is deleted');
is($robot->get("conversations/$conv")->{json}{flow}, 'web',
    'its conversations go on with the default one');
is(told('shop')->{code}, 'no_flow', 'visitors know it no more');
is($robot->delete('queues/carts')->{status}, 204, 'now the queue can go');

$robot->patch('flows/web', { name => 'Mine', priority => 2 });
is(told('web')->{name}, 'Mine', 'the default flow can be changed');
is($robot->delete('flows/web')->{status}, 204, 'deleted');
is_deeply($robot->get('flows/web')->{json}, { id => 'web',
    name => 'Website', channel => 'web' }, 'it is as at first');

$t->finish;
