#!/usr/bin/perl
#
# Who may include whom.  There are no exceptions.
#
#   include/            includes nothing of ours but itself
#   module, worker      include include/, never each other
#   worker/core         nothing of worker/io, no library that does I/O
#   worker/io           nothing of worker/api, which registers itself
#   ui: shared          imports neither widget nor desk nor embed
#   ui: widget, desk    import shared, never each other or embed
#   ui: embed           imports nothing of them

use strict;
use warnings;

use FindBin;
use Test::More;

my $top = "$FindBin::Bin/..";

# [ files, what they must not include ], as patterns
my @c_rules = (
    [ qr{^include/}, qr{^(?:core|io|api|worker|ctl)/|^ngx_|^\.\.} ],
    [ qr{^ngx_chatdesk_module/}, qr{^(?:core|io|api|worker|ctl)/|^\.\.} ],
    [ qr{^worker/}, qr{^ngx_|^\.\.} ],
    [ qr{^worker/core/},
      qr{^io/|^api/|^ctl/|^(?:uv|hiredis|json-c|curl|sqlite3|openssl)\b
         |^(?:sys/socket|sys/epoll|unistd|fcntl|netdb|time|sys/time)\.h$}x ],
    [ qr{^worker/io/}, qr{^(?:api|ctl)/} ],
    [ qr{^worker/api/}, qr{^ctl/|^(?:uv|hiredis|curl)\b} ],
    [ qr{^t/sim/}, qr{^(?:io|api)/|^(?:uv|hiredis)\b|^ngx_} ],
);

my @ts_rules = (
    [ qr{^ui/shared/}, qr{/(?:widget|desk|embed)/} ],
    [ qr{^ui/widget/}, qr{/(?:desk|embed)/} ],
    [ qr{^ui/desk/}, qr{/(?:widget|embed)/} ],
    [ qr{^ui/embed/}, qr{/(?:widget|desk|shared)/} ],
);


sub files {
    my ($folder, $names) = @_;
    my @files = split /\n/, `cd '$top' && find $folder -name node_modules \\
        -prune -o -type f \\( $names \\) -print`;

    return sort @files;
}


# What a file includes or imports.

sub arrows {
    my ($file, $pattern) = @_;

    open my $in, '<', "$top/$file" or die "$file: $!";
    local $/;
    my $text = <$in>;

    return $text =~ /$pattern/mg;
}


sub broken {
    my ($files, $pattern, $rules) = @_;
    my @broken;

    for my $file (@$files) {
        for my $rule (grep { $file =~ $_->[0] } @$rules) {
            push @broken, map { "$file includes $_" }
                grep { defined && $_ =~ $rule->[1] } arrows($file, $pattern);
        }
    }

    return \@broken;
}


my $c_include = qr/^\s*#\s*include\s*[<"]([^>"]+)[>"]/;
my $ts_import = qr/(?:\bfrom|\bimport\(?)\s*['"]([^'"]+)['"]/;

my @c = files('include ngx_chatdesk_module worker t/sim',
              "-name '*.c' -o -name '*.h'");
my @ts = files('ui', "-name '*.ts' -o -name '*.tsx'");

cmp_ok(scalar @c, '>', 20, 'C files were found');
is_deeply(broken(\@c, $c_include, \@c_rules), [], 'arrows in C');

# imports are relative: what counts is the folder they name
my @ts_broken = @{ broken(\@ts, $ts_import, [
    map { [ $_->[0], qr/^\.\..*$_->[1]|^\.\/.*$_->[1]/ ] } @ts_rules ]) };
is_deeply(\@ts_broken, [], 'arrows in TypeScript');

# the test can fail
like('io/redis.h', $c_rules[3][1], 'core may not include the shell');
like('uv.h', $c_rules[3][1], 'nor libuv');
like('core/desk.h', $c_rules[1][1], 'the module may not include the core');
unlike('core/desk.h', $c_rules[3][1], 'core may include itself');
like('../desk/inbox', qr/^\.\..*$ts_rules[0][1]/,
     'shared may not import the desktop');

done_testing();
