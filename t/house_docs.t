#!/usr/bin/perl
#
# Links between pages lead somewhere; what pages name is there.

use strict;
use warnings;

use FindBin;
use File::Basename qw(dirname);
use Test::More;

my $top = "$FindBin::Bin/..";
my @pages = split /\n/, `cd '$top' && git ls-files '*.md'`;
my (%text, %anchors);

for my $page (@pages) {
    open my $file, '<', "$top/$page" or die "$page: $!";
    $text{$page} = do { local $/; <$file> };

    for my $head ($text{$page} =~ /^#+ +(.*)$/mg) {
        my $anchor = lc $head =~ s/[^\w -]//gr =~ s/ /-/gr;
        $anchors{$page}{$anchor} = 1;
    }
}

my @lost;
for my $page (@pages) {
    for my $link ($text{$page} =~ /\]\(([^)\s]+)\)/g) {
        next if $link =~ /^[a-z]+:/;
        my ($path, $anchor) = $link =~ /^([^#]*)(?:#(.*))?$/;
        my $full = $path eq '' ? $page : dirname($page) . "/$path";

        1 while $full =~ s{(?:^|/)\.(?=/)|[^/]+/\.\./}{};
        $full =~ s{^/}{};
        push @lost, "$page: $link" if !-e "$top/$full";
        push @lost, "$page: $link" if defined $anchor && $anchors{$full}
            && !$anchors{$full}{$anchor};
    }
}

cmp_ok(scalar @pages, '>', 8, 'pages were found');
ok(!@lost, 'every link leads somewhere') or diag(join "\n", @lost);

# every directive of the module has a place in its page
my %directive = map { $_ => 1 }
    `cat '$top'/ngx_chatdesk_module/*.c`
        =~ /ngx_string\("(chatdesk_\w+)"\)/g;
delete @directive{ grep { /echo/ } keys %directive };
my @silent = grep { $text{'docs/directives.md'} !~ /\b$_\b/ }
    sort keys %directive;
cmp_ok(scalar keys %directive, '>', 5, 'directives were found');
ok(!@silent, 'every directive is documented') or diag("@silent");

# and every target of the Makefile that help names is one
open my $make, '<', "$top/Makefile" or die $!;
my $rules = do { local $/; <$make> };
my @missing = grep { $rules !~ /^$_\b.*:/m } $rules =~ /'make (\w+)/g;
ok(!@missing, 'every target that help names exists') or diag("@missing");

done_testing();
