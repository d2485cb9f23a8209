package ChatDesk::Load;

# Ten conversations that talk and a crowd that listens, while a test breaks
# something.
#
# Purpose:    the same load under every fault: each side of each conversation
#             sends at a steady rate, whatever happens to the connection;
#             everybody else is connected and must be so again.
# Owner:      the test owns the clients; this only drives them.
# Invariants: what is sent depends on the ticks alone, never on answers.

use strict;
use warnings;

use Test::More;

use ChatDesk::Loop;
use ChatDesk::Test;

use constant PAIRS => 10;
use constant CAPACITY => 2;
use constant CROWD => 80;

my $rate = 'chatdesk_rate 1000r/s burst=2000;';


# How often a fault comes: this often in `make test`, and that often in `make
# fault`.

sub times {
    my ($class, $short, $full) = @_;

    return $ENV{CHATDESK_FULL} ? $full : $short;
}


# Arguments of ChatDesk::Test, and crowd (how many listen), pairs and capacity
# (conversations, and how many of them an agent has); starts the stack and
# opens the conversations.

sub new {
    my ($class, %arg) = @_;
    my $crowd = delete $arg{crowd} // CROWD;
    my $capacity = delete $arg{capacity} // CAPACITY;
    my $agents = (delete $arg{pairs} // PAIRS) / $capacity;
    my @logins = map { "agent$_" } 1 .. $agents;
    my $test = ChatDesk::Test->new(
        settings => { agents => \@logins, capacity => $capacity },
        visitor => $rate, agent => $rate, %arg);
    my $self = bless { test => $test, talks => [] }, $class;

    for my $login (@logins) {
        my $agent = $test->agent($login);
        $agent->available;
        $self->_talk($agent, $_) for 1 .. $capacity;
    }

    # as many at once as nginx may have waiting to be accepted
    for my $number (1 .. $crowd) {
        $test->visitor("idle$number");
        next if $number % CROWD && $number < $crowd;
        $test->until(20, 'the crowd', sub {
            !grep { !$_->{welcome} } $self->clients;
        });
    }

    return $self;
}


sub test {
    my ($self) = @_;

    return $self->{test};
}


# One conversation with this agent, who is the only one with a free place.

sub _talk {
    my ($self, $agent, $number) = @_;
    my $visitor = $self->{test}->visitor("$agent->{login}-$number");
    my $conv = $self->{test}->connect($visitor, $agent);

    push @{ $self->{talks} }, [ $visitor, $agent, $conv ];
}


# Each of the two sends `messages` messages at `rate` a second; `at` maps a
# tick (1 to messages) to what happens then.  With `enough` they go on until
# it is true, and `messages` is how many it may take.

sub run {
    my ($self, %arg) = @_;
    my $loop = $self->{test}->loop;
    my $began = $loop->now;
    my $tick = 0;
    my $done = 0;
    my $step;

    $step = sub {
        $tick++;

        for my $talk (@{ $self->{talks} }) {
            my ($visitor, $agent, $conv) = @$talk;

            $visitor->say($conv, "$visitor->{name} says $tick");
            $agent->say($conv, "$agent->{name} says $tick");
        }

        $arg{at}{$tick}->() if $arg{at}{$tick};
        $done = $tick == $arg{messages} || $arg{enough} && $arg{enough}->();
        return if $done;

        my $next = $began + $tick / $arg{rate} - $loop->now;
        $loop->after($next > 0 ? $next : 0, $step);
    };

    $loop->after(0, $step);
    $loop->until($arg{messages} / $arg{rate} * 4 + 30, 'all messages to leave',
        sub { $done });
    undef $step;
    $self->{test}->settle(60);
}


# Everybody for whom a number (cuts, resets) is not 0 is named.

sub none_ok {
    my ($self, $what, $name) = @_;
    my @found = map { "$_->{name}: $_->{$what}" }
        grep { $_->{$what} } $self->clients;

    is_deeply(\@found, [], $name);
}


sub clients {
    my ($self) = @_;

    return @{ $self->{test}{clients} };
}

1;
