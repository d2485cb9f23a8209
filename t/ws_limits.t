#!/usr/bin/perl
#
# Time and queues of a WebSocket: heartbeat, dribbled messages, readers that
# stop, peers that do not answer a close.
#
# Limits are tens of milliseconds to a second here, so that each can be seen
# to be kept and not just to be long enough.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ChatDesk::Echo;
use ChatDesk::EchoClient;

my $echo = ChatDesk::Echo->new(locations => {
    '/beat' => 'chatdesk_echo_heartbeat 300ms;'
        . ' chatdesk_echo_heartbeat_timeout 300ms;',
    '/dribble' => 'chatdesk_echo_fragment_timeout 600ms;'
        . ' chatdesk_echo_heartbeat 60s;',
    '/stalled' => 'chatdesk_echo_send_timeout 700ms;'
        . ' chatdesk_echo_send_queue 100m; chatdesk_echo_max_message 16m;',
    '/slow' => 'chatdesk_echo_send_queue 64k;'
        . ' chatdesk_echo_send_timeout 60s; chatdesk_echo_close_timeout 60s;',
    '/close' => 'chatdesk_echo_close_timeout 2s;',
});


sub now {
    return ChatDesk::EchoClient::now();
}


sub between {
    my ($from, $least, $most, $name) = @_;
    my $took = now() - $from;

    ok($took >= $least && $took <= $most, $name)
        or diag(sprintf '%.3f s, not %.1f to %.1f', $took, $least, $most);
}


# -- heartbeat: silence is asked about, any byte is life

{
    my $from = now();
    my $client = $echo->client('/beat');

    is($client->next, 'ping:', 'a silent client is pinged');
    between($from, 0.25, 5, 'after the heartbeat');
    is($client->next, 'end', 'and cut when it stays silent');
    between($from, 0.5, 5, 'after the timeout');
}

for my $life ([ 'pong', sub { $_[0]->send(pong => '') } ],
              [ 'a text message', sub { $_[0]->send(text => '') } ],
              [ 'a ping of its own', sub { $_[0]->send(ping => '') } ],
              [ 'half a frame', sub { $_[0]->write("\x81") ;
                                      $_[0]->write("\x80\0\0\0\0") } ])
{
    my ($name, $show) = @$life;
    my $client = $echo->client('/beat');
    my $from = now();
    my $pings = 0;

    while (now() - $from < 1.5) {
        my $frame = $client->next;

        last if $frame eq 'end';
        next if $frame ne 'ping:';
        $pings++;
        $show->($client);
    }

    cmp_ok($pings, '>=', 2, "$name counts as life");
}


# -- a message must be finished in time, however busy the client looks

for my $way ([ 'one frame byte by byte', sub { "\x81\xfe\x40\x00\0\0\0\0" },
               sub { 'a' } ],
             [ 'tiny fragments', sub {
                 ChatDesk::EchoClient::frame(text => '', fin => 0) },
               sub { ChatDesk::EchoClient::frame(continuation => 'a',
                         fin => 0) } ],
             [ 'a message with pings in it', sub {
                 ChatDesk::EchoClient::frame(text => 'a', fin => 0) },
               sub { ChatDesk::EchoClient::frame(ping => '') } ],
             [ 'half a header', sub { "\x81" }, sub { '' } ])
{
    my ($name, $first, $more) = @$way;
    my $client = $echo->client('/dribble');
    my $from = now();
    my $said = '';

    $client->write($first->());

    while ($said !~ /^(?:close|end)/ && now() - $from < 10) {
        $client->write($more->());
        $said = eval { $client->next(0.05) } // '';
    }

    is($said, 'close:1008', "$name is closed with 1008");
    between($from, 0.5, 8, 'in time');
}

{
    my $client = $echo->client('/dribble');
    my $from = now();
    my $count = 0;

    # never at rest, but each message is done in time
    $client->write("\x81");
    while (now() - $from < 1.5) {
        $client->write("\x81\0\0\0\0x\x81");
        $count++ if $client->next eq 'text:x';
    }

    cmp_ok($count, '>', 10, 'a client that is always in a frame goes on');
}


# -- a reader that stops is cut by time although new output keeps coming

{
    my $client = $echo->client('/stalled', receive => 4096);
    my $much = ChatDesk::EchoClient::frame(binary => 'x' x (16 << 20),
        mask => "\0\0\0\0");
    my $little = ChatDesk::EchoClient::frame(binary => 'x');

    # more than the sockets' buffers hold, then a trickle
    $client->write($much);
    my $from = now();
    my $messages = 0;

    while ($client->write($little) && now() - $from < 20) {
        $messages++;
        select undef, undef, undef, 0.01;
    }

    between($from, 0.2, 10, 'a client that reads nothing is cut');
    like($echo->error_log, qr/client takes nothing in time/,
        'and the log says why');
    cmp_ok($messages, '>', 10, 'while it went on sending');
}

{
    my $client = $echo->client('/stalled', receive => 16384);
    my $size = 8 << 20;
    my $from = now();

    # what is read slowly, but read, takes longer than the timeout
    $client->send(binary => 'x' x $size, mask => "\0\0\0\0");
    my $got = 0;
    while ($got < $size && now() - $from < 60) {
        last if now() - $from > 1.5 && $got > 1 << 20;
        select undef, undef, undef, 0.02;
        $got += sysread($client->{socket}, my $bytes, 65536) // 0;
    }

    my $rest = $size - $got + 10;
    while ($rest > 0 && now() - $from < 60) {
        IO::Select->new($client->{socket})->can_read(0.5);
        $rest -= sysread($client->{socket}, my $bytes, $rest) // 0;
    }

    is($rest, 0, 'a slow reader that makes progress is left alone');
}


# -- a queue that is full closes with 1013 instead of growing

{
    my $client = $echo->client('/slow', receive => 65536);
    my $frame = ChatDesk::EchoClient::frame(binary => 'x' x 10_000,
        mask => "\0\0\0\0");
    my $offered = 0;
    my @frames;

    # until the log says that the bound was met
    my $from = now();
    while ($echo->error_log !~ /client reads too slowly/
           && now() - $from < 20)
    {
        $offered++ if $client->{out} eq '';
        IO::Select->new($client->{socket})->can_write(0.1)
            if $client->offer($client->{out} eq '' ? $frame : '') > 0;
    }

    while (!@frames || $frames[-1] !~ /^(?:close|end)/) {
        push @frames, $client->next;
    }

    is($frames[-1], 'close:1013', 'the last word is 1013');
    cmp_ok(scalar @frames, '>', 10, 'not before what goes has gone');
    is((grep { $_ ne 'binary:' . 'x' x 10_000 } @frames[0 .. $#frames - 1]),
        0, 'and every frame before it is whole');
    cmp_ok($offered, '>', @frames, 'what had not begun was dropped');
}

{
    my $client = $echo->client('/slow');
    my $big = 'x' x (1 << 20);

    $client->send(binary => $big, mask => "\0\0\0\0");
    ok($client->next eq "binary:$big",
        'a frame over the bound passes when nothing waits');
}

{
    my $client = $echo->client('/slow', receive => 65536);
    my $pings = ChatDesk::EchoClient::frame(ping => 'p' x 125) x 500;

    # pongs that nobody reads are left out and nothing closes
    $client->write($pings, 2) or last for 1 .. 100;
    my $other = $echo->client('/slow');
    $other->send(text => 'x');
    is($other->next, 'text:x', 'a flood of pings holds up nobody else');
    unlike($echo->error_log, qr/reads too slowly.*\n(?s:.*)reads too slowly/,
        'and does not count as a full queue');
}


# -- a peer that does not answer a close

{
    my $client = $echo->client('/close');

    $client->write(ChatDesk::EchoClient::frame(text => "\xff"));
    my $from = now();
    is($client->next, 'close:1007', 'an offence is answered,');
    is($client->next, 'end', 'the stream ended at once,');
    between($from, 0, 1.5, 'without waiting,');
    $echo->until(10, 'the server to give up', sub {
        !$client->write('more', 0) });
    between($from, 1.5, 8, 'and the rest is not read for long');
}


# -- a cable that is cut

{
    my $client = $echo->client('/echo');

    $client->close;
    $echo->until(5, 'the end to be seen', sub {
        $echo->error_log =~ /closed with 1006/ });
    pass('a connection without a close frame is reported as 1006');
}

$echo->finish;
