#!/usr/bin/perl
#
# One worker, several desks, Redis over TCP by name, log lines as JSON.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::INET;
use JSON::PP ();
use Test::More;

use ChatDesk::Workers;

my $probe = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0,
                                  Listen => 1);
my $port = $probe->sockport;
close $probe;

my $bus = ChatDesk::Workers->new(
    config => [ "port $port", 'bind 127.0.0.1' ]);
my $dir = $bus->dir;

open my $file, '>', "$dir/worker.ini" or die $!;
print $file join "\n", '[worker]', 'name = both', 'log_format = json',
    '[redis]', "url = localhost:$port",
    map { ("[desk $_]", "config = $dir/desk.json") } qw(demo other);
print $file "\n";
close $file;

my $worker = $bus->start_worker;


# Lines of the log as values; undef for one that is not JSON.

sub lines {
    return map { eval { JSON::PP::decode_json($_) } }
        split /\n/, $worker->log_text;
}


subtest 'both desks are served' => sub {
    $bus->until(10, 'both desks', sub {
        2 == grep { $_ && $_->{event} eq 'loaded' } lines();
    });
    is_deeply([ sort map { $_->{desk} } grep { $_->{event} eq 'loaded' }
                lines() ], [qw(demo other)], 'by this worker');
    is_deeply([ map { $bus->redis->hget("cd:{$_}:desk", 'name') }
                qw(demo other) ], [ ('Demo') x 2 ], 'and set up');
};

subtest 'and strictly apart' => sub {
    my $visitor = $bus->visitor_start;

    $bus->wait_register(5, "v:$visitor->{conv}", 'PHASE',
                        phase => 'waiting');
    is_deeply([ grep { /$visitor->{conv}|$visitor->{who}/ }
                $bus->redis->keys('cd:{other}:*') ], [],
              'nothing of the one in the other');
    is($bus->redis->hlen('cd:{other}:e:conv'), 0, 'nor in its entities');
};

subtest 'lines are JSON' => sub {
    my @lines = lines();

    ok(!grep({ !defined } @lines), 'all of them');
    is_deeply([ grep { $_->{worker} ne 'both' || !$_->{level}
                       || $_->{at} !~ /^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/ }
                @lines ], [], 'with time, level and worker');
};

is_deeply([ $bus->complaints ], [], 'no complaints');
done_testing();
