#!/usr/bin/perl
#
# One conversation from start to end, with a real worker.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ChatDesk::Workers;

my $bus = ChatDesk::Workers->new(accept_seconds => 1);
my $worker = $bus->start_owner;

is($bus->redis->hget($bus->key('desk'), 'name'), 'Demo', 'the desk is named');
like($bus->redis->hget($bus->key('desk'), 'era'), qr/^\d{13}$/, 'an era');
is($bus->redis->hget($bus->key('desk'), 'version'),
   $ChatDesk::Bus::L{LIBRARY}, 'the version of the library');


# Logs an agent on and makes it available.

sub available {
    my ($agent) = @_;
    my $session = $bus->agent_hello($agent);

    $bus->request('PRESENCE', $agent, 'agent', $session,
                  state => 'available');
    $bus->wait_register(5, "i:$agent", 'ME', state => 'available');

    return $session;
}


subtest 'start, offer, accept, message, end' => sub {
    my $session = available('ana');
    my $visitor = $bus->visitor_start;
    my $conv = $visitor->{conv};
    my $card = $bus->wait_register(5, 'i:ana', 'CARD', conv => $conv);

    is($card->{phase}, 'offered', 'a card');
    is($card->{name}, 'Vera', 'with the form');
    $bus->request('ACCEPT', 'ana', 'agent', $session, conv => $conv);
    $bus->wait_register(5, "v:$conv", 'PHASE', phase => 'active');
    $bus->wait_register(5, 'i:ana', 'CARD', conv => $conv,
                        phase => 'active');

    my $ana = { who => 'ana', conv => $conv, k => 0,
                device => ChatDesk::Workers::fresh_id('d') };

    is(($bus->post($visitor, 'v', 'hello'))[0], 'ok', 'the visitor writes');
    is(($bus->post($ana, 'a', 'good day'))[0], 'ok', 'the agent writes');
    is_deeply([ map { $_->{text} } grep { $_->{t} eq 'MESSAGE' }
                $bus->window("v:$conv") ], [ 'hello', 'good day' ],
              'both see both');
    $bus->wait_register(5, 'i:ana', 'CARD', conv => $conv, unread => 1);

    $bus->request('END', $visitor->{who}, 'visitor', $visitor->{session},
                  conv => $conv);
    my $phase = $bus->wait_register(5, "d:$conv", 'PHASE',
                                    phase => 'closed');
    is($phase->{closed_by}, 'visitor', 'the agent sees who ended it');
    is(($bus->post($visitor, 'v', 'late'))[0], 'closed', 'it is closed');
    is($bus->redis->exists($bus->key("u:$visitor->{who}")), 0,
       'the visitor may start anew');
    $bus->request('DISMISS', 'ana', 'agent', $session, conv => $conv);
    $bus->until(5, 'the card to go',
                sub { !$bus->register('i:ana', 'CARD', conv => $conv) });
};

subtest 'nobody accepts in time: another agent is asked' => sub {
    available('ben');

    my $visitor = $bus->visitor_start;
    my ($first, $second) = @{ $bus->until(5, 'an offer', sub {
        my @with = grep {
            $bus->register("i:$_", 'CARD', conv => $visitor->{conv})
        } qw(ana ben);
        @with ? [ @with, $with[0] eq 'ana' ? 'ben' : 'ana' ] : undef;
    }) };

    $bus->wait_register(5, "i:$second", 'CARD', conv => $visitor->{conv});
    ok(!$bus->register("i:$first", 'CARD', conv => $visitor->{conv}),
       'the first has it no more');
};

subtest 'an ended worker gives the desk back' => sub {
    $bus->wait_applied;
    ok($worker->stop('TERM', 5), 'it ends when it is told to');
    is($worker->status, 0, 'without an error');
    is($bus->redis->exists($bus->key('lease')), 0, 'the lease is given back');
    is($bus->logged($worker, 'ended'), 1, 'and says so');
};

is_deeply([ $bus->complaints ], [], 'no complaints');
done_testing();
