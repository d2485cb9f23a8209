#!/usr/bin/perl
#
# The record of an interaction: opened by the accept, with everything that
# happened, why an agent was asked, and what the client told first.
#
# proves: R1 R2 R3 I22

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Data::MessagePack;
use Test::More;

use ChatDesk::Test;

my $t = ChatDesk::Test->new(settings => { accept_seconds => 60 });
my $redis = $t->redis;
my $unpack = Data::MessagePack->new;


# The entries of the record with this number.

sub record {
    my ($number) = @_;

    return map { $unpack->unpack($_) } $redis->lrange("cd:{demo}:x:$number",
                                                      0, -1);
}


# Waits for the record's last entry to be of a kind; returns all entries.

sub record_until {
    my ($number, $what) = @_;
    my @entries;

    $t->until(10, "an entry $what", sub {
        @entries = record($number);
        @entries && $entries[-1]{what} eq $what;
    });

    return @entries;
}


my %agent = map { $_ => $t->agent($_) } qw(ana ben);

$agent{ana}->available;
$agent{ben}->presence('busy');

my $visitor = $t->visitor('Vera');
my $conv = $visitor->start(name => 'Vera', email => 'vera@example.org',
    page => 'https://shop.example/cart', title => 'Cart', lang => 'pt');
my $number = $agent{ana}->expect_offer($conv)->{number};
my @entries = record_until($number, 'offered');

is_deeply([ map { $_->{what} } @entries ], [qw(started offered)],
    'what happened before the accept is in it');
is_deeply({ map { $_ => $entries[0]{$_} } qw(conv source number name email
                                             page title lang) },
    { conv => $conv, source => 'chat', number => $number, name => 'Vera',
      email => 'vera@example.org', page => 'https://shop.example/cart',
      title => 'Cart', lang => 'pt' },
    'it begins with the first data of client and communication');
is_deeply([ @{ $entries[1] }{qw(agent load passed place)} ],
    [ 'ana', 0, 0, 1 ], 'why she was asked stands with the offer');
ok(!defined $redis->zscore('cd:{demo}:records', $number),
    'but nobody has opened it');

# -- rejected, then accepted by the other one

$agent{ben}->available;
$agent{ana}->reject($conv);
$agent{ben}->accept($conv);
@entries = record_until($number, 'joined');
is_deeply([ map { $_->{what} } @entries ],
    [qw(started offered rejected offered accepted joined)],
    'offers and how they ended');
is($entries[3]{passed}, 1, 'one had refused before ben was asked');
ok($redis->zscore('cd:{demo}:records', $number), 'the accept has opened it');
is_deeply([ map { scalar $redis->zscore("cd:{demo}:xa:$_", $number) // '-' }
            qw(ana ben) ], [ '-', $number ],
    'for the one who accepted');

# -- messages are counted, not kept

$visitor->say($conv, 'a secret');
$agent{ben}->follow($conv);
$agent{ben}->say($conv, 'an answer');
$agent{ben}->say($conv, 'a note', private => 1);
$t->settle(10);
$agent{ben}->end($conv);
@entries = record_until($number, 'ended');
is_deeply([ @{ $entries[-1] }{qw(from_visitor from_agents notes role who)} ],
    [ 1, 1, 1, 'agent', 'ben' ], 'it ends with counts, and who ended it');
is((grep { /secret|answer/ } map { values %$_ } @entries), 0,
    'nothing that was written is in it');
ok((grep { $_->{at} > 1e12 } @entries) == @entries, 'every entry has a time');
ok($redis->pttl("cd:{demo}:x:$number") > 0, 'it is kept for a limited time');

$t->finish;
