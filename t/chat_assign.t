#!/usr/bin/perl
#
# Who is offered what: profile, presence state, priority, waiting time, load,
# idle time; over real sockets.
#
# proves: I1 I22

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;

my %profile = (ana => 'helper', ben => 'helper', cleo => 'seller',
               dora => 'single');

my $t = ChatDesk::Test->new(desk => {
    name => 'Test desk', default_queue => 'help',
    queues => [
        { id => 'help', name => 'Help', priority => 5, accept_seconds => 60 },
        { id => 'sales', name => 'Sales', priority => 1,
          accept_seconds => 60 },
    ],
    profiles => [
        { id => 'helper', name => 'Helper', capacity => 3,
          queues => ['help'] },
        { id => 'seller', name => 'Seller', capacity => 3,
          queues => ['sales'] },
        { id => 'single', name => 'Single', capacity => 1,
          queues => [qw(help sales)] },
    ],
    agents => [ map { { login => $_, name => ucfirst $_, role => 'agent',
                        profile => $profile{$_} } } sort keys %profile ],
});

my %agent = map { $_ => $t->agent($_) } sort keys %profile;


# The agents who hold a card of the conversation, by login.

sub holders {
    my ($conv) = @_;

    return join ' ', grep { $agent{$_}->card($conv) } sort keys %agent;
}


sub visitor {
    my ($name, $queue) = @_;
    my $visitor = $t->visitor($name);

    $visitor->start(name => $name, queue => $queue);

    return $visitor;
}


# What the visitor sees is published with what the agents get, so once it
# has this phase an offer would have been made.

sub phase {
    my ($visitor, $phase) = @_;

    $t->until(10, "the phase $phase", sub {
        ($visitor->feed($visitor->{conv})->{registers}{'phase:'}{phase}
            // '') eq $phase;
    });
}


# -- I1: profile, presence state, capacity

$_->presence('busy') for values %agent;

my $vera = visitor('Vera', 'sales');
phase($vera, 'waiting');
$agent{ana}->available;
is(holders($vera->{conv}), '', 'a profile without the queue gets nothing');

$agent{cleo}->presence('away');
is(holders($vera->{conv}), '', 'nor does one who is away');

$agent{cleo}->available;
$agent{cleo}->accept($vera->{conv});
is(holders($vera->{conv}), 'cleo', 'one who takes the queue gets it');
$agent{cleo}->presence('busy');
$agent{ana}->presence('busy');

# -- I22: priority before waiting time, longest waiting first

my $first = visitor('First', 'help');
my $second = visitor('Second', 'help');
my $urgent = visitor('Urgent', 'sales');
phase($_, 'waiting') for $first, $second, $urgent;

$agent{dora}->available;
my @order;

for (1 .. 3) {
    my ($next) = @{ $t->until(10, 'the next offer', sub {
        my ($v) = grep { $agent{dora}->card($_->{conv}) }
            $first, $second, $urgent;
        return $v && [$v];
    }) };

    push @order, $next->{name};
    is(grep({ $agent{dora}->card($_->{conv}) } $first, $second, $urgent), 1,
        'one at a time, as the capacity says');
    $agent{dora}->accept($next->{conv});
    $next->end;
    $t->until(10, 'the end', sub {
        $agent{dora}->card($next->{conv})->{phase} eq 'closed';
    });
    $agent{dora}->expect(t => 'ack',
        re => $agent{dora}->request('dismiss', conv => $next->{conv}));
    $t->until(10, 'the card to go',
        sub { !$agent{dora}->card($next->{conv}) });
}

is_deeply(\@order, [qw(Urgent First Second)],
    'priority first, then the longest waiting');
$agent{dora}->presence('busy');

# -- I22: the least loaded, then the longest idle

$agent{ana}->available;
my $one = visitor('One', 'help');
$agent{ana}->accept($one->{conv});
$agent{ben}->available;

my $two = visitor('Two', 'help');
$agent{ben}->accept($two->{conv});
is(holders($two->{conv}), 'ben', 'the least loaded is asked first');

# ana was given a chat before ben was: of two with one each she is idle longer
my $three = visitor('Three', 'help');
$agent{ana}->accept($three->{conv});
is(holders($three->{conv}), 'ana', 'then the one who is idle longest');

my $four = visitor('Four', 'help');
$agent{ben}->accept($four->{conv});
is(holders($four->{conv}), 'ben', 'and the least loaded again');

$t->finish;
