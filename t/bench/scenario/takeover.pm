package scenario::takeover;

# A worker that owns a desk is killed; a standby decides in its place.
#
# Purpose:    time from kill -9 of the owner until the desk decides again, at
#             three sizes; of it, until the standby has the lease, and for
#             loading what Redis has.
# Owner:      see Bench.pm; a private Redis and the workers are this file's.
# Invariants: each open conversation waits in line, with its visitor
#             connected; what is decided was written to the log after the
#             kill, and the line is as long as before, and one more.

use strict;
use warnings;

use ChatDesk::Workers;
use Bench qw(now);

use constant {
    AHEAD => 500,               # starts on their way to Redis
    ROUNDS => 3,
};


sub run {
    my ($bench) = @_;

    for my $open (1000, 10_000, $bench->quick ? () : 100_000) {
        $bench->each_run([ 'chatdesk' ], sub {
            eval { one($bench, $open); 1 }
                or $bench->figures->invalid('takeover', 'chatdesk', $@);
        }, 1);
    }
}


# So many visitors come and wait, as fast as Redis takes them.

sub fill {
    my ($bus, $open) = @_;
    my $failed = 0;
    my $check = sub { $failed++ if ($_[0][0] // '') ne 'ok' };

    for my $i (1 .. $open) {
        $bus->node if $i % AHEAD == 1;
        $bus->visitor_start($check);
        $bus->redis->wait_all_responses if $i % AHEAD == 0;
    }

    $bus->redis->wait_all_responses;
    die "$failed visitors were refused\n" if $failed;
    $bus->wait_applied(300);
}


sub one {
    my ($bench, $open) = @_;
    my $bus = ChatDesk::Workers->new(config => [ 'appendfsync everysec' ]);
    my $owner = $bus->start_owner;

    print STDERR "takeover: $open open\n";
    $bus->agent_hello('ana');
    fill($bus, $open);

    for my $round (1 .. ROUNDS) {
        my $standby = $bus->start_worker;
        $bus->wait_log($standby, 'standby');
        my %took = takeover($bus, $owner, $standby, $open + $round);

        $bench->add('takeover', 'chatdesk', "$open open",
            map { $_ => [ $took{$_}, 's' ] } sort keys %took);
        $owner = $standby;
    }

    my @complaints = $bus->complaints;
    die $complaints[0] if @complaints;
}


# Seconds since `begin` when this is so; looks often, as it is measured.

sub seconds_until {
    my ($begin, $what, $is_so) = @_;

    while (!$is_so->()) {
        die "$what: not within 30 s\n" if now() - $begin > 30;
        Bench::pause(0.005);
    }

    return now() - $begin;
}


sub takeover {
    my ($bus, $owner, $standby, $expected) = @_;
    my $log = $bus->key('log');
    my ($begin, %took) = (now());

    $owner->signal('KILL');
    $bus->visitor_start;
    $took{'has the lease'} = seconds_until($begin, 'the lease',
        sub { $bus->logged($standby, 'owner') });
    $took{'has loaded'} = seconds_until($begin, 'the state',
        sub { $bus->logged($standby, 'loaded') });
    $took{'decides again'} = seconds_until($begin, 'a decision',
        sub { $bus->redis->xlen($log) == 0 });

    $owner->wait_gone(5);
    my $line = $bus->redis->hlen($bus->key('e:conv'));
    die "$line conversations instead of $expected\n" if $line != $expected;

    return %took;
}

1;
