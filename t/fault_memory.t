#!/usr/bin/perl
#
# Allocations of nginx fail one by one, through a visitor's handshake, hello,
# messages, coming back and long-poll: that session may fail, with a word in
# the log; nginx stays, and the others go on.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Scarce;

my $scarce = ChatDesk::Scarce->new;


# A visitor from its first connection to its last.

sub life {
    my ($scarce, $number) = @_;
    my $device = sprintf 'device-%015d', $number;
    my ($client, $conv, $welcome) = $scarce->visitor($number);
    my $window = $scarce->hear($client, 'window');
    $scarce->say($client, t => 'send', conv => $conv, k => 1,
        text => 'x' x 300);
    my $message = $scarce->hear($client, 'message');
    $scarce->hear($client, 'ack');
    $client->send(close => pack 'n', 1000);
    $client->rest(4);

    my %hello = (device => $device, token => $welcome->{token},
        conv => $conv, era => $window->{era}, n => $message->{n},
        mid => "$device.1");

    $client = $scarce->open_socket;
    $scarce->say($client, t => 'hello', %hello);
    $scarce->hear($client, 'welcome');
    $scarce->hear($client, 'window');
    $scarce->say($client, t => 'end', id => 'e', conv => $conv);
    $scarce->hear($client, 'ack');
    $scarce->request(POST => '/chatdesk/poll', { hello => \%hello,
        frames => [ { t => 'send', conv => $conv, k => 2, text => 'late' } ],
    });
    $client->close;
}


$scarce->fail_each(\&life);
$scarce->finish;
