#!/usr/bin/perl
#
# Who owns a desk: restart, takeover, the fence, a restart of Redis.
#
# proves: O4

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

use ChatDesk::Workers;

my $bus = ChatDesk::Workers->new(config => ['appendfsync always']);
my $redis = $bus->redis;


sub seconds_since {
    return clock_gettime(CLOCK_MONOTONIC) - $_[0];
}


sub accept_offer {
    my ($agent, $session, $visitor) = @_;

    $bus->wait_register(5, "i:$agent", 'CARD', conv => $visitor->{conv});
    $bus->request('ACCEPT', $agent, 'agent', $session,
                  conv => $visitor->{conv});
    $bus->wait_register(5, "v:$visitor->{conv}", 'PHASE',
                        phase => 'active');
}


# How often each kind of event stands in a conversation.

sub events {
    my ($conv) = @_;
    my %count;

    $count{ $_->{what} }++
        for grep { $_->{t} eq 'EVENT' } $bus->window("d:$conv");

    return \%count;
}


my $owner = $bus->start_owner;
my $session = $bus->agent_hello('ana');
$bus->request('PRESENCE', 'ana', 'agent', $session, state => 'available');

my $visitor = $bus->visitor_start;
accept_offer('ana', $session, $visitor);
$bus->wait_applied;

subtest 'a restart keeps everything' => sub {
    $owner->stop('TERM', 5);
    is(($bus->post($visitor, 'v', 'while nobody decides'))[0], 'ok',
       'messages go on without a worker');

    my $waiting = $bus->visitor_start;
    $owner = $bus->start_owner;

    like($owner->log_text, qr/loaded: 1 conversations, \d agents/, 'loaded');
    $bus->wait_register(5, 'i:ana', 'CARD', conv => $visitor->{conv},
                        unread => 1);
    pass('what came meanwhile is applied');
    accept_offer('ana', $session, $waiting);
    pass('and decided');
    is_deeply(events($visitor->{conv}), { opened => 1, joined => 1 },
              'nothing happened twice');
};

subtest 'a killed owner is replaced within three seconds' => sub {
    my $standby = $bus->start_worker;

    $bus->wait_log($standby, 'standby');
    is($bus->logged($standby, 'owner'), 0, 'one owner at a time');

    my @visitors = map { $bus->visitor_start } 1 .. 2;
    my $killed = clock_gettime(CLOCK_MONOTONIC);

    $owner->signal('KILL');
    is(($bus->post($_, 'v', 'hello'))[0], 'ok', 'chats go on')
        for $visitor, @visitors;
    $bus->wait_log($standby, 'loaded');
    my $took = seconds_since($killed);
    cmp_ok($took, '<=', 3, sprintf 'took over after %.2f s', $took);

    accept_offer('ana', $session, $_) for @visitors;
    $bus->wait_applied;
    is_deeply(events($_->{conv}), { opened => 1, joined => 1 },
              'nothing was decided twice') for $visitor, @visitors;
    $owner->wait_gone(5);
    $owner = $standby;
};

subtest 'an owner that was stopped past its lease is fenced' => sub {
    my $standby = $bus->start_worker;
    $bus->wait_log($standby, 'standby');

    my $late = $bus->visitor_start;
    $bus->wait_applied;
    $owner->signal('STOP');

    # something for the stopped one to decide when it wakes
    $bus->request('END', $late->{who}, 'visitor', $late->{session},
                  conv => $late->{conv});
    $bus->wait_log($standby, 'loaded');
    $bus->wait_register(5, "v:$late->{conv}", 'PHASE', phase => 'closed');

    my $epoch = $redis->get($bus->key('epoch'));
    $owner->signal('CONT');
    $bus->wait_log($owner, 'dropped');
    $bus->wait_log($owner, 'standby');
    is($redis->get($bus->key('epoch')), $epoch, 'the new owner stays');
    is_deeply(events($late->{conv}), { opened => 1, ended => 1 },
              'the end was decided once');
    ok($owner->stop('TERM', 5), 'the other one ends');
    $owner = $standby;
};

subtest 'a lease that ran out while nobody asked for it' => sub {
    my $epoch = $redis->get($bus->key('epoch'));

    # as if Redis had stood still for longer than it lasts
    $redis->del($bus->key('lease'));
    my $meanwhile = $bus->visitor_start;
    ok($bus->wait_register(5, "v:$meanwhile->{conv}", 'PHASE'),
       'what comes meanwhile is decided');
    $bus->until(5, 'the lease', sub { $redis->get($bus->key('lease')) });
    is($redis->get($bus->key('epoch')), $epoch, 'goes on under its epoch');
    is($bus->logged($owner, 'dropped'), 0, 'and nothing is loaded anew');
    $bus->request('END', $meanwhile->{who}, 'visitor',
                  $meanwhile->{session}, conv => $meanwhile->{conv});
    $bus->wait_applied;
};

subtest 'Redis restarts' => sub {
    my $era = $redis->hget($bus->key('desk'), 'era');

    $bus->stop('KILL');
    $bus->wait_log($owner, 'redis_away');
    $bus->start;
    $redis = $bus->redis;
    $bus->wait_log($owner, 'loaded', 2);
    is($redis->hget($bus->key('desk'), 'era'), $era,
       'nothing was lost: the era stays');
    is(($bus->post($visitor, 'v', 'still here'))[0], 'ok', 'chats go on');
    $bus->wait_applied;
    is_deeply(events($visitor->{conv}), { opened => 1, joined => 1 },
              'nothing happened twice');
};

subtest 'Redis comes back without what it had acknowledged' => sub {
    my $era = $redis->hget($bus->key('desk'), 'era');
    my $past = "$bus->{dir}/past";

    # an earlier state of the files, as a replica that was behind has it
    $bus->wait_applied;
    system('cp', '-r', "$bus->{dir}/appendonlydir", $past);
    $bus->visitor_start;
    $bus->wait_applied;
    $bus->stop('KILL');
    system('rm', '-r', "$bus->{dir}/appendonlydir");
    system('mv', $past, "$bus->{dir}/appendonlydir");
    $bus->start;
    $redis = $bus->redis;
    $bus->wait_log($owner, 'loaded', 3);
    cmp_ok($redis->hget($bus->key('desk'), 'era'), '>', $era,
           'a new era tells the clients');
    is($bus->logged($owner, 'lost'), 1, 'and the log tells people');
};

# the loss was provoked, and is the only thing to complain of
is_deeply([ grep { !/^<2>desk demo: lost: / } $bus->complaints ], [],
          'no complaints');
done_testing();
