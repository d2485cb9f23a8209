package ChatDesk::Poll;

# Long-poll in the place of a ChatDesk::WebSocket (docs/protocol.md, 8).
#
# Purpose:    the same clients run over either transport.
# Owner:      owns its requests; the client says where it stands.
# Invariants: one request waits; frames are carried by one other at a time,
#             in order, and kept until it was answered.

use strict;
use warnings;

use JSON::PP ();
use Scalar::Util qw(weaken);

use ChatDesk::Http;

my $json = JSON::PP->new->utf8->canonical;


# As ChatDesk::WebSocket; and client.

sub new {
    my ($class, %arg) = @_;
    my $self = bless { %arg, state => 'open', frames => [], wanted => {},
                       asked => 0, answers => 0 }, $class;

    weaken($self->{client});
    $self->{start} = $arg{loop}->after(0, sub { $arg{on_open}->() });

    return $self;
}


sub state {
    my ($self) = @_;

    return $self->{state};
}


sub send_text {
    my ($self, $text) = @_;
    my $frame = $json->decode($text);
    my $type = delete $frame->{t};

    if ($type eq 'hello') {
        $self->{hello} = { device => $frame->{device} };
        return $self->_hold;
    }

    if ($type eq 'follow') {
        $self->{wanted}{ $frame->{feed} } = 1;
        $self->_stands($frame) if defined $frame->{n};
        return $self->_hold;
    }

    push @{ $self->{frames} }, { t => $type, %$frame };
    $self->_carry if !$self->{carrying};
}


# A window that brings nothing is not told: until news come, the client is
# where it was.

sub _stands {
    my ($self, $frame) = @_;

    $self->{on_text}->($json->encode({
        t => 'window', feed => $frame->{feed}, era => $frame->{era},
        head => $frame->{n}, reset => JSON::PP::false, frames => [] }));
}


# Where the client stands now.

sub _body {
    my ($self, %more) = @_;
    my $client = $self->{client};
    my %body = (hello => { %{ $self->{hello} } }, %more);

    $body{session} = $self->{session} if defined $self->{session};

    if ($client->isa('ChatDesk::Agent')) {
        $body{at} = [ map { { feed => $_, $client->resume($_) } }
            'inbox', sort keys %{ $self->{wanted} } ];
    } else {
        $body{hello} = { device => $self->{hello}{device},
                         %{ $client->hello_proof } };
    }

    return $json->encode(\%body);
}


sub _request {
    my ($self, $body, $done) = @_;

    return ChatDesk::Http->new(loop => $self->{loop}, port => $self->{port},
        path => $self->{path}, headers => $self->{headers}, body => $body,
        done => $done);
}


# Waits for news; a request that waits already is broken off.

sub _hold {
    my ($self) = @_;

    return if $self->{state} ne 'open';
    $self->{held}->drop if $self->{held};
    $self->{asked}++;
    $self->{held} = $self->_request(
        $self->_body(hold => JSON::PP::true), sub {
            delete $self->{held};
            $self->_take(@_) and !$self->{held} and $self->_hold;
        });
}


# Carries what is to be sent; frames that came meanwhile follow.

sub _carry {
    my ($self) = @_;
    my @frames = splice @{ $self->{frames} }, 0, 32;

    return if !@frames || $self->{state} ne 'open';
    my $start = grep { $_->{t} eq 'start' } @frames;
    $self->{carrying} = $self->_request($self->_body(frames => \@frames), sub {
        delete $self->{carrying};
        $self->_take(@_) or return;
        # its conversation is to be followed from now on
        $self->_hold if $start;
        $self->_carry;
    });
}


# One answer; 0 when it ended the connection.

sub _take {
    my ($self, $status, $header, $body) = @_;

    return 0 if $self->{state} ne 'open';

    if ($status != 200) {
        $self->{refused} = $body;
        $self->_closed($status == 401 ? 4401 : 1006);
        return 0;
    }

    my $answer = $json->decode($body);

    $self->{answers}++;
    $self->{session} = $answer->{session} if defined $answer->{session};
    $self->{on_text}->($json->encode($_)) for @{ $answer->{frames} };

    return 1;
}


sub _closed {
    my ($self, $code) = @_;

    return if $self->{state} eq 'closed';
    $self->{state} = 'closed';
    $self->{loop}->cancel(delete $self->{start});
    $_->drop for grep { defined } delete @$self{qw(held carrying)};
    $self->{on_close}->($code, '');
}


sub close {
    my ($self) = @_;

    $self->_closed(1000);
}


sub drop {
    my ($self) = @_;

    $self->_closed(1006);
}

1;
