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
my @ladder = (2000, 4000, 6000, 8000, 10000, 12000, 14000, 17000, 20000,
    24000, 28000, 34000, 40000, 48000);
my @all = qw(chatdesk nchan-redis nchan-memory ws socketio echo);


sub run {
    my ($bench) = @_;

    my @rates = $bench->quick ? (2000) : (200, 2000, 6000);

    $bench->each_run(\@all,
        sub { fixed($bench, $_[0], 'everysec', @rates) });
    $bench->each_run(\@all, sub { most($bench, $_[0]) },
        $bench->quick ? 1 : 2);
    $bench->each_run([ qw(chatdesk nchan-redis) ],
        sub { fixed($bench, $_[0], 'always', 2000) }, 1);
}


sub fixed {
    my ($bench, $name, $fsync, @rates) = @_;
    my $scenario = 'relay 1:1'
        . ($fsync eq 'always' ? ', every write synced' : '');

    $bench->with_system($scenario, $name,
        { agents => AGENTS, fsync => $fsync }, sub {
        my ($system) = @_;
        my @steps = finish(Bench::client($system, '--mode', 'relay',
            '--pairs', PAIRS, '--warm-ms', 500,
            '--seconds', $bench->seconds, map { ('--rate', $_) } @rates));

        for my $rate (@rates) {
            my ($step) = grep { ($_->{rate} // 0) == $rate } @steps;

            # what a slower system does not keep up is no figure of it
            next if $name ne 'chatdesk' && !$step->{good};
            whole($step);
            $bench->add($scenario, $name, "$rate/s", Bench::delays($step),
                Bench::cpu($step, 'a message'));
        }
    });
}


sub most {
    my ($bench, $name) = @_;
    my $scenario = 'relay 1:1, most';

    $bench->with_system($scenario, $name, { agents => AGENTS }, sub {
        my ($system) = @_;
        my @steps = finish(Bench::client($system, '--mode', 'relay',
            '--search', '--pairs', PAIRS, '--warm-ms', 300, '--seconds',
            $bench->quick || $name !~ /^(?:chatdesk|nchan-redis)$/ ? 1 : 2,
            map { ('--rate', $_) } @ladder));
        my ($best) = grep { $_->{good} } reverse @steps;

        die "not even the lowest rate was kept up\n" if !$best;
        $bench->add($scenario, $name, 'ladder',
            'kept up' => [ $best->{rate}, '1/s' ], Bench::delays($best),
            Bench::cpu($best, 'a message'));
    });
}

1;
