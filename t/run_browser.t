#!/usr/bin/perl
#
# Tests that are written in JavaScript: of the user interface's pieces, and,
# in a real browser against a whole stack, of what people see.
#
# Without a browser the latter are skipped, loudly; under CI=true that is a
# failure.

use strict;
use warnings;

use FindBin;
use Test::More;

my $top = "$FindBin::Bin/..";
my @pieces = sort glob("$top/t/unit-ui/*.test.*");
my @screens = sort glob("$top/t/browser/*.test.*");

# browsers are slow enough without sanitizers behind them
$ENV{CHATDESK_FLAVOUR} = 'release';


sub node_ok {
    my ($path) = @_;
    my ($name) = $path =~ m{([^/]+/[^/]+)$};
    my $said = `cd '$top' && node --test --test-reporter=tap '$path' 2>&1`;

    is($?, 0, $name) or diag($said);
}


sub browser {
    my ($found) = grep { -x } map { my $at = $_;
        map { "$at/$_" } qw(chromium chromium-headless-shell google-chrome) }
        split /:/, $ENV{PATH};

    return $ENV{CHROMIUM} // $found;
}


cmp_ok(@pieces + @screens, '>', 0, 'there are tests');
node_ok($_) for @pieces;

if (my $path = browser()) {
    $ENV{CHROMIUM} = $path;
    node_ok($_) for @screens;

} elsif (($ENV{CI} // '') eq 'true') {
    fail('a browser is installed');

} else {
    diag('NO BROWSER: ' . @screens . ' tests of the screens were skipped;'
        . ' install chromium');
}

done_testing();
