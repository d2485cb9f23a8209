#!/usr/bin/perl
#
# The disk under Redis' append-only file is full.  As shipped, Redis ends
# rather than answer what it has not written; with `appendfsync everysec` it
# stays and refuses writes.  Either way senders are told to wait, nothing that
# was acknowledged is lost, and everything goes on when there is room.
#
# proves: O3

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Load;
use ChatDesk::Preload;


# One disk, full for a while under load; `ends`: Redis does not survive it.

sub full_disk {
    my ($ends, %arg) = @_;
    my $disk = ChatDesk::Preload->new('disk_full', DISK_FULL => '0');
    my $load = ChatDesk::Load->new(crowd => 0, pairs => 2,
        env => { redis => $disk->env }, %arg);
    my $test = $load->test;
    my $stack = $test->stack;
    my ($bob, $ana) = @{ $load->{talks}[0] };
    my ($busy, $died, $again);

    my $starts = sub {
        my $redis = $stack->_spawn('redis', 'redis-server',
            "$stack->{dir}/redis.conf");

        $stack->{redis} = $redis;
        $test->until(10, 'Redis to end again', sub { !$redis->alive });
        return 1;
    };

    my $fills = sub {
        my $redis = $stack->{redis};

        $disk->drive('1');
        $_->forget_seen for $bob, $ana;

        if ($ends) {
            $test->until(10, 'Redis to end', sub { !$redis->alive });
            $died = $redis->status;
            $again = $starts->();
        }
    };

    my $room = sub {
        ($busy) = grep { defined } map { $_->take(t => 'error',
            code => qr/^(?:busy|unavailable)$/) } $bob, $ana;
        $disk->drive('0');
        $stack->start_redis if $ends;
    };

    $load->run(messages => 60, rate => 20, at => { 10 => $fills,
                                                   35 => $room });
    ok($busy, 'senders are refused') or return $test->finish;
    cmp_ok($busy->{retry_after}, '>', 0, 'with a time to wait');

    if ($ends) {
        isnt($died, 0, 'Redis ended, and said so');
        ok($again, 'and ended again as long as there was no room');
    }

    like($stack->log('error.log'), qr/MISCONF Errors writing/,
        'and nginx\'s log says why') if !$ends;
    $load->none_ok(resets => 'no window was lost');
    $load->none_ok(cuts => 'all sockets stayed');
    $test->verdict_ok('a full disk');
    $test->finish;
}

subtest 'as shipped: Redis ends' => sub { full_disk(1) };
subtest 'every second: Redis refuses' => sub {
    full_disk(0, redis_more => 'appendfsync everysec');
};

done_testing();
