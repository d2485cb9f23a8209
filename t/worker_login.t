#!/usr/bin/perl
#
# Logins: good, bad, unknown, too many.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

use ChatDesk::Workers;

my $bus = ChatDesk::Workers->new(agents => [qw(ana ben cho)]);
my $worker = $bus->start_owner;
my $node = $bus->node;
my $ear = $bus->listen("n:$node");
my $calls = 0;


# Asks for a login; the worker's reply.

sub logon {
    my ($login, $password, $address) = @_;
    my $id = 'call' . ++$calls;
    my $key = sprintf '%064x', $calls;
    my $envelope = ChatDesk::Bus::envelope('LOGON', 0, 0, 1, id => $id,
        node => $node, login => $login, password => $password,
        session_key => $key, address => $address // "192.0.2.$calls");

    $bus->until(5, 'the owner to listen', sub {
        $bus->redis->publish($bus->key('call'), $envelope);
    });

    my $reply = $ear->wait_for(5, "an answer to $id",
                               sub { $_[0]{id} eq $id });
    return { %$reply, key => $key };
}


subtest 'a good password' => sub {
    my $reply = logon('ana', 'secret of ana');

    is_deeply([ @$reply{qw(t status who name)} ],
              [ 'REPLY', 200, 'ana', 'Ana' ], 'is answered');
    is_deeply([ $bus->call('cd_session', "s:$reply->{key}", 1) ],
              [ 'ok', 'ana', 'Ana', 'agent' ], 'the login is there by then');
};

subtest 'a bad one, and an unknown account' => sub {
    my $reply = logon('ana', 'wrong');

    is_deeply([ @$reply{qw(status code)} ], [ 401, 'unauthorized' ], 'bad');
    is_deeply([ $bus->call('cd_session', "s:$reply->{key}", 1) ],
              ['unauthorized'], 'no login');

    my $unknown = logon('nobody', 'wrong');
    delete @$_{qw(id key at)} for $reply, $unknown;
    is_deeply($unknown, $reply, 'an unknown account looks the same');
    is(logon('ana', 'secret of ana')->{status}, 200, 'a good one still goes');
};

subtest 'an unknown account takes as long' => sub {
    my %least;

    for my $login (qw(ben nobody1 ben nobody2 ben nobody3)) {
        my $begin = clock_gettime(CLOCK_MONOTONIC);
        logon($login, 'wrong');
        my $took = clock_gettime(CLOCK_MONOTONIC) - $begin;
        my $kind = $login eq 'ben' ? 'known' : 'unknown';

        $least{$kind} = $took if $took < ($least{$kind} // 9);
    }

    cmp_ok($least{unknown}, '>', $least{known} / 3,
           sprintf 'known %.1f ms, unknown %.1f ms',
           map { 1000 * $least{$_} } qw(known unknown));
};

subtest 'too many by account' => sub {
    my @status = map { logon('cho', "guess $_")->{status} } 1 .. 6;
    is_deeply(\@status, [ (401) x 5, 429 ], 'the sixth is refused');

    my $reply = logon('cho', 'secret of cho');
    is_deeply([ @$reply{qw(status code)} ], [ 429, 'rate_limited' ],
              'even the good one');
    ok($reply->{retry_after} > 0
       && $reply->{retry_after} <= $ChatDesk::Bus::L{LOGIN_WINDOW_MS},
       'it says for how long');
    is(logon('ana', 'secret of ana')->{status}, 200, 'others go on');
};

subtest 'too many from an address' => sub {
    my @status = map { logon("guess$_", 'x', '198.51.100.7')->{status} }
        1 .. 6;
    is_deeply(\@status, [ (401) x 5, 429 ], 'the sixth is refused');
    is(logon('ana', 'secret of ana', '198.51.100.8')->{status}, 200,
       'other addresses go on');
};

subtest 'good logins are not counted' => sub {
    is_deeply([ map { logon('ana', 'secret of ana', '203.0.113.9')->{status} }
                1 .. 7 ], [ (200) x 7 ], 'seven in a row');
};

subtest 'what is not a call is passed over' => sub {
    $bus->redis->publish($bus->key('call'), $_)
        for '', 'x', "\xdd\xff\xff\xff\xff", 'x' x 70000,
        ChatDesk::Bus::envelope('LOGON', 0, 0, 1, id => 'x');
    is(logon('ana', 'secret of ana')->{status}, 200, 'the worker lives');
};

my $text = $worker->log_text;
unlike($text, qr/secret of|guess|wrong/, 'no password in the log');
is_deeply([ $bus->complaints ], [], 'no complaints');
done_testing();
