package ChatDesk::Visitor;

# A visitor's device; see ChatDesk::Client.
#
# Purpose:    what only a visitor does: token, start, end.
# Owner:      as ChatDesk::Client.
# Invariants: a visitor has one feed, its conversation.

use strict;
use warnings;

use parent 'ChatDesk::Client';

use JSON::PP ();


sub new {
    my ($class, %arg) = @_;

    return $class->SUPER::new(
        path => $arg{poll} ? '/chatdesk/poll' : '/chatdesk/socket', %arg);
}


# What hello says besides the device.

sub hello_proof {
    my ($self) = @_;
    my %proof;

    $proof{token} = $self->{token} if defined $self->{token};
    $proof{flow} = $self->{flow} if defined $self->{flow};
    $proof{lang} = $self->{lang} if defined $self->{lang};
    $proof{menus} = JSON::PP::false if $self->{plain};
    %proof = (%proof, conv => $self->{conv}, $self->resume($self->{conv}))
        if defined $self->{conv};

    return \%proof;
}


sub after_welcome {
    my ($self, $frame) = @_;

    # its window comes by itself
    if (defined $frame->{conv}) {
        $self->{conv} = $frame->{conv};
        $self->feed($frame->{conv})->{live} = 0;
    }
}


# Opens a conversation and waits for it; returns its id.

sub start {
    my ($self, %form) = @_;

    $self->{loop}->until(10, "$self->{name}'s welcome",
        sub { $self->{welcome} });
    my $id = $self->request('start', %form);
    my $ack = $self->expect(t => 'ack', re => $id);

    $self->{conv} = $ack->{conv};
    $self->{loop}->until(10, "the window of $self->{name}'s conversation",
        sub { $self->feed($self->{conv})->{live} });
    $self->{ledger}->joined($self, $self->{conv}) if $self->{ledger};

    return $self->{conv};
}


sub end {
    my ($self) = @_;

    return $self->request('end', conv => $self->{conv});
}

1;
