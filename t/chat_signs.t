#!/usr/bin/perl
#
# Typing, delivery marks, unread counts and presence, as the other side sees
# them.
#
# proves: V5 I12

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

use ChatDesk::Test;

my $t = ChatDesk::Test->new;
my $ana = $t->agent('ana');
my $bob = $t->visitor('Bob');

$ana->available;
my $conv = $t->connect($bob, $ana);


sub mark_of {
    my ($client, $who) = @_;

    return $client->feed($conv)->{registers}{"mark:$who"} // {};
}


# typing shows within a second, and its end
for my $pair ([ $bob, $ana ], [ $ana, $bob ]) {
    my ($writer, $reader) = @$pair;
    my $began = clock_gettime(CLOCK_MONOTONIC);

    $writer->typing($conv, 1);
    my $typing = $reader->expect(t => 'typing', who => $writer->{who});
    my $took = clock_gettime(CLOCK_MONOTONIC) - $began;

    ok($typing->{on}, "$reader->{name} sees that $writer->{name} types");
    is($typing->{conv}, $conv, 'and where');
    cmp_ok($took, '<', 1, 'within a second');

    $writer->typing($conv, 0);
    ok(!$reader->expect(t => 'typing', who => $writer->{who})->{on},
        'and that it has stopped');
}

# a message is delivered, then read
$bob->say($conv, "message $_") for 1 .. 3;
my $last;
$t->until(10, 'three messages', sub {
    $last = $ana->feed($conv)->{messages}[2];
});
$t->until(10, 'three unread on the card',
    sub { $ana->card($conv)->{unread} == 3 });
pass('the card counts what is unread');
is($ana->card($conv)->{preview}, 'message 3', 'and shows the newest');

$ana->mark($conv, $last->{v}, 0);
$t->until(10, 'the delivery mark',
    sub { (mark_of($bob, 'ana')->{got} // 0) >= $last->{v} });
is(mark_of($bob, 'ana')->{read}, 0, 'delivered is not read');

# another device of the same agent sees the count go
my $phone = $t->agent('ana');
$t->until(10, 'the inbox of the other device',
    sub { ($phone->card($conv) // {})->{unread} });
is($phone->card($conv)->{unread}, 3, 'the other device counts the same');

$ana->mark($conv, $last->{v}, $last->{v}, $last->{n});
$t->until(10, 'the read mark',
    sub { (mark_of($bob, 'ana')->{read} // 0) >= $last->{v} });
pass('the visitor sees that it was read');
$t->until(10, 'no unread on either device', sub {
    !$ana->card($conv)->{unread} && !$phone->card($conv)->{unread};
});
pass('reading clears the count on all devices');

# marks never fall
$ana->mark($conv, 1, 1, 1);
$bob->say($conv, 'after the mark');
$ana->expect(t => 'message', text => 'after the mark');
cmp_ok(mark_of($bob, 'ana')->{read}, '>=', $last->{v}, 'a mark never falls');

$t->verdict_ok('signs');
$t->finish;
