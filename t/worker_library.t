#!/usr/bin/perl
#
# The function library: an older one is replaced, a newer one left alone, a
# lost one loaded again.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ChatDesk::Workers;

my $bus = ChatDesk::Workers->new;
my $redis = $bus->redis;
my $ours = $ChatDesk::Bus::L{LIBRARY};


# The library as another version.

sub library_as {
    my ($version) = @_;

    return ChatDesk::Bus::library() =~ s/LIBRARY = \d+/LIBRARY = $version/r;
}


sub version {
    return ($bus->call('cd_version', 'desk'))[1];
}


# A worker decides.

sub works {
    my $visitor = $bus->visitor_start;

    return $bus->wait_register(5, "v:$visitor->{conv}", 'PHASE',
                               phase => 'waiting');
}


subtest 'an older library' => sub {
    $redis->function('LOAD', library_as($ours - 1));

    my $worker = $bus->start_owner;
    is(version(), $ours, 'is replaced by an owner');
    ok(works(), 'which then works');
    $worker->stop('TERM', 5);
};

subtest 'a newer library' => sub {
    $redis->function('LOAD', 'REPLACE', library_as($ours + 1));

    my $worker = $bus->start_owner;
    is(version(), $ours + 1, 'is left alone');
    ok(works(), 'and worked with');
    is($bus->logged($worker, 'library'), 1, 'the log says so');
    $worker->stop('TERM', 5);
};

subtest 'a library that has gone' => sub {
    my $worker = $bus->start_owner;

    $redis->function('FLUSH');
    $bus->wait_log($worker, 'loaded', 2);
    is(version(), $ours, 'is loaded again');
    ok(works(), 'and the desk goes on');
};

subtest 'a library that Redis does not take' => sub {
    my $worker = $bus->start_worker;

    $bus->wait_log($worker, 'standby');
    $redis->config('SET', 'maxmemory', 1);
    $redis->function('FLUSH');
    $bus->wait_log($worker, 'library_refused');
    like($worker->log_text, qr/library_refused: OOM/, 'the log says why');
    ok($worker->alive, 'the worker lives');
    $redis->config('SET', 'maxmemory', 0);
    $bus->until(10, 'the library', sub { eval { version() } });
    ok(works(), 'and goes on when it can');
    $bus->wait_log($worker, 'redis_back');
    is($bus->logged($worker, $_), 1, "$_ was said once")
        for qw(library_refused redis_back);
};

is_deeply([ $bus->complaints ], [], 'no complaints');
done_testing();
