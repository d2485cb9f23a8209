#!/usr/bin/perl
#
# Bad frames, bad texts, too many of them: each is answered, none in silence.
#
# proves: V9 V16 X5

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode qw(encode_utf8);
use Test::More;

use ChatDesk::Test;

my $t = ChatDesk::Test->new(
    server => 'location = /slow/socket { chatdesk_socket visitor;'
        . ' chatdesk_rate 2r/s burst=3; }');
my $loop = $t->loop;

my $bob = $t->visitor('Bob');
my $conv = $bob->start(name => 'Bob');

# A new connection of a new visitor, who may send five bad frames.

sub visitor {
    my ($name, %arg) = @_;
    my $visitor = $t->visitor($name, %arg);

    $loop->until(10, "$name to be welcome", sub { $visitor->{welcome} });
    $visitor->forget_seen;

    return $visitor;
}


# The answer to a frame's text.

sub answer {
    my ($client, $text) = @_;

    $client->{socket}->send_text(encode_utf8($text));
    return $client->expect(t => qr/^(?:error|ack|pong|window)$/);
}


# ------------------------------------------------------------- bad requests

my $deep = '[' x 16 . ']' x 16;
my @bad = (
    [ 'no JSON', '{"t":', undef ],
    [ 'no object', '["ping"]', undef ],
    [ 'two objects', '{"t":"ping"}{"t":"ping"}', undef ],
    [ 'deeper than 16 levels', qq({"t":"ping","x":$deep}), undef ],
    [ 'a comment', '{"t":"ping"/* */}', undef ],
    [ 'an unknown type', '{"t":"fly"}', 't' ],
    [ 'a type that only the desk sends', '{"t":"message"}', 't' ],
    [ 'a type of the bus', '{"t":"logon"}', 't' ],
    [ 'no type', '{}', 't' ],
    [ 'a member twice', '{"t":"ping","t":"ping"}', 't' ],
    [ 'a member twice in other words',
      '{"t":"follow","feed":"a","\u0066eed":"b"}', undef ],
    [ 'a required member missing', '{"t":"send","k":1,"text":"a"}', 'conv' ],
    [ 'a text that is a number',
      '{"t":"send","conv":"c","k":1,"text":7}', 'text' ],
    [ 'a text with NUL',
      '{"t":"send","conv":"c","k":1,"text":"a\u0000"}', 'text' ],
    [ 'a counter of 0', '{"t":"send","conv":"c","k":0,"text":"a"}', 'k' ],
    [ 'a counter below 0',
      '{"t":"send","conv":"c","k":-1,"text":"a"}', 'k' ],
    [ 'a counter of 2^63',
      '{"t":"send","conv":"c","k":9223372036854775808,"text":"a"}', 'k' ],
    [ 'a fraction', '{"t":"follow","feed":"a","n":1.5}', 'n' ],
    [ 'an id that names another key', '{"t":"follow","feed":"a}:x"}',
      'feed' ],
    [ 'an id that is too long', '{"t":"follow","feed":"' . 'a' x 23 . '"}',
      'feed' ],
    [ 'a request of agents', '{"t":"accept","id":"1","conv":"c"}', 't',
      'forbidden' ],
);

my ($client, $left) = (undef, 0);

for my $row (@bad) {
    my ($name, $text, $field, $code) = @$row;

    if ($left == 0) {
        $client = visitor("tester of $name");
        $left = 4;
    }

    $left--;
    my $error = answer($client, $text);
    is_deeply([ @$error{qw(t code field)} ],
        [ 'error', $code // 'bad_request', $field ], $name);
}

is(answer($client, '{"t":"ping"}')->{t}, 'pong',
    'after a bad request a good one is answered');
is(answer($client, '{"t":"ping","colour":"red","more":{"t":[1]}}')->{t},
    'pong', 'members that nobody knows do no harm');

my $rude = visitor('somebody rude');
$rude->send({ t => 'fly' }) for 1 .. 5;
$loop->until(10, 'the close', sub { @{ $rude->{closes} } });
is(scalar(grep { ($_->{code} // '') eq 'bad_request' } @{ $rude->{seen} }),
    5, 'each of five is answered');
is($rude->{closes}[0], 1008, 'the fifth closes the connection');

my $binary = visitor('somebody binary');
$binary->{reconnect} = 0;
$binary->{socket}->send_frame(binary => 'x');
$loop->until(10, 'the close', sub { @{ $binary->{closes} } });
is($binary->{closes}[0], 1003, 'a binary message closes with 1003');

# -------------------------------------------------------------------- texts

my $k = 1;

sub send_text {
    my ($text, %more) = @_;

    $bob->forget_seen;
    $bob->send({ t => 'send', conv => $conv, k => $k, text => $text, %more });
    my $answer = $bob->expect(t => qr/^(?:error|ack)$/, k => $k);
    $k++ if $answer->{t} eq 'ack';

    return $answer;
}

is(send_text('')->{code}, 'empty', 'no text');
is(send_text(" \n\t\r")->{code}, 'empty', 'white space');
is(send_text("\x{a0}\x{2003}\x{3000}\x{200b}\x{feff}")->{code}, 'empty',
    'white space of other scripts, and what cannot be seen');
is(send_text('x' x 8001)->{code}, 'too_long', '8,001 characters');
my $long = send_text("\x{1f600}" x 8000);
is($long->{t}, 'ack', '8,000 characters of four bytes are not too long');
is($bob->expect(t => 'message', mid => $long->{mid})->{text},
    "\x{1f600}" x 8000, 'and come as they were');
is(send_text('hello', private => JSON::PP::true)->{code}, 'forbidden',
    'a visitor has no private notes');

my $evil = qq(</script><img src=x onerror=alert(1)> " \\ \x{2028}\x{1}\t\n);
my $ack = send_text($evil);
is($bob->expect(t => 'message', mid => $ack->{mid})->{text}, $evil,
    'text is text, whatever it looks like');
is($ack->{conv}, $conv, 'an ack names the conversation');
is($ack->{mid}, "$bob->{device}.2", 'and the message');

# -------------------------------------------------- counters and cursors

$bob->send({ t => 'send', conv => $conv, k => 9, text => 'jump' });
my $gap = $bob->expect(t => 'error', k => 9);
is("$gap->{code} $gap->{expected}", 'gap 3', 'a jump names the next counter');
$bob->send({ t => 'send', conv => $conv, k => 2, text => 'other' });
is($bob->expect(t => 'error', k => 2)->{code}, 'conflict',
    'a counter is not used for two texts');
$bob->send({ t => 'send', conv => $conv, k => 2, text => $evil });
is($bob->expect(t => 'ack', k => 2)->{n}, $ack->{n},
    'the same message again is answered as before');

my $era = $bob->feed($conv)->{era};
$bob->send({ t => 'follow', feed => $conv, era => $era, n => 4_000_000_000 });
ok($bob->expect(t => 'window', feed => $conv)->{reset},
    'a number beyond the head resets');
$bob->send({ t => 'follow', feed => $conv, era => $era + 1, n => 1 });
ok($bob->expect(t => 'window', feed => $conv)->{reset},
    'and so does another era');

# --------------------------------------------- conversations of others

my $eve = visitor('Eve');
my $nowhere = ChatDesk::Client::random_id();

for my $row ([ follow => 'feed' ],
             [ send => 'conv', k => 1, text => 'hello' ],
             [ mark => 'conv', got => 1, read => 1 ],
             [ typing => 'conv', on => JSON::PP::true ])
{
    my ($type, $name, %more) = @$row;
    my @answers;

    for my $id ($conv, $nowhere) {
        $eve->send({ t => $type, $name => $id, %more });
        my $error = $eve->expect(t => 'error', $name => $id);
        delete $error->{$name};
        push @answers, $error;
    }

    is($answers[0]{code}, 'not_found', "$type of somebody else's");
    is_deeply($answers[0], $answers[1],
        "$type does not tell it from one that is not there");
}

is($bob->take(t => 'typing', who => $eve->{who}), undef,
    'nothing of it came through');

# -------------------------------------------------------------------- rates

my $fast = visitor('somebody fast', path => '/slow/socket');
my $talk = $fast->start(name => 'Fast');
$fast->send({ t => 'send', conv => $talk, k => $_, text => "m$_" })
    for 1 .. 4;
$fast->expect(t => 'ack', k => $_) for 1 .. 3;
my $limited = $fast->expect(t => 'error', k => 4);
is($limited->{code}, 'rate_limited', 'who is too fast is told so');
cmp_ok($limited->{retry_after}, '>', 0, 'and how long to wait');
cmp_ok($limited->{retry_after}, '<=', 500, 'which is not longer than needed');
is($limited->{conv}, $talk, 'and for which message');

$fast->mark($talk, 3, 3);
is($fast->expect(t => 'mark', who => $fast->{who})->{read}, 3,
    'hints are counted apart');

my $due = $loop->now + $limited->{retry_after} / 1000;
$loop->until(5, 'the wait to be over', sub { $loop->now >= $due });
$fast->send({ t => 'send', conv => $talk, k => 4, text => 'm4' });
is($fast->expect(t => 'ack', k => 4)->{k}, 4, 'who waited is let through');

$t->finish;
