#!/usr/bin/perl
#
# `make install` puts everything where the shipped configuration looks for
# it, and the programs are hardened.

use strict;
use warnings;

use FindBin;
use File::Temp qw(tempdir);
use Test::More;

my $top = "$FindBin::Bin/..";
my $root = tempdir(CLEANUP => 1);

# a make of its own, not a part of the one that may have started this test
delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL)};
my $said = `make -s -C '$top' install DESTDIR='$root' 2>&1`;
is($?, 0, 'make install') or diag($said);

open my $file, '<', "$top/conf.example/nginx.conf" or die $!;
my $conf = do { local $/; <$file> };

for my $folder ($conf =~ m{(?:root|alias) (/usr/share/chatdesk\S*?)/?;}g) {
    my @files = glob("$root$folder/*");
    cmp_ok(scalar @files, '>', 0, "$folder has files");
}

ok(-f "$root/usr/lib/nginx/modules/ngx_http_chatdesk_module.so",
    'the module lies with the others');
ok(-f "$root/usr/share/doc/chatdesk/examples/$_", "the example $_")
    for qw(nginx.conf redis.conf worker.ini desk.json);

my $worker = "$root/usr/bin/chatdesk-worker";
ok(-x $worker, 'the worker can be called');

my $dynamic = `readelf -dW '$worker'`;
my $symbols = `readelf -sW --dyn-syms '$worker'`;
like(`readelf -hW '$worker'`, qr/Type:\s+DYN/,
    'its code can be placed anywhere');
like($dynamic, qr/\bBIND_NOW\b|\bNOW\b/, 'its symbols are bound at start');
like(`readelf -lW '$worker'`, qr/GNU_RELRO/, 'and then write-protected');
like($symbols, qr/__stack_chk_fail/, 'its stack is guarded');
like($symbols, qr/__\w+_chk\b/, 'its copies are checked');

done_testing();
