#!/usr/bin/perl
#
# Clients that stop to read, and clients whose network is gone, among those
# that talk: they cost a bounded amount of memory, nobody else is slower for
# them, they are found out in time, and who reads again has everything.
#
# CHATDESK_FULL asks for 200 that stop and 500 that are gone.
#
# proves: O2

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use HTTP::Tiny;
use JSON::PP ();
use Test::More;

use ChatDesk::Config qw(read_file);
use ChatDesk::Load;

use constant TICKS => 80;

my $slow = ChatDesk::Load->times(12, 200);
my $gone = ChatDesk::Load->times(16, 500);
my $load = ChatDesk::Load->new(log_level => 'info', weighed => 1,
    http => 'chatdesk_send_memory 2m;',
    server => 'chatdesk_heartbeat 3s; chatdesk_heartbeat_timeout 3s;'
        . ' chatdesk_send_queue 128k; chatdesk_send_timeout 5s;');
my $test = $load->test;
my $loop = $test->loop;
my $stack = $test->stack;
my ($worker) = $stack->nginx_workers;
my @took;


# What each message of $say took to each of those that listen.

{
    my $received = \&ChatDesk::Ledger::received;

    no warnings 'redefine';
    *ChatDesk::Ledger::received = sub {
        my ($ledger, $client, $feed, $frame) = @_;

        push @took, $loop->now - $1
            if !$client->{late} && $frame->{text} =~ / at ([\d.]+)\z/;
        $received->(@_);
    };
}


sub p99 {
    my @sorted = sort { $a <=> $b } splice @took;

    return $sorted[ int @sorted * 0.99 ];
}


sub memory_kb {
    my ($kb) = read_file("/proc/$worker/status") =~ /^RssAnon:\s+(\d+)/m;

    return $kb;
}


sub sessions {
    my $answer = HTTP::Tiny->new->get($stack->url . '/chatdesk-status');

    return JSON::PP::decode_json($answer->{content})->{sessions};
}


# Everybody says something long; for so many ticks of a tenth of a second.

sub talk {
    my ($ticks) = @_;
    my $text = 'x' x 3000;

    $load->run(messages => $ticks, rate => 10, at => { map { $_ => sub {
        $_->[0]->say($_->[2], "$text at " . $loop->now)
            for @{ $load->{talks} };
    } } 1 .. $ticks });
}

# more tabs of the visitors who talk, and some who only listen
my @tabs;
for my $n (1 .. $slow) {
    my ($visitor, undef, $conv) = @{ $load->{talks}[ $n % 10 ] };
    my $tab = $test->visitor("tab$n", token => $visitor->{token},
                             late => 1, conv => $conv);

    $test->{ledger}->joined($tab, $conv);
    push @tabs, $tab;
}
my @lost = map { $test->visitor("lost$_", late => 1) } 1 .. $gone;
my @late = (@tabs, @lost);
$test->until(60, 'all to be there', sub { !grep { !$_->in_step } @late });

talk(30);
my $quiet = p99();
my $memory = memory_kb();
my $sessions = sessions();

$_->{socket}->stand_still for @late;
$_->{reconnect} = 0 for @late;      # settle() does not wait for them
talk(TICKS);
my $busy = p99();

# what waits for all of them has one bound, 2 MB; all that is said takes 4.8
cmp_ok(memory_kb() - $memory, '<', 3_000, "$slow that stopped cost little");
like($stack->log('error.log'),
    qr/client (?:reads too slowly|takes nothing|does not answer)/,
    'those that are behind are cut');
cmp_ok($busy, '<', 2 * $quiet + 0.1, sprintf
    'messages take the others %.0f ms, and %.0f before',
    $busy * 1000, $quiet * 1000);
$test->until(60, 'those that are gone to be noticed',
    sub { sessions() <= $sessions - @late });
pass(@late . ' that are gone do not count any more');

# they read on
$_->{reconnect} = 1 for @late;
$_->{socket}->go_on for @late;
$test->until(60, 'all to be back', sub { !grep { !$_->in_step } @late });

# more was said than a window holds, so they have its end, and no hole
sub is_behind {
    my ($tab) = @_;
    my ($talk) = grep { $_->[2] eq $tab->{conv} } @{ $load->{talks} };
    my ($mine, $theirs) = map { $_->feed($tab->{conv}) } $tab, $talk->[0];

    return $mine->{n} != $theirs->{n}
        || $mine->{messages}[-1]{mid} ne $theirs->{messages}[-1]{mid};
}

$test->until(60, 'all to be as far as the others',
    sub { !grep { is_behind($_) } @tabs });
is(scalar(grep { !$_->{cuts} } @late), 0, 'each had been cut');
$test->finish;
