#!/usr/bin/perl
#
# The counters: over reloads and crashes of nginx workers.
#
# proves: O5

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use HTTP::Tiny;
use JSON::PP ();
use Test::More;

use ChatDesk::Test;

my $t = ChatDesk::Test->new(workers => 2);
my $url = $t->stack->url . '/chatdesk-status';
my $http = HTTP::Tiny->new(timeout => 10, keep_alive => 0);


sub status {
    return JSON::PP::decode_json($http->get($url)->{content});
}


# Polls until a counter has a value.

sub reaches {
    my ($name, $value, $what) = @_;

    eval { $t->until(20, $what, sub { status()->{$name} == $value }) };
    is(status()->{$name}, $value, $what);
}

my $empty = status();
is($empty->{scope}, 'zone', 'all nginx workers count together');
is($empty->{sessions}, 0, 'there is no session yet');

my @visitors = map { $t->visitor("Visitor $_") } 1 .. 3;
my $conv = $visitors[0]->start(name => 'Visitor 1');
reaches(sessions => 3, 'three sessions are open');
reaches(accepted => 3, 'three handshakes were accepted');
reaches(feeds => 1, 'one feed is subscribed');

$visitors[0]->send({ t => 'fly' });
$visitors[0]->expect(t => 'error', code => 'bad_request');
my $busy = status();
is($busy->{bad}, 1, 'a bad request is counted');
cmp_ok($busy->{frames_in}, '>=', 5, 'frames that came');
cmp_ok($busy->{frames_out}, '>=', 6, 'frames that went');
cmp_ok($busy->{bytes_in}, '>', $busy->{frames_in}, 'their bytes');
cmp_ok($busy->{bytes_out}, '>', $busy->{frames_out}, 'and theirs');
cmp_ok($busy->{redis_commands}, '>=', 4, 'commands to Redis');

my $refused = ChatDesk::WebSocket->new(loop => $t->loop,
    port => $t->stack->port, path => '/chatdesk/socket',
    origin => 'https://evil.example');
$t->until(10, 'the refusal', sub { $refused->state eq 'closed' });
reaches(refused => 1, 'a refused handshake is counted');

# a reload: the old ones count out, the new ones count in
$t->stack->reload_nginx;
$t->until(20, 'the visitors to be back',
    sub { 3 == grep { $_->{cuts} && $_->{welcome} } @visitors });
reaches(sessions => 3, 'after a reload the sessions are those that are');
cmp_ok(status()->{accepted}, '>=', 6, 'and the counters went on');

# a crash: nobody counts out for the one that died
my @cuts = map { $_->{cuts} } @visitors;
kill KILL => $t->stack->nginx_workers;
$t->expect_complaint(qr/exited on signal 9/);
$t->until(20, 'the visitors to be back', sub {
    !grep { $visitors[$_]{cuts} == $cuts[$_] || !$visitors[$_]{welcome} }
        0 .. 2;
});
reaches(sessions => 3, 'after a crash as well');
reaches(feeds => 1, 'and the feeds');

is($http->post($url)->{status}, 405, 'counters cannot be written');
is($http->head($url)->{status}, 200, 'but asked for without a body');

$t->finish;
