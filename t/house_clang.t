#!/usr/bin/perl
#
# The other compiler has no complaint either; gcc has its say in the build.

use strict;
use warnings;

use FindBin;
use Test::More;

my $top = "$FindBin::Bin/..";
my $nginx = '/usr/share/nginx/src/src';
my @warnings = qw(-Wall -Wextra -Werror -std=gnu11 -fsyntax-only);

my @headers = map { ('-isystem', "$nginx/$_") }
    qw(core event event/modules os/unix http http/modules http/v2);

# folder => [ files, further options ]
my %parts = (
    worker => [ [ glob("$top/worker/*.c $top/worker/*/*.c $top/t/sim/*.c") ],
                [ "-I$top/worker", split ' ',
                  `pkg-config --cflags glib-2.0` ] ],
    module => [ [ glob("$top/ngx_chatdesk_module/*.c") ],
                [ @headers, '-isystem', "$top/build/nginx/src/objs",
                  '-Wno-unused-parameter' ] ],
);

for my $name (sort keys %parts) {
    my ($files, $options) = @{ $parts{$name} };

    cmp_ok(scalar @$files, '>', 10, "$name: files were found");

    my $command = join ' ', 'clang', @warnings, "-I$top/include", @$options,
        @$files;
    my $said = `$command 2>&1`;
    is($?, 0, "$name: clang is content") or diag($said);
}

done_testing();
