package ChatDesk::WebSocket;

# A WebSocket client that can do right, and wrong, on purpose.
#
# Purpose:    handshake, whole messages, and any bytes a test wants to send.
# Owner:      owns its socket; callbacks belong to whoever made it.
# Invariants: on_close is called once, whatever ended the connection, with
#             the close code (1006 when there was no close frame, 0 when the
#             handshake was refused; then {status} has the HTTP status).

use strict;
use warnings;

use Carp qw(croak);
use Digest::SHA qw(sha1_base64);
use Errno qw(EAGAIN EINPROGRESS EINTR);
use IO::Socket::INET;
use MIME::Base64 qw(encode_base64);
use Protocol::WebSocket::Frame;

use constant GUID => '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
use constant MOST_BYTES => 16 * 1024 * 1024;

my %opcode_name = (
    0 => 'continuation', 1 => 'text', 2 => 'binary', 8 => 'close',
    9 => 'ping', 10 => 'pong',
);


# loop, port, path; origin, protocol, headers (extra lines), hold (1: the
# caller sends the handshake), on_open, on_text(bytes), on_close(code, reason),
# on_ping(bytes) may be given.

sub new {
    my ($class, %arg) = @_;
    my $self = bless {
        host => '127.0.0.1', protocol => 'chatdesk.v1',
        %arg, in => '', out => '', state => 'connecting', pings => 0,
    }, $class;

    $self->{socket} = IO::Socket::INET->new(
        PeerAddr => $self->{host}, PeerPort => $self->{port},
        Proto => 'tcp', Blocking => 0,
    );

    if (!$self->{socket}) {
        $self->{loop}->after(0, sub { $self->_gone(1006, "connect: $!") });
        $self->{state} = 'failed';
        return $self;
    }

    $self->{frame} = Protocol::WebSocket::Frame->new(
        max_payload_size => MOST_BYTES, max_fragments_amount => 100_000);
    $self->{loop}->add($self->{socket},
        read => sub { $self->_readable }, write => sub { $self->_flush });
    $self->_queue($self->handshake) if !$self->{hold};

    return $self;
}


# The request of section 4.1 of RFC 6455.

sub handshake {
    my ($self) = @_;

    $self->{key} = encode_base64(
        join('', map { chr int rand 256 } 1 .. 16), '');

    return join "\r\n", "GET $self->{path} HTTP/1.1",
        "Host: $self->{host}:$self->{port}", 'Upgrade: websocket',
        'Connection: Upgrade', "Sec-WebSocket-Key: $self->{key}",
        'Sec-WebSocket-Version: 13',
        ($self->{protocol} ? "Sec-WebSocket-Protocol: $self->{protocol}"
                           : ()),
        ($self->{origin} ? "Origin: $self->{origin}" : ()),
        @{ $self->{headers} // [] }, '', '';
}


sub state {
    my ($self) = @_;

    return $self->{state};
}


sub send_text {
    my ($self, $bytes) = @_;

    $self->send_frame(text => $bytes);
}


# One frame; fin => 0 and rsv are for what must be refused.

sub send_frame {
    my ($self, $type, $bytes, %arg) = @_;

    $self->_queue(Protocol::WebSocket::Frame->new(
        type => $type, buffer => $bytes, masked => 1,
        max_payload_size => MOST_BYTES, %arg)->to_bytes);
}


# Bytes as they are, behind whatever is queued.

sub send_bytes {
    my ($self, $bytes) = @_;

    $self->_queue($bytes);
}


sub close {
    my ($self, $code, $reason) = @_;

    return if $self->{state} eq 'closed';
    $self->{closing} = 1;
    $self->send_frame(close => pack('n', $code // 1000) . ($reason // ''));
}


# As a cable that is cut: nothing is said.

sub drop {
    my ($self) = @_;

    $self->_gone(1006, 'dropped');
}


# Stops to read, as a process that stands still or a machine that has lost
# its network; go_on() reads again.

sub stand_still {
    my ($self) = @_;

    $self->{loop}->remove($self->{socket}) if $self->{socket};
}


sub go_on {
    my ($self) = @_;

    return if !$self->{socket};
    $self->{loop}->add($self->{socket},
        read => sub { $self->_readable }, write => sub { $self->_flush });
    $self->{loop}->want_write($self->{socket}, $self->{out} ne '');
}


sub _queue {
    my ($self, $bytes) = @_;

    return if !$self->{socket};
    $self->{out} .= $bytes;
    $self->{loop}->want_write($self->{socket}, 1);
}


sub _flush {
    my ($self) = @_;

    my $written = syswrite $self->{socket}, $self->{out};

    if (!defined $written) {
        return if $! == EAGAIN || $! == EINTR || $! == EINPROGRESS;
        return $self->_gone(1006, "write: $!");
    }

    substr($self->{out}, 0, $written) = '';
    $self->{loop}->want_write($self->{socket}, $self->{out} ne '');
}


sub _readable {
    my ($self) = @_;

    my $count = sysread $self->{socket}, my $bytes, 65536;

    if (!defined $count) {
        return if $! == EAGAIN || $! == EINTR;
        return $self->_gone(1006, "read: $!");
    }

    return $self->_gone($self->{peer_code} // 1006, 'end of stream')
        if $count == 0;

    if ($self->{state} eq 'connecting') {
        $self->{in} .= $bytes;
        $bytes = $self->_answer // return;
    }

    $self->{frame}->append($bytes);
    $self->_frames;
}


# Checks the answer to the handshake; returns what came behind it, or undef
# when it is not whole yet or was a refusal.

sub _answer {
    my ($self) = @_;

    $self->{in} =~ s/\A(.*?)\r\n\r\n//s or return undef;
    my $head = $1;

    ($self->{status}) = $head =~ m{\AHTTP/1\.1 (\d+)};
    $self->{answer} = $head;

    if (($self->{status} // 0) != 101) {
        $self->_gone(0, 'refused');
        return undef;
    }

    my $expected = sha1_base64($self->{key} . GUID) . '=';
    croak "wrong Sec-WebSocket-Accept: $head"
        if $head !~ /^Sec-WebSocket-Accept: \Q$expected\E\r?$/mi;

    $self->{state} = 'open';
    $self->{on_open}->() if $self->{on_open};

    return $self->{in};
}


sub _frames {
    my ($self) = @_;

    while (defined(my $bytes = $self->{frame}->next_bytes)) {
        my $name = $opcode_name{ $self->{frame}->opcode };

        if ($name eq 'text') {
            $self->{on_text}->($bytes) if $self->{on_text};

        } elsif ($name eq 'ping') {
            $self->{pings}++;
            $self->{on_ping}->($bytes) if $self->{on_ping};
            $self->send_frame(pong => $bytes) if !$self->{mute};

        } elsif ($name eq 'close') {
            $self->_closed_by_peer($bytes);
        }

        return if $self->{state} ne 'open';
    }
}


sub _closed_by_peer {
    my ($self, $bytes) = @_;

    $self->{peer_code} = length $bytes >= 2 ? unpack('n', $bytes) : 1005;
    $self->{peer_reason} = substr $bytes, 2 if length $bytes > 2;

    if (!$self->{closing}) {
        $self->{closing} = 1;
        $self->send_frame(close => substr $bytes, 0, 2);
    }
}


sub _gone {
    my ($self, $code, $reason) = @_;

    return if $self->{state} eq 'closed';
    $self->{state} = 'closed';

    if ($self->{socket}) {
        $self->{loop}->remove($self->{socket});
        CORE::close $self->{socket};
        delete $self->{socket};
    }

    $self->{on_close}->($code, $self->{peer_reason} // $reason)
        if $self->{on_close};
}

1;
