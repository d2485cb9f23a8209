package scenario::fan;

# From one to many.
#
# Purpose:    when the last of many receivers has it; deliveries a second at
#             most; processor time a delivery, at three sizes.
# Owner:      see Bench.pm.
# Invariants: an agent sends, one visitor with very many tabs receives: an
#             agent's socket follows a conversation once.

use strict;
use warnings;

use Bench qw(finish whole);

my @pair = qw(chatdesk nchan-redis);
my @all = (@pair, qw(nchan-memory ws socketio));


sub run {
    my ($bench) = @_;

    for my $fan (10, 1000, $bench->quick ? () : 5000) {
        $bench->each_run($fan == 1000 ? \@all : \@pair,
            sub { at_ten($bench, $_[0], $fan) }, $bench->quick ? 1 : 2);
    }

    $bench->each_run([ qw(chatdesk nchan-redis ws) ],
        sub { most($bench, $_[0]) }, $bench->quick ? 1 : 2);
}


sub steps {
    my ($system, $fan, @arg) = @_;
    my @steps = finish(Bench::client($system, '--mode', 'relay', '--pairs', 1,
        '--fan', $fan, '--warm-ms', 500, @arg));

    shift @steps;
    return @steps;
}


sub at_ten {
    my ($bench, $name, $fan) = @_;

    $bench->with_system('fan-out', $name, { agents => 1 }, sub {
        my ($system) = @_;
        my ($step) = steps($system, $fan, '--seconds', $bench->seconds,
            '--rate', 10);

        $step->{sent} *= $fan;
        whole($step);
        $bench->add('fan-out', $name, "1 to $fan, 10/s",
            p50 => [ $step->{p50}, 'ms' ], p99 => [ $step->{p99}, 'ms' ],
            'last p50' => [ $step->{last_p50}, 'ms' ],
            'server a delivery' => [ $step->{cpu_server}, 'us' ]);
    });
}


# Deliveries a second: rates of messages to 1,000 until one is not kept up.

sub most {
    my ($bench, $name) = @_;
    my $fan = 1000;

    $bench->with_system('fan-out, most', $name, { agents => 1 }, sub {
        my ($system) = @_;
        my @steps = steps($system, $fan, '--search',
            '--seconds', 1, map { ('--rate', $_) }
                40, 60, 80, 100, 125, 150, 175, 200);
        my ($best) = grep { $_->{good} } reverse @steps;

        die "not even the lowest rate was kept up\n" if !$best;
        $bench->add('fan-out, most', $name, "1 to $fan",
            'deliveries' => [ $best->{per_second}, '1/s' ],
            'server a delivery' => [ $best->{cpu_server}, 'us' ]);
    });
}

1;
