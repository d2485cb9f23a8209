package scenario::reload;

# nginx reloads while sockets are open and conversations talk.
#
# Purpose:    the gap of each socket, and that nothing is lost.
# Owner:      see Bench.pm.
# Invariants: every socket is cut once and comes back; *gap* is the time from
#             the cut to the next `welcome`.  nchan cuts all of them at once
#             and keeps nothing for them: no figure.

use strict;
use warnings;

use Bench qw(line finish whole now until_gone);

use constant PAIRS => 64;
use constant AGENTS => 8;


sub run {
    my ($bench) = @_;

    for my $sockets ($bench->quick ? (500) : (500, 2000, 8000)) {
        $bench->each_run([ 'chatdesk' ], sub { one($bench, $sockets) },
            $sockets == 2000 ? 2 : 1);
    }
}


sub one {
    my ($bench, $sockets) = @_;

    $bench->with_system('reload, 200/s', 'chatdesk', { agents => AGENTS },
        sub {
        my ($system) = @_;
        my $client = Bench::client($system, '--mode', 'reload', '--pairs',
            PAIRS, '--sockets', $sockets - PAIRS - AGENTS,
            '--seconds', $bench->quick ? 8 : 12, '--rate', 200);

        line($client);
        my ($old) = $system->server_pids;
        my $begin = now();
        $system->reload;
        my $gone = until_gone($old, $begin);
        System::pin(0, $system->server_pids) if $System::processors > 1;
        my ($step) = finish($client);
        my $cut = delete $step->{cut};

        whole({ %$step, cut => 0 });
        die "$cut cut, $step->{gap_count} came back\n"
            if $cut != $step->{gap_count} || $cut < $sockets;
        $bench->add('reload, 200/s', 'chatdesk', "$sockets sockets",
            'lost' => [ $step->{sent} - $step->{received}, '' ],
            'gap p50' => [ $step->{gap_p50}, 'ms' ],
            'gap p99' => [ $step->{gap_p99}, 'ms' ],
            'message p99' => [ $step->{p99}, 'ms' ],
            'old worker gone' => [ $gone, 's' ]);
    });
}

1;
