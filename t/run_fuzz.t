#!/usr/bin/perl
#
# Every fuzz target: its corpus, and a short search from there.
#
#   FUZZ_SECONDS    for each target, default 5
#
# What is found new goes to build/, never into the committed corpora.

use strict;
use warnings;

use FindBin;
use File::Path qw(make_path);
use Test::More;

my $top = "$FindBin::Bin/..";
my $seconds = $ENV{FUZZ_SECONDS} // 5;
my @targets = map { m{([^/]+)\.c$} } sort glob("$top/t/fuzz/*.c");

cmp_ok(scalar @targets, '>', 0, 'there are fuzz targets');

for my $name (@targets) {
    my $found = "$top/build/fuzz/corpus/$name";
    my $corpus = "$top/t/fuzz/corpus/$name";

    make_path($found);
    ok(-d $corpus, "$name has a corpus");

    my $said = `cd '$found' && '$top/build/fuzz/$name' \\
        -max_total_time=$seconds -timeout=1 -rss_limit_mb=1024 -max_len=70000 \\
        -artifact_prefix='$top/build/fuzz/$name-' '$found' '$corpus' 2>&1`;
    is($?, 0, "$name: nothing in $seconds s")
        or diag(join "\n", (split /\n/, $said)[-40 .. -1]);
}

done_testing();
