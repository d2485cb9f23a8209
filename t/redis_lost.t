#!/usr/bin/perl
#
# A replica that had not got everything becomes the primary: what Redis had
# acknowledged is gone.  The worker says so, the desk's era changes, clients
# forget what is no longer there, and chat goes on by itself.  All of it over
# TLS, with Sentinels that want a password.
#
# proves: O3

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Sentinels;

my $set = ChatDesk::Sentinels->new(guarded => 1,
    make => sub { ChatDesk::Test->new(@_) });
my ($t, $stack) = @$set{qw(made stack)};
my $replica = $set->{replica_port};

my $ana = $t->agent('ana');
my $bob = $t->visitor('Bob');
$ana->available;
my $conv = $t->connect($bob, $ana);
$bob->say($conv, "kept $_") for 1 .. 3;
$t->settle(20);
$t->verdict_ok('while both are there');
$t->until(10, 'the replica to catch up',
    sub { $set->lag($set->{port}) < 100 });
my $era = $ana->feed($conv)->{era};

# the replica is cut off; nobody notices
$set->at($set->{port})->acl('deluser', 'replica');
$t->until(20, 'the replica to be cut off', sub {
    $set->at($replica)->info('replication')->{master_link_status} eq 'down';
});
$bob->say($conv, "lost $_") for 1 .. 3;
$ana->say($conv, 'lost 4');
$t->settle(20);
$t->verdict_ok('while the primary lives');

$stack->{redis}->stop('KILL', 5);
$set->wait_primary($replica);
$set->take_over;

for my $client ($ana, $bob) {
    my $feed = $client->feed($conv);

    $t->until(30, "$client->{name} to be told", sub {
        $feed->{live} && $feed->{era} != $era;
    });
    cmp_ok($feed->{era}, '>', $era, "$client->{name} has the new era");
    cmp_ok($client->{resets}, '>', 0, "$client->{name} was reset");
}

my $log = join '', map { $_->log_text } @{ $stack->{worker} };
like($log, qr/^<2>.*\blost: Redis has lost writes: .* a new era begins/m,
    'the worker reports the loss');
is(() = $log =~ /Redis has lost writes/g, 1, 'once');

# on by itself, by the counter that Redis expects
$bob->forget_seen;
$bob->say($conv, 'after');
is($ana->expect(t => 'message', text => 'after', within => 20)->{mid},
    "$bob->{device}.4", 'chat goes on after what was kept');
$ana->say($conv, 'after, too');
$bob->expect(t => 'message', text => 'after, too', within => 20);
$t->until(20, 'the acks', sub { !$ana->unsent && !$bob->unsent });

for my $client ($ana, $bob) {
    is_deeply([ map { $_->{text} } @{ $client->feed($conv)->{messages} } ],
        [ 'kept 1', 'kept 2', 'kept 3', 'after', 'after, too' ],
        "$client->{name} has what there is, and no more");
}
unlike($log . $stack->log('error.log'), qr/of-the-sentinels/,
    'no password is in a log');
is(scalar(grep { $_->{cuts} } $ana, $bob), 0, 'all sockets stayed');

$t->finish;
$set->stop;
