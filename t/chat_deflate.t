#!/usr/bin/perl
#
# A chat whose sockets are packed: frames come smaller and are the same,
# requests may be packed, and a client that offers nothing gets plain frames
# in the same conversation.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;

use ChatDesk::EchoClient;
use ChatDesk::Test;

my $t = ChatDesk::Test->new(visitor => 'chatdesk_deflate on;');
my $json = JSON::PP->new->utf8->canonical;
my $ana = $t->agent('ana');

$ana->available;


# A visitor of a few lines, which packs what it says.

sub say_packed {
    my ($client, %frame) = @_;

    $client->send(text => ChatDesk::EchoClient::deflate(
        $json->encode(\%frame)), rsv => 4);
}


sub next_of {
    my ($client, $type) = @_;

    while ((my $frame = $client->next) =~ /^text:(.*)/s) {
        my $said = $json->decode($1);
        return $said if $said->{t} eq $type;
    }
    die "no $type";
}

my $vera = ChatDesk::EchoClient->new(port => $t->stack->port,
    path => '/chatdesk/socket', offer => 'permessage-deflate',
    headers => { 'Sec-WebSocket-Protocol' => 'chatdesk.v1' });
ok($vera->{deflate}, 'the extension is agreed on');

say_packed($vera, t => 'hello', device => ChatDesk::Client::random_id());
my $welcome = next_of($vera, 'welcome');
say_packed($vera, t => 'start', id => '1', name => 'Vera');
my $conv = next_of($vera, 'ack')->{conv};
cmp_ok($vera->{packed}, '>=', 1, 'frames come packed');

$ana->accept($conv);
my $text = 'A text that says the same again. ' x 200;
say_packed($vera, t => 'send', conv => $conv, k => 1, text => $text);
is(next_of($vera, 'ack')->{k}, 1, 'a packed message is stored');
is($ana->expect(t => 'message', conv => $conv)->{text}, $text,
    'and reaches an agent whose socket is plain');

my $before = $vera->{packed_bytes};
$ana->say($conv, $text);
$t->until(10, 'the answer to be stored', sub { !$ana->unsent });
my $answer;
do { $answer = next_of($vera, 'message') } while $answer->{role} ne 'agent';
is($answer->{text}, $text, 'the answer is whole again');
cmp_ok($vera->{packed_bytes} - $before, '<', 1500, 'and came packed');

# the bound of a message is that of what it becomes
say_packed($vera, t => 'send', conv => $conv, k => 2, text => 'x' x 70000);
my $frame;
do { $frame = $vera->next } while $frame !~ /^close/;
is($frame, 'close:1009', 'one that becomes too long is not unpacked');
$vera->close;

$t->settle(20);
$t->finish;
