#!/usr/bin/perl
#
# Choices over real sockets and long-poll: offered by the agent, picked once
# by the visitor, whatever tabs, reconnects and deaths come between.
#
# proves: V7 P3

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Test;

my $t = ChatDesk::Test->new(workers => 2);
my $ana = $t->agent('ana');
my @options = ('Today', 'Tomorrow', "<b>Nie</b> \x{5e9}\x{5dc}\x{5d5}\x{5dd}");


# Offers a menu; the message as the visitor gets it.

sub offer {
    my ($conv, $bob, $text) = @_;

    $ana->say($conv, $text, choices => \@options);
    return $bob->expect(t => 'message', text => $text);
}


# The error that a frame gets which is no message of the outbox.

sub refused {
    my ($client, %frame) = @_;

    $client->send({ t => 'send', %frame });
    return $client->expect(t => 'error', k => $frame{k});
}


sub talk {
    my ($name, $bob) = @_;
    my $conv = $t->connect($bob, $ana);
    my $menu = offer($conv, $bob, "$name: when?");

    is_deeply($menu->{choices}, \@options, "$name: the visitor gets a list");
    is_deeply($ana->expect(t => 'message', text => "$name: when?")->{choices},
        \@options, "$name: so does the agent");

    # from two tabs at the same time
    my $tab = $t->visitor("$name, a tab", token => $bob->{token},
        poll => !$bob->{poll});
    $t->until(10, 'the window', sub { $tab->feed($conv)->{live} });
    $t->{ledger}->joined($tab, $conv);
    is_deeply($tab->feed($conv)->{messages}[0]{choices}, \@options,
        "$name: the menu is in the window");

    $bob->say($conv, 'Tomorrow', picks => $menu->{mid});
    $tab->say($conv, 'Today', picks => $menu->{mid});
    my $pick = $ana->expect(t => 'message', picks => $menu->{mid});
    like($pick->{text}, qr/^To/, "$name: the agent sees what was picked");

    my ($loser) = grep { $_->{device} ne (split /\./, $pick->{mid})[0] }
        $bob, $tab;
    is($loser->expect(t => 'error')->{code}, 'settled',
        "$name: the other one is told");
    $t->settle(20);
    is(scalar(grep { $_->{picks} } @{ $ana->feed($conv)->{messages} }), 1,
        "$name: there is one pick");

    # offered while the visitor is away, picked while it is cut off
    $bob->drop(1);
    my $late = do {
        $ana->say($conv, 'and where?', choices => \@options);
        $ana->expect(t => 'message', text => 'and where?');
    };
    $bob->{away} = 0;
    $bob->connect;
    $bob->expect(t => 'message', text => 'and where?');
    $bob->say($conv, $options[2], picks => $late->{mid});
    $bob->drop;
    is($ana->expect(t => 'message', picks => $late->{mid})->{text},
        $options[2], "$name: a pick survives a cut");
    $t->until(10, 'the outbox', sub { !$bob->unsent });
    is(scalar(grep { ($_->{picks} // '') eq $late->{mid} }
              @{ $ana->feed($conv)->{messages} }), 1,
        "$name: and comes once");

    # an agent who looks later sees both
    my $other = $t->agent('ana');
    $other->open($conv);
    is_deeply([ map { $_->{picks} ? $_->{text} : () }
                @{ $other->feed($conv)->{messages} } ],
        [ $pick->{text}, $options[2] ], "$name: the window tells it all");

    return ($conv, $menu->{mid});
}

$ana->available;
my $bob = $t->visitor('Bob');
my ($conv, $menu) = talk('socket', $bob);
my $eve = $t->visitor('Eve', poll => 1);
talk('long-poll', $eve);

my $k = $bob->{next_k}{$conv} + 1;
my %pick = (conv => $conv, k => $k, text => 'Today');
my $agent_k = $ana->{next_k}{$conv} + 1;
my %offer = (conv => $conv, k => $agent_k, text => '?');

for my $row (
    [ 'a menu that is not there', 'not_found', undef, %pick,
      picks => "$bob->{device}.999" ],
    [ 'a settled menu', 'settled', undef, %pick, picks => $menu ],
    [ 'a visitor who offers', 'forbidden', undef, %pick,
      choices => [ 'a', 'b' ] ],
) {
    my ($name, $code, $field, %frame) = @$row;
    my $error = refused($bob, %frame);

    is($error->{code}, $code, $name);
    ok($error->{text}, "$name: with a text");
}

for my $row (
    [ 'an agent who picks', 'forbidden', undef, picks => $menu ],
    [ 'one option', 'bad_request', 'choices', choices => ['a'] ],
    [ 'two alike', 'bad_request', 'choices', choices => [qw(a b a)] ],
    [ 'a note', 'bad_request', 'choices', choices => [qw(a b)],
      private => JSON::PP::true ],
) {
    my ($name, $code, $field, %frame) = @$row;
    my $error = refused($ana, %offer, %frame);

    is($error->{code}, $code, $name);
    is($error->{field}, $field, "$name: the field") if $field;
}

# not an option: the visitor is told which field
offer($conv, $bob, 'once more');
my $open = $bob->feed($conv)->{messages}[-1]{mid};
my $wrong = refused($bob, %pick, text => 'Never', picks => $open);
is("$wrong->{code} $wrong->{field}", 'bad_request text', 'not an option');

# the worker is killed: menus go on
$_->stop('KILL', 10) for $t->stack->live_workers;
$bob->say($conv, 'Today', picks => $open);
is($ana->expect(t => 'message', picks => $open)->{text}, 'Today',
    'a pick without a worker');
$t->stack->start_worker;

# after the end
offer($conv, $bob, 'the last one');
my $last = $bob->feed($conv)->{messages}[-1]{mid};
$bob->end;
$ana->expect(t => 'card', conv => $conv, phase => 'closed');
is(refused($bob, conv => $conv, k => $bob->{next_k}{$conv} + 1,
           text => 'Today', picks => $last)->{code}, 'closed',
    'nothing is picked in a conversation that has ended');

# Where no menus are shown the words of an answer pick, once.

sub plain {
    my ($name, %arg) = @_;
    my $visitor = $t->visitor($name, %arg);
    my $conv = $visitor->start(name => $name, flow => $arg{flow} // 'web');

    $ana->accept($conv);

    my $menu = offer($conv, $visitor, "$name: when?");
    my $rest = $t->rest('ana');
    my $as_text = "$name: when?\n1. Today\n2. Tomorrow\n3. $options[2]";

    my $hears = sub {
        my ($says, $text) = @_;

        $visitor->say($conv, $says, becomes => $text);
        return $ana->expect(t => 'message', conv => $conv, text => $text);
    };

    $t->until(10, 'the preview', sub {
        $rest->get("conversations/$conv")->{json}{preview}
            eq $as_text =~ tr/\n/ /r;
    });
    is($hears->('What?', 'What?')->{picks}, undef, "$name: just words");
    is($hears->(' tomorrow ', 'Tomorrow')->{picks}, $menu->{mid},
        "$name: the words of an option pick it");
    is($visitor->expect(t => 'message', picks => $menu->{mid})->{text},
        'Tomorrow', "$name: the visitor sees which");
    is($hears->('3', '3')->{picks}, undef, "$name: it is settled then");

    my $second = offer($conv, $visitor, "$name: where?");
    is($hears->('3)', $options[2])->{picks}, $second->{mid},
        "$name: a number picks, too");

    $t->until(10, 'the pick', sub {
        $rest->get("conversations/$conv")->{json}{preview} eq $options[2];
    });
    my $number = $rest->get("conversations/$conv")->{json}{number};
    my @items = grep { $_->{what} =~ /\A(?:menu|picked)\z/ }
        $rest->all("records/$number");
    is_deeply([ map { "$_->{what} $_->{mid} $_->{text}" } @items ],
        [ "menu $menu->{mid} $as_text", "picked $menu->{mid} Tomorrow",
          "menu $second->{mid} " . $as_text =~ s/when/where/r,
          "picked $second->{mid} $options[2]" ],
        "$name: the record has what was asked and what was answered");
    is($items[0]{agent}, 'ana', "$name: and by whom");

    $visitor->end;
    $ana->expect(t => 'card', conv => $conv, phase => 'closed');
    return;
}

plain('A terminal', plain => 1);
plain('A terminal without sockets', plain => 1, poll => 1);
plain('A telephone', flow => 'sms');

$t->settle(20);
$t->verdict_ok('choices');
$t->finish;
