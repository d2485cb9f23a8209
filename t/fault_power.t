#!/usr/bin/perl
#
# The power of Redis' machine is cut under load, twice: the process dies, and
# its files are cut to what had been synced.  Nothing that was acknowledged
# is lost, because the shipped redis.conf syncs before it answers.
#
# CHATDESK_FULL asks for 50.
#
# proves: O3

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Load;
use ChatDesk::Preload;

my $times = ChatDesk::Load->times(2, 50);
my $notes = ChatDesk::Preload->new('fsync_note', FSYNC_NOTES => '');
my $load = ChatDesk::Load->new(env => { redis => $notes->env });
my $test = $load->test;
my $stack = $test->stack;
my ($cuts, $cut_bytes) = (0, 0);


# Cuts every file that was ever synced to its size then.

sub cut_files {
    my %size = map { reverse split / /, $_, 2 } split /\n/, $notes->content;

    for my $path (grep { -f } sort keys %size) {
        my $more = (-s $path) - $size{$path};

        next if $more <= 0;
        $cut_bytes += $more;
        truncate $path, $size{$path} or die "$path: $!";
    }
}


sub cut_power {
    $cuts++;
    $stack->{redis}->stop('KILL', 10);
    cut_files();
    $test->loop->after(1, sub { $stack->start_redis });
}

$load->run(messages => 30 + 50 * $times, rate => 10,
    at => { map { 20 + 50 * $_ => \&cut_power } 0 .. $times - 1 });

is($cuts, $times, "the power was cut $times times");
like($notes->content, qr/^\d+ .*appendonly/m, 'what is synced was noted');
note("$cut_bytes bytes that were not synced were cut off");
$load->none_ok(cuts => 'all sockets stayed');

$test->settle(30);
$test->verdict_ok("power cut $times times");
$test->finish;
