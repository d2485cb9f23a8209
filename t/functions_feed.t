#!/usr/bin/perl
#
# cd_follow and cd_beat: windows, resuming, resets, rights.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Data::MessagePack;

use ChatDesk::Bus;

my $era = 1732200000000;
my $bus = ChatDesk::Bus->new;
my $redis = $bus->redis;
my ($visitor, $device) = map { ChatDesk::Bus::id($_) } qw(v d);
my ($last_conv, $last_applied) = (0, 0);
my $pack = Data::MessagePack->new->utf8;

$bus->load($era);
my (undef, $epoch) = $bus->call('cd_lease', 'lease', 'w1', 3_600_000);


sub conversation {
    my $conv = ChatDesk::Bus::id('c', ++$last_conv);

    $redis->hset($bus->key("c:$conv"), qw(s 1 v 0 d 0 t 0), "m:$visitor",
                 'v', 'm:ana', 'a');
    return $conv;
}


sub commit {
    my (@operations) = @_;

    is_deeply([ $bus->call('cd_commit', 'applied', 'w1', $epoch, '', 500,
                           $pack->pack(\@operations)) ],
              ['ok'], 'committed');
}


# An event on both sides, as an operation.

sub event {
    my ($conv, $what) = @_;

    return [ 5, "b:$conv", $ChatDesk::Bus::T{EVENT} + 0,
             ChatDesk::Bus::body(conv => $conv, what => $what) ];
}


sub phase {
    my ($conv, $phase) = @_;

    return [ 6, "b:$conv", $ChatDesk::Bus::T{PHASE} + 0, '',
             ChatDesk::Bus::body(conv => $conv, phase => $phase) ];
}


sub post {
    my ($conv, $k, %arg) = @_;
    %arg = (person => $visitor, role => 'v', private => 0, %arg);

    my @answer = $bus->call('cd_post', "c:$conv", $conv,
        @arg{qw(person role)}, $device, $k, 'digest-1', 1000 + $k,
        $arg{private}, ChatDesk::Bus::body(
            conv => $conv, mid => "$device.$k", from => $arg{person},
            role => 'visitor', text => "text $k"));
    die "post: @answer" if $answer[0] ne 'ok';
}


# What a follow gives: { era, head, reset, frames }, or the error.

sub follow {
    my ($feed, $person, $n, %arg) = @_;
    my ($code, $now, $head, $reset, @frames) = $bus->call('cd_follow', $feed,
        $feed, $person, $arg{era} // $era, $n, $arg{mid} // '');

    return $code if $code ne 'ok';
    return { era => $now, head => $head, reset => $reset,
             frames => [ map { ChatDesk::Bus::open_envelope($_) } @frames ] };
}


sub outline {
    my ($window) = @_;

    return join ' ', map { lc(substr $_->{t}, 0, 1) . $_->{n} }
        @{ $window->{frames} };
}


subtest 'a window: registers by number, then stored frames' => sub {
    my $conv = conversation();

    commit(phase($conv, 'waiting'), event($conv, 'opened'));
    post($conv, 1);
    commit(phase($conv, 'active'), event($conv, 'joined'));
    post($conv, 2);

    my $window = follow("v:$conv", $visitor, -1);
    is_deeply([ @$window{qw(era head reset)} ], [ $era, 6, 1 ], 'numbers');
    is(outline($window), 'p4 e2 m3 e5 m6', 'the newest of each');

    $window = follow("v:$conv", $visitor, 3);
    is_deeply([ @$window{qw(head reset)} ], [ 6, 0 ], 'resumed');
    is(outline($window), 'p4 e5 m6', 'only what is newer');
    is(outline(follow("v:$conv", $visitor, 6)), '', 'nothing when in step');
    is_deeply(follow("v:$conv", '', 6)->{head}, 6, 'the node itself');
};

subtest 'when a client is reset' => sub {
    my $conv = conversation();

    post($conv, $_) for 1 .. 5;

    my %at = (n => 3, mid => "$device.3");
    is(follow("v:$conv", $visitor, 3, mid => "$device.3")->{reset}, 0, 'fits');
    is(follow("v:$conv", $visitor, 3)->{reset}, 0, 'no message known');
    is(follow("v:$conv", $visitor, 3, mid => "$device.2")->{reset}, 1,
       'another message at this number');
    is(follow("v:$conv", $visitor, 6)->{reset}, 1, 'beyond the head');
    is(follow("v:$conv", $visitor, 3, era => $era - 1)->{reset}, 1,
       'another era');
    is(outline(follow("v:$conv", $visitor, 6)), 'm1 m2 m3 m4 m5',
       'and has everything');
};

subtest 'the last fifty messages and the events between them' => sub {
    my $conv = conversation();

    for my $k (1 .. 60) {
        post($conv, $k);
        commit(event($conv, 'left')) if $k % 20 == 0;
    }

    my $window = follow("v:$conv", $visitor, -1);
    my @messages = grep { $_->{t} eq 'MESSAGE' } @{ $window->{frames} };
    my @events = grep { $_->{t} eq 'EVENT' } @{ $window->{frames} };

    is(@messages, 50, 'fifty messages');
    is($messages[0]{text}, 'text 11', 'the newest');
    is(@events, 3, 'the events between them');
    is($window->{frames}[0]{text}, 'text 11', 'none before');
};

subtest 'a long conversation is trimmed, its window stays whole' => sub {
    my $conv = conversation();
    my $longest = 0;

    for my $k (1 .. 400) {
        post($conv, $k);
        my $length = $redis->llen($bus->key("d:$conv"));
        $longest = $length if $length > $longest;
    }

    cmp_ok($longest, '<=', $ChatDesk::Bus::L{WINDOW_TRIM}, 'bounded');
    is(@{ follow("d:$conv", 'ana', -1)->{frames} }, 50, 'fifty messages');
    is(follow("d:$conv", 'ana', 200)->{reset}, 1, 'too far behind');
    is(follow("d:$conv", 'ana', 350)->{reset}, 0, 'kept');
    is(@{ follow("d:$conv", 'ana', 350)->{frames} }, 50, 'the rest');
};

subtest 'many events do not push messages out' => sub {
    my $conv = conversation();

    for my $k (1 .. 70) {
        post($conv, $k);
        $bus->call('cd_commit', 'applied', 'w1', $epoch, '', 500,
                   $pack->pack([ event($conv, 'left'), event($conv, 'left'),
                                 event($conv, 'left') ]));
    }

    my @frames = @{ follow("v:$conv", $visitor, -1)->{frames} };
    is(scalar(grep { $_->{t} eq 'MESSAGE' } @frames), 50, 'fifty messages');
    is(@frames, 200, 'each with its events');
};

subtest 'rights' => sub {
    my $conv = conversation();

    post($conv, 1);
    post($conv, 1, person => 'ana', role => 'a', private => 1);

    is(outline(follow("v:$conv", $visitor, -1)), 'm1', 'a visitor: public');
    is(outline(follow("d:$conv", 'ana', -1)), 'm1 m2', 'an agent: both');
    is(follow(@$_, -1), 'not_found', "@$_") for
        [ "d:$conv", $visitor ], [ "v:$conv", 'ana' ], [ "d:$conv", 'bo' ],
        [ "v:$conv", ChatDesk::Bus::id('w') ], [ 'v:nothing', '' ],
        [ 'i:ana', 'bo' ];
    is(follow("x:$conv", '', -1), 'bad_request', 'no such kind of feed');
};

subtest 'an inbox is read whole' => sub {
    my $card = sub {
        my ($conv) = @_;
        return [ 6, 'i:ana', $ChatDesk::Bus::T{CARD} + 0, $conv,
                 ChatDesk::Bus::body(feed => 'inbox', conv => $conv) ];
    };

    is_deeply(follow('i:ana', 'ana', -1),
              { era => $era, head => 0, reset => 1, frames => [] }, 'empty');
    commit($card->('one'), $card->('two'), $card->('one'));
    is(outline(follow('i:ana', 'ana', 2)), 'c2 c3', 'cards by number');
    commit([ 7, 'i:ana', $ChatDesk::Bus::T{CARD} + 0, 'two',
             $ChatDesk::Bus::T{CARD_GONE} + 0,
             ChatDesk::Bus::body(feed => 'inbox', conv => 'two') ]);

    my $window = follow('i:ana', '', 3);
    is_deeply([ @$window{qw(head reset)}, outline($window) ],
              [ 4, 1, 'c3' ], 'a removed card takes a number');
};

subtest 'figures are for agents of the settings' => sub {
    my $figures = sub {
        my ($queue, $waiting) = @_;
        return [ 6, 'g:queues', $ChatDesk::Bus::T{FIGURES} + 0, $queue,
                 ChatDesk::Bus::body(feed => 'queues', queue_id => $queue,
                                     waiting => $waiting) ];
    };

    commit([ 1, 'config', 'agents/ana', '{}' ], $figures->('help', 1),
           $figures->('sales', 2), $figures->('help', 3));
    is(outline(follow('g:queues', 'ana', 2)), 'f2 f3', 'read whole');
    is(follow('g:queues', '', -1)->{head}, 3, 'the node itself');
    is(follow('g:queues', $_, -1), 'not_found', "not for $_")
        for $visitor, 'stranger';
    is(follow('g:others', 'ana', -1), 'bad_request', 'there is one such feed');

    commit([ 7, 'g:queues', $ChatDesk::Bus::T{FIGURES} + 0, 'sales',
             $ChatDesk::Bus::T{FIGURES_GONE} + 0,
             ChatDesk::Bus::body(feed => 'queues', queue_id => 'sales') ]);
    is(outline(follow('g:queues', 'ana', -1)), 'f3', 'a queue that is gone');
    is(($bus->call('cd_beat', 'nodes', 'node2', 1, 15000, 'g:queues'))[3], 4,
        'its head');
};

subtest 'a beat renews the lease and compares heads' => sub {
    my $conv = conversation();

    post($conv, 1);
    post($conv, 1, person => 'ana', role => 'a', private => 1);

    my $before = ChatDesk::Bus::now_ms();
    my ($code, $now, $log, @heads) = $bus->call('cd_beat', 'nodes', 'node1',
        1, 15000, "v:$conv", "d:$conv", 'i:ana', 'i:nobody', 'v:nothing',
        'what');

    is_deeply([ $code, $now, $log ],
              [ 'ok', $era, $redis->xlen($bus->key('log')) ], 'answer');
    is_deeply(\@heads, [ 1, 2, 4, -1, -1, -1, 1 ],
              'heads, and that the node is new');
    is(($bus->call('cd_beat', 'nodes', 'node1', 1, 15000))[-1], 0,
       'and then is not');

    my $ends = $redis->hget($bus->key('nodes'), 'node1');
    cmp_ok($ends, '>=', $before + 15000 - 1, 'the lease');
    cmp_ok($ends, '<=', ChatDesk::Bus::now_ms() + 15000,
           'runs by the clock of Redis');
};

subtest 'without a desk' => sub {
    $redis->del($bus->key('desk'));
    is(follow('i:ana', 'ana', -1), 'no_desk', 'follow');
    is_deeply([ $bus->call('cd_beat', 'nodes', 'node1', 1, 1) ], ['no_desk'],
              'beat');
};

done_testing();
