#!/usr/bin/perl
#
# The same as fault_memory.t for a socket over TLS, where most allocations are
# OpenSSL's: handshake, hello, a conversation, a message, the end.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Scarce;

my $scarce = ChatDesk::Scarce->new(tls => 1);


sub life {
    my ($scarce, $number) = @_;
    my ($client, $conv) = $scarce->visitor($number);

    $scarce->hear($client, 'window');
    $scarce->say($client, t => 'send', conv => $conv, k => 1,
        text => 'x' x 300);
    $scarce->hear($client, 'message');
    $client->send(close => pack 'n', 1000);
    $client->rest(4);
}


$scarce->fail_each(\&life);
$scarce->finish;
