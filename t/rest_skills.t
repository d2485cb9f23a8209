#!/usr/bin/perl
#
# Skills of agents, queues and rules: set by REST and by chatdeskctl, refused
# in words, at work at once, and told by `why` and the test console.
#
# proves: I22 A1 A3

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;

use ChatDesk::Config qw(read_file write_file);
use ChatDesk::Rest;
use ChatDesk::Stack;
use ChatDesk::Test;

my ($key, $row) = ChatDesk::Rest::key('robot', 'admin');
my $t = ChatDesk::Test->new(settings => {
    keys => [ $row ],
    flows => [ { id => 'web', name => 'Web', channel => 'web', rules => [
        { name => 'Spanish', lang => 'es', skills => ['spanish'] } ] } ],
});
my $robot = $t->rest(undef, key => $key);
my $ana = $t->agent('ana');
my $ben = $t->agent('ben');


sub why {
    my ($conv) = @_;

    return $robot->get("conversations/$conv/why")->{json};
}


sub is_refused {
    my ($answer, $field, $text, $name) = @_;

    is("$answer->{status} " . ($answer->{json}{field} // ''), "400 $field",
        $name) or diag($answer->{content});
    like($answer->{json}{text} // '', $text, '... in words');
}


$t->until(10, 'the sockets', sub {
    $ana->feed('inbox')->{live} && $ben->feed('inbox')->{live};
});

subtest 'refused' => sub {
    my @many = map { "s$_" } 1 .. 33;

    is_refused($robot->patch('agents/ana', { skills => 'spanish' }),
        'skills', qr/array/, 'a list it is');
    is_refused($robot->patch('agents/ana', { skills => ['ok', 'Big One'] }),
        'skills[1]', qr/characters of abc/, 'a name that is none');
    is_refused($robot->patch('queues/help', { skills => ['a', 'b', 'a'] }),
        'skills[2]', qr/"a" is there twice/, 'one twice');
    is_refused($robot->patch('queues/help', { skills => \@many }), 'skills',
        qr/32/, 'more than an object may have');
    is($robot->patch('queues/help', { skills => [ @many[0 .. 31] ] })
        ->{status}, 200, 'as many as it may');
    is_refused($robot->patch('agents/ana', { skills =>
        [ map { "t$_" } 1 .. 32 ] }), '',
        qr/rules\[0\]\.skills\[0\]: .*64 different .*"spanish" is one more/,
        'more than a desk may name: with the rule\'s, 65');
    is($robot->patch('queues/help', { skills => [] })->{status}, 200,
        'none again');
};

subtest 'a rule needs one that nobody has' => sub {
    my $vera = $t->visitor('vera', lang => 'es');
    my $conv = $vera->start(name => 'Vera', lang => 'es');

    $t->until(10, 'the conversation', sub {
        (why($conv)->{phase} // '') eq 'waiting';
    });
    my $why = why($conv);
    is_deeply($why->{skills}, ['spanish'], 'what it needs');
    is_deeply($why->{queue}{skills}, [], 'the queue by itself nothing');
    is_deeply([ map { [ @$_{qw(agent why lacks)} ] } @{ $why->{agents} } ],
        [ map { [ $_, 'skill', ['spanish'] ] } qw(ana ben) ],
        'why nobody is asked');

    my $bob = $t->visitor('bob');
    my $other = $bob->start(name => 'Bob');
    $t->until(10, 'an offer to one of them', sub {
        $ana->card($other) || $ben->card($other);
    });
    ok(!$ana->card($conv) && !$ben->card($conv), 'others go past it');

    is($robot->patch('agents/ben', { skills => ['spanish', 'tax'] })
        ->{status}, 200, 'ben learns it');
    $t->until(5, 'the offer', sub { $ben->card($conv) });
    is(why($conv)->{chosen}{agent}, 'ben', 'he is asked at once');
    is($robot->patch('agents/ben', { skills => ['tax'] })->{status}, 200,
        'it is taken from him');
    $t->until(5, 'the end of the offer', sub { !$ben->card($conv) });
    $robot->patch('agents/ben', { skills => ['spanish', 'tax'] });
    $t->until(5, 'the offer', sub { $ben->card($conv) });
    $ben->accept($conv);

    # by name, whatever the skills
    $ben->does('invite', $conv, agent => 'ana');
    $t->until(5, 'the invitation', sub { $ana->card($conv) });
    $ana->accept($conv);

    # a queue that nobody else can serve
    $ana->does('leave', $conv);
    $robot->patch('queues/sales', { skills => ['tax', 'law'] });
    $ben->does('transfer', $conv, queue => 'sales');
    my $looks = why($conv);
    is_deeply([ sort @{ $looks->{skills} } ], ['law', 'tax'],
        'the queue it looks in needs its own') or diag(explain($looks));
    is_deeply([ map { [ @$_{qw(agent why)} ] } @{ $looks->{agents} } ],
        [ [ 'ana', 'skill' ], [ 'ben', 'is_in' ] ], 'nobody has them');
    is($robot->patch('agents/ana', { skills => ['law', 'tax'] })->{status},
        200, 'ana learns it');
    $t->until(5, 'the offer', sub { $ana->card($conv) });
    $ana->accept($conv);
    $t->until(5, 'the hand-over', sub {
        why($conv)->{queue}{id} eq 'sales';
    });
    is_deeply([ sort @{ why($conv)->{skills} } ], ['law', 'tax'],
        'what the rule asked for stays behind');
    $_->close for $vera, $bob;
};

subtest 'the test console' => sub {
    my $test = $robot->post('flows/web/test', { lang => 'es-MX',
        queue => 'Sales' })->{json};

    is("$test->{queue} $test->{rule} " . join(' ', sort @{ $test->{skills} }),
        'sales Spanish law spanish tax', 'the queue\'s and the rule\'s');
};

subtest 'chatdeskctl' => sub {
    my $dir = $t->stack->dir;
    my $program = ChatDesk::Stack::build_of($ENV{CHATDESK_FLAVOUR}
        // 'release') . '/chatdeskctl';

    local $ENV{CHATDESK_URL} = $t->stack->url . '/desk/api';
    local $ENV{CHATDESK_KEY} = $key;
    my $export = qx('$program' export);
    my $settings = JSON::PP::decode_json($export);
    write_file("$dir/export.json", $export);
    is_deeply([ map { $_->{skills} } @{ $settings->{agents} } ],
        [ ['law', 'tax'], ['spanish', 'tax'] ], 'export');
    is(qx('$program' diff '$dir/export.json'), "no changes\n",
        'and back: no change');
    $settings->{agents}[0]{skills} = ['tax'];
    write_file("$dir/changed.json", JSON::PP::encode_json($settings));
    like(qx('$program' apply --yes '$dir/changed.json'),
        qr/~ agents\/ana\n\s+skills: .*\napplied\n/, 'a change');
    is_deeply($robot->get('agents/ana')->{json}{skills}, ['tax'], 'it holds');
    $settings->{queues}[0]{skills} = ['no good'];
    write_file("$dir/changed.json", JSON::PP::encode_json($settings));
    like(qx('$program' apply --yes '$dir/changed.json' 2>&1),
        qr/queues\[0\]\.skills\[0\]/, 'a fault, with its place');
};

$_->close for $ana, $ben;
$t->finish;
