#!/usr/bin/perl
#
# The record of an interaction: opened by the accept, with everything that
# happened, why an agent was asked, and what the client told first; who may
# read it, and what was written; earlier conversations of a client; and records
# of other sources.
#
# proves: R1 R2 R3 I22 C4

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Data::MessagePack;
use JSON::PP ();
use Test::More;

use ChatDesk::OpenApi;
use ChatDesk::Rest;
use ChatDesk::Test;

my ($key, $row) = ChatDesk::Rest::key('pbx', 'supervisor');
my ($root_key, $root_row) = ChatDesk::Rest::key('root', 'admin');
my $t = ChatDesk::Test->new(settings => { accept_seconds => 60,
    keys => [ $row, $root_row ], agents => [qw(ana ben sue)],
    roles => { sue => 'supervisor' } });
my $redis = $t->redis;
my $unpack = Data::MessagePack->new;


# The entries of the record with this number.

sub record {
    my ($number) = @_;

    return map { $unpack->unpack($_) } $redis->lrange("cd:{demo}:x:$number",
                                                      0, -1);
}


# Waits for the record's last entry to be of a kind; returns all entries.

sub record_until {
    my ($number, $what) = @_;
    my @entries;

    $t->until(10, "an entry $what", sub {
        @entries = record($number);
        @entries && $entries[-1]{what} eq $what;
    });

    return @entries;
}


my %agent = map { $_ => $t->agent($_) } qw(ana ben);

$agent{ana}->available;
$agent{ben}->presence('busy');

my $visitor = $t->visitor('Vera');
my $conv = $visitor->start(name => 'Vera', email => 'vera@example.org',
    page => 'https://shop.example/cart', title => 'Cart', lang => 'pt');
my $number = $agent{ana}->expect_offer($conv)->{number};
my @entries = record_until($number, 'offered');

is_deeply([ map { $_->{what} } @entries ], [qw(started offered)],
    'what happened before the accept is in it');
is_deeply({ map { $_ => $entries[0]{$_} } qw(conv source number name email
                                             page title lang) },
    { conv => $conv, source => 'chat', number => $number, name => 'Vera',
      email => 'vera@example.org', page => 'https://shop.example/cart',
      title => 'Cart', lang => 'pt' },
    'it begins with the first data of client and communication');
is_deeply([ @{ $entries[1] }{qw(agent load passed place)} ],
    [ 'ana', 0, 0, 1 ], 'why she was asked stands with the offer');
ok(!defined $redis->zscore('cd:{demo}:records', $number),
    'but nobody has opened it');

# -- rejected, then accepted by the other one

$agent{ben}->available;
$agent{ana}->reject($conv);
$agent{ben}->accept($conv);
@entries = record_until($number, 'joined');
is_deeply([ map { $_->{what} } @entries ],
    [qw(started offered rejected offered accepted joined)],
    'offers and how they ended');
is($entries[3]{passed}, 1, 'one had refused before ben was asked');
ok($redis->zscore('cd:{demo}:records', $number), 'the accept has opened it');
is_deeply([ map { scalar $redis->zscore("cd:{demo}:xa:$_", $number) // '-' }
            qw(ana ben) ], [ '-', $number ],
    'for the one who accepted');

# -- messages are counted, not kept

$visitor->say($conv, 'a secret');
$t->settle(10);
$agent{ben}->follow($conv);
$agent{ben}->say($conv, 'an answer');
$agent{ben}->say($conv, 'a note', private => 1);
$t->settle(10);
$agent{ben}->end($conv);
@entries = record_until($number, 'ended');
is_deeply([ @{ $entries[-1] }{qw(from_visitor from_agents notes role who)} ],
    [ 1, 1, 1, 'agent', 'ben' ], 'it ends with counts, and who ended it');
is((grep { /secret|answer/ } map { values %$_ } @entries), 0,
    'nothing that was written is in it');
ok((grep { $_->{at} > 1e12 } @entries) == @entries, 'every entry has a time');
ok($redis->pttl("cd:{demo}:x:$number") > 0, 'it is kept for a limited time');

# -- who may read it, and how

my %rest = (pbx => $t->rest(undef, key => $key),
    map { $_ => $t->rest($_) } qw(ana ben sue));


# "status" or "status: what what ..." of a page of a record.

sub looks {
    my ($who, $path) = @_;
    my $answer = $rest{$who}->get($path);

    return join ' ', "$answer->{status}:",
        map { $_->{what} } @{ $answer->{json}{items} // [] };
}


# Whose looks are in the audit log.

sub audited {
    my @entries = $redis->xrange('cd:{demo}:audit', '-', '+');

    return map { "$_->{who} $_->{object}" } grep { $_->{what} eq 'look' }
        map { +{ @{ $_->[1] } } } @entries;
}


my @all = map { $_->{what} } @entries;
my $reads = looks(ben => "records/$number");
is($reads, "200: @all", 'who took part reads it');
is(looks(ana => "records/$number"), '404:', 'who refused it does not');
is_deeply([ audited() ], [], 'which is no look of a stranger');
is(looks(sue => "records/$number"), "200: @all", 'a supervisor does');
is(looks(pbx => "conversations/$conv/records"), '200: started',
    'a conversation has a list of its records');
is_deeply([ audited() ], [ "sue record/$number",
    "key:pbx conversation/$conv/records" ], 'both looks are in the audit log');
is(looks(ana => "conversations/$conv/records"), '200:',
    'of which others see nothing');
is(looks(ana => 'records'), '200:', 'nor in the list of all');
is(looks(ben => 'records'), '200: started', 'where the members see it');
is_deeply([ map { $_->{what} } $rest{ben}->all("records/$number?limit=2") ],
    \@all, 'it is read page by page');
is(looks(sue => 'records/none'), '404:', 'what is no number is no record');

# -- what was written, for those who may read the record

my $api = ChatDesk::OpenApi->new;


# "status: text text ..." of a page of messages, as docs/openapi.yaml has it.

sub texts {
    my ($who, $path) = @_;
    my $answer = $rest{$who}->get($path);
    my $route = "/v1/$path" =~ s#(conversations)/[^/]+#$1/{conv}#r
        =~ s#(earlier|records)/[^/?]+#$1/{number}#r;

    is_deeply([ $api->faults(GET => $route, $answer->{status},
                             $answer->{json}) ], [], "$route is described");

    return join ' ', "$answer->{status}:",
        map { $_->{text} =~ s/ /_/gr } @{ $answer->{json}{items} // [] };
}


my $texts = '200: a_secret an_answer a_note';
is(texts(ben => "records/$number/messages"), $texts,
    'who took part reads what was written');
is(texts(ana => "records/$number/messages"), '404:', 'others do not');
is(texts(sue => "records/$number/messages"), $texts, 'a supervisor does');
is((audited())[-1], "sue record/$number/messages", 'as the audit log says');
is_deeply([ map { $_->{text} }
            $rest{ben}->all("records/$number/messages?limit=1") ],
    [ 'a secret', 'an answer', 'a note' ], 'it is read page by page');

# -- earlier conversations of the same client, where the flow shows them

my $root = $t->rest(undef, key => $root_key);
$agent{ben}->presence('busy');
my $second = $visitor->start(name => 'Vera');
my $later = $agent{ana}->expect_offer($second)->{number};
my $path = "conversations/$second/earlier";
like($rest{ana}->get($path)->{json}{text}, qr/^Accept the conversation/,
    'who has an offer is no member yet');
$agent{ana}->accept($second);
my $off = $rest{ana}->get($path);
is("$off->{status} $off->{json}{code}", '403 forbidden', 'off, as at first');
like($off->{json}{text}, qr/flow web .*history_by_client/, 'it says why');
is(texts(ana => "$path/$number"), '403:', 'nor are texts to be had');
is($root->patch('flows/web', { history_by_client => JSON::PP::true })
    ->{status}, 200, 'the flow shows them from now on');

my $list = $rest{ana}->get($path);
is_deeply([ $api->faults(GET => '/v1/conversations/{conv}/earlier', 200,
                         $list->{json}) ], [], 'the list is described');
my ($one, @more) = @{ $list->{json}{items} };
is_deeply(\@more, [], 'one earlier conversation');
is_deeply([ @$one{qw(number conv queue flow agents)} ],
    [ $number, $conv, 'help', 'web', [ 'ben' ] ], 'which, where, with whom');
cmp_ok($one->{ended_at}, '>=', $one->{since}, 'from when to when');
is(texts(ana => "$path/$number"), $texts, 'with what was written');
is((audited())[-1], "ana record/$number/messages",
    'a look of one who had no part in it');
is(texts(ana => "$path/$later"), '404:', 'the conversation itself is none');
is(texts(ben => $path), '404:', 'others do not see it');
is(texts(sue => "$path/$number"), $texts, 'supervisors do');

# the first one has none before it; who looks from there sees nothing later
is_deeply($rest{sue}->get("conversations/$conv/earlier")->{json}{items}, [],
    'none came before the first one');
is(texts(sue => "conversations/$conv/earlier/$later"), '404:',
    'a later one is not earlier');

# another client of the same agent
my $eve = $t->visitor('Eve');
my $of_eve = $t->connect($eve, $agent{ana});
is_deeply($rest{ana}->get("conversations/$of_eve/earlier")->{json}{items},
    [], 'another client has none');
is(texts(ana => "conversations/$of_eve/earlier/$number"), '404:',
    'and gets nobody else\'s by number');
is_deeply([ $redis->zrange("cd:{demo}:xv:$visitor->{welcome}{who}", 0, -1) ],
    [ $number, $later ], 'the index has those of one client');
ok($redis->pttl("cd:{demo}:xv:$visitor->{welcome}{who}") > 0,
    'for a limited time');
$agent{ben}->available;

# -- the work: a hand, an invitation, a handing over, a takeover

$agent{ana}->end($_) for $second, $of_eve;
my $sue = $t->agent('sue');
my $dora = $t->visitor('Dora');
my $work = $dora->start(name => 'Dora', email => 'dora@example.org');
$agent{ben}->presence('busy');
$agent{ana}->available;
my $worked = $agent{ana}->expect_offer($work)->{number};
$agent{ana}->accept($work);
$dora->expect(t => 'phase', phase => 'active');
$agent{ana}->does('hand', $work, on => JSON::PP::true);
$agent{ben}->available;
$agent{ana}->does('invite', $work, agent => 'ben');
$agent{ben}->expect_offer($work);
$agent{ben}->reject($work);
$agent{ana}->expect(t => 'event', what => 'returned');
$agent{ana}->does('transfer', $work, agent => 'ben', note => 'order 17');
$agent{ben}->expect_offer($work);
$agent{ben}->accept($work);
$dora->expect(t => 'event', what => 'left', who => 'ana');
$sue->does('takeover', $work);
$dora->expect(t => 'event', what => 'left', who => 'ben');
@entries = record_until($worked, 'left');


# "what by-whom: why" of an entry.

sub told_of {
    my ($entry) = @_;
    my $said = $entry->{why} // $entry->{note};

    return "$entry->{what} " . ($entry->{from} // $entry->{who})
        . (defined $said ? ": $said" : '');
}


is_deeply([ map { told_of($_) } grep { $_->{who} } @entries ],
    [ 'joined ana', 'hand_up ana', 'invited ana', 'returned ana: rejected',
      'handing ana: order 17', 'joined ben', 'hand_down ana',
      'left ana: handed',
      'joined sue', 'left ben: taken' ],
    'who did what, with the words of a handing over, and why somebody left');
is($entries[0]{routed}, 'flow', 'and by whose word it came to its queue');

# -- records of other sources

my %call = (source => 'phone', id => 'call-17', agent => 'ana',
    queue => 'help', name => 'Paula', phone => '+351 210 000 000',
    at => 1_700_000_000_000);
my $made = $rest{pbx}->post(records => \%call);
is("$made->{status} $made->{json}{done}", '201 1', 'a call has a record');
my $again = $rest{pbx}->post(records => \%call);
is("$again->{status} $again->{json}{number} $again->{json}{done}",
    "200 $made->{json}{number} 0", 'and one only, however often it is told');
cmp_ok($made->{json}{number}, '>', $number, 'numbers are the desk\'s');

$path = "records/$made->{json}{number}";


sub told {
    my ($who, $what, $body) = @_;
    my $answer = $rest{$who}->post("$path/$what", $body);

    return join ' ', $answer->{status},
        $answer->{json}{code} // ($answer->{json}{done} ? 'done' : 'known');
}


is(told(pbx => events => { id => 'e1', what => 'answered', agent => 'ana' }),
    '201 done', 'what happens is appended');
is(told(pbx => events => { id => 'e1', what => 'answered' }), '200 known',
    'once');
is(told(ben => events => { id => 'e2', what => 'held' }), '404 not_found',
    'not by those who have no part in it');
is(told(ana => events => { id => 'e2', what => 'held', agent => 'ben' }),
    '403 forbidden', 'nor in the name of others');
is(told(ana => events => { id => 'e2', what => 'held' }), '201 done',
    'but by the agent');
is(told(pbx => events => { id => 'e3', what => 'ended' }), '400 bad_request',
    'an end is no event');
is(told(pbx => close => { disposition => 'sold', note => 'by card' }),
    '200 done', 'it is closed');
is(told(pbx => close => {}), '200 known', 'once');
is(told(pbx => events => { id => 'e4', what => 'held' }), '409 closed',
    'then nothing is appended');
is(looks(ana => $path), '200: started answered held ended',
    'its agent reads it like any other');
is_deeply([ map { $_->{source} } $rest{sue}->all('records') ],
    [qw(phone chat chat chat chat)], 'beside the chats, the newest first');

my $first = $rest{ana}->get($path)->{json}{items}[0];
is_deeply({ map { $_ => $first->{$_} } keys %call, 'number' },
    { %call, id => undef, number => $made->{json}{number} },
    'with the first data of the client, and its own time');
is($rest{pbx}->post(records => { %call, id => 'x', $_->[0] => $_->[1] })
    ->{json}{field}, $_->[0], "refused: $_->[0]")
    for [ source => 'chat' ], [ id => 'a b' ], [ agent => 'nobody' ],
        [ queue => 'none' ], [ at => 9_000_000_000_000 ], [ name => '' ],
        [ phone => 'x' x 41 ];
ok($redis->pttl("cd:{demo}:$_") > 0, "$_ is kept for a limited time")
    for "xo:$made->{json}{number}", 'xs:phone/call-17', "xc:$conv", 'records';

$t->finish;
