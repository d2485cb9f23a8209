package ChatDesk::Sentinels;

# A replica of a stack's Redis, and three Sentinels that watch both.
#
# Purpose:    tests of failover: the stack reaches Redis by the Sentinels
#             alone.
# Owner:      owns the processes that it starts; stop() ends them.
# Invariants: the replica signs in as a user of its own, so that a test can
#             take the replication away and nothing else.

use strict;
use warnings;

use File::Temp qw(tempdir);
use Redis;
use Scalar::Util qw(weaken);

use ChatDesk::Config qw(write_file);
use ChatDesk::Loop;
use ChatDesk::Stack;
use ChatDesk::Test;

use constant PASSWORD => 'of-the-sentinels';
use constant QUORUM => 2;
use constant SENTINELS => 3;


# Arguments of ChatDesk::Test; `guarded` (TLS everywhere, and a password for
# the Sentinels); and `make`, which is called with them and makes
# the test.  Before the stack asks them, the Sentinels know the replica and
# each other.

sub new {
    my ($class, %arg) = @_;
    my $self = bless {
        port => ChatDesk::Stack->free_port,
        replica_port => ChatDesk::Stack->free_port,
        sentinel_ports => [ map { ChatDesk::Stack->free_port }
                            1 .. SENTINELS ],
        process => {},
    }, $class;
    my $make = delete $arg{make} // sub { ChatDesk::Test->new(@_) };
    my @ports = @{ $self->{sentinel_ports} };
    my ($words, $ini) = delete $arg{guarded} ? $self->_guard : ('', '');

    $self->{made} = $make->(%arg,
        after_redis => sub { $self->_start($_[0]) },
        redis_more => $self->_redis_lines($self->{port}),
        redis_words => join(' ', "sentinel name=mymaster timeout=2s $words",
                            map { "127.0.0.1:$_" } @ports),
        redis_ini => 'url = sentinel://'
            . join(',', map { "127.0.0.1:$_" } @ports) . "/mymaster$ini");

    return $self;
}


# A certificate and a password for all of them; what nginx and the worker
# have to know.

sub _guard {
    my ($self) = @_;
    my $dir = $self->{tls} = tempdir(CLEANUP => 1);

    chmod 0755, $dir;
    system('sh', '-c', 'exec openssl "$@" 2>/dev/null', 'openssl',
        qw(req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes
           -days 7 -batch -subj /CN=redis -addext
           subjectAltName=IP:127.0.0.1), '-out', "$dir/tls.pem",
        '-keyout', "$dir/tls.key") == 0 or die 'openssl failed';
    write_file("$dir/password", PASSWORD . "\n", 0600);

    if ($> == 0) {
        chown((getpwnam 'nobody')[2, 3], "$dir/password", "$dir/tls.key");
    }

    return ("sentinel_password_file=$dir/password tls=on ca=$dir/tls.pem",
            "\nsentinel_password_file = $dir/password\ntls = on"
            . "\ntls_ca = $dir/tls.pem");
}


# Where a server listens.

sub _listen {
    my ($self, $port) = @_;
    my $dir = $self->{tls} or return ("port $port", 'bind 127.0.0.1');

    return ('port 0', "tls-port $port", 'bind 127.0.0.1',
            'tls-replication yes', 'tls-auth-clients no',
            "tls-cert-file $dir/tls.pem", "tls-key-file $dir/tls.key",
            "tls-ca-cert-file $dir/tls.pem");
}


sub _redis_lines {
    my ($self, $port) = @_;

    return join "\n", $self->_listen($port),
        'user replica on >replica-pass +psync +replconf +ping',
        'masteruser replica', 'masterauth replica-pass', 'repl-timeout 5',
        'repl-ping-replica-period 1', 'repl-diskless-sync-delay 0', '';
}


sub _start {
    my ($self, $stack) = @_;
    my $dir = "$stack->{dir}/replica";

    weaken($self->{stack} = $stack);
    mkdir $dir or die "$dir: $!";
    chown @{ $stack->{as} }, $dir if $stack->{as};
    $self->{process}{replica} = $stack->start_server('replica',
        'redis-server', join "\n", $self->_redis_lines($self->{replica_port}),
        "dir $dir", "unixsocket $stack->{dir}/replica.sock", 'save ""',
        'appendonly yes', 'appendfsync no',
        "replicaof 127.0.0.1 $self->{port}", '');
    $self->wait_synced($self->{port});
    $self->_start_sentinel($_) for 1 .. SENTINELS;
    $self->wait_sentinels(1);
}


sub _start_sentinel {
    my ($self, $number) = @_;

    $self->{process}{"sentinel-$number"} = $self->{stack}->start_server(
        "sentinel-$number", 'redis-server', join("\n",
            $self->_listen($self->{sentinel_ports}[$number - 1]),
            "dir $self->{stack}{dir}",
            "sentinel monitor mymaster 127.0.0.1 $self->{port} " . QUORUM,
            'sentinel down-after-milliseconds mymaster 1000',
            'sentinel failover-timeout mymaster 3000',
            'sentinel parallel-syncs mymaster 1',
            ($self->{tls} ? ('requirepass ' . PASSWORD,
                             'sentinel sentinel-pass ' . PASSWORD) : ()),
            ''), '--sentinel');
}


sub at {
    my ($self, $port) = @_;
    my $is_sentinel = grep { $_ == $port } @{ $self->{sentinel_ports} };

    return Redis->new(server => "127.0.0.1:$port", encoding => undef,
        cnx_timeout => 2, read_timeout => 5,
        ($self->{tls} ? (ssl => 1, SSL_verify_mode => 0) : ()),
        ($self->{tls} && $is_sentinel ? (password => PASSWORD) : ()));
}


# The port of the primary, as the first Sentinel says.

sub primary {
    my ($self) = @_;
    my $answer = eval {
        my $sentinel = $self->at($self->{sentinel_ports}[0]);
        $sentinel->__std_cmd('SENTINEL', 'get-master-addr-by-name',
                             'mymaster');
    };

    return $answer ? $answer->[1] : 0;
}


# Waits until the server at this port has a replica that is connected.

sub wait_synced {
    my ($self, $port) = @_;

    ChatDesk::Loop->new->until(30, "a replica at $port", sub {
        my $info = eval { $self->at($port)->info('replication') } // {};

        ($info->{slave0} // '') =~ /state=online/;
    });
}


# Writes at this server wait from now on, and the replica catches up.

sub pause {
    my ($self, $port) = @_;

    $self->at($port)->client('pause', 15000, 'write');
}


# Bytes that the replica of this server has not confirmed.

sub lag {
    my ($self, $port) = @_;
    my $info = $self->at($port)->info('replication');
    my ($offset) = ($info->{slave0} // '') =~ /offset=(\d+)/;

    return $info->{master_repl_offset} - ($offset // 0);
}


sub failover {
    my ($self) = @_;

    $self->at($self->{sentinel_ports}[1])
        ->__std_cmd('SENTINEL', 'failover', 'mymaster');
}


# Waits until every Sentinel knows all others and so many replicas that are
# fit.

sub wait_sentinels {
    my ($self, $replicas) = @_;

    ChatDesk::Loop->new->until(30, 'the Sentinels', sub {
        for my $port (@{ $self->{sentinel_ports} }) {
            my %master = eval {
                @{ $self->at($port)->__std_cmd('SENTINEL', 'master',
                                               'mymaster') };
            };

            return 0 if ($master{'num-other-sentinels'} // 0) < SENTINELS - 1
                || ($master{'num-slaves'} // 0) < $replicas
                || ($master{flags} // '') ne 'master';
        }
        return 1;
    });
}


# Waits until all Sentinels name this server.

sub wait_primary {
    my ($self, $port) = @_;

    ChatDesk::Loop->new->until(30, "$port to be the primary",
                         sub { $self->primary == $port });
}


# The replica's socket in the place of the primary's, which is gone for good:
# what a test asks, it asks the new primary.

sub take_over {
    my ($self) = @_;
    my $stack = $self->{stack};

    unlink $stack->redis_socket;
    rename "$stack->{dir}/replica.sock", $stack->redis_socket
        or die "replica.sock: $!";
    $stack->{redis} = delete $self->{process}{replica};
}


sub stop {
    my ($self) = @_;

    $_->stop('TERM', 10)
        for map { $self->{process}{$_} } sort keys %{ $self->{process} };
    $self->{process} = {};
}

1;
