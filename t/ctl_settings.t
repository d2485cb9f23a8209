#!/usr/bin/perl
#
# chatdeskctl: diff, apply, export; faults; a file of any size.
#
# proves: A3

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;
use Time::HiRes ();

use ChatDesk::Config qw(read_file write_file);
use ChatDesk::Rest;
use ChatDesk::Stack;
use ChatDesk::Test;

my ($key, $row) = ChatDesk::Rest::key('ctl', 'admin');
my ($weak, $weak_row) = ChatDesk::Rest::key('weak', 'supervisor');
my $t = ChatDesk::Test->new(settings => { keys => [ $row, $weak_row ] });
my $robot = $t->rest(undef, key => $key);
my $dir = $t->stack->dir;
my $program = ChatDesk::Stack::build_of($ENV{CHATDESK_FLAVOUR} // 'release')
    . '/chatdeskctl';
my $json = JSON::PP->new->utf8->canonical->pretty;

$ENV{CHATDESK_URL} = $t->stack->url . '/desk/api';
$ENV{CHATDESK_KEY} = $key;
$ENV{ASAN_OPTIONS} = 'detect_leaks=1';


# Exit status and all that was printed.

sub ctl {
    my (@argument) = @_;

    open my $pipe, '-|', join(' ', map { "'$_'" } $program, @argument)
        . ' 2>&1' or die $!;
    my $said = do { local $/; <$pipe> // '' };
    close $pipe;

    return ($? >> 8, $said);
}


sub settings {
    my ($name, $change) = @_;
    my $settings = $json->decode(read_file("$dir/$name"));

    $change->($settings);
    write_file("$dir/changed.json", $json->encode($settings));
    return "$dir/changed.json";
}


$t->until(20, 'the worker', sub { $robot->get('me')->{status} == 200 });

subtest 'round trip' => sub {
    my ($status, $said) = ctl('export');

    is($status, 0, 'export') or diag($said);
    write_file("$dir/export.json", $said);
    is_deeply([ ctl('diff', "$dir/export.json") ], [ 0, "no changes\n" ],
        'what was exported is no change');
    is_deeply([ ctl('diff', "$dir/desk.json") ], [ 0, "no changes\n" ],
        'nor is the file that the desk began with');
};

subtest 'a change' => sub {
    my $file = settings('export.json', sub {
        my ($desk) = @_;
        push @{ $desk->{queues} }, { id => 'vip', name => 'VIP',
                                     priority => 1, accept_seconds => 5 };
        $desk->{queues}[0]{priority} = 7;
        $desk->{agents} = [ grep { $_->{login} ne 'ben' }
                            @{ $desk->{agents} } ];
    });
    my $expected = "~ queues/help\n    priority: 5 -> 7\n+ queues/vip\n"
        . "- agents/ben\n";

    is_deeply([ ctl('diff', $file) ], [ 1, $expected ], 'diff prints it');
    my ($status, $said) = ctl('apply', $file);
    is($status, 1, 'apply alone does nothing');
    like($said, qr/\Q$expected\E.*say --yes/s, 'but prints the same');
    is($robot->get('queues/vip')->{status}, 404, 'indeed');

    is_deeply([ ctl('apply', '--yes', $file) ], [ 0, "${expected}applied\n" ],
        'applied');
    is($robot->get('queues/vip')->{json}{name}, 'VIP', 'it holds');
    is($robot->get('agents/ben')->{status}, 404, 'what is gone is gone');
    is_deeply([ ctl('apply', '--yes', $file) ], [ 0, "no changes\n" ],
        'applied again: nothing');
};

subtest 'a warning' => sub {
    my $file = settings('export.json', sub {
        $_->{id} eq 'web' and $_->{janitor_minutes} = 0
            for @{ $_[0]{flows} };
    });
    my ($status, $said) = ctl('diff', $file);

    is($status, 1, 'it would be a change');
    like($said, qr/warning: flow web: the janitor is off/, 'warned of');
};

subtest 'shared templates' => sub {
    my %hi = (id => 'hi', title => 'Greeting', shortcut => 'hi',
              queues => ['new'], texts => [
        { lang => 'en', text => 'Hi {{client.name|there}}' },
        { lang => 'pt', text => "Ol\x{e1}", choices => [qw(Sim Nao)] } ]);
    my %bye = (id => 'bye', title => 'Farewell', shortcut => 'bye',
               texts => [ { lang => 'en', text => 'Bye' } ]);
    my $with = sub {
        my ($list, @queues) = @_;
        return settings('export.json', sub {
            push @{ $_[0]{queues} }, map { { id => $_, name => ucfirst,
                priority => 1, accept_seconds => 5 } } @queues;
            $_[0]{templates} = $list;
        });
    };

    my ($status, $said) = ctl('export');
    write_file("$dir/export.json", $said);
    is_deeply($json->decode($said)->{templates}, [], 'there are none yet');

    # what is wrong is told before anything is changed
    my $file = $with->([ \%bye, { %hi, texts => [
        { lang => 'en', text => "Dear\n{{client.nme}}" } ] } ], 'new');
    is_deeply([ ctl('apply', '--yes', $file) ], [ 2,
        "chatdeskctl: $file: templates[1].texts[0].text: line 2, column 1: "
        . "there is no such variable (bad_request)\n" ],
        'a fault in a text: file, place, reason');
    is($robot->get('queues/new')->{status}, 404, 'nothing was changed');
    $file = $with->([ \%bye, { %hi, queues => ['old'] } ], 'new');
    like((ctl('diff', $file))[1],
        qr/: templates\[1\]\.queues\[0\]: there is no queue "old"/,
        'a queue that the file does not have');
    $file = $with->([ \%bye, { %hi, shortcut => 'bye' } ], 'new');
    like((ctl('diff', $file))[1],
        qr/: templates\[1\]\.shortcut: "bye" is there twice/,
        'a shortcut that is there twice');

    # with the queue that one of them names
    $file = $with->([ \%bye, \%hi ], 'new');
    my $expected = "+ queues/new\n+ templates/bye\n+ templates/hi\n";
    is_deeply([ ctl('diff', $file) ], [ 1, $expected ], 'diff prints them');
    is_deeply([ ctl('apply', '--yes', $file) ], [ 0, "${expected}applied\n" ],
        'applied');
    is($robot->get('templates/hi')->{json}{texts}[1]{text}, "Ol\x{e1}",
        'it holds');
    is_deeply([ ctl('apply', '--yes', $file) ], [ 0, "no changes\n" ],
        'applied again: nothing');
    ($status, $said) = ctl('export');
    is_deeply($json->decode($said)->{templates}, [ \%bye, \%hi ],
        'export has them');
    write_file("$dir/export.json", $said);

    # shortcuts that change hands; one that is gone; without a list
    $file = $with->([ { %bye, shortcut => 'hi' }, { %hi,
        shortcut => 'bye' } ]);
    like((ctl('apply', '--yes', $file))[1],
        qr/~ templates\/bye\n    shortcut: "bye" -> "hi"\n.*applied/s,
        'shortcuts change hands');
    is_deeply([ ctl('diff', $file) ], [ 0, "no changes\n" ], 'indeed');
    my $refused = settings('export.json', sub {
        $_[0]{templates} = [];
        $_[0]{states} = [ { id => 'away', name => 'A', channels => [] } ];
    });
    is_deeply([ ctl($_ eq 'diff' ? $_ : ($_, '--yes'), $refused) ], [ 2,
        "chatdeskctl: $refused: states[0].id: \"away\" is a state that "
        . "every desk has\n" ], "$_: settings that do not hold")
        for qw(diff apply);
    is($robot->get('templates/bye')->{status}, 200,
        'and no template was deleted');
    $file = $with->([ { %hi, shortcut => 'bye' } ]);
    is_deeply([ ctl('apply', '--yes', $file) ],
        [ 0, "- templates/bye\napplied\n" ], 'one is gone');
    is($robot->get('templates/bye')->{status}, 404, 'from the desk');
    $file = settings('export.json', sub { delete $_[0]{templates} });
    is_deeply([ ctl('apply', '--yes', $file) ], [ 0, "no changes\n" ],
        'a file without the list leaves them alone');
    $file = settings('export.json', sub {
        $_[0]{templates} = [];
        $_[0]{queues} = [ grep { $_->{id} ne 'new' } @{ $_[0]{queues} } ];
    });
    is_deeply([ ctl('apply', '--yes', $file) ],
        [ 0, "- queues/new\n- templates/hi\napplied\n" ],
        'an empty list has none of them');
    write_file("$dir/export.json", (ctl('export'))[1]);
};

subtest 'faults' => sub {
    my $bad = settings('export.json', sub { $_[0]{queues}[0]{priority} = 10 });

    is_deeply([ ctl('apply', '--yes', $bad) ], [ 2,
        "chatdeskctl: $bad: queues[0].priority: expected a whole number "
        . "from 1 to 9\n" ], 'file, path, reason');
    is((ctl('diff', "$dir/nothing.json"))[0], 2, 'no file');
    is((ctl('dance'))[0], 2, 'no command');

    local $ENV{CHATDESK_KEY} = 'cdk_wrong';
    my ($status, $said) = ctl('export');
    is($status, 2, 'a wrong key');
    like($said, qr/\(unauthorized\)/, '... is told');
    unlike($said, qr/cdk_wrong/, '... and not shown');

    local $ENV{CHATDESK_KEY} = $weak;
    like((ctl('export'))[1], qr/takes the role admin \(forbidden\)/,
        'a key of a lesser role');

    local $ENV{CHATDESK_KEY};
    like((ctl('export'))[1], qr/no API key/, 'no key');
    write_file("$dir/key", "$key\n", 0600);
    is((ctl('--key', "$dir/key", 'export'))[0], 0, 'a key in a file');

    like((ctl('--key', "$dir/key", '--url', 'http://desk.example/api',
        'export'))[1], qr/expected https/, 'no key over a bare line');
};

subtest 'many agents go in parts' => sub {
    my ($status, $said) = ctl('export');
    write_file("$dir/export.json", $said);
    my $file = settings('export.json', sub {
        my ($desk) = @_;
        my $hash = $desk->{agents}[0]{password_hash};

        $desk->{name} = 'Large';
        $desk->{default_queue} = 'vip';
        $desk->{queues} = [ grep { $_->{id} ne 'help' } @{ $desk->{queues} } ];
        $_->{queues} = ['vip'] for @{ $desk->{profiles} };
        push @{ $desk->{agents} }, map { { login => sprintf('a%04d', $_),
            name => "Agent $_", role => 'agent', profile => 'all',
            password_hash => $hash } } 1 .. 600;
    });

    ($status, $said) = ctl('apply', '--yes', $file);
    is($status, 0, 'applied') or diag(substr $said, -400);
    is(scalar $robot->all('agents?limit=500'), 601, 'all of them');
    is($robot->get('queues/help')->{status}, 404, 'the old queue is gone');
    is($robot->get('desk')->{json}{name}, 'Large', 'and the name is new');
    is_deeply([ ctl('diff', $file) ], [ 0, "no changes\n" ],
        'nothing is left to change');

    # one of them, in a desk of this size
    my $begin = Time::HiRes::time();
    is($robot->patch('agents/a0300', { name => 'Somebody' })->{status}, 200,
        'one object');
    cmp_ok(Time::HiRes::time() - $begin, '<', 5, 'in reasonable time');
};

$t->finish;
