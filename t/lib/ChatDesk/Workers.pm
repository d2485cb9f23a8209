package ChatDesk::Workers;

# A private Redis with real workers, and no nginx: tests do what the module
# would do, by calling the functions.
#
# Purpose:    tests of the worker's shell.
# Owner:      the object owns the processes and the folder.
# Invariants: complaints() is empty after every test: no worker has crashed
#             and no sanitizer has spoken.

use strict;
use warnings;

use parent 'ChatDesk::Bus';

use Carp qw(croak);
use JSON::PP ();

use ChatDesk::Process;

my $flavour = $ENV{CHATDESK_FLAVOUR} // 'release';
my $last_id = 0;

my %hash;               # password => its hash, made once


sub worker_program {
    return ChatDesk::Bus::top() . '/build'
        . ($flavour eq 'asan' ? '/asan' : '') . '/chatdesk-worker';
}


# options: those of ChatDesk::Bus, accept_seconds, agents (logins), redis_lines
# (for that section of worker.ini)

sub new {
    my ($class, %arg) = @_;
    my $self = $class->SUPER::new(%arg);

    $self->{accept_seconds} //= 30;
    $self->{agents} //= [qw(ana ben)];
    $self->{workers} = [];
    $self->write_desk;
    $self->_write("$self->{dir}/worker.ini", join "\n", '[worker]',
        'log_level = debug', '[redis]', "url = unix:$self->{socket}",
        @{ $self->{redis_lines} // [] },
        "[desk $self->{desk}]", "config = $self->{dir}/desk.json", '');

    return $self;
}


sub _write {
    my ($self, $path, $text) = @_;

    open my $file, '>', $path or croak "$path: $!";
    print $file $text;
    close $file or croak "$path: $!";
}


sub hash_of {
    my ($password) = @_;

    return $hash{$password} //= do {
        my $program = worker_program();
        my $text = qx(printf '%s\\n' '$password' | '$program' hash-password);

        chomp $text;
        $text;
    };
}


# desk.json of this desk; `change` is called with it first.

sub write_desk {
    my ($self, $change) = @_;
    my $settings = {
        name => 'Demo', default_queue => 'general',
        queues => [ { id => 'general', name => 'General', priority => 5,
                      accept_seconds => $self->{accept_seconds} } ],
        profiles => [ { id => 'front', name => 'Front', capacity => 4,
                        queues => ['general'] } ],
        agents => [ map { { login => $_, name => ucfirst $_, role => 'agent',
                            profile => 'front',
                            password_hash => hash_of("secret of $_") } }
                    @{ $self->{agents} } ],
    };

    $change->($settings) if $change;
    $self->_write("$self->{dir}/desk.json",
                  JSON::PP->new->canonical->encode($settings));
}


sub start_worker {
    my ($self) = @_;
    my $number = @{ $self->{workers} };
    my $worker = ChatDesk::Process->new(
        name => "worker $number", log => "$self->{dir}/worker-$number.log",
        command => [ worker_program(), '-c', "$self->{dir}/worker.ini" ],
        env => { UBSAN_OPTIONS => 'print_stacktrace=1' },
    );

    push @{ $self->{workers} }, $worker;
    return $worker;
}


# Starts a worker and waits until it owns the desk.

sub start_owner {
    my ($self) = @_;
    my $worker = $self->start_worker;

    $self->wait_log($worker, 'loaded');
    return $worker;
}


# Waits until an event stands so many times in a worker's log.

sub wait_log {
    my ($self, $worker, $event, $times) = @_;

    $self->until(10, "$event in:\n" . $worker->log_text, sub {
        croak "the worker has ended:\n" . $worker->log_text
            if !$worker->alive && $event ne 'ended';
        $self->logged($worker, $event) >= ($times // 1);
    });
}


sub logged {
    my ($self, $worker, $event) = @_;

    return scalar grep { /^<\d>(?:desk \S+: )?$event\b/ }
        split /\n/, $worker->log_text;
}


sub fresh_id {
    my ($letter) = @_;

    return ChatDesk::Bus::id($letter, ++$last_id);
}


# A node with a lease; its id.

sub node {
    my ($self) = @_;

    $self->{node} //= fresh_id('n');
    $self->call('cd_beat', 'nodes', $self->{node}, 1, 60000);
    return $self->{node};
}


# An agent's session, as after login, ticket and hello.

sub agent_hello {
    my ($self, $agent) = @_;
    my ($session, $login) = (fresh_id('s'), fresh_id('l') x 2);

    $self->redis->hset($self->key("s:$login"), agent => $agent,
                       name => ucfirst $agent, role => 'agent', born => 1);
    $self->call('cd_ticket', "s:$login", "ticket-$login", $self->now_ms);
    my ($code) = $self->call('cd_hello_agent', "t:ticket-$login", $session,
                             $self->node, $self->now_ms);
    croak "hello: $code" if $code ne 'ok';

    return $session;
}


# A request of an agent or a visitor, as an entry of the log.

sub request {
    my ($self, $type, $who, $role, $session, %fields) = @_;

    $self->call('cd_log', 'log', ChatDesk::Bus::envelope($type, 0, 0,
        $self->now_ms, who => $who, role => $role, session => $session,
        node => $self->node, id => 'r1', %fields));
}


# A visitor with an open conversation: { who, conv, session, device, k }.  With
# a callback it gets the answer, and nothing is waited for.

sub visitor_start {
    my ($self, $answered) = @_;
    my %visitor = (who => fresh_id('v'), conv => fresh_id('c'),
                   session => fresh_id('s'), device => fresh_id('d'), k => 0);

    # whoever does not wait has a node, and renews its lease in time
    my $node = $answered ? $self->{node} : $self->node;
    my @start = ('cd_start', 1, $self->key("u:$visitor{who}"), $visitor{who},
        $visitor{conv}, $visitor{session}, $node, $self->now_ms,
        ChatDesk::Bus::body(who => $visitor{who}, role => 'visitor',
            conv => $visitor{conv}, session => $visitor{session},
            node => $node, id => 'r1', name => 'Vera'));

    if ($answered) {
        $self->redis->fcall(@start, $answered);
        return \%visitor;
    }

    my ($code) = @{ $self->redis->fcall(@start) };
    croak "start: $code" if $code ne 'ok';

    return \%visitor;
}


# A message; $person is a visitor as above, or { who, device, k, conv }.

sub post {
    my ($self, $person, $role, $text) = @_;
    my $k = ++$person->{k};

    return $self->call('cd_post', "c:$person->{conv}", $person->{conv},
        $person->{who}, $role, $person->{device}, $k, 'digest-1',
        $self->now_ms, 0, ChatDesk::Bus::body(
            conv => $person->{conv}, mid => "$person->{device}.$k",
            from => $person->{who}, text => $text,
            role => $role eq 'v' ? 'visitor' : 'agent'));
}


# A feed's registers and frames, as the node itself reads them.

sub window {
    my ($self, $feed) = @_;
    my ($code, undef, undef, undef, @frames) =
        $self->call('cd_follow', $feed, $feed, '', 0, -1, '');

    return $code eq 'ok'
        ? map { ChatDesk::Bus::open_envelope($_) } @frames : ();
}


# The register of a type in a feed, undef when there is none.

sub register {
    my ($self, $feed, $type, %like) = @_;

    for my $frame (grep { $_->{t} eq $type } $self->window($feed)) {
        return $frame
            if !grep { ($frame->{$_} // '') ne $like{$_} } keys %like;
    }

    return undef;
}


# Waits for a register that is like this.

sub wait_register {
    my ($self, $seconds, $feed, $type, %like) = @_;

    return $self->until($seconds, "$type in $feed", sub {
        $self->register($feed, $type, %like);
    });
}


# Waits until the worker has applied all of the log.

sub wait_applied {
    my ($self, $seconds) = @_;

    $self->until($seconds // 10, 'the log to be applied', sub {
        $self->redis->xlen($self->key('log')) == 0;
    });
}


# Ends workers and Redis; what nobody wants to see in a worker's log.

sub complaints {
    my ($self) = @_;
    my @lines;

    for my $worker (@{ $self->{workers} }) {
        $worker->stop('TERM', 10);
        push @lines, grep { /Sanitizer|runtime error|^<[012]>/ }
            split /^/, $worker->log_text;
    }

    $self->stop;
    return @lines;
}

1;
