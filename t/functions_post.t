#!/usr/bin/perl
#
# cd_post: numbering, both sides, counters, privacy, refusals.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ChatDesk::Bus;

my $bus = ChatDesk::Bus->new;
my $redis = $bus->redis;
my ($visitor, $device) = map { ChatDesk::Bus::id($_) } qw(v d);
my $last_conv = 0;

$bus->load(1732200000000);


# A conversation with the visitor and agent ana as members.

sub conversation {
    my $conv = ChatDesk::Bus::id('c', ++$last_conv);

    $redis->hset($bus->key("c:$conv"), qw(s 1 v 0 d 0 t 0), "m:$visitor",
                 'v', 'm:ana', 'a');
    return $conv;
}


sub body {
    my ($conv, $text) = @_;

    return ChatDesk::Bus::body(conv => $conv, mid => "$device.1",
                               from => $visitor, role => 'visitor',
                               text => $text);
}


sub post {
    my ($conv, %arg) = @_;
    %arg = (person => $visitor, role => 'v', device => $device, k => 1,
            digest => 'digest-1', at => 1000, private => 0, text => 'hi',
            %arg);

    return [ $bus->call('cd_post', "c:$conv", $conv,
        @arg{qw(person role device k digest at private)},
        body($conv, $arg{text})) ];
}


sub ana {
    return (person => 'ana', role => 'a', device => ChatDesk::Bus::id('a'),
            @_);
}


subtest 'a public message stands on both sides and in the log' => sub {
    my $conv = conversation();
    my $ear = $bus->listen("v:$conv", "d:$conv");

    $redis->hset($bus->key("c:$conv"), 'd', 7);
    is_deeply(post($conv, at => 1732216000123),
              ['ok', 1, 1, 1732216000123], 'visitor: n is v');
    is_deeply(post($conv, ana(at => 1732216000124)),
              ['ok', 9, 2, 1732216000124], 'agent: n is of the desk side');

    my @heard = $ear->heard;
    is_deeply([ map { "$_->{channel} $_->{n} $_->{v}" } @heard ],
              [ "v:$conv 1 1", "d:$conv 8 1", "v:$conv 2 2", "d:$conv 9 2" ],
              'published on both, numbered by side');
    is($heard[0]{text}, 'hi', 'the body is untouched');
    is($heard[0]{at}, 1732216000123, 'the time is exact');

    my @log = grep { $_->{conv} eq $conv } $bus->log_entries;
    is_deeply([ map { "$_->{t} $_->{n} $_->{v}" } @log ],
              [ 'MESSAGE 8 1', 'MESSAGE 9 2' ], 'the log has the desk side');
};

subtest 'a private message is on the desk side alone' => sub {
    my $conv = conversation();
    my $ear = $bus->listen("v:$conv", "d:$conv");

    is_deeply(post($conv, ana(private => 1)), ['ok', 1, 0, 1000], 'answer');
    is_deeply(post($conv, ana(private => 1)), ['ok', 1, 0, 1000], 'again');
    is_deeply([ map { "$_->{channel} $_->{n} $_->{v}" } $ear->heard ],
              [ ("d:$conv 1 0") x 2 ], 'never heard on the visitor side');
    is($redis->llen($bus->key("v:$conv")), 0, 'nor in its window');
    is($redis->hget($bus->key("c:$conv"), 'v'), 0, 'nor in its numbers');
    is_deeply(post($conv, private => 1, device => ChatDesk::Bus::id('x')),
              ['forbidden'], 'a visitor may not');
};

subtest 'who may not' => sub {
    my $conv = conversation();

    is_deeply(post($conv, person => ChatDesk::Bus::id('w')), ['not_found'],
              'not a member');
    is_deeply(post($conv, person => $visitor, role => 'a'), ['not_found'],
              'a visitor who claims to be an agent');
    is_deeply(post(ChatDesk::Bus::id('n')), ['not_found'],
              'no such conversation');
    post($conv);
    $redis->hset($bus->key("c:$conv"), 's', 0);
    is_deeply(post($conv, k => 2), ['closed'], 'closed');
    is_deeply(post($conv), ['ok', 1, 1, 1000],
              'but what was stored before is acknowledged again');
};

subtest 'counters' => sub {
    my $conv = conversation();
    my $ear = $bus->listen("v:$conv", "d:$conv");

    is_deeply(post($conv, k => 2), ['gap', 1], 'the first is 1');
    post($conv);
    is_deeply(post($conv, k => 3), ['gap', 2], 'a jump names the expected');
    is_deeply(post($conv, digest => 'digest-2'), ['conflict'],
              'the same counter for another text');
    $ear->heard;

    my $length = $redis->xlen($bus->key('log'));
    is_deeply(post($conv, at => 9999), ['ok', 1, 1, 1000],
              'a repeat has the first answer');
    is(scalar($ear->heard), 2, 'and is published again');
    is($redis->xlen($bus->key('log')), $length, 'and not logged again');
    is($redis->llen($bus->key("v:$conv")), 1, 'nor stored again');
    is_deeply(post($conv, ana()), ['ok', 2, 2, 1000],
              'every person and device counts alone');
};

subtest 'sixty-four counters are remembered, no more' => sub {
    for my $total (64, 65, 80, 81, 130, 200) {
        my $conv = conversation();

        for my $k (1 .. $total) {
            post($conv, k => $k, digest => sprintf('%08d', $k), at => $k);
        }

        my @remembered = grep {
            post($conv, k => $_, digest => sprintf('%08d', $_))->[0] eq 'ok'
        } 1 .. $total;
        my $first = $total - 63;

        is_deeply(\@remembered, [ $first .. $total ], "after $total");
        is_deeply(post($conv, k => $first,
                       digest => sprintf('%08d', $first)),
                  ['ok', $first, $first, $first], 'with its own answer');
        is_deeply(post($conv, k => $total, digest => 'another!'),
                  ['conflict'], 'and its own digest');
    }
};

subtest 'devices are limited' => sub {
    my $conv = conversation();

    is(post($conv, device => ChatDesk::Bus::id('d', $_))->[0], 'ok',
       "device $_") for 1 .. $ChatDesk::Bus::L{DEVICES};
    is_deeply(post($conv, device => ChatDesk::Bus::id('d', 99)),
              ['too_many'], 'one more is refused');
    is(post($conv, device => ChatDesk::Bus::id('d', 1), k => 2)->[0], 'ok',
       'the known ones go on');
    is(post($conv, ana())->[0], 'ok', 'so do other persons');
};

subtest 'time does not run backwards within a conversation' => sub {
    my $conv = conversation();

    post($conv, at => 5000);
    is_deeply(post($conv, k => 2, at => 4000), ['ok', 2, 2, 5000],
              'an earlier clock');
    is($redis->hget($bus->key("c:$conv"), 't'), 5000, 'stored');
};

subtest 'arguments are checked before anything is written' => sub {
    my $conv = conversation();
    my $dump = $redis->dump($bus->key("c:$conv"));

    is_deeply(post($conv, %$_), ['bad_request'], join ' ', %$_) for
        { k => 0 }, { k => -1 }, { k => 1.5 }, { k => 'x' },
        { k => 4294967296 }, { digest => 'short' }, { at => 'x' },
        { at => '9007199254740993' };
    is_deeply(post($conv, text => 'x' x 70000), ['too_long'], 'too long');
    is($redis->dump($bus->key("c:$conv")), $dump, 'nothing was written');
};

subtest 'without a desk' => sub {
    my $era = $redis->hget($bus->key('desk'), 'era');

    $redis->del($bus->key('desk'));
    is_deeply(post(ChatDesk::Bus::id('n')), ['no_desk'], 'no_desk');
    $redis->hset($bus->key('desk'), 'era', $era);
};

done_testing();
