#!/usr/bin/perl
#
# chatdesk_durability replicas=1: nothing is acknowledged that the replica has
# not got.  The replica stops and goes on; then the primary dies with messages
# that only it has.
#
# proves: O3

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Load;
use ChatDesk::Sentinels;

my $set = ChatDesk::Sentinels->new(
    server => 'chatdesk_durability replicas=1 timeout=300ms;', crowd => 10,
    make => sub { ChatDesk::Load->new(@_) });
my ($load, $stack) = @$set{qw(made stack)};
my $test = $load->test;


# All acks so far.

sub acks {
    my $acked = $test->{ledger}{acked};

    return scalar map { keys %$_ } values %$acked;
}


# How often nginx has said this.

sub told {
    my ($what) = @_;

    return scalar(() = $stack->log('error.log') =~ /replicas of .*$what/g);
}

my ($then, $later) = (0, 0);

$load->run(messages => 50, rate => 10, at => {
    # what was on its way is answered within a tick
    10 => sub { $set->{process}{replica}->signal('STOP') },
    12 => sub { $then = acks() },
    28 => sub {
        $later = acks();
        $set->{process}{replica}->signal('CONT');
    },
});
cmp_ok($then, '>', 0, 'with the replica messages are acknowledged');
is($later, $then, 'without it none is');
$test->verdict_ok('a replica that stops');
is(told('have not got what is stored'), 1, 'nginx has told it once');
is(told('have what is stored'), 1, '... and that it is over');

# what it does not get it would get from the kernel, were it only stopped
$load->run(messages => 70, rate => 10, at => {
    20 => sub { $set->at($set->{port})->acl('deluser', 'replica') },
    26 => sub { $stack->{redis}->stop('KILL', 5) },
    # the other one comes back and follows it, else nothing could be stored
    50 => sub {
        $set->wait_primary($set->{replica_port});
        $stack->start_redis;
    },
});
$test->verdict_ok('a primary that dies with what it alone has');

$test->finish;
$set->stop;
