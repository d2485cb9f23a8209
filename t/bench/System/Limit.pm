package System::Limit;

# What the others cannot get below: nginx that does nothing, a bare echo,
# Redis alone.
#
# Purpose:    references beside which the figures stand.
# Owner:      see System.pm.
# Invariants: none of them stores, checks or relays anything.

use strict;
use warnings;

use parent 'System';

use ChatDesk::Config qw(write_file);
use ChatDesk::Stack;

my $bench = ChatDesk::Stack::top() . '/build/bench';


sub kind {
    my ($self) = @_;

    return $self->{name} eq 'nginx' ? 'plain' : $self->{name};
}


sub start {
    my ($self) = @_;

    $self->make_dir;

    if ($self->{name} eq 'redis') {
        $self->start_redis;
        return;
    }

    if ($self->{name} eq 'echo') {
        # in its folder, for it does not run as root
        system('cp', "$bench/chatdesk-echo", $self->{dir}) == 0
            or die "cp failed\n";
        $self->give_away;
        $self->run(server => "$self->{dir}/chatdesk-echo", $self->{port});
    } else {
        write_file("$self->{dir}/nginx.conf", $self->_conf);
        $self->give_away;
        $self->{forks} = 1;
        $self->run(server => 'nginx', '-p', $self->{dir},
            '-e', "$self->{dir}/error.log", '-c', "$self->{dir}/nginx.conf");
    }

    $self->until_open($self->{port});
}


sub _conf {
    my ($self) = @_;
    my $dir = $self->{dir};
    my $user = $> == 0 ? 'user nobody nogroup;' : '';

    return <<"END";
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
    keepalive_timeout 1h;
    server {
        listen 127.0.0.1:$self->{port} reuseport backlog=16384;
        location / { return 204; }
    }
}
END
}

1;
