#!/usr/bin/perl
#
# WebSockets while nginx reloads, quits, is told to hurry, and over TLS.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ChatDesk::Echo;
use ChatDesk::EchoClient;


sub frame {
    return ChatDesk::EchoClient::frame(@_);
}


# Waits until these workers of nginx (ids) have gone.

sub until_gone {
    my ($echo, @workers) = @_;
    my %old = map { $_ => 1 } @workers;

    $echo->until(10, 'the old worker to go',
        sub { !grep { $old{$_} } $echo->workers });
}


sub now {
    return ChatDesk::EchoClient::now();
}


for my $tls (0, 1) {
    my $name = $tls ? 'over TLS' : 'plain';

    SKIP: {
        skip 'IO::Socket::SSL is not installed', 1
            if $tls && !$ENV{CI} && !eval { require IO::Socket::SSL };

        my $echo = ChatDesk::Echo->new(tls => $tls, locations => {
            '/stubborn' => 'chatdesk_echo_close_timeout 700ms;',
        });

        traffic($echo, $name);
        reload($echo, $name);
        stubborn($echo, $name);
        $echo->check($name);
    }
}

hurry();
quit();
done_testing();


# -- messages of all sizes, both ways, many at once

sub traffic {
    my ($echo, $name) = @_;
    my $client = $echo->client('/echo', extra => frame(text => 'first'));

    is($client->next, 'text:first', "$name: a frame with the handshake");

    for my $size (0, 1, 125, 126, 16384, 65536, 1 << 20) {
        my $text = 'x' x $size;
        $client->send(text => $text, mask => "\0\0\0\0");
        ok($client->next eq "text:$text", "$name: $size bytes");
    }

    $client->write(join '', map { frame(text => "m$_") } 1 .. 500);
    is_deeply([ map { $client->next } 1 .. 500 ],
        [ map { "text:m$_" } 1 .. 500 ], "$name: 500 messages at once");

    $client->write($_) for split //, frame(text => 'dribble');
    is($client->next, 'text:dribble', "$name: byte by byte");

    $client->write(frame(text => 'x', rsv => 1) . 'more' x 10_000);
    is_deeply([ $client->rest ], ['close:1002'],
        "$name: the close frame comes through although input was unread");

    $client = $echo->client('/echo');
    $client->send(close => pack 'n', 1000);
    is_deeply([ $client->rest ], ['close:1000'], "$name: close");
}


# -- idle, busy and half-way sockets when nginx reloads

sub reload {
    my ($echo, $name) = @_;
    my @old = $echo->workers;
    my @idle = map { $echo->client('/echo') } 1 .. 30;
    my $half = $echo->client('/echo');
    my $waiting = $echo->raw;

    $half->write("\x81");
    $waiting->write('GET /ec');
    $_->send(text => 'x') for @idle;
    is((grep { $_->next eq 'text:x' } @idle), 30, "$name: 30 sockets");

    my $from = now();
    $echo->nginx->signal('HUP');
    is($idle[0]->next, 'close:1012', "$name: reload closes with 1012,");
    cmp_ok(now() - $from, '<', 3, "$name: promptly,");
    is((grep { $_->next eq 'close:1012' } @idle[1 .. 29], $half), 30,
        "$name: all of them,");
    $_->send(close => pack 'n', 1012) for @idle;
    is((grep { $_->next eq 'end' } @idle), 30,
        "$name: and ends when the answer has come");

    $half->close;
    $waiting->close;
    until_gone($echo, @old);
    pass("$name: the old worker has gone");

    my $client = $echo->client('/echo');
    $client->send(text => 'new');
    is($client->next, 'text:new', "$name: the new one serves");
}


# -- clients that do not answer the close do not hold the old worker

sub stubborn {
    my ($echo, $name) = @_;
    my @old = $echo->workers;
    my @clients = map { $echo->client('/stubborn') } 1 .. 3;
    my $stalled = $echo->client('/stubborn', receive => 4096);

    $stalled->send(binary => 'x' x (16 << 20), mask => "\0\0\0\0");
    $_->send(text => 'x') for @clients;
    $_->next for @clients;

    my $from = now();
    $echo->nginx->signal('HUP');
    until_gone($echo, @old);
    cmp_ok(now() - $from, '<', 8,
        "$name: the worker goes without their answer");
    is_deeply([ $clients[0]->rest ], ['close:1012'],
        "$name: they were told");
}


# -- worker_shutdown_timeout ends what would take longer

sub hurry {
    my $echo = ChatDesk::Echo->new(main => 'worker_shutdown_timeout 500ms;',
        locations => { '/patient' => 'chatdesk_echo_close_timeout 60s;' });
    my @old = $echo->workers;
    my $client = $echo->client('/patient');

    $client->send(text => 'x');
    $client->next;
    $echo->nginx->signal('HUP');
    is($client->next, 'close:1012', 'a patient location closes');
    until_gone($echo, @old);
    is($client->next, 'end', 'and is cut by worker_shutdown_timeout');
    $echo->check('shutdown timeout');
}


# -- nginx quits with sockets in every state

sub quit {
    my $echo = ChatDesk::Echo->new;
    my @clients = map { $echo->client('/echo') } 1 .. 4;

    $clients[1]->write("\x81");
    $clients[2]->send(text => "\xff");
    $clients[3]->close;
    $_->send(ping => '') for $clients[0];
    $clients[0]->next;

    $echo->nginx->signal('QUIT');
    is($clients[0]->next, 'close:1012', 'quit closes with 1012');
    is($clients[2]->next, 'close:1007', 'one was closed already');
    $clients[0]->send(close => pack 'n', 1012);
    $_->close for @clients[0 .. 2];
    $echo->check('quit');
}
