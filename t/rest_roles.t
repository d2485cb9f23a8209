#!/usr/bin/perl
#
# The cross product: every route of the worker, asked by everybody there is,
# at the own desk and at another one, about nothing, about what this desk has
# and about what another one has. Nothing succeeds that may not.
#
# proves: O9 X5 A3

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;

use ChatDesk::Rest;
use ChatDesk::Test;
use ChatDesk::Workers;

my %level = (none => 0, agent => 1, supervisor => 2, admin => 3);
my @roles = qw(agent supervisor admin);
my $worker = ChatDesk::Workers::worker_program();
my @routes = map { [ split ' ' ] } split /\n/, `'$worker' routes`;

cmp_ok(scalar @routes, '>', 30, 'routes were found');


# Settings of a desk: a key and an agent for each role, an agent who holds a
# conversation, and one object of each kind; names begin with the prefix.

sub people {
    my ($prefix) = @_;
    my (%key, @rows);

    for my $role (@roles) {
        ($key{$role}, my $row) = ChatDesk::Rest::key("$prefix$role", $role);
        push @rows, $row;
    }

    my $desk = ChatDesk::Test::desk(keys => \@rows,
        agents => [ map { "$prefix$_" } 'owner', @roles ],
        roles => { map { ("$prefix$_" => $_) } @roles });
    push @{ $desk->{queues} }, { id => "${prefix}q", name => 'Q',
        priority => 5, accept_seconds => 20 };
    push @{ $desk->{profiles} }, { id => "${prefix}p", name => 'P',
        capacity => 1, queues => ["${prefix}q"] };
    $desk->{hours} = [ { id => "${prefix}h", name => 'H', zone => 'UTC',
                         week => {} } ];
    $desk->{flows} = [ { id => "${prefix}f", name => 'F',
                         channel => 'web' } ];
    $desk->{attributes} = [ { key => "${prefix}a" =~ tr/-/_/r,
                              value => 'A' } ];
    $desk->{webhooks} = [ { id => "${prefix}w", types => ['wait'],
        url => 'https://wall.example/', secret => 's' x 32 } ];

    return (\%key, $desk);
}

my ($here, $here_desk) = people('h-');
my ($there, $there_desk) = people('t-');

my $t = ChatDesk::Test->new(desk => $here_desk, other => $there_desk,
    server => ChatDesk::Test::other_server());

my $base = $t->stack->url;


sub caller_of {
    my ($desk, %arg) = @_;

    return ChatDesk::Rest->new(
        base => "$base/" . ($desk eq 'other' ? 'other/api' : 'desk/api'),
        %arg);
}


# [ name, client, role at the desk that is asked ]
my @callers;
for my $role (@roles) {
    my $login = caller_of('demo', login => "h-$role",
        password => $t->stack->{password}{"h-$role"});
    my $stranger = caller_of('other', login => "t-$role",
        password => $t->stack->{other_password}{"t-$role"});

    is($login->{role}, $role, "a login is told its role: $role");
    push @callers, [ "login $role", $login, $role ],
        [ "key $role", caller_of('demo', key => $here->{$role}), $role ],
        [ "other desk's key $role",
          caller_of('demo', key => $there->{$role}), 'none' ],
        [ "other desk's login $role", caller_of('demo',
            cookie => $stranger->{cookie}), 'none' ],
        [ "other desk's cookie, renamed, $role", caller_of('demo',
            cookie => $stranger->{cookie} =~ s/-other=/-demo=/r), 'none' ],
        [ "login $role at the other desk", caller_of('other',
            cookie => $login->{cookie} =~ s/-demo=/-other=/r), 'none' ];
}
push @callers, [ 'nobody', caller_of('demo'), 'none' ],
    [ 'nobody at the other desk', caller_of('other'), 'none' ],
    [ 'a wrong key', caller_of('demo', key => 'cdk_x'), 'none' ],
    [ 'a visitor\'s token', caller_of('demo', key =>
        'v1.AAAAAAAAAAAAAAAAAAAAAA.1.2.AAAAAAAAAAAAAAAAAAAAAA'), 'none' ];

# -- what there is at a desk --

# A conversation that the owner has, as many closed ones before it as `before`
# says so that numbers differ, and a template. The members of paths.

sub real {
    my ($prefix, $before, $admin, %visit) = @_;
    my %at = $visit{other} ? (path => '/other/desk/socket',
        api => '/other/api/',
        password => $t->stack->{other_password}{"${prefix}owner"}) : ();
    my $owner = $t->agent("${prefix}owner", %at);
    my ($conv, $visitor);

    $owner->available;

    for my $round (0 .. $before) {
        $visitor = $t->visitor('Vera',
            ($visit{other} ? (path => '/other/socket') : ()));
        $conv = $t->connect($visitor, $owner);
        next if $round == $before;
        $visitor->end;
        $visitor->expect(t => 'phase', phase => 'closed');
    }

    $owner->presence('busy');
    is($admin->put("templates/${prefix}t", { title => 'T', shortcut => 't',
        texts => [ { lang => 'en', text => 'Hello' } ] })->{status}, 201,
        "${prefix}t: a template");
    my $item = $admin->post('items', { kind => 'case', title => 'A case',
        queue => "${prefix}q" });
    is($item->{status}, 201, "${prefix}q: an item");

    return {
        conv => $conv, login => "${prefix}owner", owner => $owner,
        visitor => $visitor, number => $owner->card($conv)->{number},
        queues => "${prefix}q", profiles => "${prefix}p",
        agents => "${prefix}owner", keys => "${prefix}agent",
        hours => "${prefix}h", flows => "${prefix}f",
        attributes => "${prefix}a" =~ tr/-/_/r, webhooks => "${prefix}w",
        templates => "${prefix}t", items => $item->{json}{conv},
        push => 'p' x 22,
    };
}


# What does not ask for what there is not, so that the ids decide.

sub body {
    my ($method, $pattern, $name) = @_;
    my ($verb) = $pattern =~ m{/(\w+)\z};
    my %body = (
        invite => { agent => 'h-agent' }, transfer => { queue => 'help' },
        hand => { on => JSON::PP::true }, wrapup => { note => 'n' },
        render => { template => 'h-t' },
        events => { id => 'e1', what => 'held' }, close => { note => 'n' },
    );

    return undef if $method =~ /GET|DELETE/;
    return { state => 'busy' } if $pattern =~ m{/presence/};
    return {} if $pattern !~ m{/(?:conversations|records)/\{};
    return { %{ $body{$verb} // {} }, ($pattern =~ m{/conversations/}
        && $name =~ /\Akey/ ? (as => 'h-agent') : ()) };
}


sub path {
    my ($pattern, $with) = @_;
    my ($kind) = $pattern =~ m{(\w+)/\{id\}};

    return $pattern =~ s{\A/v1/}{}r
        =~ s/\{(\w+)\}/$with->{ $1 eq 'id' ? $kind : $1 }/gr;
}


# -- everything by everybody --

my ($asked, @wrong, %granted) = (0);

# A status that the role asks for, whatever the path is about; 0: none.

sub refusal {
    my ($method, $pattern, $least, $name, $role) = @_;

    return 401 if $role eq 'none';
    return 403 if $level{$role} < $level{$least};

    # a program has no state, no templates and no browser of its own
    return 403 if $method eq 'PUT' && $pattern =~ m{/presence/}
        && $name eq 'key agent';
    return 403 if $pattern =~ m{/me/(?:templates|push)} && $name =~ /\Akey/;

    # this desk has no web push
    return 403 if $method eq 'PUT' && $pattern =~ m{/me/push/};
    return 0;
}

# a stranger is one whatever the role is elsewhere: that of most will do
my @asking = grep { $_->[2] ne 'none' || $_->[0] !~ /\b(?:agent|supervisor)\b/ }
    @callers;

for my $route (@routes) {
    my ($method, $pattern, $least) = @$route;

    for my $caller (@asking) {
        my ($name, $client, $role) = @$caller;
        my $path = $pattern =~ s{\A/v1/}{}r =~ s/\{login\}/h-$role/r
            =~ s/\{\w+\}/nothing/gr;
        my $answer = $client->request($method, $path,
            $method =~ /GET|DELETE/ ? undef : {});
        my $status = $answer->{status};
        my $expected = refusal($method, $pattern, $least, $name, $role);

        $asked++;
        $granted{"$method $pattern"}++ if $status < 300;
        push @wrong, "$method $path by $name: $status"
            if $expected ? $status != $expected
                : $status == 401 || $status == 403 || $status >= 500;
    }
}

is_deeply(\@wrong, [], "$asked requests: no unexpected success or refusal");
cmp_ok(scalar keys %granted, '>', 8, 'some of them were granted');

# -- about what there is --

my $own = real('h-', 0, caller_of('demo', key => $here->{admin}));
my $foreign = real('t-', 3, caller_of('other', key => $there->{admin}),
    other => 1);
my $revision = caller_of('other', key => $there->{admin})
    ->get('config')->{json}{revision};
my @seen = map { scalar @{ $_->{seen} } } map { @$_{qw(owner visitor)} }
    $own, $foreign;
($asked, @wrong) = (0);

# Whether this desk's own may be asked: what a role allows would change what
# is asked about; of what everybody may do there is left what takes part.

sub asks_own {
    my ($method, $pattern, $least, $role) = @_;

    return 1 if $method eq 'GET' || $role eq 'none'
        || $level{$role} < $level{$least};
    return $role eq 'agent'
        && $pattern =~ m{/(?:conversations|records|presence|items)/\{};
}

# who is nobody here is refused before anything is looked at: one kind will do
my @some = grep { $_->[0] !~ /cookie|at the other desk|wrong|visitor|login of/
                  && $_->[0] !~ /other desk's login/ } @callers;

for my $route (grep { $_->[1] =~ /\{/ } @routes) {
    my ($method, $pattern, $least) = @$route;

    for my $caller (@some) {
        my ($name, $client, $role) = @$caller;
        my $body = body($method, $pattern, $name);
        my $expected = refusal($method, $pattern, $least, $name, $role);

        if (asks_own($method, $pattern, $least, $role)) {
            my $path = path($pattern, $own);
            my $status = $client->request($method, $path, $body)->{status};

            $asked++;
            push @wrong, "$method $path by $name: $status"
                if $expected ? $status != $expected
                    : $method eq 'GET' && $pattern !~ m{/me/}
                        ? $status !~ /\A(?:200|403|404)\z/
                        : $status !~ /\A(?:403|404|409)\z/;
        }

        # with an id of the other desk a PUT makes one of this desk's own
        next if $method eq 'PUT' && $pattern !~ m{/presence/};
        my $path = path($pattern, $foreign);
        my $answer = $client->request($method, $path, $body);
        my $status = $answer->{status};

        # a list of what there is about nothing is empty
        next if $status == 200 && $pattern =~ m{/records\z}
            && !@{ $answer->{json}{items} };
        $asked++;
        push @wrong, "$method $path (of the other desk) by $name: $status"
            if $expected ? $status != $expected
                : $status !~ /\A(?:403|404|409)\z/
                    && $pattern !~ m{/dismiss\z};  # of nothing, too
    }
}

is(join("\n", @wrong), '', "$asked requests about what there is: no "
    . 'unexpected success');

# nobody has come, gone, written or looked at it in sight of who is there
for my $desk ($own, $foreign) {
    my ($owner, $visitor, $conv) = @$desk{qw(owner visitor conv)};
    my $k = $visitor->say($conv, 'Still there?');

    $owner->expect(t => 'message', text => 'Still there?');
    is($owner->card($conv)->{phase}, 'active', "$desk->{login} has its chat");

    my @strange = grep { ($_->{conv} // $_->{feed} // '') eq $conv
            && !($_->{t} eq 'message' && $_->{text} eq 'Still there?') }
        map { @{ $_->{seen} }[ shift(@seen) .. $#{ $_->{seen} } ] }
        $owner, $visitor;
    is_deeply([ map { "$_->{t} " . ($_->{what} // $_->{who} // '') }
        grep { $_->{t} !~ /\A(?:ack|card|mark|notice)\z/ } @strange ], [],
        'and nothing happened in it');
}

# what was changed above was changed at one desk
my $other = caller_of('other', key => $there->{admin});
is($other->get('config')->{json}{revision}, $revision,
    'the other desk has the settings that it had');
is($other->get('desk')->{json}{name}, 'Test desk', 'and its name');
is(scalar $other->all('agents'), 4, 'with its own agents');
ok(!grep({ $_->{login} =~ /^h-/ } $other->all('agents')), 'and no others');
$t->finish;
