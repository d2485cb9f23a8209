package ChatDesk::Loop;

# A small event loop over select(2), with timers.
#
# Purpose:    many clients in one test process; every wait has a deadline
#             and says what it waited for.
# Owner:      whoever adds a handle removes it before closing it.
# Invariants: no waiting by the clock alone: until() ends when its condition
#             holds; times are seconds of the monotonic clock.  What select()
#             takes is kept up to date, so that thousands of handles that
#             are silent cost nothing.

use strict;
use warnings;

use Carp qw(croak);
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);


sub new {
    my ($class) = @_;

    return bless { handles => {}, timers => {}, last_timer => 0,
                   readable => '', writable => '' }, $class;
}


sub now {
    return clock_gettime(CLOCK_MONOTONIC);
}


# Calls back when the handle can be read; and, while wanted, written.

sub add {
    my ($self, $handle, %on) = @_;

    $self->{handles}{ fileno $handle } = {
        read => $on{read}, write => $on{write},
    };
    vec($self->{readable}, fileno $handle, 1) = 1;
}


sub remove {
    my ($self, $handle) = @_;

    my $fd = fileno $handle;
    return if !defined $fd || !delete $self->{handles}{$fd};
    vec($self->{readable}, $fd, 1) = 0;
    vec($self->{writable}, $fd, 1) = 0;
}


sub want_write {
    my ($self, $handle, $wanted) = @_;

    my $fd = fileno $handle;
    vec($self->{writable}, $fd, 1) = $wanted ? 1 : 0 if $self->{handles}{$fd};
}


# Calls once, after so many seconds; the id is for cancel().

sub after {
    my ($self, $seconds, $callback) = @_;

    my $id = ++$self->{last_timer};
    $self->{timers}{$id} = { at => now() + $seconds, callback => $callback };

    return $id;
}


sub cancel {
    my ($self, $id) = @_;

    delete $self->{timers}{$id} if defined $id;
}


sub _run_timers {
    my ($self) = @_;
    my $now = now();

    for my $id (sort { $a <=> $b } keys %{ $self->{timers} }) {
        my $timer = $self->{timers}{$id} or next;
        next if $timer->{at} > $now;

        delete $self->{timers}{$id};
        $timer->{callback}->();
    }
}


# Seconds until the next timer, at most `most`.

sub _patience {
    my ($self, $most) = @_;
    my $now = now();

    for my $timer (values %{ $self->{timers} }) {
        my $left = $timer->{at} - $now;
        $most = $left if $left < $most;
    }

    return $most > 0 ? $most : 0;
}


# Calls those whose bit is set.

sub _call {
    my ($self, $what, $set) = @_;
    my $bits = unpack 'b*', $set;
    my $at = -1;

    while (($at = index $bits, '1', $at + 1) >= 0) {
        my $entry = $self->{handles}{$at} or next;
        $entry->{$what}->();
    }
}


# One turn: waits for events, at most so many seconds, and handles them.

sub turn {
    my ($self, $seconds) = @_;
    my ($readable, $writable) = @$self{qw(readable writable)};

    my $count = select $readable, $writable, undef,
        $self->_patience($seconds);

    if ($count > 0) {
        $self->_call(read => $readable);
        $self->_call(write => $writable);
    }

    $self->_run_timers;
}


# Turns until the condition holds; returns its value.  Dies with `what` when
# the seconds are over.

sub until {
    my ($self, $seconds, $what, $condition) = @_;
    my $deadline = now() + $seconds;

    while (1) {
        my $value = $condition->();
        return $value if $value;

        my $left = $deadline - now();
        croak "waited $seconds s for $what" if $left <= 0;
        $self->turn($left < 0.05 ? $left : 0.05);
    }
}

1;
