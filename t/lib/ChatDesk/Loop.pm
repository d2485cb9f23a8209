package ChatDesk::Loop;

# A small event loop over select(2), with timers.
#
# Purpose:    many clients in one test process; every wait has a deadline
#             and says what it waited for.
# Owner:      whoever adds a handle removes it before closing it.
# Invariants: no waiting by the clock alone: until() ends when its condition
#             holds; times are seconds of the monotonic clock.

use strict;
use warnings;

use Carp qw(croak);
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);


sub new {
    my ($class) = @_;

    return bless { handles => {}, timers => {}, last_timer => 0 }, $class;
}


sub now {
    return clock_gettime(CLOCK_MONOTONIC);
}


# Calls back when the handle can be read; and, while wanted, written.

sub add {
    my ($self, $handle, %on) = @_;

    $self->{handles}{ fileno $handle } = {
        handle => $handle, read => $on{read}, write => $on{write},
        writing => 0,
    };
}


sub remove {
    my ($self, $handle) = @_;

    my $fd = fileno $handle;
    delete $self->{handles}{$fd} if defined $fd;
}


sub want_write {
    my ($self, $handle, $wanted) = @_;

    my $entry = $self->{handles}{ fileno $handle } or return;
    $entry->{writing} = $wanted;
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


# One turn: waits for events, at most so many seconds, and handles them.

sub turn {
    my ($self, $seconds) = @_;
    my ($readable, $writable) = ('', '');

    while (my ($fd, $entry) = each %{ $self->{handles} }) {
        vec($readable, $fd, 1) = 1;
        vec($writable, $fd, 1) = 1 if $entry->{writing};
    }

    my $count = select $readable, $writable, undef,
        $self->_patience($seconds);

    if ($count > 0) {
        for my $fd (keys %{ $self->{handles} }) {
            my $entry = $self->{handles}{$fd} or next;
            $entry->{read}->() if vec($readable, $fd, 1);

            $entry = $self->{handles}{$fd} or next;
            $entry->{write}->() if vec($writable, $fd, 1);
        }
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
