#!/usr/bin/perl
#
# Frames that were published to nobody: while the subscriber connection was
# cut, and a publish that was lost although nothing broke.
#
# proves: O3

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Bus;
use ChatDesk::Test;

my $t = ChatDesk::Test->new;
my $redis = $t->redis;
my $ana = $t->agent('ana');
my $bob = $t->visitor('Bob');

$ana->available;
my $conv = $t->connect($bob, $ana);
my $key = "cd:{demo}:c:$conv";
my $device = ChatDesk::Bus::id('f');
my $k = 0;


sub body {
    my ($text) = @_;

    return ChatDesk::Bus::body(conv => $conv, mid => "$device.$k",
        from => 'ana', role => 'agent', name => 'Ana', text => $text);
}


# In one transaction the subscribers are cut off and a message is posted, so
# that nobody hears it.

sub post_unheard {
    my ($text) = @_;

    $k++;
    $redis->multi;
    $redis->client('kill', 'type', 'pubsub');
    $redis->fcall('cd_post', 1, $key, $conv, 'ana', 'a', $device, $k,
                  "digest$k ", ChatDesk::Bus::now_ms(), 0, body($text));
    my ($killed, $answer) = $redis->exec;

    is($answer->[0], 'ok', 'a message is posted while nobody hears');
    return $answer->[1];
}

# one at a time, each on a fresh subscriber connection
for my $round (1 .. 3) {
    post_unheard("unheard $round");

    for my $client ($bob, $ana) {
        my $got = $client->expect(t => 'message', text => "unheard $round");
        is($got->{from}, 'ana', "$client->{name} gets it all the same");
    }

    $t->until(10, 'the feeds to be heard again', sub {
        my %heard = $redis->pubsub('numsub', "cd:{demo}:v:$conv");
        $heard{"cd:{demo}:v:$conv"};
    });
}

# stored, and published to nobody: the next beat finds it
my $n = $redis->hincrby($key, 'v', 1);
$k++;
$redis->rpush("cd:{demo}:v:$conv", ChatDesk::Bus::envelope('MESSAGE', $n, $n,
    ChatDesk::Bus::now_ms(), conv => $conv, mid => "$device.$k",
    from => 'ana', role => 'agent', text => 'lost publish'));
is($bob->expect(t => 'message', text => 'lost publish', within => 12)->{n},
    $n, 'a lost publish is found by comparing heads');

# and the feed goes on behind it
$bob->say($conv, 'Still here?');
is($ana->expect(t => 'message', from => $bob->{who})->{text}, 'Still here?',
    'the conversation goes on');
is($bob->{resets} + $ana->{resets}, 0, 'nobody was reset');

my $log = $t->stack->log('error.log');
my $down = () = $log =~ /"chatdesk-subscriber" to Redis \S+ is down/g;
my $up = () = $log =~ /"chatdesk-subscriber" to Redis \S+ is up/g;
is($down, 3, 'each cut is told once');
is($up, 4, 'and each return');

$t->finish;
