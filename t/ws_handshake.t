#!/usr/bin/perl
#
# The opening handshake: who is let in, and what the others are told.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ChatDesk::Echo;
use ChatDesk::EchoClient;

my $echo = ChatDesk::Echo->new(locations => {
    '/trickle' => 'limit_rate 100;', '/drip' => 'limit_rate 20;',
});
my $key = 'Sec-WebSocket-Key';
my $version = 'Sec-WebSocket-Version';


# The head of the answer to a handshake with these changes.

sub answer {
    my (%change) = @_;
    my $client = $echo->raw;

    $client->write(ChatDesk::EchoClient::handshake('/echo', %change));

    return $client->head;
}


sub status {
    my (%change) = @_;

    return answer(%change) =~ m{^HTTP/1\.1 (\d+)} ? $1 : 'none';
}


my $accept = ChatDesk::EchoClient::ACCEPT;
my $head = answer();

like($head, qr{^HTTP/1\.1 101 }, 'the handshake of the RFC is accepted');
like($head, qr/^Sec-WebSocket-Accept: \Q$accept\E\r$/m, 'with its answer');
like($head, qr/^Upgrade: websocket\r$/m, 'Upgrade');
like($head, qr/^Connection: upgrade\r$/mi, 'Connection');
unlike($head, qr/^(?:Sec-WebSocket-(?:Protocol|Extensions)
                    |Content-Length|Transfer-Encoding):/mix,
    'and nothing that was not agreed');

# changes, status
my @cases = (
    [ 'Connection with several tokens',
      [ Connection => 'keep-alive, Upgrade' ], 101 ],
    [ 'tokens in any case', [ Connection => 'UPGRADE',
      Upgrade => 'WebSocket' ], 101 ],
    [ 'Upgrade with several tokens', [ Upgrade => 'foo, websocket' ], 101 ],
    [ 'header names in any case', [ $key => undef,
      'sec-websocket-key' => ChatDesk::EchoClient::KEY ], 101 ],
    [ 'an extension that is not known',
      [ 'Sec-WebSocket-Extensions' => 'permessage-foo; x=1' ], 101 ],

    [ 'no Upgrade', [ Upgrade => undef ], 426 ],
    [ 'another Upgrade', [ Upgrade => 'h2c' ], 426 ],
    [ 'nearly websocket', [ Upgrade => 'websockets' ], 426 ],
    [ 'no version', [ $version => undef ], 426 ],
    [ 'version 8', [ $version => '8' ], 426 ],
    [ 'version 130', [ $version => '130' ], 426 ],
    [ 'two versions', [ $version => "13\r\n$version: 8" ], 426 ],
    [ 'HTTP/1.0', [ version => '1.0' ], 426 ],

    [ 'no Connection', [ Connection => undef ], 400 ],
    [ 'another Connection', [ Connection => 'keep-alive' ], 400 ],
    [ 'no key', [ $key => undef ], 400 ],
    [ 'empty key', [ $key => '' ], 400 ],
    [ 'key of 15 bytes', [ $key => 'AAAAAAAAAAAAAAAAAAAA' ], 400 ],
    [ 'key of 17 bytes', [ $key => 'AAAAAAAAAAAAAAAAAAAAAAA=' ], 400 ],
    [ 'key that is not base64', [ $key => '!!!!!!!!!!!!!!!!!!!!!!==' ],
      400 ],
    [ 'two keys', [ $key => ChatDesk::EchoClient::KEY . "\r\n$key: "
      . ChatDesk::EchoClient::KEY ], 400 ],
    [ 'POST', [ method => 'POST', 'Content-Length' => 0 ], 400 ],
    [ 'HEAD', [ method => 'HEAD' ], 400 ],
    [ 'a body', [ 'Content-Length' => 5 ], 400 ],
    [ 'a chunked body', [ 'Transfer-Encoding' => 'chunked' ], 400 ],
    [ 'no Host', [ Host => undef ], 400 ],
);

for my $case (@cases) {
    my ($name, $change, $expected) = @$case;

    is(status(@$change), $expected, "$name: $expected");
}

like(answer($version => '8'), qr/^Sec-WebSocket-Version: 13\r$/m,
    '426 names the version that is spoken');
like(answer(Upgrade => undef), qr/^Upgrade: websocket\r$/m,
    '426 names the protocol that is spoken');


# -- a request that was refused leaves the connection as it was

{
    my $client = $echo->raw;

    $client->write(ChatDesk::EchoClient::handshake('/echo',
        $version => '7'));
    like($client->head, qr/ 426 /, 'a wrong version is refused,');
    $client->write(ChatDesk::EchoClient::handshake('/echo'));
    like($client->head, qr/ 101 /, 'the right one on the same connection not');
    $client->send(text => 'hello');
    is($client->next, 'text:hello', 'and it works');
}


# -- frames behind the handshake, wherever the segment ends

my $frames = ChatDesk::EchoClient::frame(text => 'first')
    . ChatDesk::EchoClient::frame(ping => 'second');

for my $cut (0, 1, 2, 6, 8, length($frames) - 1, length $frames) {
    my $client = $echo->client('/echo', extra => substr $frames, 0, $cut);

    $client->write(substr $frames, $cut);
    is_deeply([ $client->next, $client->next ],
        [ 'text:first', 'pong:second' ],
        "$cut bytes in the segment of the handshake");
}

{
    my $text = 'x' x 700;
    my $client = $echo->client('/echo',
        extra => ChatDesk::EchoClient::frame(text => $text)
            . ChatDesk::EchoClient::frame(text => 'last'));

    is_deeply([ $client->next, $client->next ], [ "text:$text", 'text:last' ],
        'as many as fit beside the handshake');
}

{
    my $client = $echo->raw;

    # more headers than fit into the first buffer
    $client->write(ChatDesk::EchoClient::handshake('/echo',
        'X-Long' => 'x' x 3000)
        . ChatDesk::EchoClient::frame(text => 'hello'));
    like($client->head, qr/ 101 /, 'a long handshake');
    is($client->next, 'text:hello', 'and a frame behind it');
}

{
    my $client = $echo->raw;

    for my $byte (split //, ChatDesk::EchoClient::handshake('/echo')) {
        $client->write($byte);
    }
    like($client->head, qr/ 101 /, 'a handshake byte by byte');
}

# -- an answer that does not leave at once

{
    my $client = $echo->client('/trickle',
        extra => ChatDesk::EchoClient::frame(text => 'early'));

    is($client->next, 'text:early', 'an answer in small pieces');
}

{
    my $client = $echo->raw;

    # reset, not ended: nginx learns of it when it writes on
    $client->write(ChatDesk::EchoClient::handshake('/drip'));
    $echo->until(5, 'the first piece',
        sub { IO::Select->new($client->{socket})->can_read(0) });
    setsockopt $client->{socket}, Socket::SOL_SOCKET(), Socket::SO_LINGER(),
        pack('ii', 1, 0);
    $client->close;
    $echo->until(15, 'the end to be reported',
        sub { $echo->error_log =~ m{closed with 1006.*GET /drip} });
    is(scalar(() = $echo->error_log =~ m{closed with \d+.*GET /drip}g), 1,
        'a client that goes during the answer is reported once');
}

my $upgraded;
$echo->until(5, 'the access log', sub {
    $upgraded = () = ChatDesk::Config::read_file("$echo->{dir}/access.log")
        =~ / 101 /g;
    $upgraded >= 19;
});
is($upgraded, 19, 'every handshake is in the access log when it is done');

$echo->finish;
