#!/usr/bin/perl
#
# Pieces of the user interface, without a browser.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Node qw(node_ok);

my @pieces = sort glob("$FindBin::Bin/unit-ui/*.test.*");

cmp_ok(@pieces, '>', 0, 'there are tests');
node_ok(@pieces);

done_testing();
