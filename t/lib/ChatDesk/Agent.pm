package ChatDesk::Agent;

# An agent's device; see ChatDesk::Client.
#
# Purpose:    what only an agent does: login, tickets, offers.
# Owner:      owns its session cookie.
# Invariants: a ticket is fetched for each connection and used once.

use strict;
use warnings;

use Carp qw(croak);
use HTTP::Tiny;
use JSON::PP ();

use parent 'ChatDesk::Client';


# login and password must be given; api, the address of the HTTP interface,
# may be.

sub new {
    my ($class, %arg) = @_;
    my $self = $class->SUPER::new(
        path => $arg{poll} ? '/desk/poll' : '/desk/socket',
        api => '/desk/api/', name => $arg{login}, %arg, later => 1);

    $self->{loop}->until(10, "$arg{login} to sign in", sub { $self->login });
    $self->connect if !$arg{later};

    return $self;
}


# Calls the HTTP interface; returns status, decoded body and headers.

sub api {
    my ($self, $method, $name, $body) = @_;
    my %headers = ('Content-Type' => 'application/json');

    $headers{Cookie} = $self->{cookie} if $self->{cookie};
    my $answer = HTTP::Tiny->new(timeout => 5)->request($method,
        "http://127.0.0.1:$self->{port}$self->{api}$name", {
            headers => \%headers,
            ($body ? (content => JSON::PP::encode_json($body)) : ()),
        });
    my $data = ($answer->{content} // '') =~ /^\{/
        ? JSON::PP::decode_json($answer->{content}) : {};

    return ($answer->{status}, $data, $answer->{headers});
}


# Whether the login was taken; 0 while the desk is not ready.

sub login {
    my ($self) = @_;
    my ($status, $data, $headers) = $self->api(POST => 'login',
        { login => $self->{login}, password => $self->{password} });

    return 0 if $status == 503 || $status == 599 || $status == 404;
    croak "login of $self->{login}: $status $data->{code}"
        if $status != 200;

    my $cookie = $headers->{'set-cookie'};
    ($self->{cookie}) = (ref $cookie ? $cookie->[0] : $cookie)
        =~ /\A([^;]+)/;

    return 1;
}


# What hello says besides the device; undef when no ticket can be had now.

sub hello_proof {
    my ($self) = @_;

    # a request carries the cookie itself
    if ($self->{poll}) {
        $self->{headers} = { Cookie => $self->{cookie} };
        return {};
    }

    my ($status, $data) = $self->api(POST => 'ticket');

    return $status == 200 ? { ticket => $data->{ticket} } : undef;
}


sub after_welcome {
    my ($self) = @_;

    # the inbox comes by itself
    $self->feed('inbox')->{live} = 0;
    $self->follow($_) for sort keys %{ $self->{wanted} };
}


# Sets the presence state, and waits until it holds.

sub presence {
    my ($self, $state) = @_;

    $self->{loop}->until(10, "$self->{name}'s inbox",
        sub { $self->feed('inbox')->{live} });
    my $id = $self->request('presence', state => $state);
    $self->expect(t => 'ack', re => $id);
    $self->{loop}->until(10, "$self->{name} to be $state", sub {
        ($self->feed('inbox')->{registers}{'me:'}{state} // '') eq $state;
    });
}


sub available {
    my ($self) = @_;

    $self->presence('available');
}


# The card of a conversation as it is now, undef when there is none.

sub card {
    my ($self, $conv) = @_;

    return $self->feed('inbox')->{registers}{"card:$conv"};
}


# The notice about a conversation or a queue, undef when there is none.

sub notice {
    my ($self, $about) = @_;

    return $self->feed('inbox')->{registers}{"notice:$about"};
}


# What this device shows to the agent; undef: nothing.

sub look {
    my ($self, $conv) = @_;

    $self->send({ t => 'focus', ($conv ? (conv => $conv) : ()) });
}


sub expect_offer {
    my ($self, $conv, $seconds) = @_;

    return $self->{loop}->until($seconds // 10,
        "$self->{name} to be offered the conversation", sub {
            my $card = $self->card($conv);
            $card && $card->{phase} eq 'offered' ? $card : undef;
        });
}


# Accepts an offer and waits until its feed is live.

sub accept {
    my ($self, $conv) = @_;

    $self->expect_offer($conv);
    my $id = $self->request('accept', conv => $conv);
    $self->expect(t => 'ack', re => $id);
    $self->{loop}->until(10, "$self->{name}'s card to be active",
        sub { ($self->card($conv) // {})->{phase} eq 'active' });
    $self->open($conv);
}


# Follows a conversation and waits for its window.

sub open {
    my ($self, $conv) = @_;

    $self->follow($conv);
    $self->{loop}->until(10, "$self->{name}'s window of the conversation",
        sub { $self->feed($conv)->{live} });
    $self->{ledger}->joined($self, $conv) if $self->{ledger};
}


sub reject {
    my ($self, $conv) = @_;

    return $self->request('reject', conv => $conv);
}


# Asks something about a conversation, and waits until that was taken: an ack
# says it is stored, not that the desk agrees.

sub does {
    my ($self, $verb, $conv, %field) = @_;
    my $id = $self->request($verb, conv => $conv, %field);

    $self->expect(t => 'ack', re => $id);

    return $id;
}


# The code of the refusal.

sub refused {
    my ($self, $verb, $conv, %field) = @_;
    my $id = $self->does($verb, $conv, %field);

    return $self->expect(t => 'error', re => $id)->{code};
}


sub end {
    my ($self, $conv) = @_;

    return $self->request('end', conv => $conv);
}


sub dismiss {
    my ($self, $conv) = @_;

    return $self->request('dismiss', conv => $conv);
}

1;
