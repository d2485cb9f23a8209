package scenario::idle;

# Sockets that only stay.
#
# Purpose:    private memory of the server and memory of the kernel for each;
#             processor time while they stay.
# Owner:      see Bench.pm.
# Invariants: a first 200 sockets come before the count begins, for what they
#             bring about is not theirs; the figure is taken when nothing has
#             grown for longer than a heartbeat.

use strict;
use warnings;

use Bench qw(line finish now);

my @all = qw(chatdesk nchan-redis ws socketio nginx echo);


sub run {
    my ($bench) = @_;
    my $quick = $bench->quick;

    # curve of growth; where one process may not hold so many, several do
    measure($bench, [ @all ], 5000);
    measure($bench, [ qw(chatdesk nchan-redis) ], 20000) if !$quick;
    measure($bench, [ qw(chatdesk nchan-redis) ], 50000) if !$quick;
    measure($bench, [ 'chatdesk' ], 100_000) if !$quick;
    measure($bench, [ qw(chatdesk nchan-redis) ], 1000, 1);
    measure($bench, [ 'chatdesk' ], 10000, 1) if !$quick;
}


sub measure {
    my ($bench, $names, $size, $tls) = @_;
    my $scenario = 'idle socket, ' . ($tls ? 'TLS' : 'plain');

    $bench->each_run($names, sub {
        my ($name) = @_;
        my $workers = workers($name, $size);

        # a server that is one process holds what one process may
        my $count = $workers * Bench::PER_PROCESS < $size
            ? Bench::PER_PROCESS : $size;

        $bench->with_system($scenario, $name,
            { workers => $workers, tls => $tls },
            sub { one($bench, $scenario, $name, $count, @_) });
    }, 1);
}


sub workers {
    my ($name, $size) = @_;

    return 1 if $name =~ /^(?:ws|socketio|echo)$/;
    return int(($size + Bench::PER_PROCESS - 1) / Bench::PER_PROCESS);
}


sub one {
    my ($bench, $scenario, $name, $size, $system) = @_;
    my $parts = int(($size + Bench::PER_PROCESS - 1) / Bench::PER_PROCESS);
    my @clients = (Bench::client($system, '--mode', 'idle', '--sockets', 200));

    line($_) for @clients;
    finish(pop @clients);
    my ($before, $kernel) =
        (Bench::settled($system, 3), System::kernel_bytes());

    push @clients, Bench::client($system, '--mode', 'idle', '--sockets',
        int $size / $parts, '--source', 100 * $_) for 1 .. $parts;
    line($_) for @clients;

    my $after = Bench::settled($system, 3);
    my $kernel_after = System::kernel_bytes();
    my $long = !$bench->quick && $size >= 100_000;
    my $share = idle_share($system, $long ? 52 : 3);
    my $later = $system->private_bytes;
    my $cut = 0;
    $cut += $_->{cut} for map { finish($_) } @clients;
    die "$cut sockets were cut\n" if $cut;

    $after = $later if $later > $after;
    $bench->add($scenario, $name, $size,
        'server, private' => [ ($after - $before) / $size, 'B' ],
        'kernel, both ends' => [ ($kernel_after - $kernel) / $size, 'B' ],
        $long ? ('share of a core' => [ 100 * $share, '%' ]) : ());
}


# What part of one processor the server takes over so many seconds; it is of
# use when that is longer than a heartbeat, so that every socket has had one.

sub idle_share {
    my ($system, $seconds) = @_;
    my ($begin, $used) = (now(), $system->server_ns);

    Bench::pause(1) while now() - $begin < $seconds;

    return ($system->server_ns - $used) / 1e9 / (now() - $begin);
}

1;
