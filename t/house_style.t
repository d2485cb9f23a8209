#!/usr/bin/perl
#
# What docs/style.md asks for and a program can see.

use strict;
use warnings;

use FindBin;
use Test::More;

my $top = "$FindBin::Bin/..";

# generated, or a table whose rows are one line each
my $is_table = qr{^include/tbl/.*\.h$|^ui/shared/tables\.ts$
                  |^worker/redis/tables\.lua$}x;

my @files = grep { !m{^t/fuzz/corpus/} && -f "$top/$_" && -T "$top/$_" }
    split /\n/, `cd '$top' && git ls-files`;
my @code = grep { /\.(?:[ch]|ts|tsx|mjs|lua|pm|t|pl|css)$/ } @files;

cmp_ok(scalar @code, '>', 30, 'files were found');


sub text_of {
    my ($file) = @_;

    open my $in, '<:encoding(UTF-8)', "$top/$file" or die "$file: $!";
    local $/;
    return <$in> // '';
}

my %text = map { $_ => text_of($_) } @files;


# Lines of these files that a pattern fits, as file:line.

sub found {
    my ($pattern, @in) = @_;
    my @found;

    for my $file (@in) {
        my $number = 0;

        for my $line (split /\n/, $text{$file}) {
            $number++;
            push @found, "$file:$number" if $line =~ $pattern;
        }
    }

    return \@found;
}


# Passes when nothing was found, and lists all that was.

sub none {
    my ($found, $name) = @_;

    ok(!@$found, $name) or diag(join "\n", @$found);
}


sub without {
    my ($pattern, @from) = @_;

    return grep { $_ !~ $pattern } @from;
}


my @c = grep { /\.[ch]$/ } @code;
my @ui = grep { m{^ui/.*\.(?:ts|tsx)$} } @code;

none(found(qr/^.{81,}/, without($is_table,
    grep { /\.(?:[ch]|lua|pm|t|pl)$/ } @code)), 'no line over 80 columns');
none(found(qr/^.{101,}/, without($is_table, @ui)),
    'no line over 100 columns in the user interface');
none(found(qr/\t/, without(qr{^Makefile}, @code)), 'no tabs');
none(found(qr/[ \t]+$/, @code), 'no white space at ends of lines');
none(found(qr/[^\x00-\x7f]/, @c), 'C is ASCII');
none(found(qr{^\s*//|;\s*//}, @c), 'C has no // comments');

my @long = grep { ($text{$_} =~ tr/\n//) > 600 } without($is_table, @code);
none(\@long, 'no file over 600 lines');


# Functions begin at a brace in the first column and end at one.

sub long_functions {
    my ($most, @in) = @_;
    my @long;

    for my $file (@in) {
        my ($number, $begin) = (0, 0);

        for my $line (split /\n/, $text{$file}) {
            $number++;
            $begin = $number if $line =~ /^\{/;

            if ($line =~ /^\}/ && $begin) {
                push @long, "$file:$begin" if $number - $begin > $most;
                $begin = 0;
            }
        }
    }

    return \@long;
}

none(long_functions(80, @c), 'no function in C over 80 lines');

my @bare = grep { $text{$_} !~ m{\A(?:\#!.*\n)?\s*(?:/\*|\#|--|package)} }
    @code;
none(\@bare, 'every file begins with what it is');

# spelled apart, so that this file does not find itself
my $left_open = join '|', 'TO' . 'DO', 'FIX' . 'ME', '\bXX' . 'X\b';
none(found(qr/$left_open/, @files), 'nothing is left open');
none(found(qr/#\s*if 0\b/, @c), 'nothing is switched off');
none(found(qr/\b(?:assert|abort)\s*\(/,
    grep { m{^ngx_chatdesk_module/} } @c),
    'the module fails a session, never the process');

# it says how the system's headers are to be read (_GNU_SOURCE, wide offsets)
my @late = grep {
    $text{$_} =~ /\bngx_(?:u?int|str|log|pool|buf|event|queue|msec)_t\b/
        && $text{$_} !~ /\A(?:(?!^#include).*\n)*^#include [<"]ngx_/m
} grep { m{^ngx_chatdesk_module/} } @c;
none(\@late, 'nginx\'s headers come first');
none(found(qr/\b(?:inner|outer)HTML\b|insertAdjacentHTML
    |document\.write|\beval\(|new\ Function\(/x, @ui),
    'no markup from strings, no code from strings');
none(found(qr/postMessage\([^,)]*,\s*['"]\*/, @ui),
    'postMessage names its target');
none(found(qr/\bsleep\s*\(?\s*\d|\busleep\b/,
    grep { m{^t/} && !m{^t/house_style} } @code),
    'no test waits by the clock');

# packages come from wherever the machine gets them
none(found(qr{https?://(?:[a-z0-9.-]*\.)?(?:debian|ubuntu)\.(?:org|com)
    |registry\.np|/etc/apt/sources\.list:}x,
    grep { !/^t\/house_style/ } @files), 'no mirror is named');
none(found(qr{(?:^|[\s"'=(])/work/}, @files),
    'no path of one machine');

done_testing();
