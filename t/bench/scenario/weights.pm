package scenario::weights;

# What a browser has to load.
#
# Purpose:    bytes of the widget's loader, of its panel and of the desktop's
#             first load, compressed.
# Owner:      see Bench.pm.
# Invariants: as ui/build.mjs counts them.

use strict;
use warnings;

use ChatDesk::Stack;


sub run {
    my ($bench) = @_;
    my $ui = ChatDesk::Stack::top() . '/ui';
    my %bytes;

    return if !-d "$ui/node_modules";

    for (split /\n/, `cd '$ui' && node build.mjs`) {
        my ($part, $bytes) = /^(.*?) +(\d+) of \d+ bytes gzip/ or next;
        $bytes{$part} = $bytes;
        $bench->add('weight', 'chatdesk', $part, 'gzip' => [ $bytes, 'B' ]);
    }
}

1;
