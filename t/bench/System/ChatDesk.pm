package System::ChatDesk;

# ChatDesk as it is shipped: nginx with the module, a worker, Redis.
#
# Purpose:    a fresh one for each run, with agents that are logged in.
# Owner:      see System.pm; the stack owns what it starts.
# Invariants: only rates and the log's level differ from the example.

use strict;
use warnings;

use parent 'System';

use ChatDesk::Agent;
use ChatDesk::Loop;
use ChatDesk::Stack;
use ChatDesk::Test;

my $rate = 'chatdesk_rate 1000r/s burst=1000;';


sub start {
    my ($self) = @_;
    my $tls = $self->{tls} ? ' ssl' : '';

    # a socket of its own for each nginx worker: an even share
    my $stack = ChatDesk::Stack->new(
        desk => ChatDesk::Test::desk(
            agents => [ map { "agent$_" } 1 .. $self->{agents} || 1 ],
            capacity => $self->{capacity}),
        workers => $self->{workers}, connections => 19000,
        log_level => 'error', flavour => 'release',
        redis_more => "appendfsync $self->{fsync}",
        http => 'access_log off;',
        server => "listen 127.0.0.1:$self->{port}$tls reuseport"
            . " backlog=16384;\n$self->{server}",
        visitor => $rate, agent => $rate, tls => $self->{tls});

    $self->{forks} = 1;
    $self->{stack} = $stack->start;
    $self->{process} = { redis => $stack->{redis}, server => $stack->{nginx},
                         worker => $stack->{worker}[0] };
    $self->{cookies} = [ map { $self->_login($_) }
        map { "agent$_" } 1 .. $self->{agents} ];
}


sub _login {
    my ($self, $login) = @_;
    my $stack = $self->{stack};

    return ChatDesk::Agent->new(loop => ChatDesk::Loop->new,
        port => $stack->port, login => $login, later => 1,
        password => $stack->{password}{$login})->{cookie};
}


sub reload {
    my ($self) = @_;

    $self->{process}{server}->signal('HUP');
}


sub complaints {
    my ($self) = @_;

    return $self->{stack}->complaints;
}


sub stop {
    my ($self) = @_;

    delete $self->{process};
    delete($self->{stack})->clean_up;
}

1;
