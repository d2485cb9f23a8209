package ChatDesk::Ledger;

# The delivery checker: what clients sent, were promised and received.
#
# Purpose:    one verdict for every fault: 0 acknowledged lost, 0 twice,
#             0 out of order, 0 foreign, nobody stuck.
# Owner:      the test; clients write into it and never read.
# Invariants: the verdict comes from these records alone; a record is never
#             changed after it was written.

use strict;
use warnings;


sub new {
    my ($class) = @_;

    return bless {
        sent => {},         # conv => device => [ { text, private } ]
        acked => {},        # conv => mid => { number => 1 }
        seen => {},         # client => conv => [ frame, ... ] in order
        who => {},          # client => { name, role }
        members => {},      # conv => client => 1
        faults => [],       # [ kind, text ]
    }, $class;
}


# ------------------------------------------------------------------ recording

sub _id {
    my ($client) = @_;

    return $client->{device};
}


# The client may see this conversation and must get every message of it.

sub joined {
    my ($self, $client, $conv) = @_;

    $self->{members}{$conv}{ _id($client) } = 1;
    $self->{who}{ _id($client) } = {
        name => $client->{name},
        role => $client->isa('ChatDesk::Agent') ? 'agent' : 'visitor',
    };
}


sub sent {
    my ($self, $client, $message) = @_;

    push @{ $self->{sent}{$message->{conv}}{ _id($client) } }, {
        text => $message->{text},
        private => $message->{private} ? 1 : 0,
    };
}


sub acked {
    my ($self, $client, $ack) = @_;
    my $mid = $ack->{mid} // '';

    return $self->_fault(unnamed => 'an ack without mid') if $mid eq '';

    my $numbers = $self->{acked}{ $ack->{conv} }{$mid} //= {};
    $numbers->{ $ack->{n} } = 1;
    $self->_fault(twice => "$mid was acknowledged with two numbers")
        if keys %$numbers > 1;
}


sub refused {
    my ($self, $client, $message, $code) = @_;

    # somebody else was faster: the next message takes the counter
    if ($code eq 'settled') {
        splice @{ $self->{sent}{ $message->{conv} }{ _id($client) } },
            $message->{k} - 1, 1;
        return;
    }

    $self->_fault(refused => "$client->{name}: $code");
}


sub received {
    my ($self, $client, $feed, $frame) = @_;

    push @{ $self->{seen}{ _id($client) }{$feed} }, {
        n => $frame->{n}, mid => $frame->{mid}, text => $frame->{text},
        conv => $frame->{conv}, private => $frame->{private} ? 1 : 0,
    };
}


# A reset: this window is what there is from its first number on.  What the
# client saw there before counts no more; was it acknowledged, it is lost.

sub anew {
    my ($self, $client, $feed, $window) = @_;
    my $seen = $self->{seen}{ _id($client) }{$feed} or return;
    my @messages = grep { $_->{t} eq 'message' } @{ $window->{frames} };
    my $first = @messages ? $messages[0]{n} : 1;

    @$seen = grep { $_->{n} < $first } @$seen;
}


sub hole {
    my ($self, $client, $feed, $n) = @_;

    $self->_fault(hole => "$client->{name}: a hole before $n");
}


sub _fault {
    my ($self, $kind, $text) = @_;

    push @{ $self->{faults} }, [ $kind, $text ];
}


# -------------------------------------------------------------------- verdict

# Counts by kind of fault; all zero means that the contract was kept.  The
# clients are asked for what they could not send.

sub verdict {
    my ($self, @clients) = @_;
    my %count = map { $_ => 0 }
        qw(lost twice order foreign stuck refused hole unnamed);
    my @faults = @{ $self->{faults} };

    for my $client (@clients) {
        push @faults, map { [ stuck => "$client->{name}: k $_->{k}" ] }
            $client->unsent;
    }

    for my $conv (sort keys %{ $self->{members} }) {
        push @faults, $self->_conversation($conv);
    }

    push @faults, $self->_strangers;

    $count{ $_->[0] }++ for @faults;
    $count{texts} = [ map { "$_->[0]: $_->[1]" } @faults ];

    return \%count;
}


# One line for a test's name or diagnosis.

sub line {
    my ($class, $verdict) = @_;

    return "$verdict->{lost} acknowledged lost, $verdict->{twice} twice, "
        . "$verdict->{order} out of order, $verdict->{foreign} foreign, "
        . "$verdict->{stuck} stuck";
}


sub clean {
    my ($class, $verdict) = @_;

    return !grep { !ref && $_ } values %$verdict;
}


# Faults of one conversation, over all of its members.

sub _conversation {
    my ($self, $conv) = @_;
    my @faults;

    for my $id (sort keys %{ $self->{members}{$conv} }) {
        my $frames = $self->_once($self->{seen}{$id}{$conv} // []);

        push @faults, $self->_missing($conv, $id, $frames),
            $self->_order($conv, $id, $frames);
    }

    return @faults;
}


# What a member saw, without what a reset showed it again: the same message
# with the same number.

sub _once {
    my ($self, $frames) = @_;
    my %seen;

    return [ sort { $a->{n} <=> $b->{n} }
             grep { !$seen{"$_->{n} $_->{mid} $_->{text}"}++ } @$frames ];
}


sub _missing {
    my ($self, $conv, $id, $frames) = @_;
    my %got = map { $_->{mid} => 1 } @$frames;
    my $name = $self->{who}{$id}{name};
    my @faults;

    for my $mid (sort keys %{ $self->{acked}{$conv} // {} }) {
        next if $got{$mid};
        next if $self->{who}{$id}{role} eq 'visitor'
            && $self->_private($conv, $mid);
        push @faults, [ lost => "$name never got $mid" ];
    }

    return @faults;
}


# The text that a device sent as its k-th message of a conversation.

sub _original {
    my ($self, $conv, $mid) = @_;
    my ($device, $k) = $mid =~ /\A(.*)\.(\d+)\z/ or return undef;

    return ($self->{sent}{$conv}{$device} // [])->[$k - 1];
}


sub _private {
    my ($self, $conv, $mid) = @_;

    return ($self->_original($conv, $mid) // {})->{private};
}


# Doubles, order and strangers among what a member saw of a conversation.

sub _order {
    my ($self, $conv, $id, $frames) = @_;
    my $who = $self->{who}{$id};
    my (%mid_seen, %n_seen, %last_k, @faults);

    for my $frame (@$frames) {
        my ($device, $k) = $frame->{mid} =~ /\A(.*)\.(\d+)\z/;
        my $original = $self->_original($conv, $frame->{mid});

        push @faults, [ twice => "$who->{name}: $frame->{mid}" ]
            if $mid_seen{ $frame->{mid} }++ || $n_seen{ $frame->{n} }++;
        push @faults, [ order => "$who->{name}: $frame->{mid}" ]
            if $k < ($last_k{$device} // 0);
        push @faults, [ foreign => "$who->{name}: $frame->{mid}" ]
            if !$original || $original->{text} ne $frame->{text}
               || $frame->{conv} ne $conv
               || ($frame->{private} && $who->{role} eq 'visitor');

        $last_k{$device} = $k;
    }

    return @faults, $self->_arrival($conv, $id);
}


# A frame must not arrive after one with a higher number, but for a window
# that begins again.

sub _arrival {
    my ($self, $conv, $id) = @_;
    my (%seen, @faults);
    my $last = 0;

    for my $frame (@{ $self->{seen}{$id}{$conv} // [] }) {
        next if $seen{ $frame->{n} }++;
        push @faults,
            [ order => "$self->{who}{$id}{name}: $frame->{n} after $last" ]
            if $frame->{n} < $last;
        $last = $frame->{n} if $frame->{n} > $last;
    }

    return @faults;
}


# Conversations that somebody saw without being a member.

sub _strangers {
    my ($self) = @_;
    my @faults;

    for my $id (sort keys %{ $self->{seen} }) {
        for my $conv (sort keys %{ $self->{seen}{$id} }) {
            next if $self->{members}{$conv}{$id};
            push @faults, [ foreign => "a stranger saw $conv" ];
        }
    }

    return @faults;
}

1;
