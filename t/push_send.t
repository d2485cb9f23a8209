#!/usr/bin/perl
#
# Web push, against a service that is what its documents say: who sends, what
# only the browser can read, how often; a service that is busy, away or has
# forgotten; a worker that dies; logins that end; addresses that are near.
#
# proves: N5 N14

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::PushService;

use constant INTERVAL => 1;

my ($service, $t, $ops) = ChatDesk::PushService->stage;
my $loop = $t->loop;
my $home = $t->rest('ana');
my $id = 'p' . '0' x 20 . '1';

# What came to the browser since, once there is one that fits.

sub pushed {
    my ($what, $fits) = @_;

    $t->until(15, $what, sub {
        grep { !$fits || $fits->(ChatDesk::PushService::opened($_)) }
            $service->came('/push/a');
    });

    return $service->take('/push/a');
}

sub outbox {
    return $ops->get('outbox')->{json};
}

sub count_is {
    my ($member, $value, $name) = @_;

    eval { $t->until(10, $member, sub { outbox()->{$member} == $value }) };
    is(outbox()->{$member}, $value, $name);
}

sub subscriptions {
    return @{ $t->rest('ana')->get('me/push')->{json}{items} };
}

# -- subscribing

my $answer = $home->get('me/push');
is($answer->{status}, 200, 'an agent has none') or diag($answer->{content});
like($answer->{json}{key}, qr/\A[\w-]{87}\z/, 'and is told the desk\'s key');
is_deeply($answer->{json}{items}, [], 'none');

my $good = $service->subscription('/push/a');
my $beside = $good->{p256dh};
substr($beside, 60, 1) =~ tr/A-Za-z/B-ZAb-za/
    or substr($beside, 60, 1) = 'A';
for my $bad ([ { endpoint => 'http://push.example/a' }, 'endpoint' ],
             [ { endpoint => 'https://me@push.example/a' }, 'endpoint' ],
             [ { endpoint => 'https://push.example/' . 'a' x 1024 },
               'endpoint' ],
             [ { p256dh => $beside }, 'p256dh' ],
             [ { p256dh => $good->{auth} }, 'p256dh' ],
             [ { auth => 'AAAA' }, 'p256dh' ]) {
    $answer = $home->put("me/push/$id", { %$good, %{ $bad->[0] } });
    is_deeply([ @$answer{qw(status)}, $answer->{json}{field} ],
              [ 400, $bad->[1] ],
              substr((%{ $bad->[0] })[1], 0, 30) . ' is refused');
}
is($home->put('me/push/short', $good)->{status}, 400, 'an id that is none');
is($ops->put("me/push/$id", $good)->{status}, 403, 'an API key has none');
is($home->put("me/push/$id", $good)->{status}, 204, 'a good one is taken');
is($home->put('me/push/' . 'q' x 22, $good)->{status}, 204,
    'the same browser under another id');
is($home->put("me/push/$id", $good)->{status}, 204, 'and again');
is(scalar subscriptions(), 1, 'it stands there once');

# -- an offer, while no page of that browser is open

my $ana = $t->agent('ana');
my $bob = $t->visitor('Bob');

$ana->available;
my $conv = $bob->start(name => 'Bob');
my ($offer) = pushed('the offer');

is($offer->{error}, undef, 'it can be opened');
ok($offer->{vapid}{signed}, 'it says who sends, signed');
is_deeply($offer->{vapid}{head}, { typ => 'JWT', alg => 'ES256' }, 'how');
is($offer->{vapid}{key}, $home->get('me/push')->{json}{key}, 'the desk\'s');
is($offer->{vapid}{aud}, $service->url(''), 'to this service');
is($offer->{vapid}{sub}, 'mailto:ops@shop.example', 'whom to write to');
cmp_ok($offer->{vapid}{exp}, '<=', time + 86400, 'for a day at most');
is($offer->{headers}{'content-encoding'}, 'aes128gcm', 'the encoding');
is($offer->{headers}{urgency}, 'high', 'an offer does not wait');
cmp_ok($offer->{headers}{ttl}, '<=', 20, 'and is of use while it stands');
my $told = ChatDesk::PushService::opened($offer);
is_deeply([ @$told{qw(type state about name)} ],
          [ 'offer', 'told', $conv, 'Bob' ], 'what it says');

$ana->accept($conv);

# -- read elsewhere: it goes off the screen of a browser that can do that

my $able = 'p' . '0' x 20 . '3';
is($home->put("me/push/$able", { %{ $service->subscription('/push/b') },
    ends => JSON::PP::true })->{status}, 204, 'another browser');
$bob->say($conv, 'Is this read?');
my $said_it = $ana->expect(t => 'message', text => 'Is this read?');
$t->until(10, 'the push', sub {
    $service->came('/push/a') && $service->came('/push/b') });
my ($shown) = $service->take('/push/b');
$t->until(5, 'the outbox', sub { outbox()->{waiting} == 0 });
$ana->mark($conv, @$said_it{qw(v v n)});
$t->until(10, 'its end', sub { $service->came('/push/b') });
my ($over) = $service->take('/push/b');
my $ended = ChatDesk::PushService::opened($over);
is_deeply([ @$ended{qw(state about)}, exists $ended->{preview} ],
    [ 'over', $conv, '' ], 'it is told what is over');
is($over->{headers}{topic}, $shown->{headers}{topic}, 'in its place');
is($over->{headers}{urgency}, 'normal', 'without haste');
is(scalar($service->take('/push/a')), 1, 'others are told of no end');
is($home->delete("me/push/$able")->{status}, 204, 'it goes again');

# -- an open page is told by its socket, a closed one by push

$ana->send({ t => 'push', push => $id });
$t->until(5, 'the desk to know the page', sub { (subscriptions())[0]{open} });
$bob->say($conv, 'you are here');
$t->until(5, 'the notice', sub { $ana->notice($conv) });
my $since = $loop->now;
is_deeply([ $service->take('/push/a') ], [], 'no push to an open page');

$ana->close;
$t->until(5, 'the page to be closed', sub { !(subscriptions())[0]{open} });

# the burst is to be the first that is told for a while
$t->until(5, 'the interval', sub { $loop->now > $since + INTERVAL });

my ($said, $more) = (0);
$more = sub {
    $bob->say($conv, 'text ' . ++$said) for 1 .. 10;
    $t->loop->after(0.15, $more) if $said < 100;
};
$more->();
my @burst = pushed('the last of a burst', sub { $_[0]{count} == 101 });
my @at = map { $_->{at} } @burst;
my @seen = map { ChatDesk::PushService::opened($_) } @burst;

cmp_ok($seen[0]{count}, '<=', 41, 'the first comes at once');
cmp_ok(scalar @burst, '<=', 4, 'then one an interval');
cmp_ok($at[$_] - $at[$_ - 1], '>=', INTERVAL * 1000 - 150, 'not earlier')
    for 1 .. $#at;
is_deeply([ grep { exists $_->{preview} } @seen ], [], 'without any text');
is(scalar(keys %{{ map { $_->{headers}{topic} => 1 } @burst }}), 1,
    'the newer one replaces the older one');
is(scalar(keys %{{ map { $_->{sealed}{salt} . $_->{sealed}{sender} => 1 }
                   @burst }}), scalar @burst, 'new keys for each');
is($burst[0]{headers}{urgency}, 'normal', 'messages may wait');

# -- a service that is busy

$service->answer('/push/a', [ 429, { 'Retry-After' => 2 } ], [ 503 ]);
$bob->say($conv, 'busy?');
$t->until(15, 'three attempts', sub { $service->came('/push/a') == 3 });
my @tries = $service->take('/push/a');
cmp_ok($tries[1]{at} - $tries[0]{at}, '>=', 1950, 'it waits as it is told');
cmp_ok($tries[2]{at} - $tries[1]{at}, '>=', 1950, 'or longer each time');
count_is(again => 2, 'both are counted');

# -- a service that is away, and a worker that dies meanwhile

$service->down;
$bob->say($conv, 'anybody?');
$t->until(10, 'an attempt', sub { outbox()->{again} >= 3 });
$t->stack->worker_of($t->redis->get('cd:{demo}:lease'))->stop('KILL', 5);
$t->stack->start_worker;
$service->up;
my @late = pushed('what was not sent');
is(scalar @late, 1, 'it comes once');
is(ChatDesk::PushService::opened($late[0])->{count}, 103, 'with the count');
is($late[0]{headers}{topic}, $burst[0]{headers}{topic}, 'for the same thing');
count_is(waiting => 0, 'nothing waits any more');

# -- a browser that is gone

$service->answer('/push/a', [ 410 ]);
$bob->say($conv, 'still there?');
pushed('the attempt');
count_is(gone => 1, 'the service knows it no more');
is(scalar subscriptions(), 0, 'so the subscription is gone');

# -- a login that ends

is($home->put("me/push/$id", $good)->{status}, 204, 'there it is again');
$home->{http}->post("$home->{base}/logout",
    { headers => { Cookie => $home->{cookie} } });
$bob->say($conv, 'and now?');
count_is(gone => 2, 'a login that has ended is told nothing');
is_deeply([ $service->take('/push/a') ], [], 'indeed');
is(scalar subscriptions(), 0, 'and its subscription is gone');

# -- only global addresses, unless the operator says so

$t->stack->{worker_lines} = $service->worker_lines('off');
$_->stop('TERM', 10) for $t->stack->live_workers;
$t->stack->start_worker;
my $again = $t->rest('ana');
is($again->put("me/push/$id", $good)->{status}, 204, 'a name is taken');
is($again->put('me/push/p' . '0' x 20 . '2', { %$good, endpoint =>
    "https://127.0.0.1:$service->{port}/push/a" })->{status}, 204,
    'an address too');
$bob->say($conv, 'who is near?');
count_is(dead => 2, 'but neither is sent to');
is_deeply([ $service->take('/push/a') ], [], 'indeed');
is($again->delete("me/push/$id")->{status}, 204, 'taken back');
is($again->delete("me/push/$id")->{status}, 404, 'once');

$t->finish;
