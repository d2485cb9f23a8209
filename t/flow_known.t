#!/usr/bin/perl
#
# What was asked once is not asked again: answers to the forms of several
# flows, and what follows when a form has changed meanwhile.
#
# proves: V13

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;

use ChatDesk::Rest;
use ChatDesk::Test;

my $true = JSON::PP::true;
my ($key, $row) = ChatDesk::Rest::key('robot', 'admin');
my $t = ChatDesk::Test->new(settings => { keys => [ $row ], flows => [
    { id => 'web', name => 'Web', channel => 'web', form => [
        { key => 'topic', label => 'Topic', type => 'choice',
          choices => [ 'order', 'other things' ], required => $true },
        { key => 'mail', label => 'E-mail', type => 'email' } ] },
    { id => 'call', name => 'Call', channel => 'web', form => [
        { key => 'phone', label => 'Phone', required => $true } ] },
] });
my $robot = $t->rest(undef, key => $key);
my $bob = $t->visitor('Bob');


# How a start by a flow is refused: code and field; empty when it is not.

sub refused {
    my (%start) = @_;
    $t->until(10, 'the welcome', sub { $bob->{welcome} });
    my $id = $bob->request('start', %start);
    my $answer = $bob->expect(t => 'ack', re => $id);
    $bob->{conv} = $answer->{conv};
    my ($error, $phase);

    $t->until(10, 'an end of the start', sub {
        for my $frame (reverse @{ $bob->{seen} }) {
            $error = $frame if $frame->{t} eq 'error'
                && ($frame->{re} // '') eq $id;
            $phase //= $frame if $frame->{t} eq 'phase'
                && $frame->{phase} eq 'waiting'
                && $frame->{conv} eq $answer->{conv};
        }
        $error || $phase;
    });

    return $error ? "$error->{code} $error->{field}" : '';
}


# Begun, and over again.

sub chats {
    my ($what, %start) = @_;

    is(refused(%start), '', $what);
    $bob->end;
    $bob->expect(t => 'phase', phase => 'closed');
    @{ $bob->{seen} } = ();
}


sub known {
    my ($flow) = @_;
    my $id = $bob->request('flow', flow => $flow);

    return join ' ', sort split /,/,
        $bob->expect(t => 'flow', re => $id)->{known} // '';
}


$t->until(20, 'the worker', sub { $robot->get('me')->{status} == 200 });

for my $row ([ 'topic=nothing', 'topic' ], [ 'topic=ORDER', 'topic' ],
             [ 'topic=order&mail=nomail', 'mail' ])
{
    my ($form, $field) = @$row;

    is(refused(flow => 'web', form => $form), "bad_request $field",
        "refused: $form");
}

chats('a choice and an address', flow => 'web',
    form => 'topic=other+things&mail=bob%40x.example');
is(known('web'), 'mail topic', 'both are known');
chats('the form of another flow', flow => 'call', form => 'phone=1');
is(known('web'), 'mail phone topic', 'all three are known');
chats('nothing is asked again', flow => 'web');

# the choice is gone, and another one is longer than it may be now
my $form = [ { key => 'topic', label => 'Topic', type => 'choice',
               choices => [ 'order', 'else' ], required => $true },
             { key => 'mail', label => 'E-mail', max => 5 } ];
is($robot->patch('flows/web', { form => $form })->{status}, 200,
    'another form');
is(refused(flow => 'web'), 'bad_request topic',
    'what is no choice any more is missing');
is(known('web'), 'phone', 'and is not said to be known');
chats('asked again', flow => 'web', form => 'topic=else');
is(known('web'), 'phone topic', 'it is known again');
chats('and the other flow still knows its own', flow => 'call');

# what need not be answered stops nobody
is($robot->patch('flows/call', { form => [ { key => 'phone', label => 'P',
        type => 'email' } ] })->{status}, 200, 'a phone is an address now');
chats('an answer that is of no use and not needed', flow => 'call');

$t->finish;
