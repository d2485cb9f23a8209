package scenario::worker;

# The worker's core alone: t/bench/core/main.c says what its figures mean.
#
# Purpose:    decisions a second, memory of an open conversation, the time to
#             build the core anew from its entities, at three sizes.
# Owner:      see Bench.pm.
# Invariants: see each_row() of Bench.pm.

use strict;
use warnings;


sub run {
    my ($bench) = @_;

    $bench->each_row(worker => 'chatdesk-bench-core',
        $bench->quick ? qw(--agents 1000 --open 10000) : ());
}

1;
