#!/usr/bin/perl
#
# The REST interface between client, nginx worker and the desk's owner: who
# may ask, what comes of a request that cannot be answered, and what is
# answered only once.
#
# proves: A3 X5

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use IO::Socket::INET;
use Test::More;

use ChatDesk::Rest;
use ChatDesk::Test;

my ($key, $row) = ChatDesk::Rest::key('robot', 'supervisor');
my $t = ChatDesk::Test->new(settings => {
    agents => [qw(ana ben eva)], roles => { eva => 'admin' },
    keys => [ $row ],
});
my $ana = $t->rest('ana');
my $eva = $t->rest('eva');
my $robot = $t->rest(undef, key => $key);
my $nobody = $t->rest(undef);


sub is_error {
    my ($answer, $status, $code, $name) = @_;

    is("$answer->{status} " . ($answer->{json}{code} // ''),
        "$status $code", $name) or diag($answer->{content});
    ok(length($answer->{json}{text} // '') > 10, '... in words');
    is($answer->{headers}{'cache-control'}, 'no-store', '... not cached');
}


subtest 'who asks' => sub {
    my $me = $ana->get('me');

    is($me->{status}, 200, 'a login is known') or diag($me->{content});
    is_deeply($me->{json}, { by => 'ana', name => 'Ana', role => 'agent',
                             desk => 'demo' }, 'as what it is');
    is($me->{headers}{'content-type'}, 'application/json', 'JSON');
    is($me->{headers}{'cache-control'}, 'no-store', 'not cached');
    is_deeply($robot->get('me')->{json},
        { by => 'key:robot', role => 'supervisor', desk => 'demo' },
        'a key is known');

    is_error($nobody->get('me'), 401, 'unauthorized', 'nobody');
    is_error($t->rest(undef, key => 'cdk_wrong')->get('me'), 401,
        'unauthorized', 'a key that is none');
    is_error($nobody->get('me', Authorization => 'Basic YTpi'), 401,
        'unauthorized', 'another scheme');
    is_error($nobody->get('me', Cookie => 'chatdesk-demo=' . 'A' x 43),
        401, 'unauthorized', 'a cookie that was not given');
    is($ana->get('me', Authorization => 'Bearer cdk_wrong')->{status}, 401,
        'a key counts, where there is one');
    is($nobody->request('HEAD', 'me', undef, Authorization => "Bearer $key")
        ->{status}, 200, 'HEAD is GET without a body');
};

subtest 'paths, methods, queries' => sub {
    is_error($ana->get('nothing'), 404, 'no_route', 'no such path');
    is_error($ana->get('me/x'), 404, 'no_route', 'nothing below');
    is_error($ana->get('conversations/' . 'x' x 65), 404, 'no_route',
        'a long id');
    is_error($ana->get('conversations/a%20b'), 404, 'no_route',
        'an id with a space');

    my $answer = $ana->post('me', {});
    is_error($answer, 405, 'bad_method', 'another method');
    is($answer->{headers}{allow}, 'GET', '... names the right one');
    is($ana->request('OPTIONS', 'me')->{status}, 405, 'no OPTIONS');

    is_error($ana->get('conversations?limit=0'), 400, 'bad_request', 'limit');
    is_error($ana->get('conversations?limit=%zz'), 400, 'bad_request',
        'percent form');
    is_error($ana->get('conversations?limit=1&limit=2'), 400, 'bad_request',
        'a name twice');
    is_error($ana->get('conversations?a=%ff'), 400, 'bad_request',
        'not UTF-8');
    is_error($ana->get('conversations?' . 'a' x 2049), 400, 'bad_request',
        'a long query');
};

subtest 'bodies' => sub {
    is_error($ana->put('presence/ana', '{"state":'), 400, 'bad_request',
        'not JSON');
    is_error($ana->put('presence/ana', '[]'), 400, 'bad_request',
        'not an object');
    is_error($ana->put('presence/ana', '{"state":"away","state":"busy"}'),
        400, 'bad_request', 'a member twice');
    is_error($ana->put('presence/ana', {}), 400, 'bad_request', 'nothing');

    my $answer = $ana->put('presence/ana', { state => 7 });
    is_error($answer, 400, 'bad_request', 'another type');
    is($answer->{json}{field}, 'state', '... names the field');
    is($answer->{json}{text}, 'the body: state: expected a string',
        '... and says what was expected');

    is_error($ana->put('presence/ana', 'x' x 49153), 413, 'too_long',
        'a long body');
    is($ana->put('presence/ana',
        '{"state":"away"' . ' ' x 49_000 . '}')->{status}, 200,
        'one of 48 KB is read');
};

subtest 'roles' => sub {
    is($ana->put('presence/ana', { state => 'available' })->{json}{chosen},
        'available', 'an agent sets the own state');
    is_error($ana->put('presence/ben', { state => 'away' }), 403,
        'forbidden', 'not another one\'s');
    is($eva->put('presence/ben', { state => 'away' })->{json}{chosen},
        'away', 'an admin does');
    is($robot->put('presence/ben', { state => 'busy' })->{json}{chosen},
        'busy', 'so does the key of a supervisor');
    is_error($eva->put('presence/nobody', { state => 'away' }), 404,
        'not_found', 'an agent that there is not');
    is_error($eva->put('presence/ben', { state => 'asleep' }), 404,
        'no_state', 'a state that there is not');
};

subtest 'pages of other sites' => sub {
    is_error($ana->put('presence/ana', { state => 'away' },
            Origin => 'https://evil.example'), 403, 'bad_origin',
        'they cannot write');
    is($ana->put('presence/ana', { state => 'available' },
            Origin => $t->stack->url)->{status}, 200, 'the own one can');
};

subtest 'pages of a list' => sub {
    is_deeply([ map { $_->{login} } $ana->all('presence') ],
        [qw(ana ben eva)], 'a list');
    is_deeply([ map { $_->{login} } $ana->all('presence?limit=1') ],
        [qw(ana ben eva)], 'the same one by one');
};

subtest 'asked twice, done once' => sub {
    my $agent = $t->agent('ana');
    my $visitor = $t->visitor('vera');
    my $conv = $visitor->start(name => 'Vera');
    my $path = "conversations/$conv/accept";
    my %once = ('Idempotency-Key' => 'accept-1');

    $t->until(10, 'the offer', sub {
        ($ana->get("conversations/$conv")->{json}{phase} // '') eq 'offered';
    });

    is_error($t->rest('ben')->get("conversations/$conv"), 404, 'not_found',
        'others do not see it');
    is($ana->post($path, {}, %once)->{status}, 204, 'accepted');
    is($ana->get("conversations/$conv")->{json}{phase}, 'active',
        'and so it is');

    is($ana->post("conversations/$conv/end", {}, 'Idempotency-Key' => 'end-1')
        ->{status}, 204, 'ended');
    is($ana->post($path, {})->{status}, 409, 'cannot be accepted any more');
    is($ana->post($path, {}, %once)->{status}, 204,
        'but what was answered is answered again');
    is_error($ana->post("conversations/$conv/end", { a => 1 }, %once), 409,
        'conflict', 'the key for another request');
    is_error($t->rest('ben')->post($path, {}, %once), 409, 'offer_gone',
        'the key of another person is another key');
    is_error($ana->post($path, {}, 'Idempotency-Key' => 'a b'), 400,
        'bad_request', 'a key that is none');

    # a standby knows the keys too
    $_->stop('KILL', 10) for $t->stack->live_workers;
    $t->stack->start_worker;
    $t->until(20, 'the new owner', sub {
        $ana->post($path, {}, %once)->{status} == 204;
    });
    is(scalar $t->redis->hlen('cd:{demo}:e:once'), 3, 'three are remembered');
    $visitor->close;
    $agent->close;
};

subtest 'the client goes away' => sub {
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $t->stack->port);

    print {$socket} "GET /desk/api/v1/me HTTP/1.1\r\nHost: x\r\n"
        . "Authorization: Bearer $key\r\n\r\n";
    close $socket;
    is($robot->get('me')->{status}, 200, 'others are answered');
};

subtest 'nobody to answer' => sub {
    $_->stop('TERM', 10) for $t->stack->live_workers;

    my $answer = $robot->get('me');
    is_error($answer, 503, 'unavailable', 'no worker');
    cmp_ok($answer->{headers}{'retry-after'}, '>=', 1, '... when to try');
    is_error($ana->get('me'), 503, 'unavailable', 'nor for a login');

    # an owner that hears but does not answer
    my $worker = $t->stack->start_worker;
    $t->until(20, 'the new owner', sub { $robot->get('me')->{status} == 200 });
    $worker->signal('STOP');
    is_error($robot->get('me'), 503, 'unavailable', 'a worker that hangs');
    $worker->signal('CONT');
    $t->until(20, 'it to come back', sub {
        $robot->get('me')->{status} == 200;
    });
};

subtest 'Redis is away' => sub {
    $t->stack->{redis}->stop('TERM', 10);
    is($ana->get('me')->{status}, 503, 'a login is not looked up');
    is($robot->get('me')->{status}, 503, 'nor a key');
    $t->stack->start_redis;
    $t->until(30, 'everything to come back', sub {
        $robot->get('me')->{status} == 200
            && $ana->get('me')->{status} == 200;
    });
};

# the key in no log
my $logs = join '', map { $t->stack->log($_) } qw(error.log access.log);
unlike($logs, qr/\Q$key\E/, 'no key in a log');
$t->finish;
