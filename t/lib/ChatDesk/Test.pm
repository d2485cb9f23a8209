package ChatDesk::Test;

# One integration test: a stack, clients, a ledger, and what must hold at
# the end of every test.
#
# Purpose:    a test says what happens; this says what may never be left.
# Owner:      owns the stack, the loop and all clients that it made.
# Invariants: finish() is what ends a test; it checks that no alert, report
#             of a sanitizer, session, subscription or process is left.

use strict;
use warnings;

use Redis;
use Test::More;

use ChatDesk::Agent;
use ChatDesk::Ledger;
use ChatDesk::Loop;
use ChatDesk::Rest;
use ChatDesk::Stack;
use ChatDesk::Visitor;

$SIG{PIPE} = 'IGNORE';
$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);


# Arguments of ChatDesk::Stack; `settings`, arguments of desk(), and `loop`.

sub new {
    my ($class, %arg) = @_;
    my $settings = delete $arg{settings} // {};

    my $self = bless {
        loop => delete $arg{loop} // ChatDesk::Loop->new,
        ledger => ChatDesk::Ledger->new,
        clients => [], expected => [],
    }, $class;

    $self->{stack} = ChatDesk::Stack->new(desk => desk(%$settings), %arg);
    $self->{stack}->start;

    return $self;
}


# Locations of a second desk, "other", for `server` of new().

sub other_server {
    return <<'CONF';
        location = /other/socket {
            chatdesk_desk other;
            chatdesk_socket visitor;
        }
        location = /other/desk/socket {
            chatdesk_desk other;
            chatdesk_socket agent;
        }
        location /other/api/ {
            chatdesk_desk other;
            chatdesk_api;
        }
CONF
}


# Settings of a desk: agents (logins), capacity, accept_seconds; notify and
# wait_alert_seconds as desk.json has them, roles (by login),
# keys (rows of API keys), flows and hours as desk.json has them; with flows
# there is a second queue, "Sales".

sub desk {
    my (%arg) = @_;
    my %desk = (agents => [qw(ana ben)], capacity => 3,
                accept_seconds => 20, %arg);

    return {
        name => 'Test desk', default_queue => 'help',
        ($desk{notify} ? (notify => $desk{notify}) : ()),
        ($desk{hours} ? (hours => $desk{hours}) : ()),
        ($desk{flows} ? (flows => $desk{flows}) : ()),
        queues => [ { id => 'help', name => 'Help', priority => 5,
                      accept_seconds => $desk{accept_seconds},
                      ($desk{wait_alert_seconds} ? (wait_alert_seconds
                          => $desk{wait_alert_seconds}) : ()) },
                    ($desk{flows} ? { id => 'sales', name => 'Sales',
                        priority => 1,
                        accept_seconds => $desk{accept_seconds} } : ()) ],
        profiles => [ { id => 'all', name => 'All',
                        capacity => $desk{capacity},
                        queues => [ 'help', $desk{flows} ? 'sales' : () ] } ],
        agents => [ map { { login => $_, name => ucfirst $_,
                            role => $desk{roles}{$_} // 'agent',
                            profile => 'all' } } @{ $desk{agents} } ],
        ($desk{keys} ? (keys => $desk{keys}) : ()),
    };
}


sub stack {
    my ($self) = @_;

    return $self->{stack};
}


sub loop {
    my ($self) = @_;

    return $self->{loop};
}


sub until {
    my ($self, @arg) = @_;

    return $self->{loop}->until(@arg);
}


sub redis {
    my ($self) = @_;

    return Redis->new(sock => $self->{stack}->redis_socket,
                      encoding => undef);
}


sub _client {
    my ($self, $class, %arg) = @_;
    my $client = $class->new(loop => $self->{loop},
        port => $self->{stack}->port, ledger => $self->{ledger}, %arg);

    push @{ $self->{clients} }, $client;

    return $client;
}


sub visitor {
    my ($self, $name, %arg) = @_;

    return $self->_client('ChatDesk::Visitor', name => $name, %arg);
}


sub agent {
    my ($self, $login, %arg) = @_;

    return $self->_client('ChatDesk::Agent', login => $login,
        password => $self->{stack}{password}{$login}, %arg);
}


# A client of the REST interface: a login, or `key => ...`.

sub rest {
    my ($self, $login, %arg) = @_;

    return ChatDesk::Rest->new(base => $self->{stack}->url . '/desk/api',
        (defined $login ? (login => $login,
            password => $self->{stack}{password}{$login}) : ()), %arg);
}


# A conversation between the two, up to accepted; returns its id.

sub connect {
    my ($self, $visitor, $agent) = @_;
    my $conv = $visitor->start(name => $visitor->{name});

    $agent->accept($conv);

    return $conv;
}


# Waits until every message has its ack and every member has it.

sub settle {
    my ($self, $seconds) = @_;
    my $ledger = $self->{ledger};

    $self->until($seconds, 'all messages to be acknowledged', sub {
        !grep { $_->unsent } @{ $self->{clients} };
    });
    $self->until($seconds, 'all clients to be in step', sub {
        !grep { $_->{reconnect} && !$_->in_step } @{ $self->{clients} };
    });

    # what was acknowledged is under way to the others; when it does not
    # come, the verdict says what is missing
    eval {
        $self->until($seconds, 'deliveries',
            sub { !$ledger->verdict(@{ $self->{clients} })->{lost} });
    };
}


sub verdict_ok {
    my ($self, $name) = @_;
    my $verdict = $self->{ledger}->verdict(@{ $self->{clients} });
    my $line = ChatDesk::Ledger->line($verdict);

    ok(ChatDesk::Ledger->clean($verdict), "$name: $line")
        or diag(join "\n", grep { defined } @{ $verdict->{texts} }[0 .. 19]);
}


# A complaint that this test brings about on purpose.

sub expect_complaint {
    my ($self, $pattern) = @_;

    push @{ $self->{expected} }, $pattern;
}


# Sessions and subscribed feeds; the desk's call channel and the nodes' own
# live as long as their processes.

sub _leftovers {
    my ($self) = @_;
    my $redis = $self->redis;
    my @sessions = map { $redis->hkeys($_) } $redis->keys('cd:{*}:online');
    my @channels = grep { !/^cd:\{[a-z0-9-]+\}:(?:call$|n:)/ }
        $redis->pubsub('channels', 'cd:*');

    return (@sessions, @channels);
}


# Ends the test: nothing may be left, nothing may have complained.

sub finish {
    my ($self) = @_;
    my $stack = $self->{stack};
    my @left;

    $_->close for @{ $self->{clients} };
    eval {
        $self->until(20, 'sessions and channels to go',
            sub { @left = $self->_leftovers; !@left });
    };
    is_deeply(\@left, [], 'no session and no subscription is left');

    my %process = (nginx => $stack->{nginx}, Redis => $stack->{redis});
    $process{"worker $_->{pid}"} = $_ for $stack->live_workers;
    $stack->stop;

    my @bad = grep { ($process{$_}->status // -1) != 0 } sort keys %process;
    is_deeply(\@bad, [], 'all processes ended by themselves')
        or diag(map { "$_: " . ($process{$_}->status // 'runs') . "\n"
                      . $process{$_}->log_text } @bad);

    my @complaints = $stack->complaints;
    for my $pattern (@{ $self->{expected} }) {
        @complaints = grep { $_ !~ $pattern } @complaints;
    }
    is_deeply(\@complaints, [], 'no alert and no report of a sanitizer')
        or diag($stack->log('error.log'));

    done_testing();
}

1;
