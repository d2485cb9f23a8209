#!/usr/bin/perl
#
# Figures of the queues, live, and the visitor's place in line: they follow
# what happens, outlive the worker, and the place outlives reload and tabs.
#
# proves: I9 V15

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;

my $t = ChatDesk::Test->new(desk => {
    name => 'Test desk', default_queue => 'help',
    queues => [
        { id => 'help', name => 'Help', priority => 5, accept_seconds => 60 },
        { id => 'sales', name => 'Sales', priority => 1,
          accept_seconds => 60 },
    ],
    profiles => [ { id => 'all', name => 'All', capacity => 1,
                    queues => [qw(help sales)] } ],
    agents => [ map { { login => $_, name => ucfirst $_, role => 'agent',
                        profile => 'all' } } qw(ana ben) ],
});

my $ana = $t->agent('ana');
my $ben = $t->agent('ben');

$_->presence('busy') for $ana, $ben;
$ben->follow('queues');


# The figures that ben sees of a queue.

sub figures {
    return $ben->feed('queues')->{registers}{"figures:$_[0]"} // {};
}


# Waits until they are these; a name without a value must be absent.

sub figures_are {
    my ($queue, $what, %want) = @_;

    $t->until(10, $what, sub {
        my $seen = figures($queue);

        return !grep {
            defined $want{$_} ? ($seen->{$_} // -1) != $want{$_}
                              : exists $seen->{$_}
        } keys %want;
    });
    pass($what);
}


sub place {
    my ($visitor) = @_;

    return $visitor->feed($visitor->{conv})->{registers}{'place:'};
}


sub place_is {
    my ($visitor, $place, $what) = @_;

    $t->until(15, $what, sub {
        my $told = place($visitor);

        return $told && $told->{place} == $place;
    });
    pass($what);
}


sub visitor {
    my ($name) = @_;
    my $visitor = $t->visitor($name);

    $visitor->start(name => $name, queue => 'help');

    return $visitor;
}


figures_are($_, "$_: nobody waits, nothing is known of waits",
    waiting => 0, active => 0, since => undef, average_ms => undef,
    p50_ms => undef, level => undef) for qw(help sales);
is(figures('help')->{queue}, 'Help', 'the queue has its name');

# -- a line forms

my @line = map { visitor($_) } qw(One Two Three);

figures_are('help', 'three wait', waiting => 3, active => 0);
ok(figures('help')->{since} > 1e12, 'and since when is told');
figures_are('sales', 'the other queue is as it was', waiting => 0);

for my $i (0 .. 2) {
    place_is($line[$i], $i + 1, "number @{[ $i + 1 ]} knows its place");
    ok(!exists place($line[$i])->{wait_min},
        'an expected wait is not told before anything is known');
}

# -- V15: another tab, a reload, a time away: the same place

my $tab = $t->visitor('Two again', token => $line[1]{token});

$tab->{conv} = $line[1]{conv};
$t->until(10, 'the second tab', sub { $tab->{welcome} });
place_is($tab, 2, 'another tab has the same place');
$tab->close;
$line[2]->drop;
$t->until(10, 'the reload', sub {
    $line[2]{cuts} && $line[2]->in_step;
});
place_is($line[2], 3, 'a reload keeps the place');
$line[1]->drop('stay');

# -- the line moves

$ana->available;
$ana->accept($line[0]{conv});
figures_are('help', 'one is served, two wait', waiting => 2, active => 1);
ok(figures('help')->{average_ms} > 0, 'there is an average wait');
is(figures('help')->{p50_ms}, figures('help')->{p90_ms},
    'of one wait all percentiles are the same');
is(figures('help')->{level}, 100, 'it was answered in time');
place_is($line[2], 2, 'the others move up');

my $four = visitor('Four');
place_is($four, 3, 'who comes is behind them');
$line[1]->connect;
delete $line[1]{away};
place_is($line[1], 1, 'who was away is the first now');

# -- the worker goes: nobody loses anything

my $average = figures('help')->{average_ms};
my $worker = $t->stack->worker_of($t->redis->get('cd:{demo}:lease'));

$worker->stop('KILL', 5);
$t->stack->start_worker;
$ana->end($line[0]{conv});
figures_are('help', 'the next owner counts on', waiting => 3, active => 0,
    average_ms => $average);
place_is($four, 3, 'and the places are kept');

# -- over REST

my $rest = $t->rest('ana');
my $asked = $rest->get('queues/help/figures');

is($asked->{status}, 200, 'REST knows them too');
is($asked->{json}{$_}, figures('help')->{$_}, "... $_")
    for qw(queue_id queue waiting active average_ms p90_ms level);
is_deeply([ map { $_->{queue_id} } @{ $rest->get('figures')->{json}{items} } ],
    [qw(help sales)], 'all of them');
is($rest->get('queues/none/figures')->{status}, 404, 'but no others');

# -- whose feed it is

$line[2]->send({ t => 'follow', feed => 'queues' });
is($line[2]->expect(t => 'error', feed => 'queues')->{code}, 'not_found',
    'a visitor does not see figures');

$t->finish;
