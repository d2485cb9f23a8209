package System;

# What is measured, whatever it is: its processes, their place, their use.
#
# Purpose:    starts one system fresh, pins its processes, says what they
#             use.
# Owner:      owns the processes and the folder; stop() ends them.
# Invariants: every system gets the same Redis configuration and the same
#             processor: its server on the first, everything else on the
#             last.

use strict;
use warnings;

use Carp qw(croak);
use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use IO::Socket::UNIX;

use ChatDesk::Config qw(read_file write_file redis_conf);
use ChatDesk::Loop;
use ChatDesk::Process;
use ChatDesk::Stack;

# where others work on the machine too: all that is measured, and the load
# client, come before them (only root may ask for it)
our $realtime = $ENV{REALTIME};

our $processors = () = read_file('/proc/cpuinfo') =~ /^processor\s*:/mg;

# columns of the table, in this order: name => [ title, class ]
my @known = (
    [ 'chatdesk', 'ChatDesk', 'System::ChatDesk' ],
    [ 'nchan-redis', 'nchan with Redis', 'System::Nchan' ],
    [ 'nchan-memory', 'nchan in memory', 'System::Nchan' ],
    [ 'ws', 'Node.js, ws', 'System::Node' ],
    [ 'socketio', 'Node.js, socket.io', 'System::Node' ],
    [ 'nginx', 'nginx keep-alive', 'System::Limit' ],
    [ 'echo', 'epoll echo', 'System::Limit' ],
    [ 'redis', 'Redis alone', 'System::Limit' ],
);


sub names {
    return map { $_->[0] } @known;
}


sub title {
    my ($name) = @_;

    return (map { $_->[1] } grep { $_->[0] eq $name } @known)[0];
}


# A system of this name that runs.  workers (of nginx), tls, agents (their
# number), capacity, fsync (of Redis, default everysec: the disk's own speed
# is then no part of what is compared), server (lines for nginx.conf).

sub new {
    my ($base, %arg) = @_;
    my ($row) = grep { $_->[0] eq $arg{name} } @known
        or croak "no system $arg{name}";
    my $class = $row->[2];

    eval "require $class" or die $@;
    my $self = bless { workers => 1, agents => 0, capacity => 16,
        fsync => 'everysec', server => '', process => {}, %arg }, $class;
    $self->{port} = ChatDesk::Stack::free_port();
    $self->start;
    $self->_pin;

    return $self;
}


# ---------------------------------------------- parts that several of them use

# A folder that everybody in it may write to, and Redis in it.

sub make_dir {
    my ($self) = @_;

    $self->{dir} = tempdir('chatdesk-XXXXXXXX', TMPDIR => 1);
    $self->{as} = [ (getpwnam 'nobody')[2, 3] ] if $> == 0;
    make_path("$self->{dir}/redis");
    chmod 0755, $self->{dir};
}


sub give_away {
    my ($self) = @_;
    my $dir = $self->{dir};

    chown @{ $self->{as} }, $dir, glob("$dir/*") if $self->{as};
}


sub start_redis {
    my ($self) = @_;
    my $dir = $self->{dir};

    $self->{redis_port} = ChatDesk::Stack::free_port();
    write_file("$dir/redis.conf", redis_conf(
        read_file(ChatDesk::Stack::top() . '/conf.example/redis.conf'),
        dir => $dir, more => "port $self->{redis_port}\n"
            . "appendfsync $self->{fsync}"));
    $self->give_away;
    $self->run(redis => 'redis-server', "$dir/redis.conf");
    $self->until_open($self->{redis_port});
    ChatDesk::Loop->new->until(20, 'the socket of Redis',
        sub { IO::Socket::UNIX->new(Peer => $self->redis_socket) });
}


sub redis_socket {
    my ($self) = @_;

    return "$self->{dir}/redis.sock";
}


# Starts a process of the system; nginx changes its user itself.

sub run {
    my ($self, $name, @command) = @_;
    my $own = $command[0] eq 'nginx';

    $self->{process}{$name} = ChatDesk::Process->new(dir => $self->{dir},
        as => $own ? undef : $self->{as}, name => $name,
        log => "$self->{dir}/$name.log", command => \@command);
}


sub until_open {
    my ($self, $port) = @_;

    ChatDesk::Loop->new->until(20, "port $port to be open", sub {
        for my $process (grep { !$_->alive } values %{ $self->{process} }) {
            croak $process->{name} . ' ended: ' . $process->log_text;
        }
        IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port);
    });
}


# ------------------------------------------------------------------ processes

sub _pin {
    my ($self) = @_;
    my $last = $processors - 1;
    my @all = (map({ $_->pid } values %{ $self->{process} }),
               $self->server_pids);

    system("chrt -arp 1 $_ > /dev/null") for $realtime ? @all : ();
    return if $last == 0;
    pin(0, map { $_->pid } grep { defined } $self->{process}{server});
    pin(0, $self->server_pids);
    pin($last, map { $self->{process}{$_}->pid }
        grep { $self->{process}{$_} } qw(redis worker));
}


sub pin {
    my ($processor, @pids) = @_;

    for my $pid (@pids) {
        system("taskset -acp $processor $pid > /dev/null") == 0
            or croak "taskset of $pid failed";
    }
}


# The processes that hold the sockets: nginx's workers, or the server itself.

sub server_pids {
    my ($self) = @_;
    my $server = $self->{process}{server} or return;

    return $server->pid if !$self->{forks};

    my $master = $server->pid;
    return split ' ', read_file("/proc/$master/task/$master/children");
}


# What the load client calls this system.

sub kind {
    my ($self) = @_;

    return $self->{name};
}


# Processes whose time is counted, as name=pid.

sub watched {
    my ($self) = @_;

    return ((map { "server=$_" } ($self->server_pids)[0]),
            map { "$_=" . $self->{process}{$_}->pid }
                grep { $self->{process}{$_} } qw(redis worker));
}


# Processor time of everything that holds sockets, ns.

sub server_ns {
    my ($self) = @_;
    my $sum = 0;

    for my $pid ($self->server_pids) {
        for my $task (glob "/proc/$pid/task/*/schedstat") {
            $sum += (split ' ', read_file($task))[0];
        }
    }

    return $sum;
}


# Private memory of everything that holds sockets, bytes.

sub private_bytes {
    my ($self) = @_;
    my $sum = 0;

    for my $pid ($self->server_pids) {
        my $map = read_file("/proc/$pid/smaps_rollup");
        $sum += $_ * 1024 for $map =~ /^Private_(?:Clean|Dirty): +(\d+)/mg;
    }

    return $sum;
}


sub kernel_bytes {
    my ($bytes) = read_file('/proc/meminfo') =~ /^SUnreclaim: +(\d+)/m;

    return $bytes * 1024;
}


# Lines of logs that make a run worthless.

sub complaints {
    my ($self) = @_;
    my $log = "$self->{dir}/error.log";

    return -e $log ? grep { /\[(?:alert|emerg|crit)\]/ }
        split /^/, read_file($log) : ();
}


sub stop {
    my ($self) = @_;

    for my $name (grep { $self->{process}{$_} } qw(server redis)) {
        $self->{process}{$name}->stop('TERM', 5);
    }

    remove_tree($self->{dir}, { safe => 1 });
}

1;
