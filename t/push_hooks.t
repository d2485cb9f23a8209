#!/usr/bin/perl
#
# Webhooks for notices: what is told, to whom, signed by whom; which kinds;
# text only where it is allowed; tried again under the same id.
#
# proves: N13 N14

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Digest::SHA qw(hmac_sha256_hex);
use IO::Socket::INET;
use JSON::PP ();
use Test::More;

use ChatDesk::PushService;

my ($service, $t, $ops) = ChatDesk::PushService->stage;
my $secret = 's' x 32;


# The requests at a path, once there are so many: header and JSON.

sub told {
    my ($path, $count) = @_;

    $t->until(15, "$count at $path",
        sub { $service->came($path) >= $count });

    return map { { %$_, json => JSON::PP::decode_json($_->{body}) } }
        $service->take($path);
}


# As docs/notifications.md tells a receiver to check it.

sub signed {
    my ($request, $with) = @_;
    my ($time, $sum) = $request->{headers}{'chatdesk-signature'}
        =~ /\At=(\d+),v1=([0-9a-f]{64})\z/ or return 0;

    return abs(time - $time) <= 300
        && hmac_sha256_hex("$time.$request->{body}", $with) eq $sum;
}


# -- settings

my %hook = (url => $service->url('/hook/all'), secret => $secret,
            types => [qw(message offer)], preview => JSON::PP::true);

for my $bad ([ url => 'http://wall.example/' ], [ secret => 'short' ],
             [ types => [] ], [ types => ['rumour'] ]) {
    my $answer = $ops->put('webhooks/all', { %hook, @$bad });

    is($answer->{status}, 400, "$bad->[0] is refused");
    like($answer->{json}{field}, qr/\b$bad->[0]/, '... by its name');
}
is($ops->put('webhooks/all', \%hook)->{status}, 201, 'one for all');
is($ops->put('webhooks/offers', { %hook, types => ['offer'],
    preview => JSON::PP::false,
    url => $service->url('/hook/offers') })->{status}, 201, 'one for offers');

# -- an offer, told and over

my $ana = $t->agent('ana');
my $bob = $t->visitor('Bob');

$ana->available;
my $conv = $bob->start(name => 'Bob');
my ($offer) = told('/hook/all', 1);

is_deeply([ @{ $offer->{json} }{qw(desk type state agent about conv name)} ],
    [ 'demo', 'offer', 'told', 'ana', $conv, $conv, 'Bob' ], 'an offer');
is($offer->{headers}{'content-type'}, 'application/json', 'as JSON');
ok(signed($offer, $secret), 'signed');
ok(!signed($offer, 'x' x 32), 'by nobody else');
is($offer->{headers}{'chatdesk-id'}, $offer->{json}{id}, 'with an id');

$ana->accept($conv);
my ($over) = told('/hook/all', 1);
is_deeply([ @{ $over->{json} }{qw(type state agent about)} ],
    [ 'offer', 'over', 'ana', $conv ], 'and its end');
isnt($over->{json}{id}, $offer->{json}{id}, 'another event, another id');

# -- messages: a receiver that is busy, text

$service->answer('/hook/all', [ 503, { 'Retry-After' => 1 } ]);
$bob->say($conv, 'Hello?');
my @tries = told('/hook/all', 2);
is($tries[0]{json}{preview}, 'Hello?', 'with the text, as it asks for it');
is($tries[1]{body}, $tries[0]{body}, 'the same once more');
is($tries[1]{headers}{'chatdesk-id'}, $tries[0]{headers}{'chatdesk-id'},
    'under the same id');
ok(signed($_, $secret), 'each signed') for @tries;

# -- another kind, and one without text

my @offers = told('/hook/offers', 2);
is_deeply([ map { "$_->{json}{type} $_->{json}{state}" } @offers ],
    [ 'offer told', 'offer over' ], 'nothing but offers');
is_deeply([ grep { exists $_->{json}{preview} } @offers ], [], 'no text');

# -- a redirect is not followed, a long answer not read to its end

$service->answer('/hook/all',
    [ 302, { Location => $service->url('/hook/elsewhere') } ],
    [ 200, { 'X-Long' => 200_000 } ]);
$bob->say($conv, 'Go elsewhere');
told('/hook/all', 1);
$t->until(10, 'it to be given up',
    sub { $ops->get('outbox')->{json}{dead} == 1 });
$bob->say($conv, 'Talk much');
told('/hook/all', 1);
$t->until(10, 'it to be sent',
    sub { $ops->get('outbox')->{json}{waiting} == 0 });
is($ops->get('outbox')->{json}{dead}, 1, 'what a long answer says counts');
is_deeply([ $service->take('/hook/elsewhere') ], [], 'nobody went elsewhere');

# -- one that is taken away

is($ops->delete('webhooks/all')->{status}, 204, 'taken away');
$bob->say($conv, 'Anybody?');
$t->until(5, 'the notice', sub {
    ($ana->notice($conv) // {})->{preview} eq 'Anybody?' });
is($ops->get('outbox')->{json}{waiting}, 0, 'nothing waits for it');
is_deeply([ $service->take('/hook/all') ], [], 'and nothing comes');

# -- receivers that never answer hold nobody's push up

my $silent = IO::Socket::INET->new(Listen => 128, LocalAddr => '127.0.0.1')
    or die "no socket: $!\n";
my $home = $t->rest('ana');

is($home->put('me/push/p' . '0' x 20 . '1',
              $service->subscription('/push/a'))->{status}, 204,
    'a browser is subscribed');
is($ops->put("webhooks/silent$_", { %hook,
    url => 'https://127.0.0.1:' . $silent->sockport . "/$_" })->{status}, 201,
    "receiver $_ says nothing") for 1 .. 16;
$service->take('/push/a');

for my $text (map { "Message $_" } 1 .. 3) {
    $bob->say($conv, $text);
    $t->until(4, "a push of $text", sub { $service->came('/push/a') });
    is(scalar $service->take('/push/a'), 1, "$text was pushed");
}

$t->finish;
