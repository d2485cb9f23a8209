#!/usr/bin/perl
#
# Redis over TCP with a user of its own, who may do little more than call the
# functions; and with a password that is wrong.
#
# proves: O3

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Config qw(read_file write_file);
use ChatDesk::Stack;
use ChatDesk::Test;

my $port = ChatDesk::Stack->free_port;
my $t = ChatDesk::Test->new(redis_more => "port $port\nbind 127.0.0.1");
my $stack = $t->stack;
my $redis = $t->redis;
my $conf = "$stack->{dir}/nginx.conf";
my $password = "$stack->{dir}/redis.password";

# it may neither ask for the role nor name its connections
$redis->acl('setuser', 'module', 'on', '>right-one', '~cd:*', '&cd:*',
            '+@all', '-@admin', '-@dangerous', '-client');


sub told {
    my ($pattern) = @_;
    my $count = () = $stack->log('error.log') =~ /$pattern/g;

    return $count;
}


sub with_password {
    my ($text) = @_;

    write_file($password, "$text\n", 0600);
    chown @{ $stack->{as} }, $password if $stack->{as};

    my ($old) = $stack->nginx_workers;
    $stack->{nginx}->signal('HUP');
    $t->until(15, 'the new configuration',
        sub { !grep { $_ == $old } $stack->nginx_workers });
}

my $text = read_file($conf);
my $directive = "chatdesk_redis 127.0.0.1:$port user=module"
    . " password_file=$password;";
$text =~ s/chatdesk_redis [^;]+;/$directive/ or die 'no Redis';
write_file($conf, $text);

with_password('wrong-one');
$t->until(10, 'both refusals', sub { told('is down: WRONGPASS') == 2 });

# many attempts later
my $refused = sub { $redis->info('stats')->{total_connections_received} };
my $known = $refused->();
$t->until(15, 'more attempts', sub { $refused->() >= $known + 6 });
is(told('is down'), 2, 'a wrong password is told once for each connection');

with_password('right-one');
$t->until(10, 'both connections',
    sub { told("to Redis \"127.0.0.1:$port\" is up") == 2 });

my $ana = $t->agent('ana');
my $bob = $t->visitor('Bob');
$ana->available;
my $conv = $t->connect($bob, $ana);
$bob->say($conv, 'Hello');
is($ana->expect(t => 'message')->{text}, 'Hello',
    'chat works with few rights, over TCP');
is(told('wrong-one|right-one'), 0, 'no password is in the log');

$t->finish;
