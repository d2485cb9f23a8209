package scenario::stop;

# A reader that stops while much is sent to it.
#
# Purpose:    what it costs the server, and whether it finds its way back.
# Owner:      see Bench.pm.
# Invariants: the reader counts as back when it has the last message.

use strict;
use warnings;

use Bench qw(line finish);


sub run {
    my ($bench) = @_;

    $bench->each_run([ qw(chatdesk nchan-redis ws socketio) ],
        sub { one($bench, $_[0]) }, 1);
}


sub one {
    my ($bench, $name) = @_;
    my ($rate, $seconds) = (1000, $bench->quick ? 2 : 8);

    $bench->with_system('reader that stops', $name, { agents => 1 }, sub {
        my ($system) = @_;
        my $before = Bench::settled($system, 1);
        my $client = Bench::client($system, '--mode', 'stop', '--pairs', 1,
            '--size', 7900, '--seconds', $seconds, '--rate', $rate);

        line($client) for 1 .. 2;
        my $after = $system->private_bytes;
        my ($end) = finish($client);

        die "stands at $end->{got} of $end->{sent}\n"
            if $name eq 'chatdesk' && $end->{got} != $end->{sent};
        $bench->add('reader that stops', $name,
            sprintf('%.0f MB', 7900 * $rate * $seconds / 1e6),
            'growth' => [ ($after - $before) / 1e6, 'MB' ],
            'back at the head' => [ $end->{got} == $end->{sent} ? 1 : 0, '' ]);
    });
}

1;
