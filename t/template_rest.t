#!/usr/bin/perl
#
# Templates from saving to the text box: who may save what, what is refused
# and where, every desktop hears of it, the worker fills them in, also after
# it was killed; hostile texts do no harm.
#
# proves: P13 U4 P1 P2

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;

use ChatDesk::Rest;
use ChatDesk::Test;

my ($key, $row) = ChatDesk::Rest::key('robot', 'admin');
my $t = ChatDesk::Test->new(settings => {
    agents => [qw(ana ben eva)], roles => { eva => 'supervisor' },
    keys => [ $row ],
});
my ($ana, $ben, $eva) = map { $t->rest($_) } qw(ana ben eva);
my $robot = $t->rest(undef, key => $key);


# A template of one language.

sub text {
    my ($text, %more) = @_;

    return { title => 'A title', texts => [ { lang => 'en', text => $text } ],
             %more };
}


sub saved {
    my ($who, $path, $body, $name, $status) = @_;
    my $answer = $who->put($path, $body);

    is($answer->{status}, $status // 201, $name)
        or diag($answer->{content});
    return $answer->{headers}{etag};
}


sub refused {
    my ($answer, $status, $code, $field, $name) = @_;

    is("$answer->{status} $answer->{json}{code}", "$status $code", $name)
        or diag($answer->{content});
    is($answer->{json}{field}, $field, '... the field') if defined $field;
    return $answer->{json}{text};
}

my $desk = $t->agent('ana');
my $bob = $t->visitor('Bob');
$desk->available;
my $conv = $t->connect($bob, $desk);


# Asks for a template over the socket; the answer.

sub render {
    my ($id, %more) = @_;
    my $re = $desk->request('render', conv => $conv, template => $id, %more);

    return $t->until(10, "the answer to $id", sub {
        $desk->take(t => 'rendered', re => $re)
            || $desk->take(t => 'error', re => $re);
    });
}

subtest 'who may' => sub {
    refused($ana->put('templates/hi', text('Hi')), 403, 'forbidden', undef,
        'an agent saves no shared one');
    saved($eva, 'templates/hi', text('Hi {{client.name|there}}!',
        shortcut => 'hi', queues => ['help']), 'a supervisor does');
    saved($ana, 'me/templates/mine', text('Yours, {{agent.name}}'),
        'an agent saves an own one');
    is_deeply([ map { $_->{id} } $ana->all('templates') ], [qw(mine hi)],
        'the agent sees both') ;
    is_deeply([ map { $_->{id} } $ben->all('templates') ], ['hi'],
        'another one the shared one');
    refused($ben->get('me/templates/mine'), 404, 'no_template', undef,
        'whose own ones are somewhere else');
    refused($ana->delete('templates/hi'), 403, 'forbidden', undef,
        'an agent removes no shared one');
    is_deeply($ana->get('templates/hi')->{json}{queue_names}, ['Help'],
        'queues have names');
    refused($robot->put('me/templates/x', text('x')), 403, 'forbidden',
        undef, 'an API key has no own ones');
};

subtest 'changed meanwhile' => sub {
    my $tag = saved($eva, 'templates/page', text('one'), 'saved');

    is(saved($eva, 'templates/page', text('one'), 'again', 200), $tag,
        'the same again is no change');
    isnt(saved($robot, 'templates/page', text('two'), 'by another', 200),
        $tag, 'another text is');
    refused($eva->put('templates/page', text('three'), 'If-Match' => $tag),
        412, 'stale', undef, 'what was changed meanwhile is kept');
    refused($eva->delete('templates/page', 'If-Match' => $tag), 412,
        'stale', undef, 'and not removed');
    is($eva->get('templates/page')->{json}{texts}[0]{text}, 'two',
        'it is the newer one');
    is($eva->delete('templates/page')->{status}, 204, 'removed');
    refused($eva->delete('templates/page'), 404, 'no_template', undef,
        'removed again');
};

subtest 'what is refused, and where' => sub {
    like(refused($eva->put('templates/x', text("Dear\nold {{client.nam}}")),
        400, 'bad_request', 'texts[0].text', 'an unknown variable'),
        qr/line 2, column 5/, '... says the place');
    refused($eva->put('templates/x', text('Call {{custom.phnoe}}')), 400,
        'bad_request', 'texts[0].text', 'an attribute that there is not');
    refused($eva->put('templates/x', text('{{client.name|{{agent.name}}}}')),
        400, 'bad_request', 'texts[0].text', 'a variable in a variable');
    refused($eva->put('templates/x', text('x' x 4001)), 400, 'bad_request',
        'texts[0].text', 'a long text');
    refused($eva->put('templates/x', text('x' x 60_000)), 413, 'too_long',
        undef, 'a longer one');
    is($eva->put('templates/x', text('x' x 1_048_576))->{status}, 413,
        'and one of 1 MB');
    refused($eva->put('templates/x', text("a\x{202e}b")), 400, 'bad_request',
        'texts[0].text', 'what turns the text around');
    refused($eva->put('templates/x', text("a\0b")), 400, 'bad_request',
        undef, 'a NUL');
    refused($eva->put('templates/x', text('x', shortcut => 'hi')), 400,
        'bad_request', 'shortcut', 'a shortcut that is taken');
    refused($eva->put('templates/x', text('x', queues => ['none'])), 400,
        'bad_request', 'queues', 'a queue that there is not');
    refused($eva->put('templates/x', { title => 'T', texts => [
        { lang => 'en', text => 'x', choices => ['one'] } ] }), 400,
        'bad_request', 'texts[0].choices', 'one choice');
    refused($eva->get('templates/x'), 404, 'no_template', undef,
        'nothing of it was kept');
    is($ana->post('templates/check', { text => 'Hi {{client.name}}' })
        ->{json}{text}, 'Hi Alex Doe', 'a text can be tried');
    is_deeply($ana->post('templates/check', { text => "x\n {{" })->{json},
        { fault => { text => '{{ without }} on the same line', line => 2,
                     column => 2 } }, 'and what is wrong with it is told');
};

subtest 'filled in for the text box' => sub {
    is(render('hi')->{text}, 'Hi Bob!', 'with values');
    is(render('mine')->{text}, 'Yours, Ana', 'an own one');
    is($ana->put('me/templates/hi', text('Yours, {{agent.name}}'))->{status},
        201, 'of the same id');
    is_deeply([ map { render('hi', @$_)->{text} } [ own => JSON::PP::false ],
                [ own => JSON::PP::true ], [] ],
        [ 'Hi Bob!', 'Yours, Ana', 'Yours, Ana' ],
        'which of two is meant can be said');
    is($ana->post("conversations/$conv/render", { template => 'hi',
        own => JSON::PP::false })->{json}{text}, 'Hi Bob!', 'also by REST');
    is($ana->delete('me/templates/hi')->{status}, 204, 'it goes again');
    is(render('none')->{code}, 'no_template', 'one that there is not');
    is($desk->request('render', conv => 'A' x 22, template => 'hi')
        && $desk->expect(t => 'error')->{code}, 'not_found',
        'nor for a conversation of others');
    is_deeply($ana->post("conversations/$conv/render",
            { template => 'hi' })->{json},
        { template => 'hi', text => 'Hi Bob!' }, 'by REST as well');
    is($robot->post("conversations/$conv/render", { template => 'mine',
            as => 'ana' })->{json}{text}, 'Yours, Ana', 'for an agent');
    refused($ben->post("conversations/$conv/render", { template => 'hi' }),
        404, 'not_found', undef, 'not for who is no member');
    is($bob->take(t => 'message'), undef, 'nothing was sent');

    $bob->send({ t => 'render', id => '1', conv => $conv, template => 'hi' });
    is($bob->expect(t => 'error')->{code}, 'forbidden',
        'visitors have no templates');

    saved($eva, 'templates/tr', { title => 'T', texts => [
        { lang => 'en', text => 'Well?', choices => [ 'Yes', 'No' ] },
        { lang => 'pt', text => 'Então?' } ] }, 'two languages');
    is_deeply(render('tr')->{choices}, [ 'Yes', 'No' ], 'with choices');
    is(render('tr', lang => 'pt-BR')->{text}, 'Então?', 'another language');
};

my $other;

subtest 'every desktop hears of it' => sub {
    my $of = sub {
        ($_[0]->feed('inbox')->{registers}{'templates:'} // {})->{revision};
    };

    $other = $t->agent('ben');
    $t->until(10, 'the inbox', sub { $other->feed('inbox')->{live} });
    my $list = $ben->get('templates')->{json};
    $t->until(10, 'the revision', sub {
        ($of->($other) // 0) == $list->{revision} });
    pass('who comes is told the revision');

    saved($eva, 'templates/new', text('new'), 'another one');
    is($eva->delete('templates/tr')->{status}, 204, 'one less');
    $t->until(10, 'both desktops to hear', sub {
        $of->($other) == $list->{revision} + 2
            && $of->($desk) == $list->{revision} + 2;
    });
    my $news = $ben->get("templates?since=$list->{revision}")->{json};
    is_deeply([ map { $_->{id} } @{ $news->{items} } ], ['new'],
        'what is new is told');
    is_deeply($news->{gone}, [ { own => JSON::PP::false, id => 'tr' } ],
        'and what is gone');
    ok(!$news->{reset}, 'nothing else');
};

subtest 'hostile' => sub {
    my $markup = '<img src=x onerror=alert(1)>{{client.name}}';
    saved($eva, 'templates/evil', text($markup, title => $markup), 'markup');
    my $eve = $t->visitor('{{agent.name}}' . "\x{202e}" . '</script>');
    my $second = $t->connect($eve, $other);
    my $re = $other->request('render', conv => $second, template => 'evil');

    is($other->expect(t => 'rendered', re => $re)->{text},
        '<img src=x onerror=alert(1)>{{agent.name}}</script>',
        'a name is text, and turns nothing around');
    refused($eva->put('templates/a%2fb', text('x')), 404, 'no_route', undef,
        'an id that would be a path');
};

subtest 'stored' => sub {
    my @before = $ana->all('templates');

    $_->stop('KILL', 10) for $t->stack->live_workers;
    $t->stack->start_worker;
    $t->until(20, 'the list', sub {
        my $answer = $ana->get('templates');
        $answer->{status} == 200 && @{ $answer->{json}{items} };
    });
    is_deeply([ $ana->all('templates') ], \@before,
        'the next worker has them all');
    is(render('hi')->{text}, 'Hi Bob!', 'and fills them in');
    ok($ana->get('templates?since=1')->{json}{reset},
        'what was removed before is no longer known one by one');
};

$t->settle(20);
$t->verdict_ok('templates');
subtest 'attributes of the desk' => sub {
    is($eva->put('attributes/phone', { value => '21 000' })->{status}, 403,
        'are for admins');
    is($robot->put('attributes/phone', { value => "21 <b>\x{202e}000" })
        ->{status}, 201, 'one is made');
    saved($eva, 'templates/call', text('Call {{custom.phone|us}}, '
        . '{{custom.fax|or write}}'), 'a template names it');
    is(render('call')->{text}, 'Call 21 <b>000, or write',
        'it is filled in, and clean; without a value the default');
    is($robot->put('attributes/fax', { value => '22' })->{status}, 201,
        'another one');
    is(render('call')->{text}, 'Call 21 <b>000, 22', 'counts at once');
    is($robot->delete('attributes/phone')->{status}, 204, 'and one less');
    is(render('call')->{text}, 'Call us, 22', 'too');
    is($robot->put("attributes/$_->[0]", { value => $_->[1] })->{status}, 400,
        "$_->[2] is refused")
        for [ 'Phone', 1, 'another key' ], [ 'a' x 33, '1', 'a long one' ],
            [ 'a', 'x' x 501, 'a long value' ], [ 'a', '', 'none' ];
};

$t->finish;
