#!/usr/bin/perl
#
# The history window: a late joiner sees exactly the last 50 messages, and
# whoever was away sees what came meanwhile.
#
# proves: C3 V12

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;

my $t = ChatDesk::Test->new(
    visitor => 'chatdesk_rate 1000r/s burst=1000;',
    agent => 'chatdesk_rate 1000r/s burst=1000;');
my $ana = $t->agent('ana');
my $bob = $t->visitor('Bob');

$ana->available;
my $conv = $bob->start(name => 'Bob');

$bob->say($conv, "message $_") for 1 .. 60;
$t->settle(20);

# the agent accepts after 60 messages
my $card = $ana->expect_offer($conv);
$ana->accept($conv);
my @texts = map { $_->{text} } @{ $ana->feed($conv)->{messages} };
is_deeply(\@texts, [ map { "message $_" } 11 .. 60 ],
    'a late joiner sees the last 50, in order');

# a device that comes later sees the same
my $phone = $t->agent('ana');
$phone->open($conv);
is_deeply([ map { $_->{text} } @{ $phone->feed($conv)->{messages} } ],
    \@texts, 'and so does another device');

# the visitor goes away; what is said meanwhile is there on return
$bob->drop(1);
my $seen = @{ $bob->feed($conv)->{messages} };
$ana->say($conv, "while you were away $_") for 1 .. 5;
$t->until(10, 'acks', sub { !$ana->unsent });
$bob->{away} = 0;
$bob->connect;
$t->until(10, 'what came meanwhile',
    sub { @{ $bob->feed($conv)->{messages} } == $seen + 5 });
is_deeply([ map { $_->{text} } @{ $bob->feed($conv)->{messages} }[-5 .. -1] ],
    [ map { "while you were away $_" } 1 .. 5 ], 'all of it, in order');
is($bob->{resets}, 0, 'as a continuation, without beginning again');

# a visitor whose page was reloaded remembers only the token
my $reloaded = $t->visitor('Bob', token => $bob->{token});
$t->until(10, 'the welcome', sub { $reloaded->{welcome} });
is($reloaded->{welcome}{conv}, $conv, 'the conversation is found again');
$t->until(10, 'its window', sub { $reloaded->feed($conv)->{live} });
$t->{ledger}->joined($reloaded, $conv);
my @again = map { $_->{text} } @{ $reloaded->feed($conv)->{messages} };
is(scalar @again, 50, 'with the last 50 messages');
is($again[-1], 'while you were away 5', 'up to the newest');

my $verdict = $t->{ledger}->verdict(@{ $t->{clients} });
is($verdict->{$_}, 0, "none $_") for qw(twice order foreign stuck);
$t->finish;
