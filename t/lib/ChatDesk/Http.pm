package ChatDesk::Http;

# One HTTP/1.1 request on the loop.
#
# Purpose:    many requests may wait at the same time, as long-polls do.
# Owner:      owns its connection, which carries this request alone.
# Invariants: `done` is called once: with status, headers (lower case) and
#             body, or with status 0 when no whole answer has come; never
#             after drop().

use strict;
use warnings;

use Carp qw(croak);
use IO::Socket::INET;


# loop, port, path, done; method (POST), headers (a hash) and body.

sub new {
    my ($class, %arg) = @_;
    my $socket = IO::Socket::INET->new(
        PeerAddr => '127.0.0.1', PeerPort => $arg{port});
    my $self = bless { in => '', %arg, socket => $socket }, $class;

    if (!$socket) {
        $self->{timer} = $arg{loop}->after(0, sub { $self->_end(0) });
        return $self;
    }

    $socket->autoflush(1);
    $socket->blocking(0);
    $arg{loop}->add($socket, read => sub { $self->_read },
                    write => sub { });
    syswrite $socket, $self->_text;

    return $self;
}


sub _text {
    my ($self) = @_;
    my $body = $self->{body} // '';
    my %header = (Host => "127.0.0.1:$self->{port}", Connection => 'close',
        'Content-Type' => 'application/json',
        'Content-Length' => length $body, %{ $self->{headers} // {} });

    return join "\r\n", ($self->{method} // 'POST') . " $self->{path} HTTP/1.1",
        (map { defined $header{$_} ? "$_: $header{$_}" : () }
            sort keys %header), '', $body;
}


sub _read {
    my ($self) = @_;
    my $count = sysread $self->{socket}, $self->{in}, 65536,
        length $self->{in};

    return if !defined $count && $!{EAGAIN};
    return if $count;

    my ($head, $body) = split /\r\n\r\n/, $self->{in}, 2;
    my ($line, @lines) = split /\r\n/, $head // '';
    my %header = map { /^([^:]+):\s*(.*)/ ? (lc $1 => $2) : () } @lines;
    my ($status) = ($line // '') =~ m{^HTTP/1\.1 (\d+)};

    return $self->_end(0) if !$status || !defined $body
        || length $body != ($header{'content-length'} // length $body);
    $self->_end($status, \%header, $body);
}


sub _end {
    my ($self, @answer) = @_;
    my $done = delete $self->{done};

    $self->drop;
    $done->(@answer) if $done;
}


# Breaks the request off.

sub drop {
    my ($self) = @_;

    delete $self->{done};
    $self->{loop}->cancel(delete $self->{timer});
    my $socket = delete $self->{socket} or return;
    $self->{loop}->remove($socket);
    close $socket;
}

1;
