package ChatDesk::Echo;

# nginx with the echo endpoint, and clients that send bytes as they please.
#
# Purpose:    tests of the WebSocket layer alone: no Redis, no worker.
# Owner:      owns the folder and nginx; clients own their sockets.
# Invariants: every wait is bounded; check() fails the test for an alert, a
#             report of a sanitizer or an nginx that does not end by itself.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use Test::More;

use ChatDesk::Config qw(read_file write_file);
use ChatDesk::EchoClient;
use ChatDesk::Loop;
use ChatDesk::Process;
use ChatDesk::Stack;

my $top = abs_path(dirname(__FILE__) . '/../../..');

# limits that a test does not wait for, as the location /echo has them
my $endpoint = 'chatdesk_echo;';

# limits that a test does wait for
my $limited = 'chatdesk_echo; chatdesk_echo_max_message 65536;'
    . ' chatdesk_echo_max_fragments 128;';


# locations (hash: path => lines beside `chatdesk_echo`), main (lines), tls
# (1), env (hash) and flavour (as in ChatDesk::Stack) may be given; /echo and
# /limited are always there.

sub new {
    my ($class, %arg) = @_;
    my $flavour = $arg{flavour} // $ENV{CHATDESK_FLAVOUR} // 'release';
    my $self = bless {
        %arg, dir => tempdir('chatdesk-XXXXXXXX', TMPDIR => 1, CLEANUP => 1),
        build => "$top/build" . ($flavour eq 'asan' ? '/asan' : ''),
        nginx_path => 'nginx', port => ChatDesk::Stack::free_port(),
        as => $> == 0 ? [ (getpwnam 'nobody')[2, 3] ] : undef,
    }, $class;

    $self->_prepare($flavour);
    $self->start;

    return $self;
}


sub _prepare {
    my ($self, $flavour) = @_;
    my $dir = $self->{dir};
    my $module = 'ngx_http_chatdesk_echo_module.so';

    copy("$self->{build}/$module", "$dir/$module")
        or die "$self->{build}/$module is not built; run make";

    if ($flavour eq 'asan') {
        $self->{nginx_path} = "$dir/nginx";
        copy("$self->{build}/nginx", "$dir/nginx")
            or die "$self->{build}/nginx is not built; run make asan";
        chmod 0755, "$dir/nginx";
    }

    if ($self->{tls}) {
        my $said = `openssl req -x509 -newkey ec -pkeyopt \\
            ec_paramgen_curve:prime256v1 -nodes -days 7 -batch \\
            -subj /CN=localhost -out '$dir/tls.pem' \\
            -keyout '$dir/tls.key' 2>&1`;
        die "openssl: $said" if $? != 0;
    }

    $self->write_conf;

    # for the log before there is a configuration; 1.18 has no option -e
    mkdir "$dir/logs";
    chmod 0755, $dir;
    system 'chown', '-R', join(':', @{ $self->{as} }), $dir if $self->{as};
}


sub write_conf {
    my ($self) = @_;
    my $dir = $self->{dir};
    my %location = ('/echo' => $endpoint, '/limited' => $limited);

    $location{$_} = "chatdesk_echo; $self->{locations}{$_}"
        for keys %{ $self->{locations} // {} };

    my $locations = join "\n",
        map { "    location $_ { $location{$_} }" } sort keys %location;
    my $temp = join ' ', map { "${_}_temp_path $dir/$_;" }
        qw(client_body proxy fastcgi uwsgi scgi);
    my $listen = "127.0.0.1:$self->{port}" . ($self->{tls} ? ' ssl' : '');
    my $tls = $self->{tls}
        ? "ssl_certificate $dir/tls.pem; ssl_certificate_key $dir/tls.key;"
        : '';

    my $main = $self->{main} // '';

    write_file("$dir/nginx.conf", <<"END");
load_module $dir/ngx_http_chatdesk_echo_module.so;
$main
daemon off;
worker_processes 1;
pid $dir/nginx.pid;
error_log $dir/error.log info;
events { worker_connections 512; }
http {
  access_log $dir/access.log;
  $temp
  server {
    listen $listen;
    $tls
$locations
  }
}
END
}


sub start {
    my ($self) = @_;
    my $dir = $self->{dir};

    $self->{nginx} = ChatDesk::Process->new(
        name => 'nginx', dir => $dir, log => "$dir/nginx.log",
        as => $self->{as},
        env => { ASAN_OPTIONS => 'detect_leaks=0',
                 UBSAN_OPTIONS => 'print_stacktrace=1',
                 %{ $self->{env} // {} } },
        command => [ $self->{nginx_path}, '-p', $dir, '-c',
                     "$dir/nginx.conf" ]);

    $self->until(20, 'nginx', sub {
        die "nginx ended: " . $self->{nginx}->log_text
            if !$self->{nginx}->alive;
        IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                              PeerPort => $self->{port});
    });
}


sub nginx {
    my ($self) = @_;

    return $self->{nginx};
}


sub until {
    my ($self, @arg) = @_;

    return ChatDesk::Loop->new->until(@arg);
}


sub error_log {
    my ($self) = @_;

    return read_file("$self->{dir}/error.log");
}


# The ids of nginx's worker processes.

sub workers {
    my ($self) = @_;
    my $master = $self->{nginx}->pid;

    return split ' ', read_file("/proc/$master/task/$master/children");
}


# A client whose handshake has been done; `path` first, then the arguments
# of ChatDesk::EchoClient.

sub client {
    my ($self, $path, %arg) = @_;

    return ChatDesk::EchoClient->new(
        port => $self->{port}, path => $path, tls => $self->{tls}, %arg);
}


# A connection before any byte.

sub raw {
    my ($self, %arg) = @_;

    return $self->client('', %arg, connect_only => 1);
}


# Ends nginx; nothing may have complained but what a test brought about.

sub check {
    my ($self, $name, $expected) = @_;
    my $nginx = $self->{nginx};

    $nginx->stop('QUIT', 15);
    is($nginx->status, 0, "$name: nginx ended by itself")
        or diag($nginx->log_text);

    my @complaints = grep {
        /\[(?:alert|emerg|crit)\]|exited on signal|Sanitizer/
            || /chatdesk\S*: runtime error/
    } split /^/, $self->error_log . $nginx->log_text;
    @complaints = grep { $_ !~ $expected } @complaints if $expected;

    is_deeply(\@complaints, [],
        "$name: no alert and no report of a sanitizer")
        or diag($nginx->log_text);
}


sub finish {
    my ($self) = @_;

    $self->check('at the end');
    done_testing();
}

1;
