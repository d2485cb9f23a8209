package scenario::poll;

# Long-poll in the place of a WebSocket.
#
# Purpose:    a cycle: a request waits, a message answers it, the next request
#             comes; its delay and its cost.
# Owner:      see Bench.pm.
# Invariants: senders stay on WebSockets; a message that comes between two
#             requests counts by the same numbers.

use strict;
use warnings;

use Bench qw(finish whole);


sub run {
    my ($bench) = @_;

    $bench->each_run([ qw(chatdesk nchan-redis) ], sub {
        my ($name) = @_;

        for my $rate (200, $bench->quick ? () : (1000, 2000)) {
            one($bench, $name, $rate);
        }
    }, $bench->quick ? 1 : 2);
}


sub one {
    my ($bench, $name, $rate) = @_;

    $bench->with_system('long-poll', $name, { agents => 8 }, sub {
        my ($system) = @_;
        my @steps = finish(Bench::client($system, '--mode', 'relay',
            '--poll', '--pairs', 64, '--warm-ms', 500, '--seconds',
            $bench->seconds, '--rate', $rate));

        whole($steps[1]);
        $bench->add('long-poll', $name, "$rate/s",
            Bench::delays($steps[1]), Bench::cpu($steps[1], 'a cycle'));
    });
}

1;
