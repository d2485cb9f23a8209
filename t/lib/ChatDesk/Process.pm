package ChatDesk::Process;

# A child process that a test or the demo has started.
#
# Purpose:    start with output in a file, stop by pid, never by name.
# Owner:      the object owns the child: it is gone when stop() returns or,
#             at the latest, when the object dies.
# Invariants: only the process that started a child ends it; every wait is
#             bounded.

use strict;
use warnings;

use Carp qw(croak);
use POSIX qw(:sys_wait_h setsid);
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);


# name, command (list), log (path for both outputs); env (hash), as (uid,
# gid) and input (a handle for standard input) may be given.

sub new {
    my ($class, %arg) = @_;
    my $self = bless { %arg, owner => $$, status => undef }, $class;

    my $pid = fork // croak "fork: $!";
    $self->_child if $pid == 0;
    $self->{pid} = $pid;

    return $self;
}


# Becomes the command; does not return.

sub _child {
    my ($self) = @_;

    # Ctrl-C goes to whoever started us, who stops us in good order
    setsid();

    open STDIN, '<', '/dev/null' or POSIX::_exit(126);
    open STDOUT, '>>', $self->{log} or POSIX::_exit(126);
    open STDERR, '>&', \*STDOUT or POSIX::_exit(126);

    if ($self->{as}) {
        my ($uid, $gid) = @{ $self->{as} };

        $( = $gid;
        $) = "$gid $gid";
        POSIX::setuid($uid) or POSIX::_exit(126);
    }

    $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP PIPE CHLD);
    %ENV = (%ENV, %{ $self->{env} // {} });
    chdir($self->{dir} // '/') or POSIX::_exit(126);

    { exec { $self->{command}[0] } @{ $self->{command} } }
    print STDERR "$self->{command}[0]: $!\n";
    POSIX::_exit(127);
}


sub pid {
    my ($self) = @_;

    return $self->{pid};
}


sub alive {
    my ($self) = @_;

    return 0 if defined $self->{status};

    if (waitpid($self->{pid}, WNOHANG) == $self->{pid}) {
        $self->{status} = $?;
        return 0;
    }

    return 1;
}


# Exit status as in $?, undef while it runs.

sub status {
    my ($self) = @_;

    $self->alive;
    return $self->{status};
}


sub signal {
    my ($self, $name) = @_;

    return $self->alive && kill($name, $self->{pid});
}


# Whether the child has gone within so many seconds.

sub wait_gone {
    my ($self, $seconds) = @_;
    my $deadline = clock_gettime(CLOCK_MONOTONIC) + $seconds;

    while ($self->alive) {
        return 0 if clock_gettime(CLOCK_MONOTONIC) > $deadline;
        select undef, undef, undef, 0.01;
    }

    return 1;
}


# Asks with a signal (TERM), insists with KILL; true when asking was enough.

sub stop {
    my ($self, $name, $seconds) = @_;

    $self->signal($name // 'TERM');
    return 1 if $self->wait_gone($seconds // 10);

    $self->signal('KILL');
    $self->wait_gone(5);

    return 0;
}


sub log_text {
    my ($self) = @_;

    open my $file, '<', $self->{log} or return '';
    local $/;
    my $text = <$file> // '';
    close $file;

    return $text;
}


sub DESTROY {
    my ($self) = @_;

    return if $self->{owner} != $$ || !$self->{pid};

    local ($?, $!, $@);
    $self->stop('KILL', 5);
}

1;
