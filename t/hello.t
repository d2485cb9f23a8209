#!/usr/bin/perl
#
# Hello: who a client is, what it gets, and how it is refused.
#
# proves: X5 O9

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use MIME::Base64 qw(encode_base64url);
use Test::More;

use ChatDesk::Client;
use ChatDesk::Config qw(read_file);
use ChatDesk::Test;
use ChatDesk::WebSocket;

my $t = ChatDesk::Test->new(
    server => 'chatdesk_hello_timeout 400ms; chatdesk_recheck 300ms;'
        . ' location = /other/socket { chatdesk_socket visitor;'
        . ' chatdesk_desk other; }'
        . ' location = /listed/socket { chatdesk_socket visitor;'
        . ' chatdesk_origin https://Shop.example; }');
my $loop = $t->loop;
my @silent;


# A client that does nothing by itself.

sub silent {
    my (%arg) = @_;
    my @frames;
    my $client = { frames => \@frames };

    $client->{socket} = ChatDesk::WebSocket->new(
        loop => $loop, port => $t->stack->port, path => '/chatdesk/socket',
        on_text => sub { push @frames, JSON::PP::decode_json($_[0]) },
        on_close => sub { $client->{code} = $_[0] }, %arg);

    $loop->until(10, 'the handshake',
        sub { $client->{socket}->state ne 'connecting' });

    push @silent, $client;

    return $client;
}


sub answer {
    my ($client, $text) = @_;

    $client->{socket}->send_text($text);
    $loop->until(10, "the answer to $text", sub { @{ $client->{frames} } });

    return shift @{ $client->{frames} };
}


sub code {
    my ($client) = @_;

    $loop->until(10, 'the close', sub { defined $client->{code} });

    return $client->{code};
}


sub hello {
    my (%field) = @_;

    return JSON::PP::encode_json({
        t => 'hello', device => ChatDesk::Client::random_id(), %field });
}

# A member of Sec-WebSocket-Protocol that carries a hello.

sub coded {
    my ($text) = @_;

    return 'hello.' . encode_base64url($text);
}


sub early {
    my ($text, %arg) = @_;

    return silent(protocol => 'chatdesk.v1, chatdesk.v1.hello, '
        . coded($text), %arg);
}


sub agreed {
    my ($client) = @_;
    my ($protocol) = $client->{socket}{answer}
        =~ /^Sec-WebSocket-Protocol: (\S+)/mi;

    return $protocol;
}


sub next_of {
    my ($client) = @_;

    $loop->until(10, 'a frame', sub { @{ $client->{frames} } });

    return shift @{ $client->{frames} };
}

# the worker may still be setting up the desk
$loop->until(10, 'the desk',
    sub { answer(silent(), hello())->{t} eq 'welcome' });

# a new visitor
my $welcome = answer(silent(), hello());
is($welcome->{t}, 'welcome', 'a visitor is welcome');
like($welcome->{who}, qr/\A[\w-]{22}\z/, 'and gets an id');
like($welcome->{session}, qr/\A[\w-]{22}\z/, 'its connection too');
is($welcome->{role}, 'visitor', 'the location decides the role');
is($welcome->{max_text}, 8000, 'it is told how long a text may be');
is($welcome->{heartbeat_ms}, 25_000, 'and how long to be silent');
cmp_ok(abs($welcome->{at} / 1000 - time), '<', 60, 'and the time');
ok(!exists $welcome->{conv}, 'and of no conversation');
my $token = $welcome->{token};
like($token, qr/\Acv1\.\Q$welcome->{who}\E\.\d+\.\d+\.[\w-]{43}\z/,
    'and a token that names nothing but the visitor');

# the token is what makes it the same visitor
my $again = answer(silent(), hello(token => $token));
is($again->{who}, $welcome->{who}, 'with the token it is the same visitor');
ok(!exists $again->{token}, 'a token that is new is not renewed');
isnt($again->{session}, $welcome->{session}, 'on another connection');

# and nothing else does
my $forged = $token;
substr($forged, 4, 22) = 'A' x 22;
isnt(answer(silent(), hello(token => $forged))->{who}, 'A' x 22,
    'a forged token makes a new visitor');
isnt(answer(silent(), hello(token => "$token.x"))->{who}, $welcome->{who},
    'and so does one with something behind it');

# another desk of the same nginx
my $other = silent(path => '/other/socket');
my $refused = answer($other, hello(token => $token));
is("$refused->{t} $refused->{code}", 'error no_desk',
    'a desk that is not set up says so');
cmp_ok($refused->{retry_after}, '>', 0, 'and when to try again');
is(code($other), 1013, 'and closes');
$t->redis->hset('cd:{other}:desk', 'era', 5);
my $elsewhere = answer(silent(path => '/other/socket'),
    hello(token => $token));
isnt($elsewhere->{who}, $welcome->{who},
    'a token of one desk is none at another');
is($elsewhere->{era}, 5, 'which has an era of its own');
$t->redis->del('cd:{other}:desk');

# what is no hello
my $impatient = silent();
is(answer($impatient, '{"t":"ping"}')->{field}, 't',
    'nothing comes before hello');
is(answer($impatient, '{"t":"hello","device":"short"}')->{field}, 'device',
    'a device has 22 characters');
is(answer($impatient, hello(device => '.' x 22))->{field}, 'device',
    'of the right kind');
is(answer($impatient, hello())->{t}, 'welcome', 'then it is welcome');
is(answer($impatient, hello())->{field}, 't', 'once');

is(code(silent()), 1008, 'who says nothing is closed');

# agents
my $agent = silent(path => '/desk/socket');
is(answer($agent, hello())->{code}, 'unauthorized', 'an agent has a ticket');
is(code($agent), 4401, 'or is closed');

$agent = silent(path => '/desk/socket');
is(answer($agent, hello(ticket => 'A' x 43))->{code}, 'unauthorized',
    'a ticket that was not given is none');
is(code($agent), 4401, 'and closes');

my $ana = $t->agent('ana');
$loop->until(10, 'the agent to be welcome', sub { $ana->{welcome} });
is($ana->{welcome}{who}, 'ana', 'an agent has its login as id');
is($ana->{welcome}{name}, 'Ana', 'and its name');
is($ana->{welcome}{role}, 'agent', 'and its role');
ok(!exists $ana->{welcome}{token}, 'and no token');
$loop->until(10, 'the inbox', sub { $ana->feed('inbox')->{live} });
pass('the inbox comes by itself');

my $ticket = $ana->hello_proof->{ticket};
is(answer(silent(path => '/desk/socket'), hello(ticket => $ticket))->{t},
    'welcome', 'a ticket that was given is good');
$agent = silent(path => '/desk/socket');
is(answer($agent, hello(ticket => $ticket))->{code}, 'unauthorized',
    'once');
is(code($agent), 4401, 'and then closes');

# a login that has ended ends its sockets, even when nobody said so
my $ben = $t->agent('ben');
$loop->until(10, 'the agent to be welcome', sub { $ben->{welcome} });
my ($login) = grep { $t->redis->hget($_, 'agent') eq 'ben' }
    $t->redis->keys('cd:{demo}:s:*');
$t->redis->del($login);
$loop->until(10, 'the close', sub { @{ $ben->{closes} } });
is($ben->{closes}[0], 4401, 'an agent whose login has gone is closed');
is_deeply($ana->{closes}, [], 'no other agent is');

# where a visitor was
my $bob = $t->visitor('Bob');
my $conv = $bob->start(name => 'Bob');
my $back = silent();
my $open = answer($back, hello(token => $bob->{token}));
is($open->{conv}, $conv, 'an open conversation is named');
$loop->until(10, 'its window', sub { @{ $back->{frames} } });
is($back->{frames}[0]{t}, 'window', 'and its window comes by itself');

my $stranger = answer(silent(), hello(token => $token, conv => $conv));
ok(!exists $stranger->{conv}, 'somebody else\'s is not');

$bob->end;
$bob->expect(t => 'phase', phase => 'closed');
$back = silent();
$open = answer($back, hello(token => $bob->{token}));
ok(!exists $open->{conv}, 'one that has ended is not');
$back = silent();
$open = answer($back, hello(token => $bob->{token}, conv => $conv));
is($open->{conv}, $conv, 'unless the client asks for it');
$loop->until(10, 'its window', sub { @{ $back->{frames} } });
is($back->{frames}[0]{feed}, $conv, 'then it may be read');

# a hello that comes with the handshake
my $quick = early(hello(token => $token));
is(agreed($quick), 'chatdesk.v1.hello', 'a hello comes with the handshake');
is(next_of($quick)->{who}, $welcome->{who}, 'and is answered with the 101');
is(answer($quick, hello())->{field}, 't', 'it is not said again');
my $bea = $t->visitor('Bea');
$conv = $bea->start(name => 'Bea');
$quick = early(hello(token => $bea->{token}));
is(next_of($quick)->{conv}, $conv, 'an open conversation is named then too');
is(next_of($quick)->{t}, 'window', 'and its window comes');
$quick = early('{"t":"ping"}');
is(next_of($quick)->{field}, 't', 'what is no hello is refused');
is(answer($quick, hello())->{t}, 'welcome', 'which ends nothing');
$quick = early(hello(), path => '/other/socket');
is(next_of($quick)->{code}, 'no_desk', 'a hello that is refused says why');
is(code($quick), 1013, 'and closes');
$quick = early(hello(ticket => 'A' x 43), path => '/desk/socket');
is(next_of($quick)->{code}, 'unauthorized', 'an agent needs a good ticket');
is(code($quick), 4401, 'or is closed');
$quick = early(hello(ticket => $ana->hello_proof->{ticket}),
    path => '/desk/socket');
is(next_of($quick)->{who}, 'ana', 'with which it is welcome');

# what is not taken is said later
for my $offer ('chatdesk.v1.hello', 'chatdesk.v1.hello, hello.',
    'chatdesk.v1.hello, hello.a*b', coded(hello()),
    'chatdesk.v1.hello, ' . coded(hello(page => "\x{e9}" x 4)),
    'chatdesk.v1.hello, ' . coded(hello(page => 'x' x 2000)))
{
    my $late = silent(protocol => "chatdesk.v1, $offer");
    my $what = substr $offer, 0, 30;

    is(agreed($late), 'chatdesk.v1', "not taken: $what");
    is(answer($late, hello())->{t}, 'welcome', 'said later it is');
}
my $log = read_file($t->stack->{dir} . '/access.log');
like($log, qr{GET /chatdesk/socket 101}, 'the log has the handshakes');
unlike($log, qr/hello\.|cv1\.|eyJ/, 'and nothing that was said in them');

# pages of other sites
my $foreign = silent(origin => 'https://evil.example');
is($foreign->{socket}{status}, 403, 'no page of another site gets in');
my $null = silent(origin => 'null');
is($null->{socket}{status}, 403, 'and none that hides where it is from');
my $own = silent(origin => 'http://127.0.0.1:' . $t->stack->port);
is(answer($own, hello())->{t}, 'welcome', 'the own pages do');

my @listed = (path => '/listed/socket');
is(answer(silent(@listed, origin => 'https://shop.example'), hello())->{t},
    'welcome', 'a page on the list does');
is(silent(@listed, origin => $t->stack->url)->{socket}{status}, 403,
    'the own pages do not unless they are on it');
is(silent(@listed, origin => "https://shop.example$_")->{socket}{status}, 403,
    "nor does one with $_ behind it") for '.evil', ':444', '/';
is(silent(headers => [ ('Origin: ' . $t->stack->url) x 2 ])
    ->{socket}{status}, 403, 'nor one that says it twice');
is(answer(silent(@listed), hello())->{t}, 'welcome',
    'what is no page needs to be on no list');

$_->{socket}->close for grep { !defined $_->{code} } @silent;

$t->finish;
