#!/usr/bin/perl
#
# Sentinels that stand still, die, or know nothing; and a primary that may
# not write because its replica is gone.  Chat goes on while there is a
# primary that serves, and each change is told once.
#
# proves: O3

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Sentinels;

my $set = ChatDesk::Sentinels->new(make => sub { ChatDesk::Test->new(@_) });
my ($t, $stack) = @$set{qw(made stack)};
my $redis = $set->at($set->{port});

my $ana = $t->agent('ana');
my $bob = $t->visitor('Bob');
$ana->available;
my $conv = $t->connect($bob, $ana);


# How often nginx and the worker have said this.

sub told {
    my ($nginx, $worker) = @_;
    my $by_nginx = () = $stack->log('error.log') =~ /$nginx/g;
    my $by_worker = () = join('', map { $_->log_text }
        @{ $stack->{worker} }) =~ /$worker/g;

    return "$by_nginx $by_worker";
}

my @none = (qr/no Sentinel answers for the primary "mymaster"/,
            qr/sentinel: none answers for the primary mymaster/);
my @again = (qr/Sentinel \S+ answers for the primary "mymaster"/,
             qr/sentinel: \S+:\d+ answers for the primary mymaster/);


sub arrives {
    my ($text) = @_;

    $bob->say($conv, $text);
    $ana->expect(t => 'message', text => $text, within => 20);
    pass("chat goes on: $text");
}

# one stands still, one dies: the third is found
$set->{process}{'sentinel-1'}->signal('STOP');
$set->{process}{'sentinel-2'}->stop('KILL', 5);
my $third = $set->at($set->{sentinel_ports}[2]);
$t->until(30, 'both at the third', sub {
    2 <= grep { /sub=1/ && !/cmd=psubscribe|name=sentinel/ }
         split /\n/, $third->client('list');
});
is(told(@none), '0 0', 'one that answers is enough');
arrives('one is left');

$set->{process}{'sentinel-3'}->stop('KILL', 5);
$t->until(30, 'both to notice', sub { told(@none) eq '1 1' });
arrives('none is left');

$set->{process}{'sentinel-1'}->signal('CONT');
$t->until(30, 'both to find it', sub { told(@again) eq '1 1' });
is(told(@none), '1 1', 'told once');
arrives('one is back');

# it knows another primary, or none, by this name
$set->at($set->{sentinel_ports}[0])->__std_cmd('SENTINEL', 'remove',
                                               'mymaster');
$t->until(30, 'both to notice', sub { told(@none) eq '2 2' });
arrives('nobody knows the primary');

# the primary wants replicas that are not there
$redis->config('set', 'min-replicas-to-write', 3);
$bob->forget_seen;
$bob->say($conv, 'not yet');
my $error = $bob->expect(t => 'error', code => 'busy');
cmp_ok($error->{retry_after}, '>', 0, 'a sender is told to wait');
$redis->config('set', 'min-replicas-to-write', 0);
$ana->expect(t => 'message', text => 'not yet', within => 20);
pass('and sends again by itself');

$bob->end;
$ana->expect(t => 'card', conv => $conv, phase => 'closed', within => 20);
$t->settle(20);
$t->verdict_ok('with and without Sentinels');
is(scalar(grep { $_->{cuts} } $ana, $bob), 0, 'all sockets stayed');

$t->finish;
$set->stop;
