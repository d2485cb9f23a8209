package ChatDesk::Config;

# The shipped configuration, turned into that of a private stack.
#
# Purpose:    tests and the demo run what conf.example/ shows, with other
#             paths, ports and users, so that the examples cannot rot.
# Owner:      the files that are written belong to the stack's folder.
# Invariants: every change must find what it changes in the example; one
#             that does not, dies.

use strict;
use warnings;

use Carp qw(croak);

our @EXPORT_OK = qw(read_file write_file nginx_conf redis_conf
    worker_ini);
use parent 'Exporter';


sub read_file {
    my ($path) = @_;

    open my $file, '<', $path or croak "$path: $!";
    local $/;
    my $text = <$file>;
    close $file;

    return $text;
}


sub write_file {
    my ($path, $text, $mode) = @_;

    open my $file, '>', $path or croak "$path: $!";
    chmod $mode, $path if defined $mode;
    print {$file} $text;
    close $file or croak "$path: $!";
}


sub _change {
    my ($text, $what, $pattern, $with) = @_;

    $$text =~ s/$pattern/$with/
        or croak "the example has no $what that could be changed";
}


# Lines behind the one that matches, with its indentation.

sub _insert {
    my ($text, $what, $pattern, $lines) = @_;

    return if !defined $lines || $lines eq '';
    $$text =~ s/($pattern)/$1\n$lines\n/
        or croak "the example has no $what to add to";
}


# dir, prefix (modules), module, redis (socket), secret, ui, listen, tls
# (1 or 0) and workers; most (of connections; one address has all of a test's
# otherwise), redis_words (of the directive, instead of the socket), shutdown,
# for worker_shutdown_timeout, and upgradable (1: a daemon) may be given;
# main, behind (load_module), http, server, visitor and agent are lines that a
# test adds in that place.

sub nginx_conf {
    my ($example, %arg) = @_;
    my $text = $example;
    my $dir = $arg{dir};
    my $listen = $arg{listen} . ($arg{tls} ? ' ssl' : '');

    $text =~ s/^\s*#.*\n//mg;

    _change(\$text, 'user', qr/^user .*\n/m, '');
    _change(\$text, 'worker_processes', qr/^worker_processes .*;/m,
        "worker_processes $arg{workers};\ndaemon "
        . ($arg{upgradable} ? 'on;' : 'off;'));
    _change(\$text, 'worker_rlimit_nofile', qr/^worker_rlimit_nofile .*\n/m,
        '');
    _change(\$text, 'worker_shutdown_timeout',
        qr/^worker_shutdown_timeout .*?;/m,
        "worker_shutdown_timeout $arg{shutdown};") if $arg{shutdown};
    _change(\$text, 'pid', qr/^pid .*;/m, "pid $dir/nginx.pid;");
    _change(\$text, 'error_log', qr/^error_log .*;/m,
        "error_log $dir/error.log $arg{log_level};");
    _change(\$text, 'load_module', qr/^load_module .*;/m,
        "load_module $arg{module};");
    _change(\$text, 'worker_connections', qr/worker_connections \d+;/,
        "worker_connections $arg{connections};");
    _change(\$text, 'mime.types', qr/include mime\.types;/,
        'include /etc/nginx/mime.types;' . _temp_paths($dir));
    _change(\$text, 'access_log', qr/access_log \S+ plain;/,
        "access_log $dir/access.log plain;");
    _change(\$text, 'chatdesk_redis', qr/chatdesk_redis .*?;/,
        'chatdesk_redis ' . ($arg{redis_words} // "unix:$arg{redis}") . ';');
    _change(\$text, 'chatdesk_secret', qr/chatdesk_secret .*?;/,
        "chatdesk_secret $arg{secret};");
    _change(\$text, 'chatdesk_connections', qr/chatdesk_connections .*?;/,
        'chatdesk_connections ' . ($arg{most} // 'address=1000000') . ';');
    _change(\$text, 'listen', qr/listen 443 ssl;/, "listen $listen;");
    _change(\$text, 'server_name', qr/server_name .*?;/, 'server_name _;');
    _tls(\$text, $arg{tls} ? $dir : undef);
    $text =~ s{/usr/share/chatdesk/}{$arg{ui}/}g;

    _insert(\$text, 'load_module', qr/^load_module .*;/m, $arg{behind});
    _insert(\$text, 'http', qr/chatdesk_zone .*?;/, $arg{http});
    _insert(\$text, 'server', qr/chatdesk_origin same;/, $arg{server});
    _insert(\$text, 'visitor', qr/chatdesk_socket visitor;/, $arg{visitor});
    _insert(\$text, 'agent', qr/chatdesk_socket agent;/, $arg{agent});

    return ($arg{main} // '') . $text;
}


sub _temp_paths {
    my ($dir) = @_;

    return join '', map { "\n    ${_}_temp_path $dir/$_;" }
        qw(client_body proxy fastcgi uwsgi scgi);
}


sub _tls {
    my ($text, $dir) = @_;

    if (!$dir) {
        _change($text, 'ssl', qr/^\s*ssl_[a-z_]+ .*\n/m, '') for 1 .. 4;
        _change($text, 'connection_pool_size of TLS',
            qr/^ {8}connection_pool_size .*\n/m, '');
        return;
    }

    _change($text, 'ssl_certificate', qr/ssl_certificate \S+;/,
        "ssl_certificate $dir/tls.pem;");
    _change($text, 'ssl_certificate_key', qr/ssl_certificate_key \S+;/,
        "ssl_certificate_key $dir/tls.key;");
}


# dir, redis (socket) and name (of the worker); one desk, demo.  redis_ini has
# the lines about Redis instead of the socket.

sub worker_ini {
    my ($example, %arg) = @_;
    my $text = $example;

    _change(\$text, 'name', qr/^name *= .*$/m, "name = $arg{name}");
    _change(\$text, 'url', qr/^url *= .*$/m,
        $arg{redis_ini} // "url = unix:$arg{redis}");
    _change(\$text, 'desk', qr/^\[desk demo\]$/m, '[desk demo]');
    _change(\$text, 'config', qr/^config *= .*$/m,
        "config = $arg{dir}/desk.json");

    return $text;
}


# dir and more (lines that a test adds, the last word wins).

sub redis_conf {
    my ($example, %arg) = @_;
    my $text = $example;

    _change(\$text, 'unixsocket', qr/^unixsocket .*$/m,
        "unixsocket $arg{dir}/redis.sock");
    _change(\$text, 'unixsocketperm', qr/^unixsocketperm .*$/m,
        'unixsocketperm 700');
    _change(\$text, 'dir', qr/^dir .*$/m, "dir $arg{dir}/redis");

    return "$text\n" . ($arg{more} // '') . "\n";
}

1;
