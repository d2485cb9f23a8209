package scenario::storm;

# All of a crowd are cut at once and come back at once.
#
# Purpose:    the time until the last is in step again, at three sizes.
# Owner:      see Bench.pm.
# Invariants: each has a conversation of its own and counts when it has its
#             window; a peer's counts when its socket is open.

use strict;
use warnings;

use Bench qw(line finish);


sub run {
    my ($bench) = @_;

    for my $size ($bench->quick ? (5000) : (5000, 10000, 20000)) {
        $bench->each_run([ 'chatdesk', $size < 20000 ? () : 'nchan-redis' ],
            sub { one($bench, $_[0], $size) }, $size < 20000 ? 1 : 2);
    }
}


sub one {
    my ($bench, $name, $size) = @_;
    my $parts = int(($size + Bench::PER_PROCESS - 1) / Bench::PER_PROCESS);

    # both processors are the servers', as they would be
    $bench->with_system('resume storm', $name, { workers => 2 }, sub {
        my ($system) = @_;
        my @workers = $system->server_pids;
        System::pin($_ % $System::processors, $workers[$_]) for 0 .. 1;

        my @clients = map {
            my $client = Bench::client($system, '--mode', 'storm',
                '--conversations', '--pairs', int $size / $parts,
                '--source', 100 * $_);
            line($client);
            $client;
        } 1 .. $parts;

        close $_->{to} for @clients;
        my @results = map { finish($_) } @clients;
        my ($slowest) = sort { $b->{seconds} <=> $a->{seconds} } @results;
        $bench->add('resume storm', $name, $size,
            'all in step' => [ $slowest->{seconds}, 's' ],
            $name eq 'chatdesk' ? ('gap p99' => [ $slowest->{p99}, 'ms' ])
                                : ());
    });
}

1;
