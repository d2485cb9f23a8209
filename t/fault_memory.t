#!/usr/bin/perl
#
# Allocations of nginx fail one by one, through handshake, hello, messages,
# coming back and long-poll: that session may fail, with a word in the log;
# nginx stays, and the others go on.
#
# Runs on the release build: the sanitizers have an allocator of their own.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;

use ChatDesk::EchoClient;
use ChatDesk::Preload;
use ChatDesk::Test;

# each of them takes its time to get over: without CHATDESK_FULL every 12th
use constant STEP => $ENV{CHATDESK_FULL} ? 1 : 12;
use constant MOST => 1000;

my $json = JSON::PP->new->utf8->canonical;
my $alloc = ChatDesk::Preload->new('alloc_fail', ALLOC_FAIL_FILE =>
    pack 'L L', 0, 0);
my $test = ChatDesk::Test->new(flavour => 'release',
    env => { nginx => $alloc->env },
    server => 'chatdesk_rate 1000r/s burst=1000;');
my $port = $test->stack->port;
my $times = 0;


sub open_socket {
    return ChatDesk::EchoClient->new(port => $port,
        path => '/chatdesk/socket',
        headers => { 'Sec-WebSocket-Protocol' => 'chatdesk.v1' });
}


sub say {
    my ($client, %frame) = @_;

    $client->send(text => $json->encode(\%frame));
}


# The next frame of this type, in whatever order; dies where the session ends
# or refuses.

sub hear {
    my ($client, $type, $seconds) = @_;
    my $heard = $client->{heard} //= [];

    for ( ;; ) {
        for my $at (grep { $heard->[$_]{t} eq $type } 0 .. $#$heard) {
            return splice @$heard, $at, 1;
        }

        my $got = $client->next($seconds // 8);
        my ($text) = $got =~ /\Atext:(.*)/s or die "not $type but $got\n";
        my $frame = $json->decode($text);

        die "refused: $frame->{code}\n" if $frame->{t} eq 'error';
        push @$heard, $frame, @{ $frame->{frames} // [] };
    }
}


# One long-poll that carries a frame.

sub poll {
    my (%body) = @_;
    my $body = $json->encode(\%body);
    my $client = ChatDesk::EchoClient->new(port => $port, connect_only => 1);

    $client->write("POST /chatdesk/poll HTTP/1.1\r\nHost: 127.0.0.1:$port\r\n"
        . "Connection: close\r\nContent-Type: application/json\r\n"
        . 'Content-Length: ' . length($body) . "\r\n\r\n$body");
    my ($status) = $client->head(4) =~ m{\AHTTP/1\.1 (\d+)};
    die "a poll is answered with $status\n" if $status != 200;
}


# A visitor from its first connection to its last.

sub life {
    my $device = sprintf 'device-%015d', ++$times;
    my $client = open_socket();

    say($client, t => 'hello', device => $device);
    my $welcome = hear($client, 'welcome');
    say($client, t => 'start', id => 's', name => 'Vi');
    my $conv = hear($client, 'ack')->{conv};
    my $window = hear($client, 'window');
    say($client, t => 'send', conv => $conv, k => 1, text => 'x' x 300);
    my $message = hear($client, 'message');
    hear($client, 'ack');
    $client->send(close => pack 'n', 1000);
    $client->rest(4);

    my %hello = (device => $device, token => $welcome->{token},
        conv => $conv, era => $window->{era}, n => $message->{n},
        mid => "$device.1");

    $client = open_socket();
    say($client, t => 'hello', %hello);
    hear($client, 'welcome');
    hear($client, 'window');
    say($client, t => 'end', id => 'e', conv => $conv);
    hear($client, 'ack');
    poll(hello => \%hello,
        frames => [ { t => 'send', conv => $conv, k => 2, text => 'late' } ]);
    $client->close;
}


# One who is there all the time: says something and hears it.

my $bystander = open_socket();
my ($stands, $said) = ('', 0);

say($bystander, t => 'hello', device => 'bystander-000000000000');
hear($bystander, 'welcome');
say($bystander, t => 'start', id => 's', name => 'By');
$stands = hear($bystander, 'ack')->{conv};

sub stands_by {
    my $k = ++$said;

    # a link to Redis that fails again and again waits for up to 3 s
    for my $try (1 .. 100) {
        say($bystander, t => 'send', conv => $stands, k => $k, text => 'here');
        return 1 if eval {
            my $ack = hear($bystander, 'ack', 5);

            $ack = hear($bystander, 'ack', 5) while $ack->{k} != $k;
            1;
        };
        next if $@ =~ /^refused: (?:busy|unavailable)/
            && $test->loop->until(1, 'Redis again', waits(0.1));
        note("the other visitor: $@");
        return 0;
    }

    return 0;
}


# True after so many seconds.

sub waits {
    my $until = ChatDesk::EchoClient::now() + $_[0];

    return sub { ChatDesk::EchoClient::now() >= $until };
}


my @workers = $test->stack->nginx_workers;
my (@lost, @hung, %ends);
my ($number, $count) = (int(rand STEP) + 1, 0);

life() for 1 .. 3;

for ( ;; ) {
    $alloc->drive(pack 'L L', $number, 0);
    my $end = eval { life(); 'whole' } // $@;
    my (undef, $failed) = unpack 'L L', $alloc->content;
    $alloc->drive(pack 'L L', 0, 0);

    $ends{ $end =~ s/ at .*//sr }++;
    push @hung, $number if $end =~ /in time/;
    push @lost, $number if !stands_by();
    note("$number: $end");

    last if !$failed || $number > MOST;
    $number += STEP;
    $count++;
    last if "@workers" ne join ' ', $test->stack->nginx_workers;
}

note("$ends{$_} times: $_") for sort keys %ends;
cmp_ok($count, '>', 100 / STEP, "$count of $number allocations failed");
cmp_ok($number, '<', MOST, 'to the last of them: then one life was whole');
is_deeply(\@lost, [], 'the other visitor was always served');
is_deeply(\@hung, [], 'nobody waited for what would never come');
is_deeply([ $test->stack->nginx_workers ], \@workers,
    'the nginx worker is the same');

$bystander->close;
$test->expect_complaint(qr/(?:malloc|posix_memalign)\(.*failed/);
$test->finish;
