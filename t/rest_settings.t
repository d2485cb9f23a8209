#!/usr/bin/perl
#
# Settings by the REST interface: one object, all of them, refusals in words,
# what follows for who is signed in, and the file beside it.
#
# proves: A1 A3 A12 X5

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;

use ChatDesk::Config qw(read_file write_file);
use ChatDesk::Rest;
use ChatDesk::Test;

my ($key, $row) = ChatDesk::Rest::key('robot', 'admin');
my $t = ChatDesk::Test->new(settings => {
    agents => [qw(ana ben sue)], roles => { sue => 'supervisor' },
    keys => [ $row ],
});
my $robot = $t->rest(undef, key => $key);
my $sue = $t->rest('sue');


sub is_error {
    my ($answer, $status, $code, $text, $name) = @_;

    is("$answer->{status} " . ($answer->{json}{code} // ''),
        "$status $code", $name) or diag($answer->{content});
    like($answer->{json}{text} // '', $text, '... in words');
}


subtest 'reading' => sub {
    my $queue = $sue->get('queues/help');

    is_deeply($queue->{json}, { id => 'help', name => 'Help', priority => 5,
                                accept_seconds => 20 }, 'a queue');
    like($queue->{headers}{etag}, qr/\A"[0-9a-f]{16}"\z/, 'has a tag');
    is_deeply([ map { $_->{login} } $sue->all('agents?limit=2') ],
        [qw(ana ben sue)], 'agents, page by page');
    ok(!grep({ exists $_->{password_hash} } $sue->all('agents')),
        'no hash of a password is shown');
    is_deeply($sue->get('desk')->{json}, { name => 'Test desk',
        default_queue => 'help' }, 'the desk itself');
    is_error($sue->get('queues/none'), 404, 'not_found', qr/"none"/,
        'one that there is not');
    is($sue->get('keys')->{status}, 403, 'keys are for admins');
    is($sue->get('config')->{status}, 403, 'so is the whole');
};

subtest 'writing one object' => sub {
    my %sales = (name => 'Sales', priority => 3, accept_seconds => 9);

    is($sue->put('queues/sales', { %sales })->{status}, 403,
        'a supervisor may not');
    my $made = $robot->put('queues/sales', { %sales });
    is($made->{status}, 201, 'an admin makes a queue')
        or diag($made->{content});
    is_deeply($made->{json}, { %sales, id => 'sales' }, 'it is answered');

    my $again = $robot->put('queues/sales', { %sales });
    is($again->{status}, 200, 'put again: nothing happens');
    is($again->{headers}{etag}, $made->{headers}{etag}, 'the same tag');

    my $patch = $robot->patch('queues/sales', { priority => 4 });
    is_deeply($patch->{json}, { %sales, id => 'sales', priority => 4 },
        'one member changes');

    is_error($robot->put('queues/sales', { %sales },
            'If-Match' => $made->{headers}{etag}), 412, 'stale',
        qr/has changed/, 'a change of what was changed meanwhile');
    is($robot->put('queues/sales', { %sales },
            'If-Match' => $patch->{headers}{etag})->{status}, 200,
        'with the right tag');
    is_error($robot->put('queues/more', { %sales }, 'If-Match' => '*'), 412,
        'stale', qr/./, 'If-Match of nothing');

    my $bad = $robot->put('queues/sales', { %sales, priority => 10 });
    is_error($bad, 400, 'bad_request',
        qr/\Apriority: expected a whole number from 1 to 9\z/, 'a bound');
    is($bad->{json}{field}, 'priority', '... and the field');
    is_error($robot->put('queues/sales', { %sales, colour => 'red' }), 400,
        'bad_request', qr/"colour" is not a member/, 'an unknown member');
    is_error($robot->put('queues/sales', { %sales, id => 'other' }), 400,
        'bad_request', qr/expected "sales"/, 'another id');
    is_error($robot->put('profiles/p', { name => 'P', capacity => 1,
            queues => ['none'] }), 400, 'bad_request',
        qr/there is no queue "none"/, 'a queue that there is not');

    is($robot->put('profiles/sales', { name => 'Sales', capacity => 1,
            queues => ['sales'] })->{status}, 201, 'a profile');
    is_error($robot->delete('queues/sales'), 409, 'in_use',
        qr/there is no queue "sales"/, 'a queue that is in use stays');
    is($robot->delete('profiles/sales')->{status}, 204, 'deleted');
    is($robot->delete('queues/sales')->{status}, 204, 'then the queue');
    is_error($robot->delete('queues/sales'), 404, 'not_found', qr/./,
        'deleted twice');
};

subtest 'it works at once' => sub {
    my $ana = $t->agent('ana');
    my $vera = $t->visitor('vera');
    my $conv = $vera->start(name => 'Vera');

    $t->until(10, 'the offer', sub {
        ($ana->card($conv) // {})->{phase};
    });
    $robot->put('queues/late', { name => 'Late', priority => 1,
                                 accept_seconds => 30 });
    is($robot->patch('profiles/all', { capacity => 7 })->{status}, 200,
        'more capacity');
    is($robot->get('presence/ana')->{json}{capacity}, 7, 'the agent has it');
    $ana->accept($conv);
    is($robot->get("conversations/$conv")->{json}{phase}, 'active',
        'an offer that stood can still be accepted');
    is($robot->delete('queues/late')->{status}, 204, 'a queue less');
    $vera->close;
    $ana->close;
};

subtest 'logins' => sub {
    my $rest = $t->rest('ben');
    my $ben = $t->agent('ben');

    $t->until(10, 'the socket', sub { $ben->feed('inbox')->{live} });
    is($robot->patch('agents/ben', { name => 'Benjamin' })->{json}{name},
        'Benjamin', 'a name');
    is($rest->get('me')->{json}{name}, 'Benjamin', 'ends no login');

    is($robot->patch('agents/ben', { role => 'supervisor' })->{status}, 200,
        'another role');
    $t->until(5, 'the close', sub { @{ $ben->{closes} } });
    is($ben->{closes}[0], 4401, 'closes the sockets');
    is($rest->get('me')->{status}, 401, 'and ends the login');
    is($t->rest('ben')->get('me')->{json}{role}, 'supervisor',
        'signed in again, with the new role');

    my $again = $t->rest('ben');
    is($robot->delete('agents/ben')->{status}, 204, 'an agent goes');
    is($again->get('me')->{status}, 401, 'and the login with it');
};

subtest 'all at once' => sub {
    my @items = $robot->all('config?limit=2');
    my %kind;

    $kind{ $_->{kind} }++ for @items;
    is_deeply(\%kind, { desk => 1, queues => 1, profiles => 1, agents => 2,
                        flows => 2,
                        keys => 1 }, 'everything, page by page');

    my %document = %{ $items[0]{object} };
    push @{ $document{ $_->{kind} } }, $_->{object} for @items[1 .. $#items];
    my $same = $robot->put('config', \%document);
    is($same->{status}, 200, 'put as it is') or diag($same->{content});
    is($same->{json}{count}, 0, 'nothing changes');

    push @{ $document{queues} }, { id => 'vip', name => 'VIP', priority => 1,
                                   accept_seconds => 5 };
    $document{name} = 'Other desk';
    my $dry = $robot->put('config?dry_run=1', \%document);
    is_deeply($dry->{json}{changes}, [
        { change => 'update', kind => 'desk' },
        { change => 'create', kind => 'queues', id => 'vip' },
    ], 'a dry run tells');
    is($robot->get('queues/vip')->{status}, 404, 'and does nothing');
    is($robot->put('config', \%document)->{json}{count}, 2, 'done');
    is($robot->get('desk')->{json}{name}, 'Other desk', 'it holds');

    my $part = $robot->patch('config', {
        put => { queues => [ { id => 'x', name => 'X', priority => 1,
                               accept_seconds => 5 } ] },
        delete => { queues => ['vip'] } });
    is_deeply($part->{json}{changes}, [
        { change => 'delete', kind => 'queues', id => 'vip' },
        { change => 'create', kind => 'queues', id => 'x' },
    ], 'some at once');
    is_error($robot->patch('config', { delete => { queues => ['help'] } }),
        400, 'bad_request', qr/there is no queue "help"/,
        'all or nothing');
    is_error($robot->put('config', { %document, queues => 7 }), 400,
        'bad_request', qr/queues: expected an array/, 'no list');
    is_error($robot->put("config$_", { %document, states => [ { id => 'away',
            name => 'Away', channels => [] } ] }), 400, 'bad_request',
        qr/states\[0\]\.id: "away" is a state that every desk has/,
        'a dry run refuses what a change would') for '?dry_run=1', '';
};

subtest 'the file' => sub {
    my $file = $t->stack->dir . '/desk.json';
    my ($worker) = $t->stack->live_workers;

    $worker->stop('KILL', 10);
    $worker = $t->stack->start_worker;
    $t->until(20, 'the new owner', sub { $robot->get('me')->{status} == 200 });
    is($robot->get('desk')->{json}{name}, 'Other desk',
        'settings of Redis stand against a file that was taken before');

    my $desk = JSON::PP::decode_json(read_file($file));
    write_file("$file.good", read_file($file));
    $desk->{name} = 'From the file';
    write_file($file, JSON::PP::encode_json($desk));
    $worker->signal('HUP');
    $t->until(10, 'the file to be taken', sub {
        $robot->get('desk')->{json}{name} eq 'From the file';
    });
    is($robot->get('queues/x')->{status}, 404, 'as a whole');

    $robot->patch('desk', { name => 'By hand' });
    $worker->signal('HUP');
    $t->until(10, 'the worker to look', sub {
        $worker->log_text =~ /those that were taken last/;
    });
    is($robot->get('desk')->{json}{name}, 'By hand',
        'the same file again changes nothing');

    write_file($file, '{"name":"broken"}');
    $worker->signal('HUP');
    $t->until(10, 'the refusal', sub {
        $worker->log_text =~ /settings_refused/;
    });
    is($robot->get('desk')->{json}{name}, 'By hand', 'a bad file is refused');
};

# Such as an older version took.
subtest 'stored settings that do not hold' => sub {
    my $file = $t->stack->dir . '/desk.json';
    my ($worker) = $t->stack->live_workers;
    my $stored = JSON::PP::decode_json(
        $t->redis->hget('cd:{demo}:e:config', 'desk'));

    write_file($file, JSON::PP::encode_json(
        { %{ JSON::PP::decode_json(read_file("$file.good")) },
          name => 'Of the file' }));
    $worker->signal('HUP');
    $t->until(10, 'the file to be taken', sub {
        $robot->get('desk')->{json}{name} eq 'Of the file';
    });
    $worker->stop('KILL', 10);
    $t->redis->hset('cd:{demo}:e:config', 'desk', JSON::PP::encode_json(
        { %$stored, states => [ { id => 'away', name => 'Away',
                                  channels => [] } ] }));
    $worker = $t->stack->start_worker;
    $t->until(20, 'the new owner', sub { $robot->get('me')->{status} == 200 });
    is($robot->get('desk')->{json}{name}, 'Of the file',
        'the desk runs with the file');
    like($worker->log_text, qr/settings_unreadable.*"away" is a state/,
        'the log says why');
    like($robot->get('config')->{json}{alert}, qr/"away" is a state/,
        'so does the interface');
    is_error($robot->patch("config$_", { delete => { agents => ['ana'] } }),
        400, 'bad_request', qr/cannot be used by this version/,
        'nothing is changed') for '?dry_run=1', '';

    write_file($file, read_file("$file.good"));
    $worker->stop('KILL', 10);
    $worker = $t->stack->start_worker;
    $t->until(20, 'the new owner', sub { $robot->get('me')->{status} == 200 });
    is($robot->get('config')->{json}{alert}, undef,
        'another file mends it');
    is($robot->patch('desk', { name => 'Mended' })->{status}, 200,
        'and changes are taken again');
    $t->expect_complaint(qr/settings_unreadable/);
};

subtest 'the audit log' => sub {
    my @entries = map { { @{ $_->[1] } } }
        @{ $t->redis->xrange('cd:{demo}:audit', '-', '+') };

    ok(scalar @entries, 'has entries');
    my %first = %{ $entries[0] };
    ok(delete $first{at} > 1e12, 'with the time');
    is_deeply(\%first, { who => 'key:robot', what => 'create',
                         object => 'queues/sales' }, 'who, what');
    ok(grep({ $_->{what} eq 'look' && $_->{object} =~ m{^conversation/} }
        @entries), 'a look of somebody else');
    ok(!grep({ join(' ', %$_) =~ /\$y\$/ } @entries),
        'no hash of a password');
};

$t->finish;
