#!/usr/bin/perl
#
# nginx reloads, twenty times in a row, with 2,000 sockets and 200 messages a
# second: everybody is moved each time, nothing is lost, doubled or
# reordered, and every old nginx worker goes in time.
#
# CHATDESK_RELOADS and CHATDESK_SOCKETS ask for more or less.
#
# proves: F1 O2

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use POSIX qw(_SC_OPEN_MAX);
use Test::More;

use ChatDesk::Load;

use constant IN_TIME => 15;         # chatdesk_drain and the close timeout

my $reloads = $ENV{CHATDESK_RELOADS} // 20;
my $sockets = $ENV{CHATDESK_SOCKETS} // 2000;
my $most = POSIX::sysconf(_SC_OPEN_MAX) - 200;
$sockets = $most if $sockets > $most;

# many conversations that are slow: a machine that is busy may keep a client
# away for some seconds, and its window must reach so far
my $load = ChatDesk::Load->new(workers => 2, crowd => $sockets,
    pairs => 40, capacity => 10, connections => 2 * $sockets + 500);
my $test = $load->test;
my $stack = $test->stack;
my $loop = $test->loop;
my $done = 0;
my (@old, $began, @took);

note("$sockets sockets that listen, $reloads reloads");


# Reloads; when the old workers have gone and all are in step, again.

sub reload {
    @old = $stack->nginx_workers;
    $began = $loop->now;
    $stack->reload_nginx;
    $loop->after(0.1, \&look);
}


sub look {
    my %now = map { $_ => 1 } $stack->nginx_workers;

    if ($began && !grep { $now{$_} } @old) {
        push @took, $loop->now - $began;
        note(sprintf 'the old workers went after %.1f s', $took[-1]);
        undef $began;
    }

    return $loop->after(0.1, \&look)
        if $began || grep { !$_->in_step } $load->clients;

    reload() if ++$done < $reloads;
}


$load->run(rate => 2.5, messages => 100 * $reloads, at => { 5 => \&reload },
    enough => sub { $done == $reloads });

is($done, $reloads, "$reloads reloads, one after the other");

my ($longest) = sort { $b <=> $a } @took;
is(scalar @took, $reloads, 'the old nginx workers went each time,');
cmp_ok($longest, '<', IN_TIME,
    sprintf 'at the latest after %.1f s', $longest);

my @few = grep { $_->{cuts} < $reloads } $load->clients;
is_deeply([ map { "$_->{name}: $_->{cuts}" } @few ], [],
    'every client was moved each time');

# who does not read for longer than the close timeout, as may happen to a test
# on a busy machine, finds the connection reset and the code gone
my @codes = map { @{ $_->{closes} } } $load->clients;
my @other = grep { $_ != 1012 } @codes;
cmp_ok(scalar @other, '<=', @codes / 1000, 'with code 1012')
    or diag("@other");
$load->none_ok(resets => 'and went on where it was');

$test->verdict_ok("$reloads reloads");
$test->finish;
