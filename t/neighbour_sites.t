#!/usr/bin/perl
#
# What nginx does around a socket, it does as around any location: access
# phases, limits, counting; and sites beside it notice nothing of reloads.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use HTTP::Tiny;
use IO::Select;
use IO::Socket::INET;
use MIME::Base64 qw(encode_base64);
use Test::More;

use ChatDesk::Config qw(write_file);
use ChatDesk::Stack;
use ChatDesk::Test;

# a site that never answers
my $silent = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0,
    Listen => 5) or die $!;
my $silent_port = $silent->sockport;

# what stands beside chatdesk_socket, by location
my %around = (
    open => '',
    denied => 'deny all;',
    basic => 'auth_basic chat; auth_basic_user_file users;',
    all => 'satisfy all; allow 127.0.0.1; deny all;
            auth_basic chat; auth_basic_user_file users;',
    any => 'satisfy any; allow 127.0.0.2; deny all;
            auth_basic chat; auth_basic_user_file users;',
    gated => 'auth_request /gate;',
    rare => 'limit_req zone=rare;',
    single => 'limit_conn single 1;',
);
my $locations = join "\n", map {
    "location = /$_ { chatdesk_socket visitor; $around{$_} }"
} sort keys %around;

my $t = ChatDesk::Test->new(
    http => 'limit_req_zone $server_name zone=rare:64k rate=1r/m;
        limit_conn_zone $server_name zone=single:64k;',
    server => "$locations
        location = /gate {
            internal;
            if (\$http_x_key = right) { return 204; }
            return 403;
        }
        location = /slow {
            limit_conn single 1;
            proxy_pass http://127.0.0.1:$silent_port;
        }
        location = /plain { return 200 'plain'; }
        location = /connections { stub_status; }");
my $stack = $t->stack;

write_file($stack->dir . '/users', "ana:{PLAIN}right\n", 0644);

my $http = HTTP::Tiny->new(timeout => 10, keep_alive => 0);


sub connection {
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $stack->port) || die $!;
}


# The status that a handshake gets; the connection is closed after it.

sub handshake {
    my ($name, @headers) = @_;
    my $socket = connection();
    my $answer = '';

    print {$socket} join "\r\n", "GET /$name HTTP/1.1", 'Host: localhost',
        'Upgrade: websocket', 'Connection: Upgrade',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Protocol: chatdesk.v1', @headers, '', '';
    $socket->flush;
    while ($answer !~ /\r\n\r\n/) {
        IO::Select->new($socket)->can_read(10) or last;
        sysread $socket, $answer, 4096, length $answer or last;
    }
    close $socket;

    return $answer =~ m{\AHTTP/1\.1 (\d+) } ? $1 : "no answer: $answer";
}


sub password {
    my ($word) = @_;

    return 'Authorization: Basic ' . encode_base64("ana:$word", '');
}


sub access {
    is(handshake('open'), 101, 'a socket opens');
    is(handshake('denied'), 403, 'deny');

    for my $name (qw(basic all any)) {
        is(handshake($name), 401, "$name: no password");
        is(handshake($name, password('wrong')), 401, "$name: a wrong one");
        is(handshake($name, password('right')), 101, "$name: the right one");
    }

    is(handshake('gated'), 403, 'auth_request refuses');
    is(handshake('gated', 'X-Key: right'), 101, 'auth_request allows');
}


sub limits {
    is(handshake('rare'), 101, 'limit_req: the first');
    is(handshake('rare'), 503, 'limit_req: too soon');

    my $slow = connection();
    print {$slow} "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n";
    $slow->flush;
    ok(IO::Select->new($silent)->can_read(10), 'a request is under way');
    my $held = $silent->accept;
    is(handshake('single'), 503, 'limit_conn: beside another request');
    close $slow;
    close $held;
    my $status = 0;
    eval {
        $t->until(10, 'room', sub {
            $status = handshake('single');
            $status eq '101';
        });
    };
    is($status, 101, 'limit_conn: when that has gone');
}


sub active {
    my $page = $http->get($stack->url . '/connections')->{content};

    return $page =~ /^Active connections: (\d+)/ ? $1 : -1;
}


sub counting {
    $t->until(10, 'connections to go', sub { active() == 1 });
    my @visitors = map { $t->visitor("Visitor $_") } 1 .. 3;

    $t->until(10, 'welcomes', sub { 3 == grep { $_->{welcome} } @visitors });
    is(active(), 4, 'stub_status counts sockets and the one who asks');
    $_->close for @visitors;
    eval { $t->until(10, 'connections to go', sub { active() == 1 }) };
    is(active(), 1, 'and that they have gone');
}


# Reloads with sockets open, while pages are asked for.

sub reloads {
    my @visitors = map { $t->visitor("Guest $_") } 1 .. 3;
    my (%status, $asked);

    $t->until(10, 'welcomes', sub { 3 == grep { $_->{welcome} } @visitors });
    for my $round (1 .. 3) {
        my %old = map { $_ => 1 } $stack->nginx_workers;
        $stack->reload_nginx;
        $t->until(20, 'the old nginx workers to go', sub {
            for my $path ('/plain', '/') {
                $status{ $http->get($stack->url . $path)->{status} }++;
                $asked++;
            }
            my @now = $stack->nginx_workers;
            return @now && !grep { $old{$_} } @now;
        });
        $t->until(20, 'the visitors to be back', sub {
            3 == grep { $_->{cuts} >= $round && $_->{welcome} } @visitors;
        });
    }
    is_deeply(\%status, { 200 => $asked },
        'every page asked for during three reloads was served');
    cmp_ok($asked, '>=', 6, 'and some were');
}


access();
limits();
counting();
reloads();

$t->finish;
