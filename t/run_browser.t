#!/usr/bin/perl
#
# What people see, in a real browser against a whole stack.
#
# Without a browser these tests are skipped, loudly; under CI=true that is a
# failure.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Node qw(node_ok);

my $top = "$FindBin::Bin/..";
my @screens = sort glob("$top/t/browser/*.test.*");

# browsers are slow enough without sanitizers behind them
$ENV{CHATDESK_FLAVOUR} = 'release';


sub browser {
    my ($found) = grep { -x } map { my $at = $_;
        map { "$at/$_" } qw(chromium chromium-headless-shell google-chrome) }
        split /:/, $ENV{PATH};

    return $ENV{CHROMIUM} // $found;
}


cmp_ok(@screens, '>', 0, 'there are tests');

if (my $path = browser()) {
    $ENV{CHROMIUM} = $path;
    node_ok(@screens);

} elsif (($ENV{CI} // '') eq 'true') {
    fail('a browser is installed');

} else {
    diag('NO BROWSER: ' . @screens . ' tests of the screens were skipped;'
        . ' install chromium');
}

done_testing();
