#!/usr/bin/perl
#
# Two desks on one installation know nothing of each other: not by tokens,
# logins or ids, and not by what is said.
#
# proves: O9

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;

# a client who has a ticket from somewhere
{
    package Thief;
    use parent -norequire, 'ChatDesk::Client';
    sub hello_proof { return { ticket => $_[0]{ticket} } }
    sub after_welcome { }
}

my $t = ChatDesk::Test->new(
    other => ChatDesk::Test::desk(agents => ['ana']),
    server => ChatDesk::Test::other_server());

# the same login on both, with passwords of their own
my $here = $t->agent('ana');
my $there = $t->agent('ana', path => '/other/desk/socket',
    api => '/other/api/', password => $t->stack->{other_password}{ana});
my $bob = $t->visitor('Bob');
my $eve = $t->visitor('Eve', path => '/other/socket');

$_->available for $here, $there;
my $conv = $t->connect($bob, $here);
my $other = $t->connect($eve, $there);

$bob->say($conv, "here $_") for 1 .. 5;
$eve->say($other, "there $_") for 1 .. 5;
$t->settle(10);
is($here->card($other), undef, 'a chat of the other desk is offered there');
is($there->card($conv), undef, 'and the other way round');

# ids
$eve->send({ t => 'follow', feed => $conv });
is($eve->expect(t => 'error', feed => $conv)->{code}, 'not_found',
    'a visitor of the other desk finds no conversation of this one');
$there->send({ t => 'follow', feed => $conv });
is($there->expect(t => 'error', feed => $conv)->{code}, 'not_found',
    'nor does an agent');

# tokens
my $stranger = $t->visitor('Bob', token => $bob->{token}, conv => $conv,
    path => '/other/socket', reconnect => 0);
$t->until(10, 'a welcome or a close',
    sub { $stranger->{welcome} || @{ $stranger->{closes} } });
isnt(($stranger->{welcome} // {})->{who}, $bob->{who},
    "a token of this desk makes nobody's visitor there");
is(($stranger->{welcome} // {})->{conv}, undef, 'and opens nothing');

# logins and tickets
my ($status) = $there->api(POST => 'login',
    { login => 'ana', password => $here->{password} });
is($status, 401, 'a password of this desk is none there');

my $cookie = $there->{cookie};
$there->{cookie} = $here->{cookie};
($status) = $there->api(POST => 'ticket');
is($status, 401, 'nor is a session');
$there->{cookie} = $cookie;

my $ticket = ($here->api(POST => 'ticket'))[1]{ticket};
my @thief = (loop => $t->loop, port => $t->stack->port, reconnect => 0,
    name => 'thief', ticket => $ticket);
my $thief = Thief->new(@thief, path => '/other/desk/socket');
$t->until(10, 'the close', sub { @{ $thief->{closes} } });
is($thief->{closes}[0], 4401, 'nor is a ticket');

# which was good where it came from
my $honest = Thief->new(@thief, path => '/desk/socket');
$t->until(10, 'the welcome', sub { $honest->{welcome} });
is($honest->{who}, 'ana', 'though it is one here');
$honest->close;

# keys of the one carry its name, those of the other the other's
my @keys = $t->redis->keys('*');
for my $name (qw(demo other)) {
    cmp_ok(scalar(grep { /^cd:\{$name\}:/ } @keys), '>', 5,
        "$name has keys");
}
is_deeply([ grep { !/^cd:\{(?:demo|other)\}:/ } @keys ], [],
    'every key carries the name of its desk');

$t->verdict_ok('two desks');
$t->finish;
