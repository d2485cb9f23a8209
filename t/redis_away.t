#!/usr/bin/perl
#
# nginx without Redis: it starts, serves, says so once, keeps trying, and
# stops at once; `nginx -t` never asks.
#
# proves: O3 O6

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use HTTP::Tiny;
use IO::Select;
use IO::Socket::UNIX;
use Test::More;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

use ChatDesk::Process;
use ChatDesk::Test;

my $t = ChatDesk::Test->new;
my $stack = $t->stack;


# Lines of nginx's log about its connections to Redis.

sub told {
    my ($what) = @_;
    my $count = () = $stack->log('error.log')
        =~ /connection "chatdesk-\w+" to Redis "[^"]+" is $what/g;

    return $count;
}


# Takes connections instead of Redis and closes them, so many times.

sub refuse_connections {
    my ($times) = @_;
    my $path = $stack->redis_socket;

    unlink $path;
    my $listener = IO::Socket::UNIX->new(Local => $path, Listen => 10)
        or die "$path: $!";
    chmod 0777, $path;

    for (1 .. $times) {
        IO::Select->new($listener)->can_read(10)
            or die 'nobody connects any more';
        $listener->accept;
    }

    unlink $path;
}

$t->until(10, 'both connections', sub { told('up') == 2 });
is(told('down'), 0, 'with Redis there, nothing is told but that');

# everything but nginx and Redis stays as it is
$stack->{nginx}->stop('QUIT', 15);
is($stack->{nginx}->status, 0, 'nginx stopped');
$stack->{redis}->stop('TERM', 10);

# as the user that nginx runs as, since it leaves its pid file
my $check = ChatDesk::Process->new(
    name => 'nginx -t', as => $stack->{as}, dir => $stack->{dir},
    log => "$stack->{dir}/check.log",
    env => { ASAN_OPTIONS => 'detect_leaks=0' },
    command => [ $stack->nginx_path, '-t', '-p', $stack->{dir}, '-c',
                 "$stack->{dir}/nginx.conf" ]);
$t->until(10, 'nginx -t', sub { !$check->alive });
is($check->status, 0, 'nginx -t is content without Redis');

$stack->start_nginx;
my $http = HTTP::Tiny->new(timeout => 10);
is($http->get($stack->url . '/')->{status}, 200, 'the site is served');
is($http->post($stack->url . '/desk/api/ticket')->{status}, 401,
    'what needs no Redis is answered');
my $login = $http->post($stack->url . '/desk/api/login', {
    headers => { 'Content-Type' => 'application/json' },
    content => '{"login":"ana","password":"x"}',
});
is($login->{status}, 503, 'a login is told to wait');
cmp_ok($login->{headers}{'retry-after'} // 0, '>', 0, 'and for how long');

$t->until(10, 'the error', sub { told('down') == 2 });
refuse_connections(8);
is(told('down'), 2, 'eight failed attempts later it was told once for each');

# a reload while Redis is away, and the old nginx worker goes
my ($old) = $stack->nginx_workers;
$stack->reload_nginx;
$t->until(15, 'the old nginx worker to go',
    sub { !grep { $_ == $old } $stack->nginx_workers });
pass('an nginx worker without sessions is not held back');

my $began = clock_gettime(CLOCK_MONOTONIC);
$stack->{nginx}->stop('QUIT', 15);
is($stack->{nginx}->status, 0, 'nginx stops without Redis');
cmp_ok(clock_gettime(CLOCK_MONOTONIC) - $began, '<', 5, 'at once');

# Redis comes while nginx runs
$stack->start_nginx;
my $ups = told('up');
$stack->start_redis;
$t->until(10, 'both connections', sub { told('up') == $ups + 2 });

my $ana = $t->agent('ana');
my $bob = $t->visitor('Bob');
$ana->available;
my $conv = $t->connect($bob, $ana);
$bob->say($conv, 'Hello');
is($ana->expect(t => 'message')->{text}, 'Hello', 'and chat works');

$t->finish;
