#!/usr/bin/perl
#
# Supervisors: watch unseen, whisper, come in, take over; and only they. An
# agent raises a hand.
#
# proves: U2 U8 A1 A9 V9

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;

my %role = (ana => 'agent', ben => 'agent', sue => 'supervisor',
            tim => 'supervisor');
my %profile = (sue => 'lead', tim => 'new');

my $t = ChatDesk::Test->new(desk => {
    name => 'Test desk', default_queue => 'help',
    queues => [ { id => 'help', name => 'Help', priority => 5,
                  accept_seconds => 60 } ],
    profiles => [ { id => 'all', name => 'All', capacity => 3,
                    queues => ['help'] },
                  { id => 'lead', name => 'Lead', capacity => 1,
                    queues => [qw(help)] },
                  { id => 'new', name => 'New', capacity => 1,
                    queues => ['help'], buttons => ['end', 'monitor'] } ],
    agents => [ map { { login => $_, name => ucfirst $_, role => $role{$_},
                        profile => $profile{$_} // 'all' } }
                sort keys %role ],
});

my ($ana, $ben, $sue, $tim) = map { $t->agent($_) } qw(ana ben sue tim);

$ana->available;
$_->presence('busy') for $ben, $sue, $tim;
my $bob = $t->visitor('Bob');
my $conv = $t->connect($bob, $ana);

$bob->say($conv, 'where is my order?');
$ana->expect(t => 'message', text => 'where is my order?');
$ana->say($conv, 'no idea', private => 1);
$t->settle(10);

# who may not
is($ben->refused($_, $conv), 'forbidden', "an agent does not $_")
    for qw(monitor barge takeover);
$ben->send({ t => 'follow', feed => $conv });
is($ben->expect(t => 'error', feed => $conv)->{code}, 'not_found',
    'and reads nothing');
is($sue->refused('monitor', 'A' x 22), 'not_found',
    'nobody watches what does not exist');
$sue->send({ t => 'follow', feed => $conv });
is($sue->expect(t => 'error', feed => $conv)->{code}, 'not_found',
    'a supervisor, too, reads only what is watched');

# a profile narrows what a role may do
is($tim->refused($_, $conv), 'forbidden',
    "nor does a supervisor whose profile lacks $_") for qw(barge takeover);
is_deeply([ map { $_->feed('inbox')->{registers}{'me:'}{buttons} }
            $tim, $sue, $ana ],
    [ 'end, monitor', 'attach, invite, transfer, template, private, end, '
        . 'hand, monitor, barge, takeover, records',
      'attach, invite, transfer, template, private, end, hand' ],
    '`me` tells what profile and role allow');
my $number = $ana->card($conv)->{number};
is($t->rest('tim')->get("records/$number")->{status}, 404,
    'nor reads records of others without that button');

# watching: notes included, seen by nobody
$_->forget_seen for $bob, $ana;
$sue->does('monitor', $conv);
$t->until(10, 'the card', sub { $sue->card($conv) });

sub agents_of {
    my ($who) = @_;
    my $answer = $t->rest($who)->get("conversations/$conv")->{json};

    return join ' ', map { "$_->{agent}:$_->{state}" } @{ $answer->{agents} };
}

is(agents_of('ana'), 'ana:active', 'an agent asks by REST: nobody watches');
is(agents_of('sue'), 'ana:active sue:observer', 'a supervisor knows');
is(scalar $t->rest('ana')->all('conversations?agent=sue'), 0,
    'nor does the filter tell an agent');
is(scalar(() = $t->rest('sue')->all('conversations?agent=sue')), 1,
    'a supervisor finds it by it');
is($sue->card($conv)->{seat}, 'observer', 'the card says: an observer');
$sue->open($conv);
is_deeply([ map { $_->{text} } @{ $sue->feed($conv)->{messages} } ],
    [ 'where is my order?', 'no idea' ], 'who watches sees notes, too');
$bob->say($conv, 'hello?');
$sue->expect(t => 'message', text => 'hello?');
pass('and sees it live');
ok($sue->feed($conv)->{registers}{"member:$bob->{welcome}{who}"}{present},
    'with the presence of the visitor');
$sue->typing($conv, 1);
$sue->send({ t => 'view', conv => $conv, on => JSON::PP::true });
$sue->mark($conv, 99, 99, 99);

# whispering
$sue->send({ t => 'send', conv => $conv, k => 1, text => 'aloud' });
is($sue->expect(t => 'error', k => 1)->{code}, 'forbidden',
    'who watches says nothing to the visitor');
$sue->say($conv, 'it is in Lisbon', private => 1);
ok($ana->expect(t => 'message', text => 'it is in Lisbon')->{private},
    'but whispers to the agent');
$ana->say($conv, 'It is in Lisbon.');
$bob->expect(t => 'message', text => 'It is in Lisbon.');

is_deeply([ map { "$_->{t} " . ($_->{who} // '') } grep {
        ($_->{who} // $_->{from} // '') eq 'sue' } @{ $bob->{seen} } ], [],
    'nothing of it reached the visitor');
is($ana->take(t => $_, who => 'sue'), undef, "nor a $_ the agent")
    for qw(typing viewing mark member event);
is($bob->feed($conv)->{registers}{'member:sue'}, undef,
    'the visitor has no such member');

my @audit = map { my %f = @{ $_->[1] }; "$f{who} $f{what} $f{object}" }
    $t->redis->xrange('cd:{demo}:audit', '-', '+');
is_deeply(\@audit, [ "sue monitor $conv" ], 'the look is on record');

# no longer watching
$sue->does('leave', $conv);
is($sue->expect(t => 'card_gone', conv => $conv)->{why}, 'left',
    'the card goes');
$sue->send({ t => 'unfollow', feed => $conv });
$sue->send({ t => 'follow', feed => $conv });
is($sue->expect(t => 'error', feed => $conv)->{code}, 'not_found',
    'and with it the right to read');

# a hand
$ana->does('hand', $conv, on => JSON::PP::true);
$t->until(10, 'the hand', sub { $ana->card($conv)->{hand} });
is($ana->expect(t => 'event', what => 'hand_up')->{v}, 0,
    'a raised hand shows on the card, and not to the visitor');
$t->until(10, 'the notice', sub { $sue->notice("hand.$conv") });
is($sue->notice("hand.$conv")->{conv}, $conv, 'a supervisor is told of it');
is($ana->notice("hand.$conv"), undef, 'who raised it is not');

# coming in
$sue->does('barge', $conv);
$t->until(10, 'the card',
    sub { ($sue->card($conv) // {})->{phase} // '' eq 'active' });
is($bob->expect(t => 'event', what => 'joined', who => 'sue')->{name}, 'Sue',
    'who comes in is seen');
$sue->open($conv);
$sue->say($conv, 'I can help');
$bob->expect(t => 'message', text => 'I can help');
pass('and heard');

$t->until(10, 'the end of it', sub { !$sue->notice("hand.$conv") });
pass('who has come is told no longer');

# taking over
$ana->does('hand', $conv, on => JSON::PP::false);
$sue->does('takeover', $conv);
is($ana->expect(t => 'card_gone', conv => $conv)->{why}, 'taken',
    'a takeover sends the agent away');
$bob->expect(t => 'event', what => 'left', who => 'ana');
is($ana->feed('inbox')->{registers}{'me:'}{active}, 0, 'whose place is free');

# of a chat that nobody has there is nothing to take over
my $eve = $t->visitor('Eve');
$ana->presence('busy');
my $other = $eve->start(name => 'Eve');
is($sue->refused('takeover', $other), 'not_active',
    'what waits cannot be taken over');
$sue->does('monitor', $other);
$t->until(10, 'the card', sub { $sue->card($other) });
$eve->end;
is($sue->expect(t => 'card_gone', conv => $other)->{why}, 'over',
    'what is watched goes with its end');

$t->finish;
