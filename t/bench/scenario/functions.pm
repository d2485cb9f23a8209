package scenario::functions;

# Redis alone, without nginx.
#
# Purpose:    what the function of the message path costs, beside PUBLISH and a
#             function of five operations that does the least of the same.
# Owner:      see Bench.pm.
# Invariants: a private Redis with the shipped library; no worker reads the
#             log.

use strict;
use warnings;

use JSON::PP ();

use ChatDesk::Config qw(write_file);
use ChatDesk::Stack;

my $top = ChatDesk::Stack::top();
my $five = <<'END';
#!lua name=five
redis.register_function('five', function(keys, args)
  local key, call = keys[1], redis.call
  call('HINCRBY', key, 'n', 1)
  call('XADD', key .. ':log', '*', 'e', args[1])
  call('RPUSH', key .. ':list', args[1])
  call('LTRIM', key .. ':list', -50, -1)
  call('PUBLISH', key, args[1])
  return 1
end)
END


sub run {
    my ($bench) = @_;

    for my $what (qw(post five publish)) {
        for my $pipeline (1, 32) {
            $bench->each_run([ 'redis' ],
                sub { one($bench, $what, $pipeline) },
                1);
        }
    }
}


sub redis_cli {
    my ($system, $input, @arg) = @_;
    my $path = "$system->{dir}/input";

    write_file($path, $input);
    my $answer = `redis-cli -s '@{[ $system->redis_socket ]}' @arg < '$path'`;
    die "redis-cli: $answer\n" if $? != 0 || $answer =~ /^(?:ERR|\(error)/m;
}


# A desk, and an open conversation for each connection.

sub prepare {
    my ($system) = @_;

    redis_cli($system, scalar `'$top/worker/redis/embed.pl'`,
        qw(-x FUNCTION LOAD));
    redis_cli($system, $five, qw(-x FUNCTION LOAD));
    redis_cli($system, join '', "HSET cd:{demo}:desk era 1\n", map {
        sprintf "HSET cd:{demo}:c:conversation%010u s 1 v 0 d 0 t 0 "
            . "m:visitor00000000000000a v\n", $_
    } 0 .. 49);
}


sub one {
    my ($bench, $what, $pipeline) = @_;

    $bench->with_system('function', 'redis', {}, sub {
        my ($system) = @_;

        prepare($system);
        my @command = (($System::realtime ? qw(chrt -r 1) : ()),
            qw(taskset -c 0), "$top/build/bench/chatdesk-calls",
            $system->redis_socket, $what, 50, $pipeline,
            $bench->quick ? 1 : 2, $system->{process}{redis}->pid);

        my $line = `@command`;
        die "the calls failed\n" if $? != 0;

        my $result = JSON::PP::decode_json($line);
        $bench->add('function', 'redis', "$what, $pipeline at a time",
            'calls' => [ $result->{per_second}, '1/s' ],
            'redis a call' => [ $result->{cpu_redis}, 'us' ]);
    });
}

1;
