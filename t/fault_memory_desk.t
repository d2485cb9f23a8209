#!/usr/bin/perl
#
# The same as fault_memory.t for an agent: login, ticket, socket, presence, a
# conversation that is accepted and answered, the REST interface and long-poll.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Scarce;

my $scarce = ChatDesk::Scarce->new(step => 40,
    settings => { capacity => 1000 });
my $password = $scarce->test->stack->{password}{ana};


# A card of this conversation in this phase.  When nginx had no memory for what
# Redis published, it finds out by comparing heads, every 5 s.

sub await_card {
    my ($scarce, $client, $conv, $phase) = @_;

    for ( ;; ) {
        my $card = $scarce->hear($client, 'card', 15);

        return if $card->{conv} eq $conv && $card->{phase} eq $phase;
    }
}


sub life {
    my ($scarce, $number) = @_;
    my ($head) = $scarce->request(POST => '/desk/api/login',
        { login => 'ana', password => $password });
    my ($cookie) = $head =~ /^Set-Cookie: ([^;]+)/mi;
    my (undef, $answer) = $scarce->request(POST => '/desk/api/ticket', undef,
        Cookie => $cookie);
    my %hello = (device => sprintf 'agents-%015d', $number);
    my $client = $scarce->open_socket('/desk/socket');

    $scarce->say($client, t => 'hello', %hello, ticket => $answer->{ticket});
    $scarce->hear($client, 'welcome');
    $scarce->hear($client, 'window');
    $scarce->say($client, t => 'presence', id => 'p', state => 'available');
    $scarce->hear($client, 'ack');

    my ($visitor, $conv) = $scarce->visitor($number);
    await_card($scarce, $client, $conv, 'offered');
    $scarce->say($client, t => 'accept', id => 'a', conv => $conv);
    await_card($scarce, $client, $conv, 'active');
    $scarce->say($client, t => 'follow', feed => $conv);
    $scarce->hear($client, 'window');
    $scarce->say($client, t => 'send', conv => $conv, k => 1, text => 'Hello');
    $scarce->hear($visitor, 'message');

    $scarce->request(GET => "/desk/api/v1/conversations/$conv", undef,
        Cookie => $cookie);
    (undef, $answer) = $scarce->request(POST => '/desk/poll', {
        hello => \%hello,
        frames => [ { t => 'send', conv => $conv, k => 2, text => 'More' },
                    { t => 'end', id => 'e', conv => $conv } ],
    }, Cookie => $cookie);
    my ($error) = grep { $_->{t} eq 'error' } @{ $answer->{frames} };
    die "the poll is refused: $error->{code}\n" if $error;
    die "the poll is not answered\n" if @{ $answer->{frames} } < 2;
    await_card($scarce, $client, $conv, 'closed');
    $_->close for $visitor, $client;
    $scarce->request(POST => '/desk/api/logout', undef, Cookie => $cookie);
}


$scarce->fail_each(\&life);
$scarce->finish;
