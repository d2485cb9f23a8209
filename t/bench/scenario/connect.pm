package scenario::connect;

# Sockets that only come.
#
# Purpose:    handshakes a second: with the check of a token alone, and with a
#             conversation's feed that is followed as well.
# Owner:      see Bench.pm.
# Invariants: each slot comes back as soon as it was let in, with the token
#             that it was given.

use strict;
use warnings;

use Bench qw(finish);


sub run {
    my ($bench) = @_;
    my @all = qw(chatdesk nchan-redis nchan-memory ws socketio);

    $bench->each_run(\@all, sub { one($bench, $_[0], 'token', 0) });
    $bench->each_run([ 'chatdesk' ],
        sub { one($bench, $_[0], 'token and feed', 1) });
}


sub one {
    my ($bench, $name, $size, $with_feed) = @_;

    $bench->with_system('connect', $name, {}, sub {
        my ($system) = @_;
        my ($result) = finish(Bench::client($system, '--mode', 'connect',
            ($with_feed ? ('--conversations', '--pairs', 100)
                        : ('--sockets', 100)),
            '--warm-ms', 500, '--seconds', $bench->seconds));

        die "$result->{cut} sockets were cut\n" if $result->{cut};
        $bench->add('connect', $name, $size,
            'handshakes' => [ $result->{per_second}, '1/s' ],
            Bench::cpu($result, 'each'));
    });
}

1;
