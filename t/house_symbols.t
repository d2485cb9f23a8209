#!/usr/bin/perl
#
# The module exports nginx's three symbols and nothing else, so that it can
# live beside any other module.
#
# proves: O1

use strict;
use warnings;

use FindBin;
use File::Temp qw(tempdir);
use Test::More;

my $build = "$FindBin::Bin/../build";
my $module = "$build/ngx_http_chatdesk_module.so";

my @exported = sort map { (split)[-1] }
    split /\n/, `nm -D --defined-only '$module'`;

is_deeply(\@exported,
    [qw(ngx_module_names ngx_module_order ngx_modules)],
    'exactly three symbols are exported');

my $needed = `readelf -d '$module'`;
unlike($needed, qr/NEEDED.*(?:hiredis|msgpack|json-c)/,
    'its libraries are inside');
like($needed, qr/\bBIND_NOW\b/, 'symbols are bound at load time');

# the distribution's own nginx loads it, beside and in front of a module that
# brings its own copy of the same library, where that is installed
my $nchan = '/usr/lib/nginx/modules/ngx_nchan_module.so';
my $dir = tempdir(CLEANUP => 1);

sub nginx_accepts {
    my (@modules) = @_;

    open my $conf, '>', "$dir/nginx.conf" or die $!;
    print {$conf} map { "load_module $_;\n" } @modules;
    print {$conf} "pid $dir/pid;\nerror_log $dir/error.log;\nevents {}\n";
    close $conf;

    my $said = `nginx -t -p '$dir' -e '$dir/error.log' \\
        -c '$dir/nginx.conf' 2>&1`;
    return $? == 0 ? 1 : diag($said) && 0;
}

chomp(my $path = `readlink -f '$module'`);
ok(nginx_accepts($path), "the distribution's nginx loads it");

for my $order (-f $nchan ? ([ $path, $nchan ], [ $nchan, $path ]) : ()) {
    ok(nginx_accepts(@$order), 'and beside another module, in either order');
}

done_testing();
