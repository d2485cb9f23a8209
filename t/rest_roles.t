#!/usr/bin/perl
#
# The cross product: every route of the worker, asked by everybody there is,
# at the own desk and at another one. Nothing succeeds that may not.
#
# proves: O9 X5 A3

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Rest;
use ChatDesk::Test;
use ChatDesk::Workers;

my %level = (none => 0, agent => 1, supervisor => 2, admin => 3);
my @roles = qw(agent supervisor admin);
my $worker = ChatDesk::Workers::worker_program();
my @routes = map { [ split ' ' ] } split /\n/, `'$worker' routes`;

cmp_ok(scalar @routes, '>', 30, 'routes were found');


# Keys and agents of a desk, one for each role.

sub people {
    my ($prefix) = @_;
    my (%key, @rows);

    for my $role (@roles) {
        ($key{$role}, my $row) = ChatDesk::Rest::key("$prefix$role", $role);
        push @rows, $row;
    }

    return (\%key, agents => [ map { "$prefix$_" } @roles ],
        roles => { map { ("$prefix$_" => $_) } @roles }, keys => \@rows);
}

my ($here, %here) = people('h-');
my ($there, %there) = people('t-');

my $t = ChatDesk::Test->new(settings => \%here,
    other => ChatDesk::Test::desk(%there), server => <<'CONF');
        location /other/api/ {
            chatdesk_desk other;
            chatdesk_api;
        }
CONF

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

my ($asked, @wrong, %granted) = (0);

for my $route (@routes) {
    my ($method, $pattern, $least) = @$route;

    for my $caller (@callers) {
        my ($name, $client, $role) = @$caller;
        my $path = $pattern =~ s{\A/v1/}{}r =~ s/\{login\}/h-$role/r
            =~ s/\{\w+\}/nothing/gr;
        my $answer = $client->request($method, $path,
            $method =~ /GET|DELETE/ ? undef : {});
        my $status = $answer->{status};
        my $expected = $role eq 'none' ? 401
            : $level{$role} < $level{$least} ? 403 : 0;

        # a program has no state, no templates and no browser of its own
        $expected = 403 if $method eq 'PUT' && $pattern =~ m{/presence/}
            && $name eq 'key agent';
        $expected = 403 if $pattern =~ m{/me/(?:templates|push)}
            && $name =~ /\Akey/;

        # this desk has no web push
        $expected = 403 if $role ne 'none' && $method eq 'PUT'
            && $pattern =~ m{/me/push/};
        $asked++;
        $granted{"$method $pattern"}++ if $status < 300;
        push @wrong, "$method $path by $name: $status"
            if $expected ? $status != $expected
                : $status == 401 || $status == 403 || $status >= 500;
    }
}

is_deeply(\@wrong, [], "$asked requests: no unexpected success or refusal");
cmp_ok(scalar keys %granted, '>', 8, 'some of them were granted');

# what was changed above was changed at one desk
my $other = caller_of('other', key => $there->{admin});
is_deeply($other->get('desk')->{json}, { name => 'Test desk',
    default_queue => 'help' }, 'the other desk is as it was');
is(scalar $other->all('agents'), 3, 'with its own agents');
ok(!grep({ $_->{login} =~ /^h-/ } $other->all('agents')), 'and no others');
$t->finish;
