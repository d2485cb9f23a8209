#!/usr/bin/perl
#
# Offers: accepted in time or given to somebody else, up to capacity.
#
# proves: I3 I5

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;

my $t = ChatDesk::Test->new(settings => {
    accept_seconds => 2, capacity => 2 });
my $ana = $t->agent('ana');
my $ben = $t->agent('ben');


# Whoever of the two is offered the conversation, and the other one.  One who
# did not take it is asked again after a while only.

sub offered {
    my ($conv) = @_;

    return $t->until(25, 'an offer to somebody', sub {
        for my $pair ([ $ana, $ben ], [ $ben, $ana ]) {
            my $card = $pair->[0]->card($conv);
            return $pair if $card && $card->{phase} eq 'offered';
        }
        return undef;
    });
}


$ana->available;
$ben->available;

# rejected: the other agent gets it
my $first = $t->visitor('One');
my $conv = $first->start(name => 'One');
my ($agent, $other) = @{ offered($conv) };
is($other->card($conv), undef, 'one conversation is offered to one agent');

$agent->reject($conv);
is($agent->expect(t => 'card_gone', conv => $conv)->{why}, 'rejected',
    'a rejected offer leaves the inbox');
$other->expect_offer($conv);
pass('and the other agent is offered it');
is($agent->card($conv), undef, 'not the same one while another is free');

# not accepted in time: it goes on
is($other->expect(t => 'card_gone', conv => $conv, within => 6)->{why},
    'missed', 'an offer runs out');

# somebody takes it
my ($taker) = @{ offered($conv) };
$taker->accept($conv);
is($taker->card($conv)->{phase}, 'active', 'and somebody takes it');

# an offer that is gone cannot be accepted
my ($late) = grep { $_ != $taker } $ana, $ben;
my $id = $late->request('accept', conv => $conv);
is($late->expect(t => 'error', re => $id)->{code}, 'offer_gone',
    'an offer that is gone cannot be accepted');

# capacity: two each, the fifth waits
my @visitors = map { $t->visitor("Visitor $_") } 2 .. 5;
my @convs = map { $_->start(name => $_->{name}) } @visitors;

for my $i (0 .. 2) {
    my ($free) = @{ offered($convs[$i]) };
    $free->accept($convs[$i]);
}

my %held;
for my $c ($conv, @convs[0 .. 2]) {
    $held{ $_->{login} }++ for grep {
        (($_->card($c) // {})->{phase} // '') eq 'active' } $ana, $ben;
}
is_deeply(\%held, { ana => 2, ben => 2 }, 'each holds up to the capacity');
is($visitors[3]->expect(t => 'phase')->{phase}, 'waiting',
    'what is beyond the capacity waits');
is($visitors[3]->take(t => 'phase'), undef, 'and is offered to nobody');

my @numbers = map { my $c = $_;
    map { $_->{number} } grep { defined } map { $_->card($c) } $ana, $ben }
    $conv, @convs[0 .. 2];
is(scalar(keys %{ { map { $_ => 1 } @numbers } }), 4,
    'each interaction has a number of its own');

# an end frees the place
$first->end;
$taker->expect(t => 'card', conv => $conv, phase => 'closed');
my ($next) = @{ offered($convs[3]) };
is($next, $taker, 'an end frees a place for the one who waits');
$next->accept($convs[3]);

# the time of the last reply stands on the card
$next->say($convs[3], 'How can I help?');
$t->until(10, 'the time of the reply',
    sub { $next->card($convs[3])->{reply_at} });
pass('the card knows the time of the last reply');

$t->settle(10);
$t->verdict_ok('offers');
$t->finish;
