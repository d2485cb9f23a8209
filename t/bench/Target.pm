package Target;

# What ChatDesk is to reach, row by row.
#
# Purpose:    says of each row whether it was hit.
# Owner:      nobody; a constant table.
# Invariants: a figure is compared by its median; a row without a figure says
#             so, and counts as missed.

use strict;
use warnings;

# scenario, size (a pattern), metric, `<=` or `>=`, value; or `x` and how many
# times the system behind it
my @rows = (
    [ 'idle socket, plain', qr/^20000$/, 'server, private', '<=', 1000 ],
    [ 'idle socket, plain', qr/^50000$/, 'server, private', '<=', 1000 ],
    [ 'idle socket, plain', qr/^100000$/, 'share of a core', '<=', 3 ],
    [ 'idle socket, TLS', qr/^10000$/, 'server, private', '<=', 15000 ],
    [ 'connect', qr/^token and feed$/, 'handshakes', '>=', 20000 ],
    [ 'relay 1:1', qr/^2000/, 'p50', '<=', 0.2 ],
    [ 'relay 1:1', qr/^2000/, 'p99', '<=', 0.5 ],
    [ 'relay 1:1', qr/^2000/, 'server a message', '<=', 45 ],
    [ 'relay 1:1', qr/^2000/, 'redis a message', '<=', 55 ],
    [ 'relay 1:1, most', qr/./, 'kept up', '>=', 28000 ],
    [ 'relay 1:1, most', qr/./, 'kept up', 'x', 4, 'nchan-redis' ],
    [ 'relay 1:1, most', qr/./, 'server a message', '<=', 20 ],
    [ 'relay 1:1, most', qr/./, 'redis a message', '<=', 18 ],
    [ 'overload', qr/./, 'lost', '<=', 0 ],
    [ 'overload', qr/./, 'p99', '<=', 1000 ],
    [ 'fan-out', qr/^1 to 5000/, 'last p50', '<=', 45 ],
    [ 'fan-out', qr/^1 to 5000/, 'p99', '<=', 50 ],
    [ 'fan-out, most', qr/./, 'deliveries', '>=', 125_000 ],
    [ 'second of two, 3 ms apart', qr/./, 'p50', '<=', 0.5 ],
    [ 'reader that stops', qr/./, 'growth', '<=', 1 ],
    [ 'reader that stops', qr/./, 'back at the head', '>=', 1 ],
    [ 'reload, 200/s', qr/./, 'lost', '<=', 0 ],
    [ 'reload, 200/s', qr/./, 'gap p99', '<=', 2000 ],
    [ 'reload, 200/s', qr/./, 'old worker gone', '<=', 10 ],
    [ 'resume storm', qr/^20000$/, 'all in step', '<=', 10 ],
    [ 'worker', qr/./, 'decisions', '>=', 50_000 ],
    [ 'worker', qr/./, 'memory of a conversation', '<=', 2048 ],
    [ 'takeover', qr/^100000 open/, 'decides again', '<=', 3 ],
    [ 'templates', qr/^5000 /, 'render p99', '<=', 1 ],
    [ 'weight', qr/loader/, 'gzip', '<=', 3072 ],
    [ 'weight', qr/panel/, 'gzip', '<=', 25600 ],
    [ 'weight', qr/desk/, 'gzip', '<=', 71680 ],
);


# For each row that was measured: { what, goal, value, unit, hit }.

sub judged {
    my ($class, @figures) = @_;
    my %other = map { join("\0", @$_{qw(scenario size metric system)}) => $_ }
        @figures;

    return map {
        my ($scenario, $size, $metric, $compare, $value, $base) = @$_;
        my @of = grep {
            $_->{system} eq 'chatdesk' && $_->{scenario} eq $scenario
                && $_->{size} =~ $size && $_->{metric} eq $metric
        } @figures;

        map {
            my $peer = defined $base && $other{ join "\0",
                @$_{qw(scenario size metric)}, $base };
            my $goal = $compare ne 'x' ? $value
                : $peer ? $value * $peer->{median} : undef;

            defined $goal ? {
                what => "$scenario, $_->{size}: $metric",
                goal => $goal, sign => $compare eq '<=' ? '<=' : '>=',
                value => $_->{median}, unit => $_->{unit},
                hit => $compare eq '<=' ? $_->{median} <= $goal
                                        : $_->{median} >= $goal,
            } : ();
        } @of;
    } @rows;
}

1;
