#!/usr/bin/perl
#
# The simulator of the desk's rules, short form; `make sim SEEDS=N` is the
# long one.
#
#   SIM_SEEDS    default 40

use strict;
use warnings;

use FindBin;
use Test::More;

my $seeds = $ENV{SIM_SEEDS} // 40;
my $sim = "$FindBin::Bin/../build/asan/chatdesk-sim";

my $said = `'$sim' --seeds $seeds 2>&1`;
my ($last) = $said =~ /([^\n]*)\n*\z/;

is($?, 0, 'the simulator ends well')
    or diag(substr $said, -2000);
like($last, qr/^$seeds seeds, [1-9]\d* events, 0 violations$/,
     'every seed ran, nothing was violated');

done_testing();
