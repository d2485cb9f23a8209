package scenario::templates;

# Templates in the worker: t/bench/templates/main.c says what its figures
# mean.
#
# Purpose:    time to fill in one of 5,000 templates.
# Owner:      see Bench.pm.
# Invariants: see each_row() of Bench.pm.

use strict;
use warnings;


sub run {
    my ($bench) = @_;

    $bench->each_row(templates => 'chatdesk-bench-templates',
        $bench->quick ? qw(--renders 20000) : ());
}

1;
