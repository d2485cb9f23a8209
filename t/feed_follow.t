#!/usr/bin/perl
#
# Following, not following and following again faster than Redis confirms
# it, while messages come; two tabs of one visitor; a session that goes while
# its window is under way.
#
# proves: V4 V20

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;

# who asks this often would be told to wait
my $t = ChatDesk::Test->new(agent => 'chatdesk_rate 1000r/s burst=10000;');
my $ana = $t->agent('ana');
my $bob = $t->visitor('Bob');

$ana->available;
my $conv = $t->connect($bob, $ana);

# the only follower of the desk side comes and goes, in one turn of nginx's
# event loop and over several
for my $round (1 .. 40) {
    $bob->say($conv, "message $round") if $round % 2;
    $ana->send({ t => 'unfollow', feed => $conv }) for 1 .. $round % 3;
    $ana->follow($conv) for 0 .. $round % 2;
    $t->loop->turn(0.05) if $round % 4 == 0;
}

# a window begins where the client stood when it asked, so that two that
# were asked for at once may both bring a message
$t->settle(20);
my %texts = map { $_->{text} => 1 } @{ $ana->feed($conv)->{messages} };
is_deeply([ grep { !$texts{"message $_"} } map { $_ * 2 - 1 } 1 .. 20 ], [],
    'all messages are there');

# a client that leaves at once, again and again
for my $round (1 .. 10) {
    $ana->send({ t => 'unfollow', feed => $conv });
    $ana->follow($conv);
    $ana->drop;
    $t->until(10, 'ana to be back', sub { $ana->in_step });
    $bob->say($conv, "back $round");
}

$t->settle(20);
$t->verdict_ok('follow and unfollow');
$t->finish;
