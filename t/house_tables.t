#!/usr/bin/perl
#
# What is generated from include/tbl/ is what is committed.

use strict;
use warnings;

use FindBin;
use Test::More;

my $top = "$FindBin::Bin/..";
my $generate = "$top/include/tbl/generate.pl";

my $said = `$generate --check 2>&1`;
is($?, 0, 'nothing that is generated is stale') or diag($said);

my $features = `$top/t/tools/features --check 2>&1`;
is($?, 0, 'docs/features.md names the tests that there are')
    or diag($features);

# the check itself: a copy with one changed row must be found stale
require File::Temp;
my $copy = File::Temp::tempdir(CLEANUP => 1);
system("cd '$top' && cp -r --parents include docs ui/shared/tables.ts"
    . " worker/redis/tables.lua '$copy'") == 0 or die "cp failed";
system("sed -i 's/^CD_LIMIT(WINDOW, *50/CD_LIMIT(WINDOW, 51/'"
    . " '$copy/include/tbl/limits.h'") == 0 or die "sed failed";

$said = `$copy/include/tbl/generate.pl --check`;
isnt($?, 0, 'a changed limit makes the check fail');
like($said, qr{ui/shared/tables\.ts is stale}, 'and names TypeScript');
like($said, qr{worker/redis/tables\.lua is stale}, 'and Lua');

# a number that is used twice stops everything
system("echo 'CD_FIELD(TWICE, twice, 1, UINT, 1, \"x\")'"
    . " >> '$copy/include/tbl/fields.h'") == 0 or die "echo failed";
$said = `$copy/include/tbl/generate.pl --check 2>&1`;
isnt($?, 0, 'a field number that is used twice is refused');
like($said, qr/'1' stands there twice/, 'and named');

done_testing();
