#!/usr/bin/perl
#
# Each allocation of a socket's life fails in turn: that socket may end, the
# nginx worker and its other sockets go on.
#
# Runs on the release build: the sanitizers have an allocator of their own.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use Test::More;

use ChatDesk::Echo;
use ChatDesk::EchoClient;

my $dir = tempdir('chatdesk-XXXXXXXX', TMPDIR => 1, CLEANUP => 1);
my $control = "$dir/control";

chmod 0755, $dir;
my $said = `cc -O1 -shared -fPIC -Wall -Wextra -Werror \\
    -o '$dir/alloc_fail.so' '$FindBin::Bin/lib/alloc_fail.c' 2>&1`;
is($?, 0, 'what makes allocations fail is built') or diag($said);

ChatDesk::Config::write_file($control, pack('L L', 0, 0), 0666);

my $echo = ChatDesk::Echo->new(flavour => 'release', env => {
    LD_PRELOAD => "$dir/alloc_fail.so", ALLOC_FAIL_FILE => $control,
});


# The allocation of this number fails from now on; 0: none.

sub fail_at {
    my ($number) = @_;

    open my $file, '+<', $control or die "$control: $!";
    syswrite $file, pack 'L L', $number, 0;
}


sub has_failed {
    my (undef, $failed) = unpack 'L L',
        ChatDesk::Config::read_file($control);

    return $failed;
}


sub frame {
    return ChatDesk::EchoClient::frame(@_);
}


# Everything that takes memory: handshake, whole messages, parts, a control
# frame in parts, answers, close.  Dies where the socket ends.

sub life {
    my $client = $echo->client('/echo', extra => frame(text => 'first'));

    for my $wanted ('text:first', 'text:' . 'x' x 3000, 'pong:ping',
                    'text:abc', 'close:1000')
    {
        my %write = (
            'text:first' => [ '' ],
            'pong:ping' => [ split //, frame(ping => 'ping') ],
            'text:abc' => [ frame(text => 'a', fin => 0),
                            frame(continuation => 'b', fin => 0),
                            frame(continuation => 'c') ],
            'close:1000' => [ frame(close => pack 'n', 1000) ],
        );
        my $pieces = $write{$wanted}
            // [ frame(text => 'x' x 3000) =~ /(.{1,700})/gs ];

        for my $piece (@$pieces) {
            $client->write($piece);
        }

        my $got = $client->next(5);
        die "not $wanted but $got" if $got ne $wanted;
    }
}


my $bystander = $echo->client('/echo');
my @workers = $echo->workers;
my $number = 0;
my @lost;

for ( ;; ) {
    fail_at(++$number);
    my $end = eval { life(); 'whole' } // $@;
    my $failed = has_failed();
    fail_at(0);

    $bystander->send(text => "after $number");
    push @lost, $number
        if (eval { $bystander->next(5) } // '') ne "text:after $number";

    last if !$failed || $number == 500;
    note("$number: " . substr $end, 0, 60);
}

cmp_ok(--$number, '>', 10, "$number allocations were made to fail");
cmp_ok($number, '<', 500, 'that is all of them: then one life was whole');
is_deeply(\@lost, [], 'the other socket did not notice');
is_deeply([ $echo->workers ], \@workers, 'the nginx worker is the same');

$echo->check('out of memory', qr/(?:malloc|posix_memalign)\(.*failed/);
done_testing();
