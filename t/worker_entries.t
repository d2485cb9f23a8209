#!/usr/bin/perl
#
# Entries that cannot be applied, nodes that are gone, new settings.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ChatDesk::Workers;

my $bus = ChatDesk::Workers->new;
my $redis = $bus->redis;
my $worker = $bus->start_owner;


sub dead_letters {
    return @{ $redis->xrange($bus->key('dead'), '-', '+') };
}


subtest 'entries that cannot be decoded' => sub {
    my @bad = ("\x95", 'x' x 30, "\x95\x24\xce" . "\0" x 60,
               ChatDesk::Bus::envelope('END', 0, 0, 1, who => 'x') . 'more',
               substr(ChatDesk::Bus::envelope('END', 0, 0, 1,
                                              who => 'ana'), 0, -2));

    $redis->xadd($bus->key('log'), '*', 'e', $_) for @bad;
    $redis->xadd($bus->key('log'), '*', 'other', 1, 'e', 2);
    $bus->wait_applied;

    my @letters = map { { @{ $_->[1] } } } dead_letters();
    is_deeply([ map { $_->{e} } @letters ], [ @bad, '' ], 'are kept aside');
    like($letters[0]{reason}, qr/cannot be decoded/, 'with the reason');
    ok($bus->visitor_start, 'the desk goes on');
    $bus->wait_applied;
};

subtest 'an entry that killed the worker again and again' => sub {
    $worker->stop('TERM', 5);

    my $visitor = $bus->visitor_start;
    my $id = $redis->xrange($bus->key('log'), '-', '+')->[0][0];
    my $most = $ChatDesk::Bus::L{POISON};
    my $applied = $redis->get($bus->key('applied'));

    # as so many killed processes leave it
    $redis->hset($bus->key('desk'), 'tried', "$applied $most");
    my $next = $bus->visitor_start;

    $worker = $bus->start_owner;
    $bus->wait_applied;

    my %letter = @{ (dead_letters())[-1][1] };
    is($letter{id}, $id, 'is kept aside');
    is($bus->register("v:$visitor->{conv}", 'PHASE'), undef,
       'and not applied');
    ok($bus->register("v:$next->{conv}", 'PHASE'), 'the next one is');
    is($bus->logged($worker, 'tried'), 1, 'the log says so');
};

subtest 'a killed process leaves a count that goes when it was innocent' =>
    sub {
    my $before = dead_letters();

    for (1 .. $ChatDesk::Bus::L{POISON} + 2) {
        $worker->stop('KILL', 5);
        $redis->del($bus->key('lease'));
        $bus->visitor_start;
        $worker = $bus->start_owner;
        $bus->wait_applied;
    }

    is(scalar(dead_letters()), scalar($before), 'nothing is put aside');
};

subtest 'a node whose lease has run out' => sub {
    my $session = $bus->agent_hello('ana');

    $bus->request('PRESENCE', 'ana', 'agent', $session,
                  state => 'available');
    $bus->wait_register(5, 'i:ana', 'ME', state => 'available');
    $bus->call('cd_beat', 'nodes', $bus->node, 1, 0);
    $bus->until(5, 'its sessions to go',
                sub { !$redis->hexists($bus->key('online'), $session) });
    ok(!$redis->hexists($bus->key('nodes'), $bus->{node}), 'it is gone');
    cmp_ok($bus->logged($worker, 'node_gone'), '>=', 1, 'the log says so');
};

subtest 'new settings' => sub {
    $bus->node;
    $bus->write_desk(sub { $_[0]{name} = '' });
    $worker->signal('HUP');
    $bus->wait_log($worker, 'settings_refused');
    is($redis->hget($bus->key('desk'), 'name'), 'Demo',
       'with a fault change nothing');
    like($worker->log_text, qr/desk\.json: name: expected 1 to/,
         'and the fault is named');

    $bus->write_desk(sub {
        $_[0]{name} = 'Renamed';
        push @{ $_[0]{agents} }, { %{ $_[0]{agents}[0] }, login => 'dee' };
    });
    $worker->signal('HUP');
    $bus->until(5, 'the new name', sub {
        $redis->hget($bus->key('desk'), 'name') eq 'Renamed';
    });

    my $session = $bus->agent_hello('dee');
    $bus->request('PRESENCE', 'dee', 'agent', $session,
                  state => 'available');
    ok($bus->wait_register(5, 'i:dee', 'ME', state => 'available'),
       'a new agent works');
};

is_deeply([ $bus->complaints ], [], 'no complaints');
done_testing();
