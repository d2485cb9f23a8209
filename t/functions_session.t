#!/usr/bin/perl
#
# Logins, tickets, hello, bye, start and marks.

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
my $visitor = ChatDesk::Bus::id('v');
my $node = ChatDesk::Bus::id('n');
my $pack = Data::MessagePack->new->utf8;
my $key = 'f' x 64;
my $start_body = ChatDesk::Bus::body(who => $visitor, name => 'Ana');

$bus->load($era);
my (undef, $epoch) = $bus->call('cd_lease', 'lease', 'w1', 3_600_000);


sub log_in {
    $bus->call('cd_commit', 'applied', 'w1', $epoch, '', 500,
               $pack->pack([ [ 11, $key, 'ana', 'Ana Lima', 'agent',
                               60000 ] ]));
}


sub last_entry {
    my @entries = $bus->log_entries;
    return $entries[-1];
}


subtest 'a login and its tickets' => sub {
    my $s = "s:$key";

    is_deeply([ $bus->call('cd_session', $s, 1) ], ['unauthorized'],
              'no login');
    is_deeply([ $bus->call('cd_ticket', $s, 'hash', 1) ], ['unauthorized'],
              'no ticket without one');
    log_in();
    is_deeply([ $bus->call('cd_session', $s, 1) ],
              ['ok', 'ana', 'Ana Lima', 'agent'], 'whose it is');
    cmp_ok($redis->pttl($bus->key($s)), '>', 60000, 'it lives on with use');
    is_deeply([ $bus->call('cd_ticket', $s, 'hash', 1) ],
              ['ok', 'ana', 'Ana Lima', 'agent'], 'a ticket');

    my $ttl = $redis->pttl($bus->key('t:hash'));
    ok($ttl > 0 && $ttl <= $ChatDesk::Bus::L{TICKET_MS}, 'that runs out');

    is_deeply([ $bus->call('cd_hello_agent', 't:hash', 's1', $node, 7) ],
              ['ok', $era, 'ana', 'Ana Lima', $key], 'hello');
    is($redis->hget($bus->key('online'), 's1'), "$node a ana", 'is online');
    is_deeply(last_entry(),
              { t => 'ONLINE', n => 0, v => 0, at => 7, who => 'ana',
                role => 'agent', session => 's1', node => $node },
              'the log hears of it');
    is_deeply([ $bus->call('cd_hello_agent', 't:hash', 's2', $node, 7) ],
              ['unauthorized'], 'a ticket works once');
    ok(!$redis->hexists($bus->key('online'), 's2'), 'nobody came in');
};

subtest 'logout' => sub {
    my $ear = $bus->listen('i:ana');

    $bus->call('cd_ticket', "s:$key", 'late', 1);
    is_deeply([ $bus->call('cd_logout', "s:$key", 9) ], ['ok'], 'logout');
    is_deeply([ $ear->heard ],
              [ { channel => 'i:ana', t => 'KICK', n => 0, v => 0, at => 9,
                  session_key => $key } ], 'open sockets are told');
    is_deeply([ $bus->call('cd_hello_agent', 't:late', 's3', $node, 7) ],
              ['unauthorized'], 'a ticket of an ended login');
    is_deeply([ $bus->call('cd_session', "s:$key", 1) ], ['unauthorized'],
              'ended');
    is_deeply([ $bus->call('cd_logout', "s:$key", 9) ], ['ok'], 'again');
};

subtest 'a visitor without a conversation leaves no trace' => sub {
    my $before = $redis->xlen($bus->key('log'));

    is_deeply([ $bus->call('cd_hello_visitor', "u:$visitor", $visitor, 's4',
                           $node, 1) ], ['ok', $era, ''], 'answer');
    is($redis->xlen($bus->key('log')), $before, 'nothing logged');
    ok(!$redis->hexists($bus->key('online'), 's4'), 'nothing stored');
};

subtest 'start' => sub {
    my ($one, $two) = map { ChatDesk::Bus::id('c', $_) } 1, 2;
    my @start = (ChatDesk::Bus::id('s', 5), $node, 11, $start_body);

    is_deeply([ $bus->call('cd_start', "u:$visitor", $visitor, $one,
                           @start) ], ['ok', $one, 'new'], 'new');
    is_deeply(last_entry(),
              { t => 'START', n => 0, v => 0, at => 11, who => $visitor,
                name => 'Ana', conv => $one }, 'the form is in the log');
    is($redis->hget($bus->key("c:$one"), "m:$visitor"), 'v', 'a member');
    is($redis->hget($bus->key('online'), $start[0]), "$node v $visitor",
       'online');
    is_deeply([ $bus->call('cd_start', "u:$visitor", $visitor, $two,
                           @start) ], ['ok', $one, 'old'], 'found again');
    is(last_entry()->{conv}, $one, 'the log hears who is there');
    is($redis->exists($bus->key("c:$two")), 0, 'the other id is unused');
    is_deeply([ $bus->call('cd_hello_visitor', "u:$visitor", $visitor, 's6',
                           $node, 12) ], ['ok', $era, $one], 'hello finds it');
    is_deeply(last_entry(),
              { t => 'ONLINE', n => 0, v => 0, at => 12, who => $visitor,
                role => 'visitor', session => 's6', node => $node,
                conv => $one }, 'and is logged');

    my $other = ChatDesk::Bus::id('w');
    is_deeply([ $bus->call('cd_start', "u:$other", $other, $one, @start) ],
              ['conflict'], 'an id that is taken');
    is($redis->exists($bus->key("u:$other")), 0, 'changes nothing');
    is_deeply([ $bus->call('cd_start', "u:$other", $visitor, $two,
                           @start) ], ['bad_request'], 'a wrong key');
};

subtest 'a visitor is never held by a conversation that has ended' => sub {
    my ($who, $ended, $next) = (ChatDesk::Bus::id('x'),
                                map { ChatDesk::Bus::id('c', $_) } 7, 8);

    for my $state (undef, 0) {
        $redis->set($bus->key("u:$who"), $ended);
        $redis->hset($bus->key("c:$ended"), 's', $state) if defined $state;
        is_deeply([ $bus->call('cd_hello_visitor', "u:$who", $who, 's7',
                               $node, 1) ], ['ok', $era, ''], 'hello');
        is_deeply([ $bus->call('cd_start', "u:$who", $who, $next, 's7',
                               $node, 1, $start_body) ],
                  ['ok', $next, 'new'], 'start');
        $redis->del($bus->key("c:$next"));
    }
};

subtest 'bye' => sub {
    is_deeply([ $bus->call('cd_bye', 'online', 's6', 13) ], ['ok'], 'bye');
    is_deeply(last_entry(),
              { t => 'OFFLINE', n => 0, v => 0, at => 13, who => $visitor,
                role => 'visitor', session => 's6', node => $node },
              'the log hears of it');

    my $length = $redis->xlen($bus->key('log'));
    is_deeply([ $bus->call('cd_bye', 'online', 's6', 13) ], ['ok'],
              'a second time');
    is($redis->xlen($bus->key('log')), $length, 'is not logged');
};

subtest 'marks' => sub {
    my $conv = ChatDesk::Bus::id('c', 1);
    my $ear = $bus->listen("v:$conv", "d:$conv");
    my $mark = sub {
        my (@marks) = @_;
        return [ $bus->call('cd_mark', "c:$conv", $conv, $visitor, 'v',
                            @marks, 20) ];
    };

    $redis->hset($bus->key("c:$conv"), 'v', 10, 'd', 15);
    is_deeply($mark->(5, 3, 0), ['ok'], 'raised');

    my @heard = $ear->heard;
    is_deeply([ map { "$_->{channel} $_->{n} $_->{v} $_->{got} $_->{read}" }
                @heard ],
              [ "v:$conv 11 11 5 3", "d:$conv 16 11 5 3" ], 'on both sides');
    is(last_entry()->{t}, 'MARK_SET', 'logged');

    my $length = $redis->xlen($bus->key('log'));
    is_deeply($mark->(4, 2, 0), ['ok'], 'lower');
    is_deeply([ $ear->heard ], [], 'changes nothing');
    is($redis->xlen($bus->key('log')), $length, 'nor the log');

    $mark->(4000, 4000, 4000);
    @heard = $ear->heard;
    is("$heard[0]{got} $heard[0]{read}", '11 11', 'cut at the head');

    $redis->hset($bus->key("c:$conv"), 'm:ana', 'a', 'd', 40);
    $bus->call('cd_mark', "c:$conv", $conv, 'ana', 'a', 0, 0, 30, 21);
    is_deeply([ $ear->heard ], [], 'reading a note alone is not published');
    is(last_entry()->{n}, 30, 'but logged');

    is_deeply([ $bus->call('cd_mark', "c:$conv", $conv, 'bo', 'a', 1, 1, 1,
                           1) ], ['not_found'], 'not a member');
    is_deeply($mark->(-1, 0, 0), ['bad_request'], 'not a number');
};

subtest 'requests for the worker' => sub {
    my $envelope = ChatDesk::Bus::envelope('ACCEPT', 0, 0, 5, who => 'ana');

    my ($code, $id) = $bus->call('cd_log', 'log', $envelope);
    is($code, 'ok', 'appended');
    is($redis->xrevrange($bus->key('log'), '+', '-', 'COUNT', 1)->[0][0],
       $id, 'its id');
    is_deeply([ $bus->call('cd_log', 'log', $_) ], ['bad_request'],
              'not an envelope') for '', 'x', 'x' x 70000,
        substr($envelope, 0, 21);
};

subtest 'without a desk' => sub {
    $redis->del($bus->key('desk'));
    is_deeply([ $bus->call(@$_) ], ['no_desk'], $_->[0]) for
        [ 'cd_hello_visitor', 'u:x', 'x', 's', 'n', 1 ],
        [ 'cd_hello_agent', 't:x', 's', 'n', 1 ],
        [ 'cd_bye', 'online', 's', 1 ],
        [ 'cd_start', 'u:x', 'x', 'c', 's', 'n', 1, $start_body ],
        [ 'cd_mark', 'c:x', 'x', 'y', 'v', 1, 1, 1, 1 ],
        [ 'cd_log', 'log', ChatDesk::Bus::envelope('END', 0, 0, 5) ],
        [ 'cd_session', 's:x', 1 ], [ 'cd_ticket', 's:x', 'y', 1 ],
        [ 'cd_logout', 's:x', 1 ];
};

done_testing();
