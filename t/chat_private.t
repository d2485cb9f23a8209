#!/usr/bin/perl
#
# Notes between agents, and conversations of others: nothing of them ever
# reaches a visitor, and the organisation has them.
#
# proves: V9 P7 P10 A9

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;

my $t = ChatDesk::Test->new;
my $ana = $t->agent('ana');
my $bob = $t->visitor('Bob');

$ana->available;
my $conv = $t->connect($bob, $ana);

# a note among messages: the agent's other device sees it
my $phone = $t->agent('ana');
$phone->open($conv);
$ana->say($conv, 'public before');
$ana->say($conv, 'a secret note', private => 1);
$ana->say($conv, 'public after');
ok($phone->expect(t => 'message', text => 'a secret note')->{private},
    'agents see the note, marked as private');
$bob->expect(t => 'message', text => 'public after');

# not live, not in history, not after a resume
my @texts = map { $_->{text} } @{ $bob->feed($conv)->{messages} };
is_deeply(\@texts, [ 'public before', 'public after' ],
    'the visitor sees what is public, live');
is_deeply([ map { $_->{n} } @{ $bob->feed($conv)->{messages} } ],
    [ map { $_->{v} } @{ $bob->feed($conv)->{messages} } ],
    'with numbers that betray nothing');

$bob->drop(1);
$ana->say($conv, 'another secret', private => 1);
$ana->say($conv, 'public later');
$t->until(10, 'acks', sub { !$ana->unsent });
$bob->{away} = 0;
$bob->connect;
$bob->expect(t => 'message', text => 'public later');
is($bob->take(t => 'message', text => qr/secret/), undef,
    'nothing of it after a resume');

my $reloaded = $t->visitor('Bob', token => $bob->{token});
$t->until(10, 'the window', sub { $reloaded->feed($conv)->{live} });
$t->{ledger}->joined($reloaded, $conv);
is_deeply([ map { $_->{text} } @{ $reloaded->feed($conv)->{messages} } ],
    [ 'public before', 'public after', 'public later' ],
    'nothing of it in the history');

# nothing that a visitor could be given holds it: in Redis it stands on the
# desk's side, and in what the worker keeps
my $redis = $t->redis;


# Whether a key's values have this text.

sub holds {
    my ($key, $text) = @_;
    my $type = $redis->type($key);
    my @values = $type eq 'list' ? $redis->lrange($key, 0, -1)
        : $type eq 'hash' ? $redis->hgetall($key)
        : $type eq 'zset' ? $redis->zrange($key, 0, -1)
        : $type eq 'stream' ? map({ @{ $_->[1] } } $redis->xrange($key, '-',
                                                                  '+'))
        : $redis->get($key);

    return grep { index($_ // '', $text) >= 0 } @values;
}


my @holders = sort grep { holds($_, 'secret') } $redis->keys('cd:{demo}:*');
ok((grep { $_ eq "cd:{demo}:d:$conv" } @holders), 'the desk\'s side has notes');
is_deeply([ grep { !/\}:(?:d:\Q$conv\E|e:\w+|i:ana)\z/ } @holders ], [],
    'and no key that a visitor is answered from');

# the organisation's log, by REST: who, when, what
my $number = $ana->card($conv)->{number};
my @log = $t->rest('ana')->all("records/$number/messages");
is_deeply([ map { [ @$_{qw(from role text)}, $_->{private} ? 1 : 0 ] } @log ],
    [ map { [ 'ana', 'agent', @$_ ] }
      [ 'public before', 0 ], [ 'a secret note', 1 ], [ 'public after', 0 ],
      [ 'another secret', 1 ], [ 'public later', 0 ] ],
    'it has notes in their places, with their author');
is_deeply([ sort { $a <=> $b } map { $_->{at} } @log ],
    [ map { $_->{at} } @log ], 'and their times, in order');
cmp_ok($log[1]{at}, '>', 1.7e12, 'which are times');

my %as_visitor = (key => $bob->{token});
is($t->rest(undef, %as_visitor)->get("records/$number/messages")->{status},
    401, 'a visitor\'s token reads none of it');

# a visitor writes no notes
$bob->send({ t => 'send', conv => $conv, k => 1, text => 'psst',
             private => JSON::PP::true });
is($bob->expect(t => 'error', k => 1)->{code}, 'forbidden',
    'a visitor writes no notes');

# another visitor, who knows the id, and one that does not exist
my $eve = $t->visitor('Eve');
$t->until(10, 'the welcome', sub { $eve->{welcome} });
my $nowhere = 'A' x 22;

for my $id ($conv, $nowhere) {
    $eve->send({ t => 'follow', feed => $id });
    is($eve->expect(t => 'error', feed => $id)->{code}, 'not_found',
        'a conversation of others is not found');

    $eve->send({ t => 'send', conv => $id, k => 1, text => 'let me in' });
    is($eve->expect(t => 'error', conv => $id, k => 1)->{code}, 'not_found',
        'not for writing either');
}

# naming it in hello gives nothing; nor does somebody else's device
my $mallory = $t->visitor('Mallory', conv => $conv, device => $bob->{device},
    reconnect => 0);
$t->until(10, 'the welcome', sub { $mallory->{welcome} });
is($mallory->{welcome}{conv}, undef, 'nor when hello names it');
is($mallory->take(t => 'window'), undef, 'there is no window');

# another agent, who is no member
my $ben = $t->agent('ben');
$t->until(10, 'the inbox', sub { $ben->feed('inbox')->{live} });
$ben->send({ t => 'follow', feed => $conv });
is($ben->expect(t => 'error', feed => $conv)->{code}, 'not_found',
    'agents see the conversations that they are members of');

my $verdict = $t->{ledger}->verdict($ana, $bob, $phone, $reloaded);
is($verdict->{$_}, 0, "none $_") for qw(lost twice order foreign);
$t->finish;
