#!/usr/bin/perl
#
# The HTTP interface for agents: login, session, ticket, logout.
#
# proves: X5

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use HTTP::Tiny;
use JSON::PP ();
use Test::More;

use ChatDesk::Test;

my $t = ChatDesk::Test->new;
my $base = $t->stack->url . '/desk/api';
my $password = $t->stack->{password}{ana};
my $http = HTTP::Tiny->new(timeout => 10);


sub request {
    my ($method, $name, $body, %headers) = @_;
    my $answer = $http->request($method, "$base/$name", {
        headers => \%headers,
        (defined $body ? (content => ref $body
            ? JSON::PP::encode_json($body) : $body) : ()),
    });

    $answer->{json} = ($answer->{content} // '') =~ /^\{/
        ? JSON::PP::decode_json($answer->{content}) : {};

    return $answer;
}


sub is_error {
    my ($answer, $status, $code, $name) = @_;

    is("$answer->{status} " . ($answer->{json}{code} // ''),
        "$status $code", $name);
    ok(length($answer->{json}{text} // '') > 10, '... in words');
    is($answer->{headers}{'cache-control'}, 'no-store', '... not cached');
}

# the worker may still be starting
$t->until(10, 'somebody to check logins', sub {
    request(POST => 'login', { login => 'ana', password => '' })->{status}
        != 503;
});

# logins
my $login = request(POST => 'login',
    { login => 'ana', password => $password });
is($login->{status}, 200, 'the right password is taken');
is_deeply($login->{json}, { who => 'ana', name => 'Ana', role => 'agent' },
    'and says who it is');
is($login->{headers}{'cache-control'}, 'no-store', 'it is not cached');
like($login->{headers}{'set-cookie'},
    qr/\Achatdesk-demo=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict\z/,
    'its cookie is for this host and no script');
my ($cookie) = $login->{headers}{'set-cookie'} =~ /\A([^;]+)/;
unlike(join(' ', $t->redis->keys('*')), qr/\Q${\substr $cookie, -43}\E/,
    'Redis does not know the token');

is_error(request(POST => 'login', { login => 'ana', password => 'x' }),
    401, 'unauthorized', 'a wrong password');
my $nobody = request(POST => 'login', { login => 'nobody', password => 'x' });
is_error($nobody, 401, 'unauthorized', 'somebody unknown');
ok(!exists $nobody->{headers}{'set-cookie'}, '... gets no cookie');

# bodies
is_error(request(POST => 'login', '{"login":'), 400, 'bad_request',
    'no JSON');
is_error(request(POST => 'login', ''), 400, 'bad_request', 'no body');
is_error(request(POST => 'login', { login => 'ana' }), 400, 'bad_request',
    'no password');
is_error(request(POST => 'login', { login => ['ana'], password => 'x' }),
    400, 'bad_request', 'another type');
is_error(request(POST => 'login',
        '{"login":"ana","login":"ben","password":"x"}'),
    400, 'bad_request', 'a login twice');
is_error(request(POST => 'login', 'x' x 4097), 413, 'too_long',
    'a long body');

my @parts = ('x' x 3000, 'y' x 3000);
is_error(request(POST => 'login', undef), 400, 'bad_request',
    'no body at all');
my $chunked = $http->request(POST => "$base/login",
    { content => sub { shift @parts } });
is($chunked->{status}, 413, 'a long body of unknown length');

# requests
is_error(request(GET => 'nothing'), 404, 'no_route', 'an unknown name');
is_error(request(GET => 'login/x'), 404, 'no_route', 'something below');
my $get = request(GET => 'login');
is_error($get, 405, 'bad_method', 'another method');
is($get->{headers}{allow}, 'POST', '... names the right one');
is_error(request(POST => 'session', ''), 405, 'bad_method', 'and the other');

# the session
is_error(request(GET => 'session'), 401, 'unauthorized', 'no cookie');
is_error(request(GET => 'session', undef,
        Cookie => 'chatdesk-demo=' . 'A' x 43),
    401, 'unauthorized', 'a cookie that was not given');
is_error(request(GET => 'session', undef, Cookie => 'chatdesk-demo=x'),
    401, 'unauthorized', 'a cookie that is none');
my $session = request(GET => 'session', undef, Cookie => "a=b; $cookie");
is($session->{status}, 200, 'with the cookie it is known');
is_deeply($session->{json}, { who => 'ana', name => 'Ana', role => 'agent' },
    'who it is');

# tickets
is_error(request(POST => 'ticket', ''), 401, 'unauthorized',
    'no ticket without a cookie');
my $ticket = request(POST => 'ticket', '', Cookie => $cookie);
is($ticket->{status}, 200, 'a ticket with it');
like($ticket->{json}{ticket}, qr/\A[\w-]{43}\z/, 'of 32 random bytes');
isnt(request(POST => 'ticket', '', Cookie => $cookie)->{json}{ticket},
    $ticket->{json}{ticket}, 'each is another');

# pages of other sites
is_error(request(POST => 'ticket', '', Cookie => $cookie,
        Origin => 'https://evil.example'),
    403, 'bad_origin', 'another site\'s page gets none');
is(request(POST => 'ticket', '', Cookie => $cookie,
        Origin => $t->stack->url)->{status}, 200, 'the own page does');

# logout closes what is open
my $ana = $t->agent('ana');
$t->until(10, 'the socket', sub { $ana->feed('inbox')->{live} });
my $logout = request(POST => 'logout', '', Cookie => $ana->{cookie});
is($logout->{status}, 204, 'a logout is done');
like($logout->{headers}{'set-cookie'}, qr/\Achatdesk-demo=; .*Max-Age=0/,
    'the cookie is taken back');
$t->until(5, 'the close', sub { @{ $ana->{closes} } });
is($ana->{closes}[0], 4401, 'its socket closes');
is(request(GET => 'session', undef, Cookie => $ana->{cookie})->{status}, 401,
    'and the login is gone');
is(request(GET => 'session', undef, Cookie => $cookie)->{status}, 200,
    'another login of the same agent is not');
is(request(POST => 'logout', '', Cookie => $ana->{cookie})->{status}, 204,
    'a logout may come twice');
is(request(POST => 'logout', '')->{status}, 204, 'or without a login');

# nobody there
$_->stop('TERM', 10) for $t->stack->live_workers;
my $away = request(POST => 'login',
    { login => 'ana', password => $password });
is_error($away, 503, 'unavailable', 'no worker, no login');
cmp_ok($away->{json}{retry_after}, '>', 0, '... and when to try again');
cmp_ok($away->{headers}{'retry-after'}, '>=', 1, '... in the header too');
is(request(POST => 'ticket', '', Cookie => $cookie)->{status}, 200,
    'who is signed in goes on');

# no password, token or ticket in any log
my $logs = join '', map { $t->stack->log($_) } qw(error.log access.log);
unlike($logs, qr/\Q$password\E/, 'no password in a log');
unlike($logs, qr/\Q$ticket->{json}{ticket}\E/, 'no ticket in a log');
unlike($logs, qr/\Q${\substr $cookie, -43}\E/, 'no token in a log');

$t->finish;
