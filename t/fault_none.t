#!/usr/bin/perl
#
# No fault: 1,000 messages each way at 200 a second over raw sockets.
#
# proves: V4

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Load;

my $load = ChatDesk::Load->new;

$load->run(messages => 100, rate => 10);
$load->none_ok(cuts => 'nobody was cut');

$load->test->verdict_ok('2,000 messages');
$load->test->finish;
