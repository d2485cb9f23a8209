package System::Nchan;

# nchan, the nearest relative: channels inside nginx.
#
# Purpose:    with Redis as one would run it on several machines (mode
#             distributed, 50 messages kept), and without as its best case.
# Owner:      see System.pm.
# Invariants: a channel is either in Redis or in memory, never in both.

use strict;
use warnings;

use parent 'System';

use Carp qw(croak);
use IO::Socket::INET;

use ChatDesk::Config qw(write_file);
use ChatDesk::Loop;

my $module = '/usr/lib/nginx/modules/ngx_nchan_module.so';


sub there {
    return -e $module;
}


sub kind {
    return 'nchan';
}


sub start {
    my ($self) = @_;

    $self->make_dir;
    $self->start_redis if $self->{name} eq 'nchan-redis';
    $self->_write_tls if $self->{tls};
    write_file("$self->{dir}/nginx.conf", $self->_conf);
    $self->give_away;

    # nchan wants nginx's own folders besides those of the configuration
    $self->{forks} = 1;
    $self->run(server => 'nginx', '-p', $self->{dir},
        '-e', "$self->{dir}/error.log", '-c', "$self->{dir}/nginx.conf");
    $self->until_open($self->{port});
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


sub _conf {
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
load_module $module;
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
        keepalive_requests 1000000000;
        keepalive_time 1h;
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
        location ~ ^/poll/(.+)\$ {
            nchan_subscriber longpoll;
            nchan_subscriber_first_message newest;
            nchan_channel_id \$1;
            $storage
        }
    }
}
END
}

1;
