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
    my @rates = (200, $bench->quick ? () : (1000, 2000));

    $bench->each_run([ qw(chatdesk nchan-redis) ],
        sub { one($bench, $_[0], @rates) }, $bench->quick ? 1 : 2);
}


sub one {
    my ($bench, $name, @rates) = @_;

    $bench->with_system('long-poll', $name, { agents => 8 }, sub {
        my ($system) = @_;
        my @steps = finish(Bench::client($system, '--mode', 'relay',
            '--poll', '--pairs', 64, '--warm-ms', 500, '--seconds',
            $bench->seconds, map { ('--rate', $_) } @rates));

        for my $rate (@rates) {
            my ($step) = grep { ($_->{rate} // 0) == $rate } @steps;

            whole($step);
            $bench->add('long-poll', $name, "$rate/s",
                Bench::delays($step), Bench::cpu($step, 'a cycle'));
        }
    });
}

1;
