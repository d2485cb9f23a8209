package Bench;

# What every scenario needs: systems, the load client, repeats, figures.
#
# Purpose:    one way to run something on each system in turn.
# Owner:      owns the figures; the load clients and systems of a run are
#             gone when the run ends.
# Invariants: a run with an error of any kind counts as invalid and gives no
#             figure; systems take turns, run by run.

use strict;
use warnings;

use IPC::Open2;
use JSON::PP ();
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

use parent 'Exporter';

use ChatDesk::Stack;
use Figures;
use System;
use System::Nchan;
use System::Node;

our @EXPORT_OK = qw(now whole line finish until_gone);

use constant PER_PROCESS => 12500;


# quick, runs, seconds (of a measurement) and only, wanted (names).

sub new {
    my ($class, %arg) = @_;
    my $self = bless { %arg, figures => Figures->new }, $class;

    return $self;
}


sub quick {
    my ($self) = @_;

    return $self->{quick};
}


sub seconds {
    my ($self) = @_;

    return $self->{seconds};
}


sub figures {
    my ($self) = @_;

    return $self->{figures};
}


# Those of these systems that are installed and wanted; a quick measurement
# leaves out some that are only for comparison.

sub systems {
    my ($self, @names) = @_;
    my %wanted = map { $_ => 1 } @{ $self->{wanted} };

    return grep { !%wanted || $wanted{$_} } grep {
        /^nchan/ ? System::Nchan->there
            : /^(?:ws|socketio)$/ ? System::Node->there : 1
    } grep {
        !$self->{quick} || %wanted || !/^(?:nchan-memory|ws|socketio|echo)$/
    } @names;
}


# Whether a system has its turn in this run: ChatDesk and the relative that
# does the same have all of them, what stands beside only for its magnitude
# has one.

sub has_turn {
    my ($name, $run) = @_;

    return $run == 1 || $name =~ /^(?:chatdesk|nchan-redis|redis)$/;
}


# Runs the code for each system in turn, so often.

sub each_run {
    my ($self, $names, $code, $times) = @_;

    for my $run (1 .. $times // $self->{runs}) {
        $code->($_)
            for grep { has_turn($_, $run) } $self->systems(@$names);
    }
}


# Runs a program of t/bench beside nobody, on a processor of its own.  It
# prints lines of JSON with the members of results.json, and `value`.  Once:
# nobody is beside it, and its figures differ by a few percent.

sub each_row {
    my ($self, $name, $program, @arg) = @_;
    my @pin = $System::processors > 1 ? ('taskset', '-c', 0) : ();
    my $path = ChatDesk::Stack::top() . "/build/bench/$program";

    return if !-x $path;

    $self->each_run([ 'chatdesk' ], sub {
        open my $from, '-|', @pin, $path, @arg or die "$path: $!\n";

        for my $row (map { JSON::PP::decode_json($_) } <$from>) {
            $self->add(@$row{qw(scenario system size)},
                $row->{metric} => [ @$row{qw(value unit)} ]);
        }

        $self->figures->invalid($name, 'chatdesk', 'it failed')
            if !close $from;
    }, 1);
}


# One run of one system; what it dies of makes the run invalid.

sub with_system {
    my ($self, $scenario, $name, $arg, $code) = @_;
    my $system;

    print STDERR "$scenario: $name\n";
    my $done = eval {
        $system = System->new(name => $name, %$arg);
        $code->($system);
        my @complaints = $system->complaints;
        die $complaints[0] if @complaints;
        1;
    };
    $self->{figures}->invalid($scenario, $name, $@) if !$done;
    eval { $system->stop } if $system;
}


sub add {
    my ($self, $scenario, $system, $size, %metric) = @_;

    $self->{figures}->add($scenario, $system, $size, %metric);
}


# Metrics of processor time that a result has: "server a message" ...

sub cpu {
    my ($result, $each) = @_;

    return map { ("$_ $each" => [ $result->{"cpu_$_"}, 'us' ]) }
        grep { defined $result->{"cpu_$_"} } qw(server redis worker client);
}


# Metrics of delay.

sub delays {
    my ($result) = @_;

    return map { $_->[1] => [ $result->{ $_->[0] }, 'ms' ] }
        [ p50 => 'p50' ], [ p99 => 'p99' ], [ p999 => 'p99.9' ];
}


# ------------------------------------------------------------ the load client

# Starts it; returns its pid and both ends.

sub client {
    my ($system, @arg) = @_;
    my @pin = (($System::realtime ? qw(chrt -r 1) : ()),
               $System::processors > 1
                   ? ('taskset', '-c', $System::processors - 1) : ());

    my $pid = open2(my $from, my $to, @pin,
        ChatDesk::Stack::top() . '/build/bench/chatdesk-load',
        '--system', $system->kind, '--port', $system->{port}, @arg,
        ($system->{tls} ? '--tls' : ()),
        (map { ('--cookie', $_) } @{ $system->{cookies} // [] }),
        (map { ('--watch', $_) } $system->watched));

    return { pid => $pid, from => $from, to => $to };
}


sub line {
    my ($client) = @_;
    my $from = $client->{from};
    my $line = <$from> // die "the load client ended\n";

    return JSON::PP::decode_json($line);
}


# Ends a client's input and waits for it; returns its remaining lines.

sub finish {
    my ($client) = @_;
    my $from = $client->{from};

    close $client->{to};
    my @lines = map { JSON::PP::decode_json($_) } <$from>;
    waitpid $client->{pid}, 0;
    die "the load client failed\n" if $? != 0;

    return @lines;
}


# Dies of whatever went wrong with a message.

sub whole {
    my ($step) = @_;
    my $lost = $step->{sent} - $step->{received};

    die sprintf "%d lost, %d twice, %d out of order, %d foreign, "
        . "%d refused, %d cut\n", $lost,
        @$step{qw(twice order foreign refused cut)}
        if $lost || grep { $step->{$_} }
            qw(twice order foreign refused cut overrun);
}


# --------------------------------------------------------------------- waiting

sub now {
    return clock_gettime(CLOCK_MONOTONIC);
}


# Looks again a little later.

sub pause {
    select undef, undef, undef, $_[0];
}


# Private memory once it has not grown for so many seconds.

sub settled {
    my ($system, $need) = @_;
    my $deadline = now() + $need + 30;
    my ($since, $last) = (now(), 0);

    while (now() < $deadline && now() - $since < $need) {
        pause(0.5);
        my $bytes = $system->private_bytes;
        $since = now() if $bytes > $last + 65536;
        $last = $bytes;
    }

    return $last;
}


sub until_gone {
    my ($pid, $begin) = @_;

    while (-e "/proc/$pid") {
        die "the old nginx worker stays\n" if now() - $begin > 40;
        pause(0.02);
    }

    return now() - $begin;
}

1;
