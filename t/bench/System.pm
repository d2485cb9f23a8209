package System;

# What is measured: ChatDesk, or nchan with or without Redis.
#
# Purpose:    starts one of them fresh, pins its processes, says what they
#             use.
# Owner:      owns the processes and the folder; stop() ends them.
# Invariants: every system gets the same Redis configuration, the same
#             number of nginx workers and the same processor: nginx on the
#             first, everything else on the last.

use strict;
use warnings;

use Carp qw(croak);
use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use IO::Socket::INET;

use ChatDesk::Agent;
use ChatDesk::Config qw(read_file write_file redis_conf);
use ChatDesk::Loop;
use ChatDesk::Process;
use ChatDesk::Stack;
use ChatDesk::Test;

my $nchan_module = '/usr/lib/nginx/modules/ngx_nchan_module.so';
my $rate = 'chatdesk_rate 1000r/s burst=1000;';

our $processors = () = read_file('/proc/cpuinfo') =~ /^processor\s*:/mg;


sub has_peer {
    return -e $nchan_module;
}


# name: chatdesk, nchan-redis or nchan-memory; workers (of nginx), tls,
# agents (their number), capacity, fsync (of Redis, default everysec: the
# disk's own speed is then no part of what is compared), and server (lines
# for nginx.conf).

sub new {
    my ($class, %arg) = @_;
    my $self = bless { workers => 1, agents => 0, capacity => 16,
        fsync => 'everysec', server => '', %arg }, $class;

    $self->{port} = ChatDesk::Stack::free_port();
    $self->{name} eq 'chatdesk' ? $self->_start_chatdesk
                                : $self->_start_peer;
    $self->_pin;

    return $self;
}


sub _start_chatdesk {
    my ($self) = @_;
    my $tls = $self->{tls} ? ' ssl' : '';

    # a socket of its own for each nginx worker: an even share
    my $stack = ChatDesk::Stack->new(
        desk => ChatDesk::Test::desk(
            agents => [ map { "agent$_" } 1 .. $self->{agents} || 1 ],
            capacity => $self->{capacity}),
        workers => $self->{workers}, connections => 19000,
        log_level => 'error', flavour => 'release',
        redis_more => "appendfsync $self->{fsync}",
        http => 'access_log off;',
        server => "listen 127.0.0.1:$self->{port}$tls reuseport"
            . " backlog=16384;\n$self->{server}",
        visitor => $rate, agent => $rate, tls => $self->{tls});

    $self->{stack} = $stack->start;
    $self->{process} = { redis => $stack->{redis}, nginx => $stack->{nginx},
                         worker => $stack->{worker}[0] };
    $self->{cookies} = [ map { $self->_login($_) }
        map { "agent$_" } 1 .. $self->{agents} ];
}


sub _login {
    my ($self, $login) = @_;
    my $stack = $self->{stack};

    return ChatDesk::Agent->new(loop => ChatDesk::Loop->new,
        port => $stack->port, login => $login, later => 1,
        password => $stack->{password}{$login})->{cookie};
}


# ---------------------------------------------------------------------- nchan

sub _start_peer {
    my ($self) = @_;
    my $dir = $self->{dir} = tempdir('chatdesk-XXXXXXXX', TMPDIR => 1);
    my @as = $> == 0 ? (getpwnam 'nobody')[2, 3] : ();

    make_path("$dir/redis");
    $self->{redis_port} = ChatDesk::Stack::free_port();
    write_file("$dir/redis.conf", redis_conf(
        read_file(ChatDesk::Stack::top() . '/conf.example/redis.conf'),
        dir => $dir, more => "port $self->{redis_port}\n"
            . "appendfsync $self->{fsync}"));
    $self->_write_tls if $self->{tls};
    write_file("$dir/nginx.conf", $self->_peer_conf);
    chown @as, $dir, "$dir/redis", glob("$dir/*") if @as;

    my %common = (as => @as ? \@as : undef, dir => $dir);
    $self->{process}{redis} = ChatDesk::Process->new(%common,
        name => 'redis', log => "$dir/redis.log",
        command => [ 'redis-server', "$dir/redis.conf" ])
        if $self->{name} eq 'nchan-redis';
    $self->_until_open($self->{redis_port}) if $self->{process}{redis};

    # nchan wants nginx's own folders besides those of the configuration
    $self->{process}{nginx} = ChatDesk::Process->new(dir => $dir,
        name => 'nginx', log => "$dir/nginx.log",
        command => [ 'nginx', '-p', $dir, '-e', "$dir/error.log",
                     '-c', "$dir/nginx.conf" ]);
    $self->_until_open($self->{port});
    $self->_until_ready if !$self->{tls};
}


# It answers 503 until each of its workers has a connection to Redis.

sub _until_ready {
    my ($self) = @_;

    ChatDesk::Loop->new->until(20, 'nchan to have Redis', sub {
        my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
            PeerPort => $self->{port}) or return 0;

        print {$socket} join "\r\n", 'GET /sub/ready HTTP/1.1', 'Host: peer',
            'Upgrade: websocket', 'Connection: Upgrade',
            'Sec-WebSocket-Version: 13',
            'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', '';
        $socket->flush;
        (<$socket> // '') =~ / 101 / ? ++$self->{ready} >= 4 : 0;
    });
}


sub _write_tls {
    my ($self) = @_;

    system('sh', '-c', 'exec openssl "$@" 2>/dev/null', 'openssl',
        qw(req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes
           -days 7 -batch -subj /CN=localhost),
        '-out', "$self->{dir}/tls.pem", '-keyout', "$self->{dir}/tls.key")
        == 0 or croak 'openssl failed';
}


sub _peer_conf {
    my ($self) = @_;
    my $dir = $self->{dir};
    my $redis = $self->{name} eq 'nchan-redis';
    my $tls = $self->{tls} ? ' ssl' : '';
    my $upstream = $redis ? "upstream store {\n nchan_redis_server "
        . "redis://127.0.0.1:$self->{redis_port};\n}\n" : '';
    my $storage = $redis
        ? "nchan_redis_pass store;\nnchan_redis_storage_mode distributed;"
        : '';
    my $user = $> == 0 ? 'user nobody nogroup;' : '';
    my $keys = $tls ? "ssl_certificate $dir/tls.pem;\n"
        . "ssl_certificate_key $dir/tls.key;" : '';

    return <<"END";
load_module $nchan_module;
$user
worker_processes $self->{workers};
daemon off;
pid $dir/nginx.pid;
error_log $dir/error.log error;
events { worker_connections 19000; }
http {
    access_log off;
    client_body_temp_path $dir/body;
    proxy_temp_path $dir/proxy;
    fastcgi_temp_path $dir/fastcgi;
    uwsgi_temp_path $dir/uwsgi;
    scgi_temp_path $dir/scgi;
    nchan_shared_memory_size 512M;
    nchan_message_buffer_length 50;
    nchan_message_timeout 1h;
    $upstream
    server {
        listen 127.0.0.1:$self->{port}$tls reuseport backlog=16384;
        $keys
        $self->{server}
        location ~ ^/pub/(.+)\$ {
            nchan_publisher websocket;
            nchan_channel_id \$1;
            $storage
        }
        location ~ ^/sub/(.+)\$ {
            nchan_subscriber websocket;
            nchan_subscriber_first_message newest;
            nchan_channel_id \$1;
            $storage
        }
    }
}
END
}


sub _until_open {
    my ($self, $port) = @_;

    ChatDesk::Loop->new->until(20, "port $port to be open", sub {
        for my $process (grep { !$_->alive } values %{ $self->{process} }) {
            croak $process->{name} . ' ended: ' . $process->log_text;
        }
        IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port);
    });
}


# ------------------------------------------------------------------ processes

sub _pin {
    my ($self) = @_;
    my $last = $processors - 1;

    return if $last == 0;
    pin(0, $self->{process}{nginx}->pid, $self->nginx_workers);
    pin($last, map { $self->{process}{$_}->pid }
        grep { $self->{process}{$_} } qw(redis worker));
}


sub pin {
    my ($processor, @pids) = @_;

    for my $pid (@pids) {
        system("taskset -acp $processor $pid > /dev/null") == 0
            or croak "taskset of $pid failed";
    }
}


sub nginx_workers {
    my ($self) = @_;
    my $master = $self->{process}{nginx}->pid;

    return split ' ', read_file("/proc/$master/task/$master/children");
}


# Processes whose time is counted, as name=pid.

sub watched {
    my ($self) = @_;

    return ((map { "nginx=$_" } ($self->nginx_workers)[0]),
            map { "$_=" . $self->{process}{$_}->pid }
                grep { $self->{process}{$_} } qw(redis worker));
}


# Private memory of all nginx workers, bytes.

sub private_bytes {
    my ($self) = @_;
    my $sum = 0;

    for my $pid ($self->nginx_workers) {
        my $map = read_file("/proc/$pid/smaps_rollup");
        $sum += $_ * 1024 for $map =~ /^Private_(?:Clean|Dirty): +(\d+)/mg;
    }

    return $sum;
}


sub kernel_bytes {
    my ($bytes) = read_file('/proc/meminfo') =~ /^SUnreclaim: +(\d+)/m;

    return $bytes * 1024;
}


sub reload {
    my ($self) = @_;

    $self->{process}{nginx}->signal('HUP');
}


# Lines of logs that make a run worthless.

sub complaints {
    my ($self) = @_;

    return $self->{stack}->complaints if $self->{stack};
    my $log = "$self->{dir}/error.log";
    return -e $log ? grep { /\[(?:alert|emerg|crit)\]/ }
        split /^/, read_file($log) : ();
}


sub stop {
    my ($self) = @_;

    if ($self->{stack}) {
        delete($self->{process});
        delete($self->{stack})->clean_up;
        return;
    }

    $self->{process}{nginx}->stop('TERM', 5);
    $self->{process}{redis}->stop('TERM', 5) if $self->{process}{redis};
    remove_tree($self->{dir}, { safe => 1 });
}

1;
