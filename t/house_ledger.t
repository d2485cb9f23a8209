#!/usr/bin/perl
#
# The delivery checker itself: it passes what is right, and finds one loss,
# one duplicate, one swap, one stranger, one message that is stuck.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Agent;
use ChatDesk::Ledger;
use ChatDesk::Visitor;

my $conv = 'conversation';


# A client that is not connected to anything.

sub client {
    my ($class, $name) = @_;

    return bless { name => $name, device => "$name-device", outbox => {} },
        "ChatDesk::$class";
}


# What a run looks like to the ledger: each sends ten messages, everybody
# gets all of them, but for what `spoil` does to the frames of the agent.

sub run {
    my ($spoil) = @_;
    my $ledger = ChatDesk::Ledger->new;
    my ($ana, $bob) = (client(Agent => 'ana'), client(Visitor => 'bob'));
    my @frames;

    $ledger->joined($_, $conv) for $ana, $bob;

    for my $k (1 .. 10) {
        for my $sender ($bob, $ana) {
            my $mid = "$sender->{device}.$k";
            my $text = "$sender->{name} says $k";

            $ledger->sent($sender, { conv => $conv, text => $text });
            push @frames, { n => @frames + 1, mid => $mid, text => $text,
                            conv => $conv };
            $ledger->acked($sender, { conv => $conv, mid => $mid,
                                      n => scalar @frames });
        }
    }

    my @seen = map { { %$_ } } @frames;
    $spoil->(\@seen, $ledger, $ana, $bob) if $spoil;

    $ledger->received($bob, $conv, $_) for @frames;
    $ledger->received($ana, $conv, $_) for @seen;

    return $ledger->verdict($ana, $bob);
}


sub finds {
    my ($name, $kind, $count, $spoil) = @_;
    my $verdict = run($spoil);

    is($verdict->{$kind}, $count, "$name: found, and counted")
        or diag(join "\n", @{ $verdict->{texts} });
    ok(!ChatDesk::Ledger->clean($verdict), "$name: the verdict is bad");
}


my $good = run();
ok(ChatDesk::Ledger->clean($good), 'a faultless run is clean')
    or diag(join "\n", @{ $good->{texts} });
is(ChatDesk::Ledger->line($good), '0 acknowledged lost, 0 twice, '
    . '0 out of order, 0 foreign, 0 stuck', 'and says so');

ok(ChatDesk::Ledger->clean(run(sub {
    my ($seen) = @_;
    push @$seen, map { { %$_ } } @$seen[5 .. 19];
})), 'a window that is given again is no fault');

# A reset with this window, and behind it what was never acknowledged, under
# another number than before.

sub reset_to {
    my ($seen, $ledger, $ana) = @_;
    my %unsent = (mid => 'ana-device.11', text => 'ana says 11', conv => $conv);

    $ledger->sent($ana, { conv => $conv, text => 'ana says 11' });
    push @$seen, { %unsent, n => 22 };
    $ledger->received($ana, $conv, $_) for splice @$seen;
    push @$seen, @_[4 .. $#_], { %unsent, n => 21 };
    $ledger->anew($ana, $conv,
        { frames => [ map { { t => 'message', %$_ } } @$seen ] });
}

ok(ChatDesk::Ledger->clean(run(sub {
    reset_to(@_, map { { %$_ } } @{ $_[0] }[10 .. 19]);
})), 'what a reset takes back is no fault when it was not acknowledged');

finds('an acknowledged message that a reset has not', lost => 1, sub {
    reset_to(@_, map { { %$_ } } @{ $_[0] }[10 .. 18]);
});

finds('one loss', lost => 1, sub { splice @{ $_[0] }, 7, 1 });

finds('one duplicate', twice => 1, sub {
    my ($seen) = @_;
    push @$seen, { %{ $seen->[7] }, n => 21 };
});

finds('two messages with one number', twice => 1,
    sub { $_[0][8]{n} = $_[0][7]{n} });

finds('one swap on arrival', order => 1, sub {
    my ($seen) = @_;
    @$seen[7, 8] = @$seen[8, 7];
});

finds('one swap of one sender', order => 1, sub {
    my ($seen) = @_;
    @{ $seen->[6] }{qw(mid text)} = @{ $_[0][8] }{qw(mid text)};
    @{ $seen->[8] }{qw(mid text)} = ('bob-device.4', 'bob says 4');
});

finds('another text', foreign => 1,
    sub { $_[0][7]{text} = 'somebody else said this' });

finds('another conversation', foreign => 1, sub {
    my ($seen, $ledger, $ana) = @_;
    $ledger->received($ana, 'elsewhere', { %{ $seen->[0] } });
});

finds('two numbers for one message', twice => 1, sub {
    my ($seen, $ledger, $ana) = @_;
    $ledger->acked($ana, { conv => $conv, mid => 'ana-device.3', n => 99 });
});

finds('a message that never left', stuck => 1, sub {
    my ($seen, $ledger, $ana) = @_;
    $ana->{outbox}{$conv} = [ { k => 11 } ];
});

finds('a private message at the visitor', foreign => 1, sub {
    my ($seen, $ledger, $ana, $bob) = @_;
    $ledger->sent($ana, { conv => $conv, text => 'a note', private => 1 });
    $ledger->received($bob, $conv, { n => 30, mid => 'ana-device.11',
        text => 'a note', conv => $conv, private => 1 });
});

done_testing();
