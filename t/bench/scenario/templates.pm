package scenario::templates;

# Templates in the worker: t/bench/templates/main.c says what its figures
# mean.
#
# Purpose:    time to fill in one of 5,000 templates.
# Owner:      see Bench.pm.
# Invariants: as scenario::worker.

use strict;
use warnings;

use JSON::PP ();

use ChatDesk::Stack;
use System;

my $program = ChatDesk::Stack::top()
    . '/build/bench/chatdesk-bench-templates';


sub run {
    my ($bench) = @_;
    my @pin = $System::processors > 1 ? ('taskset', '-c', 0) : ();
    my @size = $bench->quick ? qw(--renders 20000) : ();

    return if !-x $program;

    $bench->each_run([ 'chatdesk' ], sub {
        open my $from, '-|', @pin, $program, @size or die "$program: $!\n";

        for my $row (map { JSON::PP::decode_json($_) } <$from>) {
            $bench->add(@$row{qw(scenario system size)},
                $row->{metric} => [ @$row{qw(value unit)} ]);
        }

        $bench->figures->invalid('templates', 'chatdesk', 'it failed')
            if !close $from;
    }, $bench->quick ? 1 : 3);
}

1;
