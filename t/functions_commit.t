#!/usr/bin/perl
#
# cd_lease, cd_setup and cd_commit: the fence, and all or nothing.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Data::MessagePack;

use ChatDesk::Bus;

my $bus = ChatDesk::Bus->new;
my $redis = $bus->redis;
my $pack = Data::MessagePack->new->utf8;
my $conv = ChatDesk::Bus::id('c');
my $visitor = ChatDesk::Bus::id('v');
my $event = $ChatDesk::Bus::T{EVENT} + 0;
my $body = ChatDesk::Bus::body(conv => $conv, what => 'opened');

$bus->load;


sub lease {
    my ($worker, $ttl, @epoch) = @_;
    my @answer = $bus->call('cd_lease', 'lease', $worker, $ttl, @epoch);
    my $left = pop @answer;

    cmp_ok($left, '<=', 60000, 'it says for how long');
    return \@answer;
}


sub run_out {
    $bus->until(5, 'the lease to run out',
                sub { !$redis->exists($bus->key('lease')) });
}


sub commit {
    my ($worker, $epoch, $applied, @operations) = @_;
    return [ $bus->call('cd_commit', 'applied', $worker, $epoch, $applied,
                        700, $pack->pack(\@operations)) ];
}


sub dump_all {
    return join ';', map { "$_=" . $redis->dump($_) } sort $redis->keys('*');
}


subtest 'one owner, and an epoch for each ownership' => sub {
    is_deeply(lease('a', 60000), ['ok', 1, 'a'], 'taken');
    is_deeply(lease('a', 60000), ['ok', 1, 'a'], 'renewed');
    is_deeply(lease('b', 60000), ['ok', 1, 'a'], 'a standby looks on');
    is_deeply(lease('b', 0), ['ok', 1, 'a'], 'nor can it give it back');
    is_deeply(lease('a', 0), ['ok', 1, ''], 'given back');
    is_deeply(lease('a', 0), ['ok', 1, ''], 'twice');
    is_deeply(lease('b', 20), ['ok', 2, 'b'], 'the standby takes it');
    run_out();
    is_deeply(lease('a', 60000, 1), ['ok', 3, 'a'],
              'a lease runs out, and an earlier epoch is none');
};

subtest 'a lease that ran out and that nobody took' => sub {
    is_deeply(lease('a', 20, 3), ['ok', 3, 'a'], 'renewed for a moment');
    run_out();
    is_deeply(commit('a', 3, ''), ['ok'], 'commits are taken meanwhile');
    is_deeply(commit('b', 2, ''), ['stale'], 'those of this epoch');
    is_deeply(lease('a', 60000, 3), ['ok', 3, 'a'],
              'it goes on under its epoch');
    is_deeply(commit('b', 3, ''), ['stale'],
              'and is nobody else\'s, by whatever number');
};

subtest 'the desk is set up by its owner' => sub {
    my $setup = sub { [ $bus->call('cd_setup', 'desk', @_) ] };

    is_deeply($setup->('b', 2, 'Demo', 500, 0), ['stale'], 'by nobody else');
    is_deeply($setup->('a', 2, 'Demo', 500, 0), ['stale'],
              'nor under an earlier epoch');
    is_deeply($setup->('a', 3, 'Demo', 500, 0), ['ok', 500, '0-0', '0-0'],
              'the era is set');
    is_deeply($setup->('a', 3, 'Shop', 600, 0), ['ok', 500, '0-0', '0-0'],
              'once');
    is_deeply($setup->('a', 3, 'Shop', 400, 1), ['ok', 501, '0-0', '0-0'],
              'and only rises when writes were lost');
    is($redis->hget($bus->key('desk'), 'name'), 'Shop', 'the name');

    my (undef, $id) = $bus->call('cd_log', 'log',
        ChatDesk::Bus::envelope('END', 0, 0, 5, who => 'x'));
    is_deeply($setup->('a', 3, 'Shop', 400, 0), ['ok', 501, '0-0', $id],
              'where the log stands');
};

subtest 'a commit under another ownership changes nothing' => sub {
    my $before = dump_all();

    is_deeply(commit(@$_, '9-9', [ 1, 'conv', 'x', 'blob' ]), ['stale'],
              "@$_") for [ 'b', 3 ], [ 'a', 2 ], [ 'a', 4 ], [ 'a', '03' ];
    is(dump_all(), $before, 'nothing was written');
};

subtest 'a bad operation anywhere changes nothing' => sub {
    my $before = dump_all();
    my @good = [ 1, 'conv', 'x', 'blob' ];

    for my $bad ([ 99 ], [ 'x' ], 'x', [ 1, 'conv' ], [ 1, 'conv', 'x' ],
                 [ 1, 'conv', 'x', 'blob', 'more' ], [ 5, $conv, $event, 'b' ],
                 [ 5, 'i:ana', $event, 'b' ], [ 5, "v:$conv", -1, 'b' ],
                 [ 5, "v:$conv", 'x', 'b' ], [ 6, 'x:1', $event, '', 'b' ],
                 [ 13 ], [ 10, $conv, $visitor, 'long' ])
    {
        is_deeply(commit('a', 3, '9-9', @good, $bad), ['bad_request', 2],
                  join ' ', 'refused:', ref $bad ? @$bad : $bad);
    }

    is_deeply([ $bus->call('cd_commit', 'applied', 'a', 3, '9-9', 1, "\xc1") ],
              ['bad_request', 0], 'not MessagePack');
    is_deeply(commit('a', 3, 'nine'), ['bad_request', 0], 'not a position');
    is(dump_all(), $before, 'nothing was written');
};

subtest 'everything of a commit happens together' => sub {
    my @ids = map {
        ($bus->call('cd_log', 'log',
            ChatDesk::Bus::envelope('END', 0, 0, $_, who => 'x')))[1]
    } 1 .. 3;
    my $ear = $bus->listen("v:$conv", "d:$conv", 'i:ana', 'n:node');

    $redis->hset($bus->key("c:$conv"), qw(s 1 v 3 d 5 t 900), "m:$visitor",
                 'v');
    $redis->hset($bus->key('online'), qw(s1 x s2 y s3 z));
    $redis->hset($bus->key('nodes'), qw(node 1 other 2));

    is_deeply(commit('a', 3, $ids[1],
        [ 1, 'conv', $conv, "blob\x00\xff" ], [ 1, 'agent', 'ana', 'x' ],
        [ 2, 'agent', 'ana' ],
        [ 3, $conv, 'm:ana', 'a', 'm:bo', 'a' ], [ 4, $conv, 'm:bo' ],
        [ 5, "b:$conv", $event, $body ], [ 5, "d:$conv", $event, $body ],
        [ 6, "b:$conv", $ChatDesk::Bus::T{PHASE} + 0, '', $body ],
        [ 6, "v:$conv", $ChatDesk::Bus::T{MEMBER} + 0, 'w', $body ],
        [ 7, "v:$conv", $ChatDesk::Bus::T{MEMBER} + 0, 'w',
          $ChatDesk::Bus::T{MEMBER} + 0, $body ],
        [ 6, 'i:ana', $ChatDesk::Bus::T{CARD} + 0, $conv, $body ],
        [ 8, "b:$conv", $ChatDesk::Bus::T{TYPING} + 0, $body ],
        [ 8, 'i:ana', $ChatDesk::Bus::T{KICK} + 0, $body ],
        [ 9, 'node', $ChatDesk::Bus::T{REPLY} + 0, $body ],
        [ 12, '1-1', 'why', 'envelope' ],
        [ 13, 's1', 's2' ], [ 14, 'node' ],
    ), ['ok'], 'committed');

    is_deeply([ map { "$_->{channel} $_->{t} $_->{n} $_->{v} $_->{at}" }
                $ear->heard ],
              [ "v:$conv EVENT 4 4 900", "d:$conv EVENT 6 4 900",
                "d:$conv EVENT 7 0 900", "v:$conv PHASE 5 5 900",
                "d:$conv PHASE 8 5 900", "v:$conv MEMBER 6 6 900",
                "v:$conv MEMBER 7 7 900", 'i:ana CARD 1 0 700',
                "v:$conv TYPING 0 0 700", "d:$conv TYPING 0 0 700",
                'i:ana KICK 0 0 700', 'n:node REPLY 0 0 700' ],
              'published in order, never earlier than the last message');

    is($redis->get($bus->key('applied')), $ids[1], 'the position');
    is($redis->xlen($bus->key('log')), 1, 'the log is trimmed to it');
    is($redis->hget($bus->key('e:conv'), $conv), "blob\x00\xff", 'PUT');
    is($redis->hget($bus->key('e:agent'), 'ana'), undef, 'DROP');
    is($redis->hget($bus->key("c:$conv"), 'm:ana'), 'a', 'CONV_SET');
    is($redis->hget($bus->key("c:$conv"), 'm:bo'), undef, 'CONV_UNSET');
    is_deeply([ @{ $redis->hmget($bus->key("c:$conv"), 'v', 'd') } ],
              [ 7, 8 ], 'heads');
    is_deeply([ $redis->hkeys($bus->key("rv:$conv")) ],
              [ "$ChatDesk::Bus::T{PHASE}:" ], 'UNREGISTER');
    is($redis->xlen($bus->key('dead')), 1, 'DEAD');
    is_deeply([ $redis->hkeys($bus->key('online')) ], ['s3'], 'OFFLINE');
    is_deeply([ $redis->hkeys($bus->key('nodes')) ], ['other'], 'NODE_GONE');
};

subtest 'what is gone is passed over' => sub {
    my $gone = ChatDesk::Bus::id('g');
    my $ear = $bus->listen("v:$gone", "d:$gone");

    is_deeply(commit('a', 3, '', [ 3, $gone, 'm:ana', 'a' ],
        [ 4, $gone, 'm:ana' ], [ 5, "b:$gone", $event, $body ],
        [ 6, "d:$gone", $event, '', $body ], [ 8, "v:$gone", $event, $body ],
        [ 7, "v:$gone", $event, '', $event, $body ],
        [ 10, $gone, $visitor, 1000, '' ], [ 20, $gone, $visitor ]), ['ok'],
        'committed');
    is_deeply([ $ear->heard ], [], 'nothing is published');
    is_deeply([ $redis->keys($bus->key("*$gone")) ], [], 'nothing is made');
};

subtest 'a closed conversation that goes on' => sub {
    my @keys = map { $bus->key("$_$conv") } qw(c: v: d:);
    my $start = [ ChatDesk::Bus::id('c', 9), ChatDesk::Bus::id('s', 9), 'n1',
                  20, ChatDesk::Bus::body(who => $visitor) ];
    my $again = sub {
        [ $bus->call('cd_start', "u:$visitor", $visitor, @$start, @_) ]
    };

    $redis->set($bus->key("u:$visitor"), $conv);
    commit('a', 3, '', [ 10, $conv, $visitor, 60000, 'web' ]);
    is($redis->get($bus->key("u:$visitor")), $conv, 'the visitor keeps it');
    ok($redis->pttl($bus->key("u:$visitor")) > 0, '... for a time');

    is_deeply(commit('a', 3, '', [ 20, $conv, $visitor ]), ['ok'], 'REOPEN');
    is($redis->hget($bus->key("c:$conv"), 's'), 1, 'it is open');
    is(scalar(grep { $redis->pttl($_) != -1 } @keys,
              $bus->key("u:$visitor")), 0, 'and does not expire');
    is_deeply($again->('web'), [ 'ok', $conv, 'old' ], 'it is found');

    commit('a', 3, '', [ 10, $conv, $visitor, 60000, 'web' ]);
    is_deeply($again->('web'), [ 'ok', $conv, 'again' ],
        'a start by its flow opens it');
    is(scalar(grep { $redis->pttl($_) != -1 } @keys), 0,
        'and it does not expire either');

    commit('a', 3, '', [ 10, $conv, $visitor, 60000, 'web' ]);
    is_deeply($again->('sms'), [ 'ok', $start->[0], 'new' ],
        'another flow begins another one');
    is_deeply(commit('a', 3, '', [ 20, $conv, $visitor ]), ['ok'],
        'REOPEN beside another one');
    is($redis->get($bus->key("u:$visitor")), $start->[0],
        'the visitor keeps the newer one');
};

subtest 'a full record keeps how it began and how it ended' => sub {
    my $entries = sub {
        commit('a', 3, '', map { [ 21, 7, $pack->pack({ at => 1,
            what => "e$_" }) ] } @_);
    };

    is_deeply($entries->(1 .. 500), ['ok'], 'as many as there may be');
    is_deeply($entries->(501 .. 503), ['ok'], 'and three more');

    my @kept = map { $pack->unpack($_) } $redis->lrange($bus->key('x:7'),
                                                       0, -1);
    is(scalar @kept, 500, 'the length is bounded');
    is_deeply([ map { $_->{what} } @kept[0, 99, 100, 101, -1] ],
        [qw(e1 e100 omitted e105 e503)], 'the middle is left out');
    is($kept[100]{count}, 4, 'and it says how much of it');
};

subtest 'flows and forms' => sub {
    my $flow = sub { [ $bus->call('cd_flow', 'flows', @_, $visitor) ] };
    my $shown = sub { ChatDesk::Bus::body(name => $_[0]) };
    my $type = $ChatDesk::Bus::T{FLOW} + 0;

    commit('a', 3, '', [ 17 ], [ 18, 'web', $type, $shown->('Any') ],
        [ 18, 'web/pt', $type, $shown->('Pt') ],
        [ 19, $visitor, 'topic=x', 'topic', 60000 ]);
    like($flow->('web', 'pt-BR')->[1], qr/Pt\z/, 'in its language');
    like($flow->('web', 'fr')->[1], qr/Any\z/, 'or in any');
    is($flow->('web', '')->[2], 'topic', 'with what is known');
    is_deeply($flow->('fax', ''), ['no_flow'], 'one that there is not');
    commit('a', 3, '', [ 17 ], [ 18, 'sms', $type, $shown->('Sms') ]);
    is_deeply($flow->('web', ''), ['no_flow'], 'or that has gone');
};

subtest 'a closed conversation expires, all of it' => sub {
    my @keys = map { $bus->key("$_$conv") } qw(c: v: d: rv: rd:);

    $redis->set($bus->key("u:$visitor"), $conv);
    is_deeply(commit('a', 3, '', [ 10, $conv, $visitor, 60000, '' ],
                     [ 5, "b:$conv", $event, $body ]), ['ok'], 'closed');
    is($redis->exists($bus->key("u:$visitor")), 0, 'the visitor is free');
    is($redis->hget($bus->key("c:$conv"), 's'), 0, 'no message any more');

    for my $key (@keys) {
        my $left = $redis->pttl($key);
        ok($left > 0 && $left <= 60000, "$key expires");
    }

    $redis->del($bus->key("v:$conv"));
    commit('a', 3, '', [ 5, "b:$conv", $event, $body ]);
    ok($redis->pttl($bus->key("v:$conv")) > 0, 'also what is made later');

    $redis->set($bus->key("u:$visitor"), 'another');
    commit('a', 3, '', [ 10, $conv, $visitor, 1, '' ]);
    is($redis->get($bus->key("u:$visitor")), 'another',
       'a newer conversation of the visitor stays');
    $bus->until(5, 'the keys to go',
                sub { !grep { $redis->exists($_) } @keys });
    pass('gone at their time');
};

subtest 'memory at its limit' => sub {
    my @post = ('cd_log', 'log',
                ChatDesk::Bus::envelope('END', 0, 0, 5, who => 'x'));

    $redis->config('SET', 'maxmemory', 1);
    ok(!eval { $bus->call(@post); 1 }, 'nothing more is taken in');
    like($@, qr/OOM/, 'Redis says why');
    is_deeply(lease('a', 60000), ['ok', 3, 'a'], 'the owner stays');
    is_deeply(commit('a', 3, '', [ 1, 'conv', 'x', 'y' ]), ['ok'],
              'and empties the log');
    $redis->config('SET', 'maxmemory', 0);
};

done_testing();
