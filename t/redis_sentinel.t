#!/usr/bin/perl
#
# Redis behind three Sentinels, under load: a planned failover, then the
# death of the primary.  Nothing that was acknowledged is lost, sockets stay,
# and each move is told once.
#
# proves: O3

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Load;
use ChatDesk::Sentinels;

my $set = ChatDesk::Sentinels->new(make => sub { ChatDesk::Load->new(@_) });
my ($load, $stack) = @$set{qw(made stack)};
my $test = $load->test;
my ($first, $second) = @$set{qw(port replica_port)};


# Lines that tell of a primary at this port, in nginx's log and the worker's.

sub told {
    my ($port) = @_;
    my $nginx = () = $stack->log('error.log')
        =~ /Sentinel \S+ names 127\.0\.0\.1:$port as the primary "mymaster"/g;
    my $worker = () = join('', map { $_->log_text } @{ $stack->{worker} })
        =~ /Sentinel \S+ names 127\.0\.0\.1:$port as the primary mymaster/g;

    return "$nginx $worker";
}

is(told($first), '1 1', 'nginx and the worker have found the primary');

# as docs/operations.md says: writes wait, the replica catches up, then
$load->run(messages => 60, rate => 10, at => { 20 => sub {
    $set->pause($first);
    $set->failover;
} });

$set->wait_primary($second);
$test->verdict_ok('a planned failover');
is(told($second), '1 1', 'the move is told once by each');
is($_->{cuts}, 0, "the socket of $_->{name} stayed") for $load->clients;

# the old primary becomes a replica, by the Sentinels
$set->wait_synced($second);
$set->wait_sentinels(1);

# dies when its replica has all that was acknowledged, and has said so, which
# it does once a second
$load->run(messages => 80, rate => 10, at => {
    20 => sub { $set->pause($second) },
    45 => sub {
        cmp_ok($set->lag($second), '<', 100, 'the replica has caught up');
        $set->{process}{replica}->stop('KILL', 5);
    },
});

$set->wait_primary($first);
$test->verdict_ok('the death of the primary');
is(told($first), '2 2', 'the move back is told once by each');
is($_->{cuts}, 0, "the socket of $_->{name} stayed") for $load->clients;

# the desk decides again
my ($visitor, $agent, $conv) = @{ $load->{talks}[0] };
$visitor->end;
$agent->expect(t => 'card', conv => $conv, phase => 'closed', within => 20);
pass('the desk decides again');
is(join('', map { $_->log_text } @{ $stack->{worker} }) =~ / lost\b/, '',
    'nobody speaks of lost writes');

$test->finish;
$set->stop;
