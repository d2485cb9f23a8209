#!/usr/bin/perl
#
# docs/openapi.yaml is complete: it has the routes of the worker and no
# others, with their roles, and what a desk answers is what it says.
#
# proves: A3

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;

use ChatDesk::OpenApi;
use ChatDesk::Rest;
use ChatDesk::Test;
use ChatDesk::Workers;

my $api = ChatDesk::OpenApi->new;
my $worker = ChatDesk::Workers::worker_program();

is($api->root->{openapi}, '3.1.0', 'the version of the format');

my @routes = sort split /\n/, `'$worker' routes`;
my @operations = sort map { join ' ', @$_[0 .. 2] } $api->operations;
is_deeply(\@operations, \@routes, 'routes and roles');

my %ids;
$ids{ $_->[3]{operationId} // '' }++ for $api->operations;
ok(!grep({ $_ > 1 } values %ids) && !$ids{''}, 'every operation has a name');

# every reference leads somewhere
my @nodes = ($api->root);
while (my $node = shift @nodes) {
    push @nodes, ref $node eq 'HASH' ? values %$node
        : ref $node eq 'ARRAY' ? @$node : ();
    eval { $api->resolve($node); 1 } or fail("reference: $@");
}

# a body has the members that the object has
my $schemas = $api->root->{components}{schemas};
for my $name (grep { exists $schemas->{"${_}Put"} } sort keys %$schemas) {
    is_deeply([ sort keys %{ $schemas->{"${name}Put"}{properties} } ],
        [ sort keys %{ $schemas->{$name}{properties} } ],
        "$name: its members may be put");
}

# parameters of a path are described
for my $path (sort keys %{ $api->root->{paths} }) {
    my @named = sort map { $api->resolve($_)->{name} }
        @{ $api->root->{paths}{$path}{parameters} // [] };
    is("@named", join(' ', sort $path =~ /\{(\w+)\}/g), "$path: parameters");
}

# the checker can fail
my %me = (by => 'x', role => 'agent', desk => 'demo');
is_deeply([ $api->faults(GET => '/v1/me', 200, { %me }) ], [], 'it passes');
ok($api->faults(GET => '/v1/me', 200, { %me, role => 'king' }), 'an enum');
ok($api->faults(GET => '/v1/me', 200, { %me, more => 1 }), 'a member more');
ok($api->faults(GET => '/v1/me', 200, { by => 'x' }), 'a member less');
ok($api->faults(GET => '/v1/me', 200, { %me, by => 7 }), 'another type');
ok($api->faults(GET => '/v1/me', 201, {}), 'another status');

# a run
my ($key, $row) = ChatDesk::Rest::key('robot', 'admin');
my $t = ChatDesk::Test->new(push => 1, settings => { keys => [ $row ],
    agents => [qw(ana ben sue)], roles => { sue => 'supervisor' } });
my $robot = $t->rest(undef, key => $key);
my %seen;


# A request whose answer must be as described.

sub asks {
    my ($method, $path, $body, $who) = @_;
    my $answer = ($who // $robot)->request($method, $path, $body);
    my @faults = $api->faults($method, "/v1/$path", $answer->{status},
                              $answer->{json});
    my $operation = $api->operation($method, "/v1/$path" =~ s/\?.*//r);

    $seen{ $operation->{operationId} }++ if $answer->{status} < 400;
    is_deeply(\@faults, [], "$method $path: $answer->{status}")
        or diag($answer->{content});
    return $answer;
}


$t->until(20, 'the worker', sub { $robot->get('me')->{status} == 200 });
my $ana = $t->agent('ana');
my $vera = $t->visitor('vera');
my $conv = $vera->start(name => 'Vera');
$t->until(10, 'the offer', sub { $ana->card($conv) });

asks(GET => $_) for qw(me desk config queues profiles agents keys hours flows
    attributes webhooks flows/sms presence presence/ana conversations),
    "conversations/$conv", 'queues/none', 'presence/nobody',
    'queues?limit=x', 'figures', 'queues/help/figures',
    'queues/none/figures';
asks(PUT => 'presence/ana', { state => 'busy' });
asks(PUT => 'presence/ana', { state => 'available' });
asks(PUT => 'presence/ana', { state => 'asleep' });
asks(PATCH => 'desk', { name => 'Another' });

my %made = (
    queues => { name => 'Q', priority => 1, accept_seconds => 5,
                wait_alert_seconds => 60, service_seconds => 20 },
    profiles => { name => 'P', capacity => 1, queues => ['q'],
                  notify => { message => JSON::PP::true } },
    agents => { name => 'A', role => 'agent', profile => 'q',
                password_hash => $t->stack->{logins}[0]{password_hash} },
    keys => { role => 'agent', sha256 => '0' x 64 },
    webhooks => { url => 'https://wall.example/', secret => 's' x 32,
                  types => ['offer'] },
    hours => { name => 'H', zone => 'Europe/Lisbon',
               week => { mon => ['09:00-12:30'] },
               holidays => [ { date => '12-25' } ],
               exceptions => [ { date => '2026-12-24', spans => [] } ] },
    flows => { name => 'F', channel => 'web', hours => 'q', queue => 'q',
               rules => [ { name => 'R', page => '*', priority => 2 } ],
               form => [ { key => 'a', label => 'A' } ],
               texts => [ { greeting => 'Hello' } ] },
    attributes => { value => 'V' },
);

for my $kind (qw(queues profiles agents keys webhooks hours flows
                 attributes))
{
    is(asks(PUT => "$kind/q", $made{$kind})->{status}, 201, "made in $kind");
    asks(PUT => "$kind/q", $made{$kind});
    asks(GET => "$kind/q");
    asks(PATCH => "$kind/q", {});
    asks(PUT => "$kind/q", { colour => 'red' });
}

# what the desk refuses is refused by the document, where it can say it
my %wrong = (
    'queues/w' => [
        { %{ $made{queues} }, priority => 10 },
        { %{ $made{queues} }, priority => undef },
        { %{ $made{queues} }, colour => 'red' },
        { name => 'Q', priority => 1 },
        { %{ $made{queues} }, dispositions => [ { id => 'a' } ] },
        { %{ $made{queues} }, dispositions => [ { id => 'a',
                                                  name => 'a,b' } ] },
        { %{ $made{queues} }, dispositions => [ map { { id => "d$_",
                                                 name => 'D' } } 1 .. 101 ] },
    ],
    'profiles/w' => [
        { %{ $made{profiles} }, queues => [] },
        { %{ $made{profiles} }, queues => [qw(q q)] },
        { %{ $made{profiles} }, capacity => '1' },
        { %{ $made{profiles} }, buttons => ['dance'] },
        { %{ $made{profiles} }, notify => { message => 1 } },
    ],
    'agents/w' => [ { %{ $made{agents} }, role => 'king' } ],
    'keys/w' => [ { role => 'agent', sha256 => 'x' } ],
    'webhooks/w' => [
        { %{ $made{webhooks} }, url => 'http://wall.example/' },
        { %{ $made{webhooks} }, types => [] },
        { %{ $made{webhooks} }, secret => 'short' },
    ],
    'hours/w' => [
        { %{ $made{hours} }, week => { moon => [] } },
        { %{ $made{hours} }, week => { mon => ['9-17'] } },
        { %{ $made{hours} }, holidays => [ { date => 'Christmas' } ] },
    ],
    'flows/w' => [
        { name => 'F' },
        { name => 'F', channel => 'web', rules => [ { name => 'r',
                                                      field => 'a' } ] },
        { name => 'F', channel => 'web', form => [ { key => 'a b',
                                                     label => 'A' } ] },
        { name => 'F', channel => 'web', form => [ { key => 'a', label => 'A',
          type => 'choice', choices => [] } ] },
        { name => 'F', channel => 'web', texts => [ { labels => { a => 7 } } ]
        },
    ],
    'attributes/w' => [ { value => '' } ],
);

for my $path (sort keys %wrong) {
    for my $body (@{ $wrong{$path} }) {
        my $said = JSON::PP->new->canonical->encode($body);

        is(asks(PUT => $path, $body)->{status}, 400, "refused: $said");
        ok(scalar $api->body_faults(PUT => "/v1/$path", $body),
            '... by the document as well');
    }
}

for my $row ([ desk => { states => [ { id => 'away', name => 'A',
                                       channels => [] } ] } ],
             [ desk => { grace_seconds => 3601 } ],
             [ desk => { colour => 'red' } ],
             [ config => { put => { moons => [] } } ],
             [ config => { put => { queues => [ { id => 'w' } ] } } ],
             [ config => { delete => { queues => [ {} ] } } ],
             [ 'queues/q' => { priority => undef } ],
             [ 'queues/q' => { priority => 0 } ])
{
    my ($path, $body) = @$row;
    my $said = JSON::PP->new->canonical->encode($body);

    is(asks(PATCH => $path, $body)->{status}, 400, "refused: $path $said");
    ok(scalar $api->body_faults(PATCH => "/v1/$path", $body),
        '... by the document as well');
}

is(asks(PUT => 'queues/q', { %{ $made{queues} }, wrapup_seconds => undef })
    ->{json}{wrapup_seconds}, undef, 'null is left out');
is(asks(PATCH => desk => { grace_seconds => 5 })->{json}{grace_seconds}, 5,
    'a member of the desk');
ok(!exists asks(PATCH => desk => { grace_seconds => undef })
    ->{json}{grace_seconds}, 'and without it');
is(asks(PATCH => 'queues/q', { wrapup_seconds => undef })->{status}, 200,
    'null takes out what need not be there');

my %text = (title => 'T', shortcut => 's', queues => ['q'], texts => [
    { lang => 'en', text => 'Hi {{client.name}}', choices => [qw(a b)] } ]);

for my $path ('templates/t', 'me/templates/t') {
    my $who = $path =~ /^me/ ? $t->rest('ana') : undef;

    asks(PUT => "$path?dry_run=1", \%text, $who);
    asks(PUT => $path, \%text, $who);
    asks(PUT => $path, { %text, queues => [] }, $who);
    asks(PUT => $path, { %text, title => '' }, $who);
    asks(GET => $path, undef, $who);
    asks(GET => $_, undef, $who) for 'templates', 'templates?texts=1';
}

my ($home, $id) = ($t->rest('ana'), 'p' x 22);
my %push = (endpoint => 'https://push.example/1', auth => 'A' x 22,
            p256dh => $home->get('me/push')->{json}{key});

asks(PUT => "me/push/$id", \%push, $home);
asks(PUT => "me/push/$id", { %push, auth => 'A' }, $home);
asks(GET => 'me/push', undef, $_) for $home, $robot;
asks(DELETE => "me/push/$id", undef, $home) for 1 .. 2;
asks(GET => 'outbox');

asks(POST => 'templates/check', { text => '{{client.name}}' });
asks(POST => 'templates/check', { text => '{{' });
asks(POST => 'flows/q/test', $_) for {}, { form => { b => 'x' } },
    { page => 7 };
asks(POST => 'flows/none/test', {});
asks(DELETE => 'queues/q');
asks(DELETE => "$_/q")
    for qw(attributes flows hours webhooks keys agents profiles queues);
asks(PATCH => 'config?dry_run=1', { delete => { agents => ['ben'] } });
asks(PUT => 'config', { name => 'x' });

my %config;
for my $item ($robot->all('config')) {
    $item->{kind} eq 'desk'
        ? (%config = (%config, %{ $item->{object} }))
        : push @{ $config{ $item->{kind} } }, $item->{object};
}
asks(PUT => 'config', \%config);



# A verb, for one agent.

sub does {
    my ($who, $verb, %body) = @_;

    return asks(POST => "conversations/$conv/$verb", { as => $who, %body });
}


asks(PATCH => 'queues/help', { wrapup_seconds => 60 });
my ($ben, $sue) = map { $t->agent($_) } qw(ben sue);
$t->until(10, 'agents', sub {
    !grep { !$_->feed('inbox')->{live} } $ben, $sue;
});

does(ana => 'accept');
does(ana => 'invite', agent => 'ben');
does(ben => 'accept');
does(ben => 'leave');
asks(POST => "conversations/$conv/render",
    { template => 't', as => 'ana' });
asks(DELETE => 'templates/t');
asks(GET => 'templates?since=1');
asks(DELETE => 'me/templates/t', undef, $t->rest('ana'));
does(ana => 'hand', on => JSON::PP::true);
does(sue => 'monitor');
does(sue => 'leave');
does(sue => 'barge');
does(sue => 'takeover');
does(sue => 'transfer', queue => 'help', note => 'a note');
does(sue => 'end');
does(sue => 'wrapup', note => 'done');
does(sue => 'dismiss');
does(sue => 'reject');

asks(GET => $_) for 'records', 'records?limit=1', "conversations/$conv/records",
    'records/9999', 'records?cursor=x';
my ($record) = @{ $robot->get("conversations/$conv/records")->{json}{items} };
asks(GET => "records/$record->{number}");
asks(GET => "records/$record->{number}/messages");
my $again = $vera->start(name => 'Vera');
$t->until(10, 'another one', sub {
    $robot->get("conversations/$again")->{status} == 200;
});
asks(GET => "conversations/$again/earlier");
asks(PATCH => 'flows/web', { history_by_client => JSON::PP::true });
asks(GET => "conversations/$again/earlier$_")
    for '', "/$record->{number}", '/9999';
$vera->end;
my $call = asks(POST => 'records', { source => 'phone', id => 'c-1',
    agent => 'ana', queue => 'help', name => 'Paula', phone => '+351 1' });
asks(POST => 'records', { source => 'chat', id => 'c-2' });
asks(POST => "records/$call->{json}{number}/$_->[0]", $_->[1])
    for [ events => { id => 'e1', what => 'held' } ],
        [ close => { note => 'done', tags => 'a' } ],
        [ events => { id => 'e2', what => 'resumed' } ];

my $item = asks(POST => 'items', { kind => 'case', title => 'A case',
    queue => 'help', link => 'https://cases.example/7' })->{json};
asks(POST => 'items', { kind => 'case', title => 'x', queue => 'help',
    link => 'http://cases.example/7' });
asks(GET => $_) for "items/$item->{conv}", "items/$conv",
    "conversations/$item->{conv}/why", "conversations/$conv/why";
asks(POST => "items/$item->{conv}/cancel", {});

asks(PUT => "presence/$_", { state => 'away' }) for qw(ana sue);
my $vito = $t->visitor('vito');
$conv = $vito->start(name => 'Vito');
$t->until(10, 'the offer', sub { $ben->card($conv) });
does(ben => 'reject');

my @unseen = grep { !$seen{$_} } map { $_->[3]{operationId} }
    $api->operations;
is_deeply(\@unseen, [], 'every operation was asked with success');
$t->finish;
