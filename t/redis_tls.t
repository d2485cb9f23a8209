#!/usr/bin/perl
#
# Redis over TLS: a server with the right certificate, with another name in
# it, and with one that nobody trusts.
#
# proves: O3

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use File::Temp qw(tempdir);
use Test::More;

use ChatDesk::Config qw(read_file write_file);
use ChatDesk::Loop;
use ChatDesk::Process;
use ChatDesk::Stack;
use ChatDesk::Test;

my $dir = tempdir(CLEANUP => 1);
my $port = ChatDesk::Stack->free_port;
my $wrong = ChatDesk::Stack->free_port;

chmod 0755, $dir;


# A certificate that signs itself.

sub certificate {
    my ($name, $names) = @_;

    system('sh', '-c', 'exec openssl "$@" 2>/dev/null', 'openssl',
        qw(req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes
           -days 7 -batch -subj /CN=redis -addext), "subjectAltName=$names",
        '-out', "$dir/$name.pem", '-keyout', "$dir/$name.key") == 0
        or die 'openssl failed';
    chmod 0644, "$dir/$name.key";
}


sub tls_lines {
    my ($at, $name) = @_;

    return join "\n", "tls-port $at", 'bind 127.0.0.1',
        "tls-cert-file $dir/$name.pem", "tls-key-file $dir/$name.key",
        "tls-ca-cert-file $dir/$name.pem", 'tls-auth-clients no', '';
}

certificate('good', 'IP:127.0.0.1,DNS:redis.example');
certificate('other', 'DNS:other.example');

my $t = ChatDesk::Test->new(
    redis_more => tls_lines($port, 'good'),
    redis_words => "127.0.0.1:$port tls=on ca=$dir/good.pem",
    redis_ini => "url = 127.0.0.1:$port\ntls = on\ntls_ca = $dir/good.pem");
my $stack = $t->stack;

my $ana = $t->agent('ana');
my $bob = $t->visitor('Bob');
$ana->available;
my $conv = $t->connect($bob, $ana);

# longer than what one record, and one read, can hold
my @texts = ('Hello', map { $_ x 8000 } 'a' .. 'h');
$bob->say($conv, $_) for @texts;
$t->settle(20);
$t->verdict_ok('chat over TLS');

# of nginx and of the worker
is(scalar(grep { / laddr=127\.0\.0\.1:$port / }
          split /\n/, $t->redis->client('list')), 5,
    'five connections have come by TLS');

# Redis goes and comes
$stack->{redis}->stop('KILL', 10);
$bob->say($conv, 'are you there?');
$bob->expect(t => 'error', code => 'busy');
$stack->start_redis;
$t->settle(30);
$t->verdict_ok('Redis restarted');


# What nginx and a worker say of a server that they are configured for; both
# must refuse it.

sub refused {
    my ($what, $words, $ini, $reason) = @_;
    my $known = length $stack->log('error.log');
    my ($old) = $stack->nginx_workers;

    @$stack{qw(redis_words redis_ini)} = ($words, $ini);
    $stack->reload_nginx;
    my $worker = $stack->start_worker;

    $t->until(20, "$what in nginx's log", sub {
        substr($stack->log('error.log'), $known)
            =~ /"chatdesk-command" to Redis \S+ is down: $reason/;
    });
    $t->until(20, "$what in the worker's log",
        sub { $worker->log_text =~ /redis_away.*$reason/i });
    pass("$what is refused, and told why");
    unlike($worker->log_text, qr/standby|owner/, "$what: never used");
    $worker->stop;
}

$_->close for @{ $t->{clients} };
my $other = $stack->start_server('other', 'redis-server',
    tls_lines($wrong, 'other') . "port 0\nsave \"\"\n");
$t->until(10, 'the other server',
    sub { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$wrong") });

refused('a certificate for another name',
    "127.0.0.1:$wrong tls=on ca=$dir/other.pem",
    "url = 127.0.0.1:$wrong\ntls = on\ntls_ca = $dir/other.pem",
    '(?:.*IP address mismatch|the certificate is for another)');
refused('another name than the one asked for',
    "127.0.0.1:$port tls=on ca=$dir/good.pem tls_name=wrong.example",
    "url = 127.0.0.1:$port\ntls = on\ntls_ca = $dir/good.pem\n"
        . 'tls_name = wrong.example',
    '(?:.*hostname mismatch|the certificate is for another)');
refused('a certificate that nobody trusts',
    "127.0.0.1:$port tls=on ca=$dir/other.pem",
    "url = 127.0.0.1:$port\ntls = on\ntls_ca = $dir/other.pem",
    '.*self.signed certificate');
refused('a server without TLS',
    "127.0.0.1:$stack->{port} tls=on ca=$dir/good.pem",
    "url = 127.0.0.1:$stack->{port}\ntls = on\ntls_ca = $dir/good.pem",
    '(?:.*the TLS handshake failed|TLS: wrong version number)');

# the name that is in the certificate and nowhere else
@$stack{qw(redis_words redis_ini)} = (
    "127.0.0.1:$port tls=on ca=$dir/good.pem tls_name=redis.example",
    "url = 127.0.0.1:$port\ntls = on\ntls_ca = $dir/good.pem\n"
        . 'tls_name = redis.example');
my $known = length $stack->log('error.log');
$stack->reload_nginx;
my $standby = $stack->start_worker;
$t->until(20, 'nginx', sub {
    substr($stack->log('error.log'), $known)
        =~ /"chatdesk-subscriber" to Redis \S+ is up/;
});
$t->until(20, 'the worker', sub { $standby->log_text =~ /standby/ });
pass('the name is what counts');

$other->stop;
$t->finish;
