package ChatDesk::PushService;

# A push service and a receiver of webhooks, at https://localhost.
#
# Purpose:    tests say how it answers, and look at what has come.
# Owner:      owns its folder, with the certificate and the key pair that
#             worker.ini names, and a child process (push_service.mjs).
# Invariants: the process is gone when the object is.

use strict;
use warnings;

use Carp qw(croak);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IPC::Open2;
use JSON::PP ();

use ChatDesk::Loop;
use ChatDesk::Rest;
use ChatDesk::Stack;
use ChatDesk::Test;

my $json = JSON::PP->new->utf8->canonical;
my $top = dirname(__FILE__) . '/../../..';


# loop; ctl (path of chatdeskctl), for the key pair.

sub new {
    my ($class, %arg) = @_;
    my $dir = tempdir('chatdesk-push-XXXXXXXX', TMPDIR => 1, CLEANUP => 1);
    my $self = bless { %arg, dir => $dir, said => [], owner => $$ }, $class;

    chmod 0755, $dir;
    _run('sh', '-c', 'exec openssl "$@" 2>/dev/null', 'openssl',
        qw(req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes
           -days 7 -batch -subj /CN=localhost -addext),
        'subjectAltName=DNS:localhost,IP:127.0.0.1',
        '-out', "$dir/tls.pem", '-keyout', "$dir/tls.key");
    _run($arg{ctl}, 'push-key', "$dir/push.pem");
    chown((getpwnam 'nobody')[2, 3], "$dir/push.pem") if $> == 0;
    $self->_start;

    return $self;
}


# A test with such a service beside it: notices come every second, and an
# administrator has an API key.  Returns the service, the test, and the key's
# REST client, when the desk answers it.

sub stage {
    my ($class) = @_;
    my ($key, $row) = ChatDesk::Rest::key('ops', 'admin');
    my $loop = ChatDesk::Loop->new;
    my $build = ChatDesk::Stack::build_of(
        $ENV{CHATDESK_FLAVOUR} // 'release');
    my $self = $class->new(loop => $loop, ctl => "$build/chatdeskctl");
    my $t = ChatDesk::Test->new(loop => $loop,
        worker_lines => $self->worker_lines('on'),
        settings => { notify => { interval_seconds => 1 },
                      keys => [ $row ] });
    my $ops = $t->rest(undef, key => $key);

    $t->until(20, 'the desk to answer',
        sub { $ops->get('outbox')->{status} == 200 });

    return ($self, $t, $ops);
}


sub _run {
    my (@command) = @_;

    system { $command[0] } @command;
    croak "$command[0] failed" if $? != 0;
}


sub _start {
    my ($self) = @_;

    $self->{pid} = open2($self->{from}, $self->{to}, 'node',
        "$top/t/lib/push_service.mjs", $self->{dir});
    $self->{from}->blocking(0);
    $self->{to}->autoflush(1);
    $self->{rest} = '';
    $self->{loop}->add($self->{from}, read => sub { $self->_read });

    my $first = $self->_hear('port');
    @$self{qw(port p256dh auth)} = @$first{qw(port p256dh auth)};
}


sub _read {
    my ($self) = @_;
    my $count = sysread $self->{from}, $self->{rest}, 65536,
        length $self->{rest};

    $self->{loop}->remove($self->{from}) if defined $count && $count == 0;
    push @{ $self->{said} }, $json->decode($1)
        while $self->{rest} =~ s/\A([^\n]*)\n//;
}


# The next line that has this member; what came before stays.

sub _hear {
    my ($self, $member) = @_;
    my $line;

    $self->{loop}->until(10, "the push service to say $member", sub {
        for my $i (0 .. $#{ $self->{said} }) {
            next if !exists $self->{said}[$i]{$member};
            $line = splice @{ $self->{said} }, $i, 1;
            last;
        }
        $line;
    });

    return $line;
}


# The sections of worker.ini.

sub worker_lines {
    my ($self, $private) = @_;

    return "[outbound]\nca = $self->{dir}/tls.pem\nprivate = $private\n"
        . "[push]\nkey = $self->{dir}/push.pem\n"
        . "contact = mailto:ops\@shop.example\n";
}


sub url {
    my ($self, $path) = @_;

    return "https://localhost:$self->{port}$path";
}


# The body of a subscription.

sub subscription {
    my ($self, $path) = @_;

    return { endpoint => $self->url($path), p256dh => $self->{p256dh},
             auth => $self->{auth} };
}


# The next answers at a path: [ status, { header => value } ].

sub answer {
    my ($self, $path, @answers) = @_;

    print { $self->{to} } $json->encode(
        { path => $path, answers => [ map { [ $_->[0], $_->[1] // {} ] }
                                      @answers ] }), "\n";
    $self->_hear('told');
}


sub down {
    my ($self) = @_;

    print { $self->{to} } qq({"down":true}\n);
    $self->_hear('down');
}


sub up {
    my ($self) = @_;

    print { $self->{to} } qq({"up":true}\n);
    $self->_hear('up');
}


# The requests at a path that nobody has taken yet; and takes them.

sub came {
    my ($self, $path) = @_;

    return grep { ($_->{path} // '') eq $path } @{ $self->{said} };
}


sub take {
    my ($self, $path) = @_;
    my @came = $self->came($path);

    $self->{said} = [ grep { ($_->{path} // '') ne $path }
                      @{ $self->{said} } ];

    return @came;
}


# What was sealed in a request, as JSON.

sub opened {
    my ($request) = @_;

    return $json->decode($request->{sealed}{text});
}


sub DESTROY {
    my ($self) = @_;

    return if $self->{owner} != $$ || !$self->{pid};

    local ($?, $!, $@);
    close $self->{to};
    waitpid $self->{pid}, 0;
}

1;
