package scenario::typing;

# Two small frames 3 ms apart, as somebody types.
#
# Purpose:    the delay of the second one: 40 ms where a socket waits for an
#             acknowledgement of the first.
# Owner:      see Bench.pm.
# Invariants: only the second of each two is timed.

use strict;
use warnings;

use Bench qw(finish whole);


sub run {
    my ($bench) = @_;
    my $scenario = 'second of two, 3 ms apart';

    $bench->each_run(
        [ qw(chatdesk nchan-redis nchan-memory ws socketio echo) ], sub {
        my ($name) = @_;

        $bench->with_system($scenario, $name, { agents => 8 }, sub {
            my ($system) = @_;
            my @steps = finish(Bench::client($system, '--mode', 'relay',
                '--pairs', 16, '--burst-ms', 3, '--warm-ms', 500,
                '--seconds', $bench->seconds, '--rate', 100));

            whole($steps[1]);
            $bench->add($scenario, $name, '50/s',
                p50 => [ $steps[1]{p50}, 'ms' ],
                p99 => [ $steps[1]{p99}, 'ms' ]);
        });
    }, $bench->quick ? 1 : 3);
}

1;
