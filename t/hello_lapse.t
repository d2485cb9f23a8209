#!/usr/bin/perl
#
# A node whose lease ran out, because it or Redis stood still: the desk ended
# its sessions, and they come back by themselves.
#
# proves: O3 I11

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;

my $t = ChatDesk::Test->new;
my $redis = $t->redis;
my $ana = $t->agent('ana');
my $bob = $t->visitor('Bob');

$ana->available;
my $conv = $t->connect($bob, $ana);


# Sessions and persons that the desk counts as connected.

sub online {
    my %online = $redis->hgetall('cd:{demo}:online');

    return map { (split ' ')[2] } values %online;
}

# the node answered a beat, and then was silent for longer than its lease
$t->until(10, 'the lease', sub { $redis->hkeys('cd:{demo}:nodes') });
my ($node) = $redis->hkeys('cd:{demo}:nodes');
$t->until(10, 'another beat', sub {
    my $ends = $redis->hget('cd:{demo}:nodes', $node);
    our $first //= $ends;
    $ends > $first;
});
my $session = $bob->{welcome}{session};
$redis->hset('cd:{demo}:nodes', $node, 1);
$t->until(10, 'the desk to end its sessions', sub { !online() });
pass('the desk ended its sessions');

$t->until(20, 'both to be back',
    sub { 2 == grep { $_ eq 'ana' || $_ eq $bob->{who} } online() });
is($bob->{cuts}, 0, 'the visitor noticed nothing');
is($bob->{welcome}{session}, $session, 'and has the same session');
$t->until(10, 'the agent to be welcome', sub { $ana->{welcome} });
is_deeply($ana->{closes}, [1012], 'the agent connected again');

$t->until(10, 'the visitor to be present', sub {
    my $member = $ana->feed($conv)->{registers}{"member:$bob->{who}"};
    $member && $member->{present};
});
pass('the agent sees the visitor there');

$bob->say($conv, 'Still here?');
is($ana->expect(t => 'message', conv => $conv)->{text}, 'Still here?',
    'and they go on');

$t->settle(20);
$t->verdict_ok('lapse');
$t->finish;
