#!/usr/bin/perl
#
# RFC 6455 against the echo endpoint, in the order of the public conformance
# suite: framing, pings, reserved bits, opcodes, fragmentation, UTF-8, close,
# sizes, and single bytes; then what that suite leaves out.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ChatDesk::Echo;
use ChatDesk::EchoClient;

my $echo = ChatDesk::Echo->new;


sub frame {
    return ChatDesk::EchoClient::frame(@_);
}


# What the endpoint says to these bytes until it ends the connection.

sub answers {
    my ($path, @pieces) = @_;
    my $client = $echo->client($path);

    $client->write($_) for @pieces;

    return join ' ', map { length > 40 ? substr($_, 0, 40) . '...' : $_ }
        $client->rest;
}


my $bye = frame(close => pack 'n', 1000);
my $e_acute = "\xc3\xa9";
my $kosme = "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5";

# name, what is sent (frames and arguments, or bytes), what comes back; a
# connection is always closed at the end, by the peer if not before
my @cases = (
    # 1, 9: messages of either kind
    [ 'text', frame(text => 'hello') . $bye, 'text:hello close:1000' ],
    [ 'empty text', frame(text => '') . $bye, 'text: close:1000' ],
    [ 'empty binary', frame(binary => '') . $bye, 'binary: close:1000' ],
    [ 'binary', frame(binary => "\xfe\xff") . $bye,
      "binary:\xfe\xff close:1000" ],

    # 2: pings and pongs
    [ 'ping', frame(ping => '') . $bye, 'pong: close:1000' ],
    [ 'ping with payload', frame(ping => 'abc') . $bye,
      'pong:abc close:1000' ],
    [ 'ping with bytes', frame(ping => "\x00\xff\xfe") . $bye,
      "pong:\x00\xff\xfe close:1000" ],
    [ 'ping too long', frame(ping => 'a' x 126), 'close:1002' ],
    [ 'pong nobody asked for', frame(pong => 'x') . frame(ping => 'y')
      . $bye, 'pong:y close:1000' ],
    [ 'ten pings', join('', map { frame(ping => $_) } 0 .. 9) . $bye,
      join(' ', map { "pong:$_" } 0 .. 9) . ' close:1000' ],

    # 3: reserved bits
    (map { [ "reserved bits $_",
             frame(text => 'a') . frame(text => 'b', rsv => $_),
             'text:a close:1002' ] } 1 .. 7),
    [ 'reserved bit of a ping', frame(ping => '', rsv => 4), 'close:1002' ],
    [ 'reserved bit of a close', frame(close => '', rsv => 1),
      'close:1002' ],

    # 4: opcodes
    (map { [ "opcode $_", frame(text => 'a') . frame($_ => 'b'),
             'text:a close:1002' ] } 3 .. 7, 11 .. 15),

    # 5: fragmentation
    [ 'fragments', frame(text => 'a', fin => 0)
      . frame(continuation => 'b', fin => 0) . frame(continuation => 'c')
      . $bye, 'text:abc close:1000' ],
    [ 'ping in fragments', frame(ping => 'a', fin => 0), 'close:1002' ],
    [ 'pong in fragments', frame(pong => 'a', fin => 0), 'close:1002' ],
    [ 'ping between fragments', frame(text => 'a', fin => 0)
      . frame(ping => 'p') . frame(continuation => 'b') . $bye,
      'pong:p text:ab close:1000' ],
    [ 'empty fragments', frame(text => '', fin => 0)
      . frame(continuation => '', fin => 0) . frame(continuation => '')
      . $bye, 'text: close:1000' ],
    [ 'continuation of nothing', frame(continuation => 'a'), 'close:1002' ],
    [ 'open continuation of nothing', frame(continuation => 'a', fin => 0),
      'close:1002' ],
    [ 'continuation after a whole message', frame(text => 'a')
      . frame(continuation => 'b'), 'text:a close:1002' ],
    [ 'text in a message', frame(text => 'a', fin => 0)
      . frame(text => 'b'), 'close:1002' ],
    [ 'close between fragments', frame(text => 'a', fin => 0) . $bye,
      'close:1000' ],

    # 6: UTF-8
    [ 'greek', frame(text => $kosme) . $bye, "text:$kosme close:1000" ],
    [ 'character cut by fragments', frame(text => "\xc3", fin => 0)
      . frame(continuation => "\xa9") . $bye, "text:$e_acute close:1000" ],
    (map { [ 'no UTF-8: ' . unpack('H*', $_), frame(text => $_),
             'close:1007' ] }
      "\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xc3", "\xe0\x80\xaf",
      "\xe2\x82", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\xaf",
      "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80",
      "\xfe", "\xff", "$kosme\xff", "a\xc3(b"),
    (map { [ 'UTF-8: ' . unpack('H*', $_), frame(text => $_) . $bye,
             "text:$_ close:1000" ] }
      "\x00", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
      "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbe", "\xef\xbf\xbf",
      "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"),
    [ 'any bytes in a binary message', frame(binary => "\xff\xc0") . $bye,
      "binary:\xff\xc0 close:1000" ],

    # 7: close
    [ 'close without a code', frame(close => ''), 'close:' ],
    [ 'close of one byte', frame(close => "\x03"), 'close:1002' ],
    [ 'close with a reason', frame(close => pack('n', 1000) . 'bye'),
      'close:1000' ],
    [ 'close with the longest reason',
      frame(close => pack('n', 1000) . 'r' x 123), 'close:1000' ],
    [ 'close too long', frame(close => pack('n', 1000) . 'r' x 124),
      'close:1002' ],
    [ 'close with a reason that is no text',
      frame(close => pack('n', 1000) . "\xff"), 'close:1007' ],
    [ 'nothing is answered after close', $bye . frame(text => 'late')
      . frame(ping => 'late'), 'close:1000' ],
    [ 'close twice', $bye . $bye, 'close:1000' ],
    (map { [ "close with $_", frame(close => pack 'n', $_), "close:$_" ] }
      1000 .. 1003, 1007 .. 1014, 3000, 3999, 4000, 4999),
    (map { [ "close with $_", frame(close => pack 'n', $_), 'close:1002' ] }
      0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000,
      65535),

    # beyond the suite
    [ 'unmasked text', frame(text => 'hello', mask => undef), 'close:1002' ],
    [ 'unmasked ping', frame(ping => '', mask => undef), 'close:1002' ],
    [ 'length longer than needed, 16 bits', frame(text => 'a', form => 16),
      'close:1002' ],
    [ 'length longer than needed, 64 bits',
      frame(binary => 'a' x 1000, form => 64), 'close:1002' ],
    [ 'top bit of the length',
      frame(binary => '', form => 64, length => 1 << 63), 'close:1002' ],
    [ 'mask of zeros', frame(text => 'a', mask => "\0\0\0\0") . $bye,
      'text:a close:1000' ],
);

for my $case (@cases) {
    my ($name, $bytes, $expected) = @$case;

    is(answers('/echo', $bytes), $expected, $name);
    is(answers('/echo', split //, $bytes), $expected,
        "$name, byte by byte") if length $bytes < 400;
}


# -- wrong UTF-8 is refused before the message has ended

{
    my $client = $echo->client('/echo');

    $client->write(substr frame(text => "ab\xff" . 'c' x 100), 0, 10);
    is($client->next, 'close:1007', 'wrong byte in the middle of a frame');

    $client = $echo->client('/echo');
    $client->send(text => "\xf4", fin => 0);
    $client->send(continuation => "\x90", fin => 0);
    is($client->next, 'close:1007', 'wrong byte in an open message');
}


# -- sizes, whole, in fragments, and in small writes

for my $type (qw(text binary)) {
    for my $size (125, 126, 127, 128, 65535, 65536, 65537, 1 << 20,
                  16 << 20)
    {
        my $client = $echo->client('/echo');
        my $payload = 'x' x $size;

        # a mask of zeros keeps this test, not nginx, from being slow
        $client->send($type => $payload, mask => "\0\0\0\0");
        ok($client->next(30) eq "$type:$payload", "$type of $size bytes");
    }
}

for my $size (64, 1024, 65536) {
    my $client = $echo->client('/echo');
    my $count = (4 << 20) / $size;
    my $payload = 'y' x $size;

    $count = 1000 if $count > 1000;
    $client->write(join '',
        map { frame($_ ? 'continuation' : 'binary', $payload,
                    fin => $_ == $count - 1, mask => "\0\0\0\0") }
        0 .. $count - 1);
    ok($client->next(30) eq 'binary:' . $payload x $count,
        "$count fragments of $size bytes");
}

{
    my $client = $echo->client('/echo');
    my $bytes = frame(text => 'z' x 65536);

    while ($bytes ne '') {
        $client->write(substr $bytes, 0, 997, '');
    }

    ok($client->next eq 'text:' . 'z' x 65536, '64 KB in writes of 997');
}

{
    my $client = $echo->client('/echo');

    $client->write(join '', map { frame(text => "m$_") } 1 .. 2000);
    is_deeply([ map { $client->next } 1 .. 2000 ],
        [ map { "text:m$_" } 1 .. 2000 ], '2000 messages in one write');
}


# -- caps of size and number

is(answers('/limited', frame(text => 'a' x 65536) . $bye),
    'text:' . 'a' x 35 . '... close:1000', 'a message as long as allowed');
is(answers('/limited', frame(text => '', length => 65537)), 'close:1009',
    'a longer one is refused by its header');
is(answers('/limited', frame(binary => '', length => 1 << 40)),
    'close:1009', 'a terabyte as well');
is(answers('/limited', frame(text => 'a' x 40000, fin => 0)
    . frame(continuation => '', length => 25537)), 'close:1009',
    'the sum of fragments counts');
is(answers('/limited', frame(text => 'a', fin => 0)
    . frame(continuation => 'a', fin => 0) x 126
    . frame(continuation => 'a') . $bye),
    'text:' . 'a' x 35 . '... close:1000', '128 fragments');
is(answers('/limited', frame(text => 'a', fin => 0)
    . frame(continuation => '', fin => 0) x 127
    . frame(continuation => '')), 'close:1009', '129 fragments');


# -- an announced length costs no memory

sub memory_kb {
    my ($pid) = @_;
    my ($kb) = ChatDesk::Config::read_file("/proc/$pid/status")
        =~ /^VmSize:\s+(\d+)/m;

    return $kb;
}

{
    my ($worker) = $echo->workers;
    my $before = memory_kb($worker);
    my @clients = map { $echo->client('/echo') } 1 .. 50;

    for my $client (@clients) {
        $client->write(frame(binary => '', length => 30 << 20) . 'x');
    }

    # when a client that came later has its answer, those before were read
    my $last = $echo->client('/echo');
    $last->send(ping => 'x');
    is($last->next, 'pong:x', 'the others are served');
    cmp_ok(memory_kb($worker) - $before, '<', 100_000,
        '50 announcements of 30 MB cost no memory');
}

$echo->finish;
