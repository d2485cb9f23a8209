#!/usr/bin/perl
#
# How many connections one address and one person may have: told with a time
# to retry, over all nginx workers, by socket and by long-poll; and what an
# nginx worker that was killed had counted counts no more.
#
# proves: X5

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use HTTP::Tiny;
use JSON::PP ();
use Test::More;

use ChatDesk::Test;

my $t = ChatDesk::Test->new(workers => 2, most => 'address=12 person=3');
my $stack = $t->stack;
my $redis = $t->redis;

$t->expect_complaint(qr/exited on signal 9/);


sub visitor {
    return $t->visitor(@_, reconnect => 0);
}


# Until they have their welcome, or have been refused; returns who was.

sub refused {
    my (@clients) = @_;

    $t->until(20, 'welcomes and refusals', sub {
        !grep { !$_->{welcome} && !$_->{cuts} } @clients });

    return grep { $_->{cuts} } @clients;
}

subtest 'one person' => sub {
    my @tabs = visitor('Ana');
    $t->until(10, 'a token', sub { $tabs[0]{token} });
    push @tabs, map { visitor("tab$_", token => $tabs[0]{token}) } 1, 2;
    is(scalar refused(@tabs), 0, 'has as many tabs as allowed');

    my $more = visitor('one more', token => $tabs[0]{token});
    is(scalar refused($more), 1, 'and not one more');
    my $error = $more->take(t => 'error');
    is($error->{code}, 'rate_limited', 'which is told');
    is($error->{retry_after}, 30_000, 'and for how long');
    is($more->{closes}[0], 1013, 'and closed with 1013');
    is(scalar(grep { $_->{cuts} } @tabs), 0, 'the others stay');

    $tabs[1]->close;
    $t->until(10, 'it to go', sub { $tabs[1]{cuts} });
    is(scalar refused(visitor('again', token => $tabs[0]{token})), 0,
        'there is room when one has gone');
    $_->close for @{ $t->{clients} };
    $t->until(10, 'all to go', sub {
        !grep { !$_->{cuts} } @{ $t->{clients} } });
};

subtest 'one address' => sub {
    my @crowd = map { visitor("v$_") } 1 .. 12;
    is(scalar refused(@crowd), 0, 'has as many sockets as allowed');

    my $more = visitor('one more');
    is(scalar refused($more), 1, 'and not one more');
    is($more->take(t => 'error')->{retry_after}, 30_000, 'which is told');

    my $answer = HTTP::Tiny->new->post($stack->url . '/chatdesk/poll', {
        headers => { 'Content-Type' => 'application/json' },
        content => JSON::PP::encode_json({ hold => JSON::PP::true,
            hello => { device => ChatDesk::Client::random_id() } }),
    });
    is($answer->{status}, 429, 'nor a long-poll');
    is(JSON::PP::decode_json($answer->{content})->{code}, 'rate_limited',
        'which is told');
    is($answer->{headers}{'retry-after'}, 30, 'and for how long');

    my $ana = $t->agent('ana');
    $t->until(10, 'an agent', sub { $ana->{welcome} });
    pass('agents are counted apart');

    # who was killed does not count
    my @old = $stack->nginx_workers;
    kill 'KILL', @old;
    $t->until(20, 'new nginx workers', sub {
        my @now = $stack->nginx_workers;
        @now == 2 && !grep { my $pid = $_; grep { $_ == $pid } @old } @now;
    });
    $t->until(10, 'all to be cut', sub { !grep { !$_->{cuts} } @crowd });
    my @next = map { visitor("n$_") } 1 .. 12;
    is(scalar refused(@next), 0, 'as many as before come in');
    is(scalar refused(visitor('beyond')), 1, 'and not one more');

    # old and new nginx workers count together
    $stack->reload_nginx;
    $t->until(20, 'all to be moved', sub { !grep { !$_->{cuts} } @next });
    is(scalar refused(map { visitor("m$_") } 1 .. 12), 0,
        'those that were moved have left');
};

$t->finish;
