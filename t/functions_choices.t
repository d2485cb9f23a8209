#!/usr/bin/perl
#
# cd_post: menus and picks.  A menu is settled once, by an option of it.
#
# proves: V7 P3

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ChatDesk::Bus;

my $bus = ChatDesk::Bus->new;
my $redis = $bus->redis;
my $visitor = ChatDesk::Bus::id('v');
my $last_conv = 0;

$bus->load(1732200000000);


sub conversation {
    my $conv = ChatDesk::Bus::id('c', ++$last_conv);

    $redis->hset($bus->key("c:$conv"), qw(s 1 v 0 d 0 t 0), "m:$visitor",
                 'v', 'm:ana', 'a');
    return $conv;
}


# Sends as a person over a device; gives the answer.

sub post {
    my ($conv, %arg) = @_;
    my $mid = "$arg{device}.$arg{k}";
    my %fields = (conv => $conv, mid => $mid, from => $arg{person},
                  role => 'x', text => $arg{text});

    $fields{choices} = $arg{choices} if $arg{choices};
    $fields{picks} = $arg{picks} if $arg{picks};

    return [ $bus->call('cd_post', "c:$conv", $conv,
        @arg{qw(person role device k digest)}, $arg{at} // 1000,
        $arg{private} // 0, ChatDesk::Bus::body(%fields),
        $arg{choices} // '', $arg{picks} // '', $arg{text}) ];
}


# The counter and digest of a device's next message.

my %next_k;

sub next_of {
    my ($conv, $device) = @_;
    my $k = ++$next_k{"$conv $device"};

    return (device => $device, k => $k, digest => sprintf('%08d', $k));
}


sub offer {
    my ($conv, @options) = @_;
    my %own = next_of($conv, ChatDesk::Bus::id('a'));
    my $answer = post($conv, person => 'ana', role => 'a', text => 'Which?',
                      %own, choices => join("\n", @options));

    $answer->[0] eq 'ok' or die "the menu: @$answer";
    return "$own{device}.$own{k}";
}


sub pick {
    my ($conv, $menu, $option, $device) = @_;
    my %own = next_of($conv, $device // ChatDesk::Bus::id('d'));
    my $answer = post($conv, person => $visitor, role => 'v',
                      text => $option, picks => $menu, %own);

    $next_k{"$conv $own{device}"}-- if $answer->[0] ne 'ok';
    return $answer;
}


subtest 'once, by one of its options' => sub {
    my $conv = conversation();
    my $menu = offer($conv, 'Today', 'Tomorrow', 'Not at all');
    my $ear = $bus->listen("v:$conv", "d:$conv");
    my $dump = $redis->dump($bus->key("c:$conv"));

    is_deeply(pick($conv, $menu, $_), ['bad_request', 'text'], "not '$_'")
        for 'Yesterday', 'Tod', "Today\nTomorrow", '', "\n", '-', 'oday';
    is_deeply(pick($conv, ChatDesk::Bus::id('d') . '.1', 'Today'),
              ['not_found'], 'not from a message that has no menu');
    is($redis->dump($bus->key("c:$conv")), $dump, 'nothing was written');

    is_deeply(pick($conv, $menu, 'Tomorrow'), ['ok', 2, 2, 1000], 'picked');
    my @heard = $ear->heard;
    is_deeply([ map { "$_->{channel} $_->{text} $_->{picks}" } @heard ],
              [ map { "$_:$conv Tomorrow $menu" } qw(v d) ],
              'both sides hear what was picked');

    is_deeply(pick($conv, $menu, 'Today'), ['settled'], 'not twice');
    is_deeply(pick($conv, $menu, 'Tomorrow', ChatDesk::Bus::id('e')),
              ['settled'], 'not by another device either');
    is(scalar($ear->heard), 0, 'and nobody hears of that');
    is($redis->hget($bus->key("c:$conv"), 'v'), 2, 'nothing was numbered');
};

subtest 'the same pick again has the first answer' => sub {
    my $conv = conversation();
    my $menu = offer($conv, 'Yes', 'No');
    my %arg = (person => $visitor, role => 'v', text => 'No',
               picks => $menu, device => ChatDesk::Bus::id('d'), k => 1,
               digest => 'digest-1');

    is_deeply(post($conv, %arg), ['ok', 2, 2, 1000], 'the first time');
    is_deeply(post($conv, %arg, at => 9999), ['ok', 2, 2, 1000], 'again');
    is_deeply(post($conv, %arg, digest => 'digest-2'), ['conflict'],
              'another text with the same counter is none');
    $redis->hset($bus->key("c:$conv"), 's', 0);
    is_deeply(post($conv, %arg), ['ok', 2, 2, 1000], 'also after the end');
    is_deeply(post($conv, %arg, k => 2), ['closed'],
              'but no new one, settled or not');
};

subtest 'who may' => sub {
    my $conv = conversation();
    my %agent = (person => 'ana', role => 'a', text => 'Yes', k => 1,
                 device => ChatDesk::Bus::id('x'), digest => 'digest-1');
    my %visitor = (%agent, person => $visitor, role => 'v');
    my $menu = offer($conv, 'Yes', 'No');

    is_deeply(post($conv, %agent, picks => $menu), ['forbidden'],
              'agents pick nothing');
    is_deeply(post($conv, %visitor, choices => "Yes\nNo"), ['forbidden'],
              'visitors offer nothing');
    is_deeply(post($conv, %agent, choices => "a\nb", private => 1),
              ['bad_request'], 'a note has no menu');

    my $other = conversation();
    is_deeply(pick($other, $menu, 'Yes'), ['not_found'],
              'a menu of another conversation is not there');
};

subtest 'the newest menus can be picked from, bounded' => sub {
    my $conv = conversation();
    my $most = $ChatDesk::Bus::L{MENUS};
    my @menus = map { offer($conv, "a$_", "b$_") } 1 .. $most + 3;
    my @fields = grep { /^q:/ } $redis->hkeys($bus->key("c:$conv"));

    is(scalar(@fields), $most, 'so many are remembered');
    is_deeply(pick($conv, $menus[2], 'a3'), ['not_found'], 'an old one');
    is(pick($conv, $menus[3], 'a4')->[0], 'ok', 'the oldest that is kept');
    is(pick($conv, $menus[-1], 'b' . ($most + 3))->[0], 'ok', 'the newest');
};

# Many devices and menus, repeats and late requests: every menu has one pick,
# which its feed shows once, whatever comes when.
subtest 'in any order' => sub {
    srand(my $seed = $ENV{CHATDESK_SEED} // 20261126);

    for my $round (1 .. 20) {
        my $conv = conversation();
        my (@menus, @sent, %winner);

        for my $step (1 .. 120) {
            my $deed = int rand 10;

            if ($deed < 2 || !@menus) {
                push @menus, offer($conv, map { "option $_" } 1 .. 3);

            } elsif ($deed < 7) {
                my $menu = $menus[rand @menus];
                my %arg = (person => $visitor, role => 'v', picks => $menu,
                    text => 'option ' . (1 + int rand 4),
                    next_of($conv, ChatDesk::Bus::id('d', int rand 4)));
                my $answer = post($conv, %arg);

                if ($answer->[0] eq 'ok') {
                    $winner{$menu}++ and fail "seed $seed: twice $menu";
                    push @sent, [ $answer, \%arg ];
                } else {
                    $next_k{"$conv $arg{device}"}--;
                }

            } elsif (@sent) {
                my ($answer, $arg) = @{ $sent[rand @sent] };
                my $again = post($conv, %$arg);

                fail "seed $seed: a repeat has another answer: @$again"
                    if "@$again" ne "@$answer";
            }
        }

        my %shown;
        my @frames = map { ChatDesk::Bus::open_envelope($_) }
            $redis->lrange($bus->key("d:$conv"), 0, -1);
        $shown{ $_->{picks} }++ for grep { $_->{picks} } @frames;
        is_deeply(\%shown, { map { $_ => 1 } keys %winner },
                  "round $round: one pick of each menu") or last;
    }
};

done_testing();
