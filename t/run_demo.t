#!/usr/bin/perl
#
# What `make run` starts: addresses and logins that work, pages with their
# headers, and nothing left after Ctrl-C.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use File::Temp qw(tempdir);
use HTTP::Tiny;
use JSON::PP ();
use Test::More;

use ChatDesk::Loop;
use ChatDesk::Process;
use ChatDesk::Stack;

my $top = "$FindBin::Bin/..";
my $logs = tempdir(CLEANUP => 1);
my $count = 0;


# Starts the demo and waits until it says that it runs.

sub demo {
    my (%env) = @_;
    my $demo = ChatDesk::Process->new(name => 'demo',
        command => [ "$top/t/tools/demo" ], log => "$logs/" . ++$count,
        env => { PORT => ChatDesk::Stack::free_port(), %env }, dir => $top);

    ChatDesk::Loop->new->until(30, 'the demo', sub {
        $demo->log_text =~ /Ctrl-C stops/ || !$demo->alive;
    });

    return $demo;
}


sub url_of {
    my ($demo) = @_;

    return ($demo->log_text =~ m{Visitors +(https?://[\d.]+:\d+)/})[0];
}


sub folder_of {
    my ($demo) = @_;

    return ($demo->log_text =~ m{Folder +(\S+)})[0];
}


sub command_of {
    my ($process) = @_;

    open my $file, '<', "$process/cmdline" or return '';
    return <$file> // '';
}


sub stops_cleanly {
    my ($demo, $name) = @_;
    my $folder = folder_of($demo) or BAIL_OUT($demo->log_text);

    ok($demo->stop('INT', 20), "$name: Ctrl-C stops it");
    is($demo->status, 0, "$name: in good order") or diag($demo->log_text);
    is_deeply([ grep { index(command_of($_), $folder) >= 0 }
                glob('/proc/[0-9]*') ], [], "$name: no process is left");

    return $folder;
}


my $demo = demo();
my $url = url_of($demo) or BAIL_OUT($demo->log_text);
my $http = HTTP::Tiny->new;

# pages
like($http->get("$url/")->{content}, qr/<script[^>]+widget\.js/,
    'the demo site has the widget');
is($http->get("$url/chatdesk/widget.js")->{status}, 200, 'which is served');

my $desk = $http->get("$url/desk/");
is($desk->{status}, 200, 'the desktop is served');
like($desk->{headers}{'content-security-policy'}, $_, "policy: $_")
    for qr/default-src 'none'/, qr/frame-ancestors 'none'/,
        qr/require-trusted-types-for 'script'/;
unlike($desk->{headers}{'content-security-policy'}, qr/unsafe/,
    'and nothing unsafe');
is($desk->{headers}{'x-content-type-options'}, 'nosniff', 'nosniff');
is($desk->{headers}{'referrer-policy'}, 'no-referrer', 'no-referrer');
is($desk->{headers}{'cross-origin-opener-policy'}, 'same-origin', 'COOP');

my ($script) = $desk->{content} =~ m{src="(?:/desk/)?\.?/?([^"]+\.js)"};
like($http->get("$url/desk/$script")->{headers}{'cache-control'},
    qr/immutable/, 'scripts with a hash may be kept');

# the printed logins work
my %logins = $demo->log_text =~ /^ {6}(\w+) +([0-9a-f]{12}) /mg;
cmp_ok(scalar keys %logins, '>=', 2, 'logins are printed');

for my $login (sort keys %logins) {
    my $answer;
    ChatDesk::Loop->new->until(10, 'a login', sub {
        $answer = $http->post("$url/desk/api/login", {
            headers => { 'Content-Type' => 'application/json' },
            content => JSON::PP::encode_json({
                login => $login, password => $logins{$login} }),
        });
        $answer->{status} != 503;
    });
    is($answer->{status}, 200, "$login can sign in");

    my ($cookie) = ($answer->{headers}{'set-cookie'} // '') =~ /^([^;]+)/;
    my $push = $http->get("$url/desk/api/v1/me/push",
        { headers => { Cookie => $cookie } });
    like($push->{content}, qr/"key":"[\w-]{87}"/,
        "$login can turn on notifications while the desk is closed");
}

# a second one, with the same port asked for
my ($port) = $url =~ /:(\d+)/;
my $second = demo(PORT => $port, KEEP => 1);
isnt(url_of($second), $url, 'another port is taken when it is in use');
like($second->log_text, qr/Port $port is in use/, 'and it says so');
is($http->get(url_of($second) . '/')->{status}, 200, 'it is served too');

my $kept = stops_cleanly($second, 'with KEEP');
ok(-d $kept, 'with KEEP: the folder is kept');
system('rm', '-rf', $kept) if $kept =~ m{/chatdesk-\w+\z};

my $gone = stops_cleanly($demo, 'the demo');
ok(!-e $gone, 'the demo: its folder is gone');

# TLS
my $secure = demo(TLS => 1);
my ($host) = url_of($secure) =~ m{^https://(\S+)};
my $said = `printf 'GET /desk/ HTTP/1.0\\r\\n\\r\\n' \\
    | openssl s_client -quiet -connect $host 2>&1`;
like($said, qr{^HTTP/1\.1 200}m, 'https is served');
like($said, qr/CN ?= ?localhost/, 'with a certificate made for the run');
stops_cleanly($secure, 'with TLS');

done_testing();
