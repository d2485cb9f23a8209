package scenario::worker;

# The worker's core alone: t/bench/core/main.c says what its figures mean.
#
# Purpose:    decisions a second, memory of an open conversation, the time in
#             which a standby takes over, at three sizes.
# Owner:      see Bench.pm.
# Invariants: the program prints lines of JSON with the members of
#             results.json, and `value`.

use strict;
use warnings;

use JSON::PP ();

use ChatDesk::Stack;
use System;

my $program = ChatDesk::Stack::top() . '/build/bench/chatdesk-bench-core';


sub run {
    my ($bench) = @_;
    my @pin = $System::processors > 1 ? ('taskset', '-c', 0) : ();
    my @size = $bench->quick ? qw(--agents 1000 --open 10000) : ();

    return if !-x $program;

    $bench->each_run([ 'chatdesk' ], sub {
        open my $from, '-|', @pin, $program, @size or die "$program: $!\n";

        for my $row (map { JSON::PP::decode_json($_) } <$from>) {
            $bench->add(@$row{qw(scenario system size)},
                $row->{metric} => [ @$row{qw(value unit)} ]);
        }

        $bench->figures->invalid('worker', 'chatdesk', 'it failed')
            if !close $from;
    }, $bench->quick ? 1 : 3);
}

1;
