package scenario::overload;

# More than anything can carry: 20,000 messages a second are offered.
#
# Purpose:    what is taken arrives, and soon; the rest is told.
# Owner:      see Bench.pm.
# Invariants: a message that was refused is not sent again, so the offer does
#             not fall; what is due while a pair waits for the answers to what
#             it had under way counts as refused; one that was taken and does
#             not arrive is lost.

use strict;
use warnings;

use Bench qw(finish);

my $rate = 20000;


sub run {
    my ($bench) = @_;

    $bench->each_run([ qw(chatdesk nchan-redis ws socketio) ], sub {
        my ($name) = @_;

        $bench->with_system('overload', $name, { agents => 8 },
            sub { one($bench, $name, @_) });
    }, $bench->quick ? 1 : 2);
}


sub one {
    my ($bench, $name, $system) = @_;
    my @steps = finish(Bench::client($system, '--mode', 'relay', '--shed',
        '--pairs', 64, '--warm-ms', 500, '--seconds',
        $bench->quick ? 2 : 5, '--rate', $rate));
    my $step = $steps[1];
    my $lost = $step->{sent} - $step->{refused} - $step->{received};

    die "nothing was taken\n" if !$step->{samples};
    die "$step->{twice} twice, $step->{foreign} foreign\n"
        if $step->{twice} || $step->{foreign};
    $bench->add('overload', $name, "$rate/s offered",
        'lost' => [ $lost, '' ],
        'refused' => [ 100 * $step->{refused} / $step->{sent}, '%' ],
        'taken' => [ $step->{per_second}, '1/s' ],
        Bench::delays($step));
}

1;
