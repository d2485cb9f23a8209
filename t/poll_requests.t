#!/usr/bin/perl
#
# Requests of long-polling clients one by one: what holds, what is refused.
#
# proves: V22

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;

use ChatDesk::Client;
use ChatDesk::Http;
use ChatDesk::Test;

my $json = JSON::PP->new->utf8->canonical;
my $t = ChatDesk::Test->new(server => 'chatdesk_poll_hold 1s;'
    . ' chatdesk_send_queue 64k;'
    . ' location = /slow/poll { chatdesk_poll visitor;'
    . ' chatdesk_rate 1r/s burst=3; }'
    . ' location = /other/poll { chatdesk_poll visitor;'
    . ' chatdesk_desk other; }');
my $loop = $t->loop;
my $true = JSON::PP::true;


# Sends a request; its answer is in {status} and {data} once it has come.

sub ask {
    my ($path, $body, %arg) = @_;
    my $asked = {};

    $asked->{http} = ChatDesk::Http->new(
        loop => $loop, port => $t->stack->port, path => $path,
        body => ref $body ? $json->encode($body) : $body, %arg,
        done => sub {
            my ($status, $header, $text) = @_;
            @$asked{qw(status header)} = ($status, $header);
            $asked->{data} = ($text // '') =~ /^\{/ ? $json->decode($text)
                                                    : {};
        });

    return $asked;
}


sub answer {
    my ($asked) = @_;

    $loop->until(10, 'an answer', sub { defined $asked->{status} });

    return $asked;
}


sub poll {
    return answer(ask(@_));
}


sub types {
    my ($asked) = @_;

    return join ' ', map { $_->{t} } @{ $asked->{data}{frames} };
}


sub refusal {
    my ($asked) = @_;

    return join ' ', $asked->{status}, $asked->{data}{code} // '';
}

my $device = ChatDesk::Client::random_id();
my %hello = (hello => { device => $device });

# what is no request
is(refusal(poll('/chatdesk/poll', '', method => 'GET')), '405 bad_method',
    'only POST');
is(refusal(poll('/chatdesk/poll', $_)), '400 bad_request', "no body: $_")
    for '', '[]', '{"hello":1}', '{"hello":{}}',
        '{"hello":{"device":"short"}}', '{"hold":true}',
        qq({"hello":{"device":"$device"},"hold":1}),
        qq({"hello":{"device":"$device"},"frames":{}}),
        qq({"hello":{"device":"$device"},"frames":[) . '1,' x 32 . '1]}',
        qq({"hello":{"device":"$device"},"at":[) . '1,' x 64 . '1]}',
        qq({"hello":{"device":"$device"},"hold":true,"hold":true});
is(refusal(poll('/chatdesk/poll', ' ' x 65_537)), '413 too_long',
    'no more than 64 KB');
is(refusal(poll('/chatdesk/poll', \%hello,
    headers => { 'Content-Type' => 'text/plain' })), '400 bad_request',
    'no other type than JSON');
is(refusal(poll('/chatdesk/poll', \%hello,
    headers => { Origin => 'https://evil.example' })), '403 bad_origin',
    'no page of another origin');
is(refusal(poll('/other/poll', { %hello, hold => $true })), '404 no_desk',
    'no desk that is not set up');
is(refusal(poll('/chatdesk/poll', \%hello)), '401 unauthorized',
    'no visitor without a token but by hold');
is(refusal(poll('/desk/poll', { %hello, hold => $true })),
    '401 unauthorized', 'no agent without a login');
is(refusal(poll('/desk/poll', { %hello, hold => $true },
    headers => { Cookie => 'chatdesk-demo=' . 'A' x 43 })),
    '401 unauthorized', 'nor with one that nobody has');

# a visitor begins
my $first = poll('/chatdesk/poll', { %hello, hold => $true });
is(types($first), 'welcome', 'a new visitor is welcome at once');
is($first->{header}{'cache-control'}, 'no-store', 'and nobody keeps it');
my $welcome = $first->{data}{frames}[0];
is($first->{data}{session}, $welcome->{session}, 'a session has one id');
my $token = $welcome->{token};
my %who = (hello => { device => $device, token => $token });

my $start = poll('/chatdesk/poll', { %who,
    session => $first->{data}{session},
    frames => [ { t => 'start', id => 's1', name => 'Bob' } ] });
is(types($start), 'ack', 'frames are carried without hold');
my $conv = $start->{data}{frames}[0]{conv};
my $session = $start->{data}{session};

my $window = poll('/chatdesk/poll', { %who, session => $session,
    hold => $true });
is(types($window), 'window', 'the open conversation is followed');
is($window->{data}{session}, $session, 'as the session that opened it');
my $place = $window->{data}{frames}[0];
is($place->{reset}, $true, 'from its beginning');
$who{hello} = { %{ $who{hello} }, conv => $conv, era => $place->{era},
                n => $place->{head} };
$who{session} = $session;

# an empty answer after the hold time
my ($before, $empty);
for (1 .. 10) {
    $before = $loop->now;
    $empty = poll('/chatdesk/poll', { %who, hold => $true });
    last if !@{ $empty->{data}{frames} };

    # what opening the conversation still brought
    for my $frame (@{ $empty->{data}{frames} }) {
        $who{hello}{n} = $frame->{head} // $frame->{n} // $who{hello}{n};
    }
}
is(types($empty), '', 'nothing new: an empty list');
cmp_ok($loop->now - $before, '>', 0.9, 'after the hold time');
is($empty->{data}{session}, $session, 'and still the same session');

# a send while another request waits
my $held = ask('/chatdesk/poll', { %who, hold => $true });
my $sent = poll('/chatdesk/poll', { %who, frames => [
    { t => 'send', conv => $conv, k => 1, text => 'one' },
    { t => 'send', conv => $conv, k => 2, text => 'two' },
    { t => 'mark', conv => $conv, got => 1, read => 1 },
    { t => 'typing', conv => $conv, on => $true },
    { t => 'ping' } ] });
is(join(' ', sort split / /, types($sent)), 'ack ack pong',
    'each request of a batch is answered, no hint is');
like(types(answer($held)), qr/message|window/, 'the other hears of it');

my $rest = poll('/chatdesk/poll', { %who, hold => $true });
is(join(' ', map { $_->{text} // () } map { @{ $_->{frames} // [] }, $_ }
    @{ $rest->{data}{frames} }), 'one two',
    'with the old place it is told again');

my $heads = $rest->{data}{frames}[0];
$who{hello} = { %{ $who{hello} }, n => $heads->{head} };

# one that is newer makes the older return
my $old = ask('/chatdesk/poll', { %who, hold => $true });
$loop->until(10, 'it to wait', sub {
    $t->redis->pubsub('numsub', "cd:{demo}:v:$conv")->[1] // 0 });
my $new = ask('/chatdesk/poll', { %who, hold => $true });
$loop->until(0.9, 'the older to return', sub { defined $old->{status} });
is("$old->{status} " . types($old), '200 ', 'with nothing');
ok(!defined $new->{status}, 'while the newer waits');
is(types(answer($new)), '', 'for its whole time');

# presence outlives the gap between two requests, and no more
ok($t->redis->hexists('cd:{demo}:online', $session),
    'between two requests the session is online');
$held = ask('/chatdesk/poll', { %who, hold => $true });
$loop->until(10, 'it to be held', sub {
    $t->redis->pubsub('numsub', "cd:{demo}:v:$conv")->[1] // 0 });
$held->{http}->drop;
$loop->until(3, 'the session to go with its request', sub {
    !$t->redis->hexists('cd:{demo}:online', $session) });
pass('a client that breaks off has gone at once');

# what is not its own
my $eve = poll('/chatdesk/poll', { hello => {
    device => ChatDesk::Client::random_id() }, hold => $true });
my %eve = (hello => { device => ChatDesk::Client::random_id(),
    token => $eve->{data}{frames}[0]{token} });
my $foreign = poll('/chatdesk/poll', { %eve, frames => [
    { t => 'send', conv => $conv, k => 1, text => 'mine?' },
    { t => 'typing', conv => $conv, on => $true },
    { t => 'mark', conv => $conv, got => 1, read => 1 } ] });
is_deeply([ map { $_->{code} } @{ $foreign->{data}{frames} } ],
    [ ('not_found') x 3 ], 'a conversation of another visitor is none');

my $taken = poll('/chatdesk/poll', { %eve, session => $session,
    hold => $true });
isnt($taken->{data}{session}, $session,
    'the id of another session is not taken over');

# frames at fault
my $faults = poll('/chatdesk/poll', { %who, frames => [
    { t => 'follow', feed => $conv }, 7, { t => 'nothing' },
    { t => 'ping' } ] });
is(types($faults), 'error error error pong',
    'a frame at fault does not fail the others');
is($faults->{data}{frames}[0]{field}, 't', 'and its field is named');
$faults = poll('/chatdesk/poll', { %who, frames => [ (7) x 8,
    { t => 'ping' } ] });
is(types($faults), join(' ', ('error') x 5), 'after five it is enough');

# rates hold over requests; the first of this visitor is the one that made it
my $mia = poll('/slow/poll', { hello => {
    device => ChatDesk::Client::random_id() }, hold => $true });
my %mia = (hello => { device => ChatDesk::Client::random_id(),
    token => $mia->{data}{frames}[0]{token} });
my @rates = map { ask('/slow/poll', { %mia, frames => [ { t => 'ping' } ] }) }
    1 .. 4;
my @codes = sort map { answer($_)->{status} } @rates;
is("@codes", '200 200 429 429', 'requests of one person are counted');
my ($limited) = grep { $_->{status} == 429 } @rates;
cmp_ok($limited->{data}{retry_after}, '>', 0, 'and told when to come again');

# more than one answer holds
for my $k (3 .. 12) {
    my $sent = poll('/chatdesk/poll', { %who, frames => [
        { t => 'send', conv => $conv, k => $k, text => 'x' x 8000 } ] });
    is(types($sent), 'ack', "a long message, $k") if $k == 12;
}
my $large = poll('/chatdesk/poll', { %who, hold => $true });
is(types($large), 'window', 'a window of any size is one frame');
is(scalar(grep { $_->{t} eq 'message' }
    @{ $large->{data}{frames}[0]{frames} }), 10, 'with all that was missed');

# an agent signs out while a request waits
my $ana = $t->agent('ana', poll => 1);
$ana->presence('busy');
$ana->api(POST => 'logout');
$loop->until(10, 'the agent to be told', sub { @{ $ana->{closes} } });
is($ana->{closes}[0], 4401, 'a login that ends answers what waits');

# every version of HTTP: the same request over HTTP/2
SKIP: {
    my $h2 = ChatDesk::Stack::free_port();

    skip 'curl speaks no HTTP/2 here', 1
        if !$ENV{CI} && `curl -V` !~ /HTTP2/;
    $t->stack->{http} = "server { listen 127.0.0.1:$h2 http2;"
        . ' chatdesk_desk demo; chatdesk_secret '
        . $t->stack->dir . '/secret; location = /poll {'
        . ' chatdesk_poll visitor; chatdesk_poll_hold 1s; } }';
    $t->stack->reload_nginx;
    my $body = $json->encode({ %who, hold => $true });
    my $said;

    $loop->until(20, 'an answer over HTTP/2', sub {
        open my $curl, '-|', 'curl', '-s', '--http2-prior-knowledge',
            '-m', '5', '-w', '%{http_version} %{http_code}', '-H',
            'Content-Type: application/json', '-d', $body,
            "http://127.0.0.1:$h2/poll" or return 0;
        local $/;
        $said = <$curl> // '';
        close $curl;
        return $said =~ /^2 200$/m || $said =~ /\}\n2 200$/;
    });
    like($said, qr/"t":"window"/, 'over HTTP/2 it is the same');
}

$t->finish;
