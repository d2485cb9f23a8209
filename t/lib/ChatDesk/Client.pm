package ChatDesk::Client;

# A client of docs/protocol.md: one device of a visitor or an agent.
#
# Purpose:    hello, feeds with resume, an outbox that survives reconnects;
#             what a real client must do, and nothing that only a test could.
# Owner:      owns its socket; the ledger (ChatDesk::Ledger) is shared by
#             all clients of a test and writes down what they saw.
# Invariants: a message stays in the outbox until its ack has come; a frame at
#             or below a feed's number is dropped; a hole makes the client
#             follow again.

use strict;
use warnings;

use Carp qw(croak);
use JSON::PP ();
use MIME::Base64 qw(encode_base64url);

use ChatDesk::Poll;
use ChatDesk::WebSocket;

use constant FIRST_BACKOFF => 0.1;
use constant LAST_BACKOFF => 2;

my $json = JSON::PP->new->utf8->canonical;

# frames that belong to no feed
my %is_answer = map { $_ => 1 } qw(welcome window ack error pong flow);


sub random_id {
    return substr encode_base64url(
        join('', map { chr int rand 256 } 1 .. 16)), 0, 22;
}


# loop, port; path, ledger, device, token, name, poll (1: by long-poll) and
# reconnect (default 1) may be given.  Connects at once.

sub new {
    my ($class, %arg) = @_;
    my $self = bless {
        reconnect => 1, device => random_id(), name => 'somebody', %arg,
        feeds => {}, outbox => {}, next_k => {}, seen => [], wanted => {},
        last_id => 0, backoff => FIRST_BACKOFF, closes => [], cuts => 0,
        resets => 0,
    }, $class;

    $self->connect if !$arg{later};

    return $self;
}


# ---------------------------------------------------------------- connection

sub connect {
    my ($self) = @_;

    $self->{loop}->cancel(delete $self->{retry_timer});
    delete $self->{welcome};
    my $proof = $self->hello_proof;
    return $self->_retry if !$proof;

    # a frame of an earlier connection must not reach the later one
    my $generation = ++$self->{generation};

    my $transport = $self->{poll} ? 'ChatDesk::Poll' : 'ChatDesk::WebSocket';

    $self->{socket} = $transport->new(
        loop => $self->{loop}, port => $self->{port}, path => $self->{path},
        client => $self, origin => $self->{origin}, headers => $self->{headers},
        on_open => sub {
            $self->send({ t => 'hello', device => $self->{device}, %$proof });
        },
        on_text => sub {
            $self->_text($_[0]) if $generation == $self->{generation};
        },
        on_close => sub {
            $self->_closed(@_) if $generation == $self->{generation};
        },
    );
}


# Closes in good order and stays closed.

sub close {
    my ($self) = @_;

    $self->{reconnect} = 0;
    $self->{loop}->cancel(delete $self->{retry_timer});
    $self->{socket}->close if $self->{socket};
}


# Cuts the connection; stays away until connect() when `stay` is set.

sub drop {
    my ($self, $stay) = @_;

    $self->{away} = $stay;
    $self->{socket}->drop if $self->{socket};
}


sub _closed {
    my ($self, $code, $reason) = @_;

    push @{ $self->{closes} }, $code;
    $self->{cuts}++;
    delete $self->{socket};
    delete $self->{welcome};

    return if !$self->{reconnect} || $self->{away};
    return if $code == 1008 || $code == 4401;

    $self->{backoff} = 0.01 if $code == 1012;
    $self->_retry;
}


sub _retry {
    my ($self) = @_;

    $self->{retry_timer} = $self->{loop}->after(
        $self->{backoff} * (0.5 + rand 0.5), sub { $self->connect });
    $self->{backoff} = $self->{backoff} * 2 < LAST_BACKOFF
        ? $self->{backoff} * 2 : LAST_BACKOFF;
    $self->{backoff} = FIRST_BACKOFF if $self->{backoff} < FIRST_BACKOFF;
}


sub in_step {
    my ($self) = @_;

    return defined $self->{welcome}
        && !grep { !$_->{live} } values %{ $self->{feeds} };
}


# -------------------------------------------------------------------- sending

sub send {
    my ($self, $frame) = @_;

    $self->{socket}->send_text($json->encode($frame)) if $self->{socket};
}


# A request with an id of its own; returns the id.

sub request {
    my ($self, $type, %field) = @_;

    my $id = 'r' . ++$self->{last_id};
    $self->send({ t => $type, id => $id, %field });

    return $id;
}


# A message; goes out now, or when the client is connected again.  Returns
# the counter.  private, choices (a list) and picks may be given; `becomes`:
# the text that everybody is to get.

sub say {
    my ($self, $conv, $text, %arg) = @_;
    my $k = ++$self->{next_k}{$conv};
    my %message = (t => 'send', conv => $conv, k => $k, text => $text);

    $message{private} = JSON::PP::true if $arg{private};
    $message{$_} = $arg{$_} for grep { defined $arg{$_} } qw(choices picks);
    push @{ $self->{outbox}{$conv} }, \%message;
    $self->{ledger}->sent($self, { %message, text => $arg{becomes} // $text })
        if $self->{ledger};
    $self->send(\%message) if $self->{welcome} && !$self->{stalled}{$conv};

    return $k;
}


sub typing {
    my ($self, $conv, $on) = @_;

    $self->send({ t => 'typing', conv => $conv,
                  on => $on ? JSON::PP::true : JSON::PP::false });
}


sub mark {
    my ($self, $conv, $got, $read, $n) = @_;

    $self->send({ t => 'mark', conv => $conv, got => $got + 0,
                  read => $read + 0, (defined $n ? (n => $n + 0) : ()) });
}


sub follow {
    my ($self, $name) = @_;
    my $feed = $self->feed($name);

    $feed->{live} = 0;
    $self->{wanted}{$name} = 1;
    $self->send({ t => 'follow', feed => $name, $self->resume($name) })
        if $self->{welcome};
}


# Where the client stands in a feed, as `hello` and `follow` say it.

sub resume {
    my ($self, $name) = @_;
    my $feed = $self->{feeds}{$name};

    return if !$feed || !defined $feed->{n};
    return (era => $feed->{era}, n => $feed->{n},
            (defined $feed->{mid} ? (mid => $feed->{mid}) : ()));
}


sub unsent {
    my ($self) = @_;

    return map { @$_ } values %{ $self->{outbox} };
}


sub _resend {
    my ($self, $conv) = @_;

    delete $self->{stalled}{$conv};
    return if !$self->{welcome};
    $self->send($_) for @{ $self->{outbox}{$conv} // [] };
}


# The oldest message gets this counter, the others follow.

sub _renumber {
    my ($self, $conv, $k) = @_;

    $_->{k} = $k++ for @{ $self->{outbox}{$conv} };
    $self->{next_k}{$conv} = $k - 1;
}


# ------------------------------------------------------------------ receiving

sub feed {
    my ($self, $name) = @_;

    return $self->{feeds}{$name} //= { messages => [], registers => {} };
}


sub _text {
    my ($self, $bytes) = @_;
    my $frame = $json->decode($bytes);
    my $type = $frame->{t};

    push @{ $self->{seen} }, $frame;
    $self->{heard} = $self->{loop}->now;

    return $self->_feed_frame($frame, 1) if !$is_answer{$type};

    my $handler = $self->can("_on_$type");
    $self->$handler($frame) if $handler;
}


sub _on_welcome {
    my ($self, $frame) = @_;

    $self->{welcome} = $frame;
    $self->{backoff} = FIRST_BACKOFF;
    $self->{token} = $frame->{token} if defined $frame->{token};
    $self->{who} = $frame->{who};
    $self->after_welcome($frame);
    $self->_resend($_) for keys %{ $self->{outbox} };
}


sub _on_window {
    my ($self, $frame) = @_;
    my $name = $frame->{feed};
    my $feed = $self->feed($name);

    if ($frame->{reset}) {
        $self->{resets}++ if defined $feed->{n} && $name ne 'inbox';
        $self->{ledger}->anew($self, $name, $frame) if $self->{ledger};
        %$feed = (messages => [], registers => {});
    }

    $feed->{era} = $frame->{era};
    $self->_feed_frame({ %$_, feed => $name }, 0)
        for @{ $frame->{frames} };

    $feed->{n} = $frame->{head}
        if !defined $feed->{n} || $frame->{head} > $feed->{n};
    $feed->{live} = 1;
}


sub _on_ack {
    my ($self, $frame) = @_;

    return if !defined $frame->{k};
    $self->{ledger}->acked($self, $frame) if $self->{ledger};
    $self->_settled($frame->{conv}, $frame->{k});
}


sub _settled {
    my ($self, $conv, $k) = @_;
    my $box = $self->{outbox}{$conv} or return;

    @$box = grep { $_->{k} != $k } @$box;
}


sub _on_error {
    my ($self, $frame) = @_;
    my ($conv, $k, $code) = @$frame{qw(conv k code)};

    return if !defined $k || !defined $conv;

    if ($code eq 'gap') {
        my $oldest = $self->{outbox}{$conv}[0];

        # behind a message that waits, the rest is refused: it waits too
        return if !$oldest || $self->{stalled}{$conv};
        $self->_renumber($conv, $frame->{expected})
            if $frame->{expected} < $oldest->{k};
        return $self->_stall($conv, 20);
    }

    return $self->_stall($conv, $frame->{retry_after} // 500)
        if $code =~ /^(?:busy|unavailable|rate_limited)$/;

    # final: the counter was not used, the next message takes it
    my $box = $self->{outbox}{$conv} // [];
    my ($refused) = grep { $_->{k} == $k } @$box or return;

    @$box = grep { $_ != $refused } @$box;
    $self->{ledger}->refused($self, $refused, $code) if $self->{ledger};
    $_->{k}-- for grep { $_->{k} > $k } @$box;
    $self->{next_k}{$conv}--;
}


sub _stall {
    my ($self, $conv, $ms) = @_;

    return if $self->{stalled}{$conv}++;
    $self->{loop}->after($ms / 1000, sub { $self->_resend($conv) });
}


# A frame that a feed numbers, or a passing one.

sub _feed_frame {
    my ($self, $frame, $live) = @_;
    my $name = $frame->{feed} // $frame->{conv};
    my $feed = $self->feed($name);

    if ($live && defined $frame->{n}) {
        my $expected = ($feed->{n} // 0) + 1;

        return if $frame->{n} < $expected;
        return $self->_hole($name, $frame) if $frame->{n} > $expected;
    }

    $feed->{n} = $frame->{n}
        if defined $frame->{n}
           && (!defined $feed->{n} || $frame->{n} > $feed->{n});

    if ($frame->{t} eq 'message') {
        $self->_message($feed, $name, $frame);

    } elsif ($frame->{t} eq 'card_gone') {
        delete $feed->{registers}{"card:$frame->{conv}"};

    } elsif ($frame->{t} eq 'notice_gone') {
        delete $feed->{registers}{"notice:$frame->{about}"};

    } elsif ($frame->{t} !~ /^(?:event|typing|viewing)$/) {
        my $key = $frame->{t} =~ /^(?:member|mark)$/ ? $frame->{who}
                : $frame->{t} eq 'card' ? $frame->{conv}
                : $frame->{t} eq 'figures' ? $frame->{queue_id}
                : $frame->{t} eq 'notice' ? $frame->{about} : '';
        $feed->{registers}{"$frame->{t}:$key"} = $frame;
    }

    push @{ $feed->{events} }, $frame if $frame->{t} eq 'event';
    push @{ $self->{seen} }, $frame if !$live;
}


sub _message {
    my ($self, $feed, $name, $frame) = @_;

    $frame->{mid} =~ /\A.*\.\d+\z/
        or croak "a message without a proper mid: $frame->{mid}";
    push @{ $feed->{messages} }, $frame;
    $feed->{mid} = $frame->{mid};
    # what the desk itself says was sent by no client
    $self->{ledger}->received($self, $name, $frame)
        if $self->{ledger} && $frame->{role} ne 'system';
}


# The server never sends a hole; should it, the client follows again.

sub _hole {
    my ($self, $name, $frame) = @_;

    $self->{ledger}->hole($self, $name, $frame->{n}) if $self->{ledger};
    $self->follow($name);
}


# -------------------------------------------------------------------- waiting

sub _matches {
    my ($frame, $want) = @_;

    for my $key (keys %$want) {
        return 0 if !defined $frame->{$key};
        return 0 if ref $want->{$key} eq 'Regexp'
            ? $frame->{$key} !~ $want->{$key}
            : $frame->{$key} ne $want->{$key};
    }

    return 1;
}


# Takes the first frame that fits from what has been seen; undef for none.

sub take {
    my ($self, %want) = @_;
    my $seen = $self->{seen};

    for my $i (0 .. $#$seen) {
        next if !_matches($seen->[$i], \%want);
        return splice @$seen, $i, 1;
    }

    return undef;
}


# Waits for a frame that fits, and takes it.

sub expect {
    my ($self, %want) = @_;
    my $seconds = delete $want{within} // 10;
    my $what = "$self->{name} to get "
        . join ' ', map { "$_=$want{$_}" } sort keys %want;

    return $self->{loop}->until($seconds, $what,
        sub { $self->take(%want) });
}


sub forget_seen {
    my ($self) = @_;

    $self->{seen} = [];
}

1;
