package ChatDesk::Stack;

# A private ChatDesk: Redis, workers and nginx in a throw-away folder.
#
# Purpose:    what `make run` shows and what integration tests test.
# Owner:      owns the folder, the ports' listeners and the processes; all
#             are gone when stop() returns, or when the object dies.
# Invariants: nothing runs as root: started by root, everything runs as the
#             user nobody, from copies of the built files in the folder;
#             nothing is written outside the folder.

use strict;
use warnings;

use Carp qw(croak);
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use IO::Socket::UNIX;
use IPC::Open2;
use JSON::PP ();
use Scalar::Util qw(weaken);

use ChatDesk::Config qw(read_file write_file nginx_conf redis_conf
    worker_ini);
use ChatDesk::Loop;
use ChatDesk::Process;

my %running;            # folder => stack, weak

my $top = abs_path(dirname(__FILE__) . '/../../..');

# nginx gives what lives as long as its process back to the kernel, not to
# malloc; the worker frees everything
my %sanitizer_env = (
    ASAN_OPTIONS => 'detect_leaks=0:detect_stack_use_after_return=1',
    UBSAN_OPTIONS => 'print_stacktrace=1',
);
my $keep_little = ':quarantine_size_mb=0:thread_local_quarantine_size_kb=0';
my %worker_env = (
    %sanitizer_env,
    ASAN_OPTIONS => 'detect_leaks=1:detect_stack_use_after_return=1',
);


# flavour: release, or the folder below build/ of another build, which has an
# nginx of its own: asan, compat/... (default: $CHATDESK_FLAVOUR, else release);
# port, listen (address), tls, keep, workers (of nginx, default 1), desk
# (content of desk.json, default: the example's), standby (1: two worker
# processes), other (settings of a second desk, "other"), redis_more,
# most (words of chatdesk_connections), shutdown (worker_shutdown_timeout),
# env (hash: redis, worker or nginx => more of its environment), upgradable
# (1: nginx is a daemon, which takes USR2 and WINCH), weighed (1: its memory is
# measured, so the sanitizer keeps little of what is freed), redis_words and
# redis_ini (how nginx and the worker
# reach Redis, where not by its socket), worker_lines (further sections of
# worker.ini, with %D for the folder), push (1: with a key for web push),
# after_redis (called with the stack
# when Redis runs), and main, behind, http, server, visitor, agent (lines
# for nginx.conf).

sub new {
    my ($class, %arg) = @_;
    my $self = bless {
        flavour => $ENV{CHATDESK_FLAVOUR} // 'release',
        listen => '127.0.0.1', workers => 1, log_level => 'notice',
        connections => 4000, %arg, owner => $$, worker => [],
    }, $class;

    $self->{build} = build_of($self->{flavour});
    $self->{dir} = tempdir('chatdesk-XXXXXXXX', TMPDIR => 1);
    $self->{as} = [ (getpwnam 'nobody')[2, 3] ] if $> == 0;
    $self->{port} //= free_port();
    weaken($running{ $self->{dir} } = $self);
    $self->_prepare;

    return $self;
}


# A test that dies leaves nothing either: this comes before objects are
# destroyed in whatever order.

END {
    local $?;
    $_->clean_up for grep { defined && $_->{owner} == $$ } values %running;
}


sub top {
    return $top;
}


# The folder of a flavour.

sub build_of {
    my ($flavour) = @_;

    return $flavour eq 'release' ? "$top/build" : "$top/build/$flavour";
}


sub free_port {
    my $socket = IO::Socket::INET->new(
        LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 1)
        or croak "no free port: $!";

    return $socket->sockport;
}


sub dir {
    my ($self) = @_;

    return $self->{dir};
}


sub port {
    my ($self) = @_;

    return $self->{port};
}


sub url {
    my ($self) = @_;

    return ($self->{tls} ? 'https' : 'http') . "://127.0.0.1:$self->{port}";
}


sub redis_socket {
    my ($self) = @_;

    return "$self->{dir}/redis.sock";
}


# ------------------------------------------------------------------ preparing

sub _prepare {
    my ($self) = @_;
    my $dir = $self->{dir};

    chmod 0755, $dir;
    make_path(map { "$dir/$_" } qw(redis bin ui logs));
    $self->_copy_built;
    $self->_write_tls if $self->{tls};
    $self->_write_push if $self->{push};
    $self->_write_desks;
    write_file("$dir/redis.conf", redis_conf(
        read_file("$top/conf.example/redis.conf"), dir => $dir,
        more => $self->{redis_more}));
    write_file("$dir/secret", _random_hex(32) . "\n", 0600);
    $self->write_nginx_conf;
    $self->_give_away;
}


sub _random_hex {
    my ($bytes) = @_;

    open my $random, '<:raw', '/dev/urandom' or croak "/dev/urandom: $!";
    my $data = '';
    read $random, $data, $bytes;

    return unpack 'H*', $data;
}


sub _run {
    my (@command) = @_;

    system { $command[0] } @command;
    croak "$command[0] failed" if $? != 0;
}


sub _copy_built {
    my ($self) = @_;
    my ($dir, $build) = @$self{qw(dir build)};
    my @files = ("$build/ngx_http_chatdesk_module.so",
                 "$build/chatdesk-worker");

    push @files, "$build/nginx" if $self->{flavour} ne 'release';
    push @files, "$top/t/lib/upgradable" if $self->{upgradable};
    -e or croak "$_ is not built; run make" for @files;

    _run('cp', @files, "$dir/bin/");
    _run('cp', '-rT', "$top/build/ui", "$dir/ui") if -d "$top/build/ui";
}


sub _write_tls {
    my ($self) = @_;

    # its dots of progress are nobody's business
    _run('sh', '-c', 'exec openssl "$@" 2>/dev/null', 'openssl',
        qw(req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes
           -days 7 -batch -subj /CN=localhost -addext),
        'subjectAltName=DNS:localhost,IP:127.0.0.1',
        '-out', "$self->{dir}/tls.pem", '-keyout', "$self->{dir}/tls.key");
}


# A key pair for web push.

sub _write_push {
    my ($self) = @_;

    _run(qw(openssl genpkey -algorithm EC -pkeyopt
            ec_paramgen_curve:P-256 -out), "$self->{dir}/push.pem");
    $self->{worker_lines} = ($self->{worker_lines} // '') . "[push]\n"
        . "key = %D/push.pem\ncontact = mailto:ops\@shop.example\n";
}


# The settings of the desk, and of the other one.

sub _write_desks {
    my ($self) = @_;
    my $desk = $self->{desk}
        // JSON::PP::decode_json(read_file("$top/conf.example/desk.json"));

    $self->{logins} = $desk->{agents};
    $self->{password} = $self->_write_desk('desk', $desk);
    $self->{other_password} = $self->_write_desk('other', $self->{other})
        if $self->{other};
}


# Writes a desk's settings with a fresh random password for each agent;
# returns the passwords by login.

sub _write_desk {
    my ($self, $name, $desk) = @_;
    my %password;

    for my $agent (@{ $desk->{agents} }) {
        $password{ $agent->{login} } = _random_hex(6);
        $agent->{password_hash} = $self->_hash($password{ $agent->{login} });
    }

    write_file("$self->{dir}/$name.json",
        JSON::PP->new->utf8->pretty->encode($desk), 0600);

    return \%password;
}


sub _hash {
    my ($self, $password) = @_;
    my $worker = "$self->{dir}/bin/chatdesk-worker";

    local @ENV{ keys %sanitizer_env } = values %sanitizer_env;
    my $pid = open2(my $from, my $to, $worker, 'hash-password');
    print {$to} "$password\n";
    close $to;
    my $hash = <$from> // '';
    waitpid $pid, 0;
    croak "$worker hash-password failed" if $? != 0;
    chomp $hash;

    return $hash;
}


# At once: nginx may still be reading what was there, for the last reload.

sub write_nginx_conf {
    my ($self) = @_;
    my $dir = $self->{dir};

    write_file("$dir/nginx.new", nginx_conf(
        read_file("$top/conf.example/nginx.conf"),
        %$self{qw(dir tls workers log_level connections redis_words
                  upgradable shutdown main behind http server visitor agent
                  most)},
        module => "$dir/bin/ngx_http_chatdesk_module.so",
        redis => $self->redis_socket, secret => "$dir/secret",
        ui => "$dir/ui", listen => "$self->{listen}:$self->{port}"));
    rename "$dir/nginx.new", "$dir/nginx.conf"
        or croak "$dir/nginx.conf: $!";
}


# Started by root, all of it is nobody's.

sub _give_away {
    my ($self) = @_;

    _run('chown', '-R', join(':', @{ $self->{as} }), $self->{dir})
        if $self->{as};
}


# ------------------------------------------------------------------- starting

sub start {
    my ($self) = @_;

    $self->start_redis;
    $self->{after_redis}->($self) if $self->{after_redis};
    $self->start_worker for 0 .. ($self->{standby} ? 1 : 0);
    $self->start_nginx;

    return $self;
}


sub _spawn {
    my ($self, $name, @command) = @_;
    my ($kind) = $name =~ /^([a-z]+)/;
    my %env = ($kind eq 'worker' ? %worker_env : %sanitizer_env,
               %{ $self->{env}{$kind} // {} });

    $env{ASAN_OPTIONS} .= $keep_little if $self->{weighed};

    return ChatDesk::Process->new(
        name => $name, command => \@command, as => $self->{as},
        log => "$self->{dir}/logs/$name.log", dir => $self->{dir},
        env => \%env);
}


# Waits until the condition holds while the process lives.

sub _wait {
    my ($self, $process, $what, $condition) = @_;

    ChatDesk::Loop->new->until(20, "$what\n" . $process->log_text, sub {
        croak "$what ended:\n" . $process->log_text . $self->log('error.log')
            if !$process->alive;
        $condition->();
    });
}


# Another server that a test needs, in this folder; its settings stand in a
# file that it may write to.  The test stops it.

sub start_server {
    my ($self, $name, $program, $settings, @option) = @_;
    my $path = "$self->{dir}/$name.conf";

    write_file($path, $settings);
    chown @{ $self->{as} }, $path if $self->{as};

    return $self->_spawn($name, $program, $path, @option);
}


sub start_redis {
    my ($self) = @_;

    $self->{redis} = $self->_spawn('redis', 'redis-server',
        "$self->{dir}/redis.conf");
    $self->_wait($self->{redis}, 'Redis', sub { $self->_redis_answers });
}


sub _redis_answers {
    my ($self) = @_;
    my $socket = IO::Socket::UNIX->new(Peer => $self->redis_socket)
        or return 0;

    print {$socket} "PING\r\n";
    $socket->flush;
    my $answer = <$socket> // '';

    return $answer =~ /^\+PONG/;
}


sub start_worker {
    my ($self) = @_;
    my $name = 'worker-' . ++$self->{worker_count};
    my $ini = "$self->{dir}/$name.ini";

    write_file($ini, worker_ini(
        read_file("$top/conf.example/worker.ini"), dir => $self->{dir},
        name => $name, redis => $self->redis_socket,
        redis_ini => $self->{redis_ini})
        . ($self->{worker_lines} // '') =~ s/%D/$self->{dir}/gr
        . ($self->{other} ? "[desk other]\nconfig = $self->{dir}/other.json\n"
                          : ''), 0600);
    chown @{ $self->{as} }, $ini if $self->{as};

    my $worker = $self->_spawn($name, "$self->{dir}/bin/chatdesk-worker",
        '-c', $ini);
    push @{ $self->{worker} }, $worker;

    return $worker;
}


# The worker that a lease names: its own name and random characters.

sub worker_of {
    my ($self, $lease) = @_;
    my ($name) = ($lease // '') =~ /\A(worker-\d+)\b/ or return undef;

    return (grep { $_->{name} eq $name } @{ $self->{worker} })[0];
}


# The worker processes that live, oldest first.

sub live_workers {
    my ($self) = @_;

    return grep { $_->alive } @{ $self->{worker} };
}


# The distribution's nginx, or the one with sanitizers; the whole path, for
# not every user's shell looks where it is.

sub nginx_path {
    my ($self) = @_;

    return "$self->{dir}/bin/nginx" if $self->{flavour} ne 'release';

    my ($path) = grep { -x } map { "$_/nginx" }
        split(/:/, $ENV{PATH}), '/usr/sbin';

    return $path // croak 'nginx is not installed';
}


sub start_nginx {
    my ($self) = @_;

    # without prove's folders, which this user may not be let into
    my @launcher = $self->{upgradable}
        ? ('/usr/bin/env', '-u', 'PERL5LIB', $^X,
           "$self->{dir}/bin/upgradable", "$self->{dir}/nginx.pid") : ();

    # what is logged before there is a configuration goes to logs/
    $self->{nginx} = $self->_spawn('nginx', @launcher, $self->nginx_path,
        '-p', $self->{dir}, '-c', "$self->{dir}/nginx.conf");
    $self->_wait($self->{nginx}, 'nginx', sub {
        IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                              PeerPort => $self->{port});
    });
}


# The id of nginx's master process, after an upgrade that of the new one.

sub nginx_master {
    my ($self) = @_;

    return int read_file("$self->{dir}/nginx.pid") if $self->{upgradable};
    return $self->{nginx}->pid;
}


# The ids of nginx's worker processes, those of an old cycle as well.

sub nginx_workers {
    my ($self) = @_;
    my $master = $self->nginx_master;

    open my $file, '<', "/proc/$master/task/$master/children" or return;
    return split ' ', <$file> // '';
}


sub reload_nginx {
    my ($self) = @_;

    $self->write_nginx_conf;
    $self->{nginx}->signal('HUP');
}


# ------------------------------------------------------------------- stopping

# In the order in which nothing has to complain.

sub stop {
    my ($self) = @_;

    $self->{nginx}->stop('QUIT', 15) if $self->{nginx};
    $_->stop('TERM', 10) for grep { defined } @{ $self->{worker} };
    $self->{redis}->stop('TERM', 10) if $self->{redis};
    delete @$self{qw(nginx redis)};
    $self->{worker} = [];
}


sub clean_up {
    my ($self) = @_;

    return if !delete $running{ $self->{dir} };
    $self->stop;
    remove_tree($self->{dir}, { safe => 1 }) if !$self->{keep};
}


sub log {
    my ($self, $name) = @_;

    return -e "$self->{dir}/$name" ? read_file("$self->{dir}/$name") : '';
}


# Lines of all logs that nobody wants to see: alerts, crashes, reports of
# sanitizers.

sub complaints {
    my ($self) = @_;

    return map { complaints_in(-e $_ ? read_file($_) : '') }
        "$self->{dir}/error.log", glob("$self->{dir}/logs/*");
}


# Those lines of a text.  nginx 1.18 knows nothing of OpenSSL 3: there a peer
# that is gone without a word counts as critical.

sub complaints_in {
    my ($text) = @_;
    my @lines = grep {
        /\[(?:alert|emerg|crit)\]|exited on signal|Sanitizer/
            || /(?:chatdesk|worker|include)\S*: runtime error/
    } split /^/, $text;

    return @lines if $text !~ m{: nginx/1\.18\.};
    return grep { !/\[crit\] .*SSL_read\(\) failed .*unexpected eof/ } @lines;
}


sub DESTROY {
    my ($self) = @_;

    return if $self->{owner} != $$;

    local ($?, $!, $@);
    $self->clean_up;
}

1;
