package ChatDesk::EchoClient;

# A WebSocket client that writes frames byte by byte, right or wrong.
#
# Purpose:    what ChatDesk::WebSocket is too well-behaved for.
# Owner:      owns its socket.
# Invariants: each read waits at most so many seconds and then dies; nothing
#             is checked or answered unless the test says so.

use strict;
use warnings;

use Carp qw(croak);
use Compress::Raw::Zlib;
use Errno qw(EAGAIN EINTR);
use IO::Select;
use IO::Socket::INET;
use Socket qw(IPPROTO_TCP SO_RCVBUF SOL_SOCKET TCP_NODELAY);
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

use constant KEY => 'dGhlIHNhbXBsZSBub25jZQ==';
use constant ACCEPT => 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

my %number = (continuation => 0, text => 1, binary => 2, close => 8,
              ping => 9, pong => 10);


# port, path; tls (1), extra (bytes in the segment of the handshake),
# receive (size of the receive buffer), connect_only (1), offer (value of
# Sec-WebSocket-Extensions), headers (as handshake() takes them).

sub new {
    my ($class, %arg) = @_;
    my $self = bless { %arg, in => '', out => '' }, $class;

    $self->{socket} = $self->_connect;
    return $self if $self->{connect_only};

    $self->write(handshake($self->{path},
        'Sec-WebSocket-Extensions' => $self->{offer},
        %{ $self->{headers} // {} })
        . ($self->{extra} // ''));
    my $head = $self->head;
    croak "not upgraded: $head" if $head !~ m{^HTTP/1\.1 101 };
    $self->{answer} = $head;
    $self->{deflate} = $head =~ /^Sec-WebSocket-Extensions: *permessage-d/mi;

    return $self;
}


sub _connect {
    my ($self) = @_;
    my $socket = IO::Socket::INET->new(
        Proto => 'tcp', PeerAddr => '127.0.0.1', PeerPort => $self->{port},
        $self->{receive}
            ? (Sockopts => [ [ SO_RCVBUF, $self->{receive} ] ]) : ())
        or croak "connect: $!";

    setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1;

    if ($self->{tls}) {
        require IO::Socket::SSL;
        IO::Socket::SSL->start_SSL($socket, SSL_verify_mode => 0)
            or croak "TLS: $IO::Socket::SSL::SSL_ERROR";
    }

    $socket->blocking(0);

    return $socket;
}


# The request of section 1.3 of RFC 6455; a header given with undef is left
# out, one with a value is added or replaced.

sub handshake {
    my ($path, %change) = @_;
    my %header = (
        'Host' => 'localhost', 'Upgrade' => 'websocket',
        'Connection' => 'Upgrade', 'Sec-WebSocket-Key' => KEY,
        'Sec-WebSocket-Version' => '13',
    );
    my $method = delete $change{method} // 'GET';
    my $version = delete $change{version} // '1.1';

    %header = (%header, %change);

    return join "\r\n", "$method $path HTTP/$version",
        (map { "$_: $header{$_}" } grep { defined $header{$_} }
            sort keys %header), '', '';
}


# A frame: type (name or number), payload; fin (1), rsv (0), mask (4 bytes,
# undef: unmasked), length (what the header says), form (7, 16 or 64 bits).

sub frame {
    my ($type, $payload, %arg) = @_;
    $payload = "$payload";      # or ^ below would be that of numbers
    my $mask = exists $arg{mask} ? $arg{mask} : "\x37\xfa\x21\x3d";
    my $len = $arg{length} // length $payload;
    my $form = $arg{form} // ($len < 126 ? 7 : $len < 65536 ? 16 : 64);
    my $bit = defined $mask ? 0x80 : 0;

    my $head = pack 'C',
        (($arg{fin} // 1) << 7) | (($arg{rsv} // 0) << 4)
        | ($number{$type} // $type);

    $head .= $form == 7 ? pack 'C', $bit | $len
        : $form == 16 ? pack 'C n', $bit | 126, $len
        : pack 'C Q>', $bit | 127, $len;

    return $head . $payload if !defined $mask;

    return $head . $mask
        . ($payload ^ substr $mask x (length($payload) / 4 + 1), 0,
           length $payload);
}


# A message as RFC 7692, section 7.2.1, has it, with a window of 2^bits bytes.

sub deflate {
    my ($payload, $bits) = @_;
    my ($stream) = Compress::Raw::Zlib::Deflate->new(
        -WindowBits => -($bits // 15), -AppendOutput => 1);
    my $out = '';

    $stream->deflate($payload, $out);
    $stream->flush($out, Z_SYNC_FLUSH);

    return substr $out, 0, -4;
}


# A message that was packed, with a window of 2^bits bytes; undef: it cannot
# be read.

sub inflate {
    my ($payload, $bits) = @_;
    my ($stream) = Compress::Raw::Zlib::Inflate->new(
        -WindowBits => -($bits // 15), -ConsumeInput => 1);
    my $in = "$payload\x00\x00\xff\xff";
    my $out = '';
    my $status = $stream->inflate($in, $out);

    return $status == Z_OK || $status == Z_BUF_ERROR ? $out : undef;
}


sub send {
    my ($self, @frame) = @_;

    return $self->write(frame(@frame));
}


# Writes all of it within so many seconds (10); 0 when the peer has gone or
# takes no more.

sub write {
    my ($self, $bytes, $seconds) = @_;
    my $deadline = now() + ($seconds // 10);

    local $SIG{PIPE} = 'IGNORE';

    while ($bytes ne '') {
        my $count = syswrite $self->{socket}, $bytes, 65536;

        if ($count) {
            substr($bytes, 0, $count) = '';
            next;
        }

        return 0 if !defined $count && $! != EAGAIN && $! != EINTR;
        return 0 if now() > $deadline;
        IO::Select->new($self->{socket})->can_write(0.05);
    }

    return 1;
}


# Writes as much as goes without waiting; what is left goes first next time.
# Returns how many bytes are left.

sub offer {
    my ($self, $bytes) = @_;

    local $SIG{PIPE} = 'IGNORE';

    $self->{out} .= $bytes;
    my $count = syswrite $self->{socket}, $self->{out};
    substr($self->{out}, 0, $count // 0) = '';

    return length $self->{out};
}


sub now {
    return clock_gettime(CLOCK_MONOTONIC);
}


# Reads what there is; 0 at the end of the stream.

sub _more {
    my ($self, $deadline) = @_;

    for ( ;; ) {
        my $count = sysread $self->{socket}, $self->{in}, 1 << 20,
            length $self->{in};

        return 1 if $count;
        return 0 if defined $count || ($! != EAGAIN && $! != EINTR);
        croak 'nothing came in time' if now() > $deadline;
        IO::Select->new($self->{socket})->can_read(0.05);
    }
}


# The head of an HTTP answer.

sub head {
    my ($self, $seconds) = @_;
    my $deadline = now() + ($seconds // 10);

    for ( ;; ) {
        return $1 if $self->{in} =~ s/\A(.*?\r\n\r\n)//s;
        $self->_more($deadline) or croak "cut off: $self->{in}";
    }
}


# What comes after it, up to the end of the connection.

sub body {
    my ($self, $seconds) = @_;
    my $deadline = now() + ($seconds // 10);

    1 while $self->_more($deadline);

    return delete $self->{in};
}


# The next frame as "name:payload", a close frame as "close:code"; "end" when
# the connection ended.

sub next {
    my ($self, $seconds) = @_;
    my $deadline = now() + ($seconds // 10);

    for ( ;; ) {
        my $frame = $self->_take;

        return $frame if defined $frame;
        return 'end' if !$self->_more($deadline);
    }
}


sub _take {
    my ($self) = @_;
    my ($first, $len) = unpack 'C C', $self->{in};
    my $at = 2;

    return undef if !defined $len;
    croak 'the server masked a frame' if $len & 0x80;
    croak 'the server used a reserved bit'
        if $first & ($self->{deflate} ? 0x30 : 0x70);

    if ($len >= 126) {
        $at = $len == 126 ? 4 : 10;
        return undef if length $self->{in} < $at;
        $len = unpack $len == 126 ? 'n' : 'Q>', substr $self->{in}, 2;
    }

    return undef if length $self->{in} < $at + $len;

    my $payload = substr $self->{in}, $at, $len;
    substr($self->{in}, 0, $at + $len) = '';

    if ($first & 0x40) {
        $self->{packed}++;
        $self->{packed_bytes} += length $payload;
        $payload = inflate($payload, $self->{bits})
            // croak 'the server packed what nobody can read';
    }

    my %name = reverse %number;
    my $name = $name{ $first & 0x0f };

    return 'close:' . ($len >= 2 ? unpack 'n', $payload : '')
        if $name eq 'close';
    return "$name:$payload";
}


# All that comes until the end of the stream, pings left out.

sub rest {
    my ($self, $seconds) = @_;
    my @frames;

    for ( ;; ) {
        my $frame = $self->next($seconds);

        return @frames if $frame eq 'end';
        push @frames, $frame if $frame !~ /^ping:/;
    }
}


sub close {
    my ($self) = @_;

    CORE::close(delete $self->{socket});
}

1;
