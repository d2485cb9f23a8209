#!/usr/bin/perl
#
# cd_post: menus and picks.  A menu is settled once, by an option of it.
#
# proves: V7 P3

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode ();
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
        Encode::encode_utf8($arg{choices} // ''), $arg{picks} // '',
        Encode::encode_utf8($arg{text})) ];
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

# What a visitor's words become, where no menus are shown: [ text, picks ].

sub answer {
    my ($conv, $text, %arg) = @_;
    utf8::upgrade($text);
    my %own = next_of($conv, ChatDesk::Bus::id('d'));
    my @call = ("c:$conv", $conv, $visitor, 'v', @own{qw(device k digest)},
        1000, 0, ChatDesk::Bus::body(conv => $conv,
            mid => "$own{device}.$own{k}", from => $visitor,
            role => 'visitor', name => 'Bob', text => $text));

    push @call, '', '', Encode::encode_utf8($text), 1 if !$arg{flow};
    my $ack = join ' ', $bus->call('cd_post', @call);
    my $again = join ' ', $bus->call('cd_post', @call);
    my $stored = ChatDesk::Bus::open_envelope(
        $redis->lrange($bus->key("v:$conv"), -1, -1));

    $again eq $ack && $stored->{name} eq 'Bob'
        or fail("'$text': $ack, $again");
    return [ @$stored{qw(text picks)} ];
}


subtest 'words that answer' => sub {
    my @options = ('Yes', "N\x{c3}O", "\x{42f}\x{431}\x{43b}", '10',
                   'a.*', "\x{3a9}");
    my %means = (
        'yes' => 0, " YES\t" => 0, "\x{a0}yes\x{a0}" => 0, '1' => 0,
        '1.' => 0, '1)' => 0, '01' => 0, "\x{661}" => 0,
        "n\x{e3}o" => 1, "N\x{c3}O" => 1, '2' => 1, "\x{662}" => 1,
        "\x{44f}\x{411}\x{41b}" => 2, '10' => 3, 'A.*' => 4,
        "\x{3c9}" => 5, '6' => 5,
    );

    for my $text (sort keys %means) {
        my $conv = conversation();
        my $menu = offer($conv, @options);

        is_deeply(answer($conv, $text), [ $options[$means{$text}], $menu ],
                  Encode::encode_utf8("'$text'"));
        is_deeply(answer($conv, $text), [ $text, undef ], '... once');
    }

    my $conv = conversation();
    is_deeply(answer($conv, '1'), [ '1', undef ], 'without a menu nothing is');
    my $first = offer($conv, 'One', 'Two');
    my $menu = offer($conv, @options);
    for my $text ('0', '7', '-1', '1 2', '1e0', '0x1', '1' x 12, 'yes.',
                  "Yes\nN\x{c3}O", 'ye', '.', '.*', '%a+', "\xff\xfe",
                  "\xd9", 'Two', 'x' x 8000, "1\0") {
        is_deeply(answer($conv, $text), [ $text, undef ],
                  Encode::encode_utf8('not: ' . substr $text, 0, 20));
    }
    is_deeply(answer($conv, 'yes', flow => 1), [ 'yes', undef ],
              'nor where menus are shown');
    $redis->hset($bus->key("c:$conv"), 'p', 1);
    is_deeply(answer($conv, 'yes', flow => 1), [ 'Yes', $menu ],
              'it does where the channel has none');
    is(pick($conv, $first, 'Two')->[0], 'ok', 'older ones are picked from');
};


subtest 'two options that are alike to a reader' => sub {
    my $conv = conversation();
    my $menu = offer($conv, 'us', 'US');

    is_deeply(answer($conv, 'Us'), [ 'Us', undef ], 'which one?');
    is_deeply(answer($conv, 'US'), [ 'US', $menu ], 'to the letter');
};


# Words of any kind do no harm, and pick at most an option.
subtest 'any words' => sub {
    srand(my $seed = $ENV{CHATDESK_SEED} // 20261126);
    my @parts = ('1', '2', '.', ')', ' ', 'Yes', 'no', "\xc3", "\x{df}",
                 "\x{661}", "\xd0", "\x{3a0}", "\0", '%', '[', "\n");

    for my $round (1 .. 300) {
        my $conv = conversation();
        my $menu = offer($conv, 'Yes', 'no', "\x{df}.");
        my $text = join '', map { $parts[rand @parts] } 1 .. 1 + rand 6;
        my $got = answer($conv, $text);

        ok(defined $got->[1] ? $got->[0] =~ /\A(?:Yes|no|\x{df}\.)\z/
                             : $got->[0] eq $text)
            or diag("seed $seed, round $round: ", unpack 'H*', $text), last;
    }
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
