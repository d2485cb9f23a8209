#!/usr/bin/perl
#
# The clocks of nginx and of the worker jump, an hour ahead and back and an
# hour behind, under load: order is kept, nobody is cut or thrown out.
#
# Runs on the release build: the sanitizers have a preload of their own.
#
# proves: O2 O4

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Load;
use ChatDesk::Preload;

my $clock = ChatDesk::Preload->new('clock_jump', CLOCK_JUMP_FILE =>
    pack 'q', 0);
my $load = ChatDesk::Load->new(flavour => 'release',
    env => { nginx => $clock->env, worker => $clock->env });
my $test = $load->test;
my @jumps = ((3600, 0, -3600, 0) x ChatDesk::Load->times(1, 3))
    [ 0 .. (ChatDesk::Load->times(4, 10) - 1) ];
my $shown = 0;


sub jump_to {
    my ($seconds) = @_;

    return sub { $clock->drive(pack 'q', $seconds) };
}

$load->run(messages => 40 + 25 * @jumps, rate => 10,
    at => { map { 15 + 25 * $_ => jump_to($jumps[$_]) } 0 .. $#jumps });

# it was the clock that was shifted, not nothing
my ($most) = sort { $b <=> $a } map { $_->{at} } map {
    my ($client, undef, $conv) = @$_;
    @{ $client->feed($conv)->{messages} };
} @{ $load->{talks} };
cmp_ok($most, '>', (time + 1800) * 1000, 'messages were dated ahead');

# times never go back within a conversation, whatever the clock does
my @back;
for my $talk (@{ $load->{talks} }) {
    my ($client, undef, $conv) = @$talk;
    my $last = 0;

    for my $message (@{ $client->feed($conv)->{messages} }) {
        push @back, $message->{mid} if $message->{at} < $last;
        $last = $message->{at};
    }
}
is_deeply(\@back, [], 'no message is older than the one before it');
$load->none_ok(cuts => 'nobody was cut');

my ($visitor, $agent, $conv) = @{ $load->{talks}[0] };
$visitor->end;
$agent->expect(t => 'card', conv => $conv, phase => 'closed', within => 20);
pass('the desk decides');

$test->settle(30);
$test->verdict_ok(@jumps . ' jumps of the clock');
$test->finish;
