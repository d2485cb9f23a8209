package scenario::relay;

# Messages from one to one, at fixed rates and at the highest that is kept.
#
# Purpose:    delay one way, processor time a message, the limit.
# Owner:      see Bench.pm.
# Invariants: the limit is the highest rate of the ladder at which nothing was
#             lost or refused and p99 stayed below 100 ms.

use strict;
use warnings;

use Bench qw(finish whole);

use constant PAIRS => 64;
use constant AGENTS => 8;

# rates that are tried one after the other, until one is not kept up
my @ladder = (1000, 2000, 3000, 4000, 5000, 6000, 7000, 8500, 10000, 12000,
    14000, 17000, 20000, 24000, 28000, 34000, 40000, 48000);
my @all = qw(chatdesk nchan-redis nchan-memory ws socketio echo);


sub run {
    my ($bench) = @_;

    $bench->each_run(\@all, sub {
        my ($name) = @_;

        for my $rate (200, 2000, $bench->quick ? () : 6000) {
            fixed($bench, $name, $rate, 'everysec');
        }
        most($bench, $name);
    });
    $bench->each_run([ qw(chatdesk nchan-redis) ],
        sub { fixed($bench, $_[0], 2000, 'always') }, 1);
}


sub fixed {
    my ($bench, $name, $rate, $fsync) = @_;
    my $scenario = 'relay 1:1'
        . ($fsync eq 'always' ? ', every write synced' : '');

    $bench->with_system($scenario, $name,
        { agents => AGENTS, fsync => $fsync }, sub {
        my ($system) = @_;
        my @steps = finish(Bench::client($system, '--mode', 'relay',
            '--pairs', PAIRS, '--warm-ms', 1000,
            '--seconds', $bench->seconds, '--rate', $rate));

        whole($steps[1]);
        $bench->add($scenario, $name, "$rate/s", Bench::delays($steps[1]),
            Bench::cpu($steps[1], 'a message'));
    });
}


sub most {
    my ($bench, $name) = @_;
    my $scenario = 'relay 1:1, most';

    $bench->with_system($scenario, $name, { agents => AGENTS }, sub {
        my ($system) = @_;
        my @steps = finish(Bench::client($system, '--mode', 'relay',
            '--search', '--pairs', PAIRS, '--warm-ms', 300, '--seconds',
            $bench->quick ? 1 : 2, map { ('--rate', $_) } @ladder));
        my ($best) = grep { $_->{good} } reverse @steps;

        die "not even the lowest rate was kept up\n" if !$best;
        $bench->add($scenario, $name, 'ladder',
            'kept up' => [ $best->{rate}, '1/s' ], Bench::delays($best),
            Bench::cpu($best, 'a message'));
    });
}

1;
