package ChatDesk::Node;

# Tests that are written in JavaScript, as tests of prove.
#
# Purpose:    one line for each file, with all it said when it fails.
# Owner:      a file's process is gone when node_ok() returns.
# Invariants: files run one after the other.

use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use Test::More;

our @EXPORT_OK = qw(node_ok);

my $top = abs_path(dirname(__FILE__) . '/../../..');


sub node_ok {
    for my $path (@_) {
        my ($name) = $path =~ m{([^/]+/[^/]+)$};
        my $said
            = `cd '$top' && node --test --test-reporter=tap '$path' 2>&1`;

        is($?, 0, $name) or diag($said);
    }
}

1;
