#!/usr/bin/perl
#
# permessage-deflate, RFC 7692, against the echo endpoint: what is agreed on,
# messages of all sizes under each set of parameters, what breaks the rules,
# and a message that would become enormous.  The public conformance suite has
# the same in its groups 12 and 13.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ChatDesk::Echo;
use ChatDesk::EchoClient;

use constant BOTH => 'permessage-deflate; server_no_context_takeover; '
    . 'client_no_context_takeover';

my $echo = ChatDesk::Echo->new(locations => {
    '/packed' => 'chatdesk_echo_deflate on;',
    '/packed64' => 'chatdesk_echo_deflate on;'
        . ' chatdesk_echo_max_message 65536;',
});


sub frame {
    return ChatDesk::EchoClient::frame(@_);
}


sub deflate {
    return ChatDesk::EchoClient::deflate(@_);
}


# What is answered to an offer; 'none', or a status.

sub agreed {
    my ($path, $offer) = @_;
    my $client = $echo->raw;

    $client->write(ChatDesk::EchoClient::handshake($path,
        'Sec-WebSocket-Extensions' => $offer));
    my $head = $client->head;

    return $1 if $head =~ m{^HTTP/1\.1 (\d+)} && $1 != 101;
    return $head =~ /^Sec-WebSocket-Extensions: (.*?)\r$/m ? $1 : 'none';
}


# -- what is agreed on

my $name = 'permessage-deflate';
my @offers = (
    [ $name, BOTH ],
    [ "$name; client_max_window_bits", BOTH ],
    [ "$name; client_max_window_bits=8", BOTH ],
    [ "$name; server_no_context_takeover", BOTH ],
    [ "$name; client_no_context_takeover", BOTH ],
    [ "$name; server_max_window_bits=15",
      BOTH . '; server_max_window_bits=15' ],
    [ "$name; server_max_window_bits=14",
      BOTH . '; server_max_window_bits=9' ],
    [ "$name; server_max_window_bits=9", BOTH . '; server_max_window_bits=9' ],
    [ "$name;server_max_window_bits=\"10\"",
      BOTH . '; server_max_window_bits=9' ],
    [ "$name; server_no_context_takeover; client_no_context_takeover; "
      . 'server_max_window_bits=12; client_max_window_bits=12',
      BOTH . '; server_max_window_bits=9' ],
    [ "x-other; a=b, $name", BOTH ],
    [ "$name; server_max_window_bits=8, $name", BOTH ],
    [ "$name; unknown, $name; server_max_window_bits=9, $name",
      BOTH . '; server_max_window_bits=9' ],
    [ "foo\r\nSec-WebSocket-Extensions: $name", BOTH ],

    # nothing that can be kept
    [ "$name; server_max_window_bits=8", 'none' ],
    [ "$name; server_max_window_bits", 'none' ],
    [ "$name; server_max_window_bits=16", 'none' ],
    [ "$name; server_max_window_bits=09", 'none' ],
    [ "$name; client_max_window_bits=7", 'none' ],
    [ "$name; server_no_context_takeover=1", 'none' ],
    [ "$name; client_no_context_takeover; client_no_context_takeover",
      'none' ],
    [ "$name; unknown=1", 'none' ],
    [ 'permessage-deflates', 'none' ],
    [ 'x-webkit-deflate-frame', 'none' ],

    # not such a header
    [ 'a b', 400 ], [ "$name;", 400 ], [ "$name; =1", 400 ],
    [ "$name; a=", 400 ], [ "$name; a=\"b", 400 ], [ "$name; a=\"b c\"", 400 ],
    [ '; a', 400 ], [ '(x)', 400 ],
);

is(agreed('/packed', $_->[0]), $_->[1], "$_->[0]: $_->[1]") for @offers;
is(agreed('/echo', $name), 'none', 'nothing where it is off');
is(agreed('/echo', 'a b'), 400, 'and still no nonsense');


# -- messages of all sizes, in the suite's order of magnitude, under each set
#    of parameters that can be asked for

my %kind = (
    text => join('', map { "line $_ of a text that repeats itself\n" }
                     1 .. 4000),
    binary => join('', map { pack 'N', $_ * 2654435761 & 0xffffffff }
                       1 .. 40000),
);
my @sizes = (0, 1, 16, 63, 64, 65, 125, 126, 256, 1024, 4096, 8192, 16384,
             32768, 65535, 65536, 131072);
my @sets = map { my $set = $_; map { "$set$_" } '',
                 map { "; server_max_window_bits=$_" } 9 .. 15 }
    map { "$name$_" } '', '; server_no_context_takeover',
    '; client_no_context_takeover', '; client_max_window_bits',
    '; server_no_context_takeover; client_no_context_takeover'
        . '; client_max_window_bits=9';

for my $offer (@sets) {
    my ($bits) = $offer =~ /server_max_window_bits=(\d+)/;
    my ($mine) = $offer =~ /client_max_window_bits=(\d+)/;
    my $client = $echo->client('/packed', offer => $offer, bits => $bits);
    my @wrong;

    for my $type (sort keys %kind) {
        for my $size (@sizes) {
            my $message = substr $kind{$type}, 0, $size;

            $client->send($type => deflate($message, $mine), rsv => 4,
                          mask => "\0\0\0\0");
            push @wrong, "$type $size"
                if $client->next(20) ne "$type:$message";
        }
    }

    is_deeply(\@wrong, [], "$offer: " . 2 * @sizes . ' messages');
    cmp_ok($client->{packed}, '>', 10, 'packed ones came back packed');
    cmp_ok($client->{packed_bytes}, '<', 500_000, 'and smaller');
}


# -- many messages, as whole ones, in fragments, and byte by byte

{
    my $client = $echo->client('/packed', offer => $name);
    my $text = substr $kind{text}, 0, 1000;
    my $packed = deflate($text);
    my $half = int length($packed) / 2;

    $client->write(frame(text => $packed, rsv => 4) x 1000);
    is_deeply([ map { $client->next } 1 .. 1000 ],
        [ ("text:$text") x 1000 ], '1,000 messages in one write');

    for my $pieces ([ $packed, '' ], [ '', $packed ],
                    [ substr($packed, 0, $half), substr($packed, $half) ],
                    [ split //, $packed ])
    {
        my @frames = map { frame($_ ? 'continuation' : 'text', $pieces->[$_],
                                 rsv => $_ ? 0 : 4, fin => $_ == $#$pieces) }
            0 .. $#$pieces;

        $client->write(join frame(ping => 'p'), @frames);
        is($client->next, 'pong:p', 'a ping in between') for 1 .. $#$pieces;
        is($client->next, "text:$text", @$pieces . ' fragments');
    }

    $client->write($_) for split //, frame(text => $packed, rsv => 4);
    is($client->next, "text:$text", 'byte by byte');

    $client->send(text => $text);
    is($client->next, "text:$text", 'one that is not packed, in between');
    $client->send(text => "\x00", rsv => 4);
    is($client->next, 'text:', 'the shortest way to say nothing');

    # section 7.2.3: no compression, a final block, two blocks
    for my $form ("\x00\x05\x00\xfa\xffHello\x00", "\xf2\x48\xcd\xc9\xc9\x07"
                  . "\x00", "\xf3\x48\xcd\xc9\xc9\x07\x00\x00",
                  "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00")
    {
        $client->send(text => $form, rsv => 4);
        is($client->next, 'text:Hello', 'Hello as ' . unpack 'H*', $form);
    }
}


# -- what breaks the rules

sub end_of {
    my ($path, @frames) = @_;
    my $client = $echo->client($path, offer => $name);

    $client->write(join '', @frames);

    return join ' ', $client->rest;
}

my $packed = deflate('hello');

is(end_of('/packed', frame(text => $packed, rsv => $_)), 'close:1002',
    "reserved bits $_") for 1, 2, 3, 5, 6, 7;
is(end_of('/packed', frame($_ => '', rsv => 4)), 'close:1002',
    "a packed $_") for qw(ping pong close);
is(end_of('/packed', frame(text => substr($packed, 0, 2), rsv => 4, fin => 0),
    frame(continuation => substr($packed, 2), rsv => 4)), 'close:1002',
    'the mark on a continuation');
is(end_of('/echo', frame(text => $packed, rsv => 4)), 'close:1002',
    'the mark where nothing was agreed on');
is(end_of('/packed', frame(text => "\xff\xff\xff", rsv => 4)), 'close:1002',
    'what deflate never wrote');
is(end_of('/packed', frame(binary => "\x07garbage", rsv => 4)), 'close:1002',
    'nor that');
is(end_of('/packed', frame(binary => substr(deflate('x' x 500 . 'y' x 500),
    0, 4), rsv => 4)), 'close:1002', 'a message that was cut');
is(end_of('/packed', frame(text => deflate("a\xff"), rsv => 4)),
    'close:1007', 'what is no UTF-8 when it is whole again');
is(end_of('/packed', frame(text => deflate("\xe2\x82"), rsv => 4)),
    'close:1007', 'half a character');


# -- bombs: 64 KB become at most as much as a message may be

{
    my ($worker) = $echo->workers;
    my $size = sub { ChatDesk::Config::read_file("/proc/$worker/status")
        =~ /^VmHWM:\s+(\d+)/m; $1 };
    my $bomb = deflate("\0" x (32 << 20));
    my $before = $size->();

    cmp_ok(length $bomb, '<', 65536, 'a bomb fits a message');
    is(end_of('/packed64', frame(binary => $bomb, rsv => 4)), 'close:1009',
        'and is closed with 1009') for 1 .. 20;
    cmp_ok($size->() - $before, '<', 20_000, 'it costs no memory');

    is(end_of('/packed64', frame(binary => deflate("\0" x 65537), rsv => 4)),
        'close:1009', 'a byte too many');
    my $client = $echo->client('/packed64', offer => $name);
    $client->send(binary => deflate("\0" x 65536), rsv => 4);
    ok($client->next eq 'binary:' . "\0" x 65536, 'as long as allowed');
}

$echo->finish;
