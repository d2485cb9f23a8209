#!/usr/bin/perl
#
# What an operator can log of sessions: a line of JSON for each, or the
# access log's line at their end; limits of connections count with
# chatdesk_detach off.  No text and no token is logged.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;

use ChatDesk::Test;

my $format = 'log_format sessions escape=json \'{"status":$status,'
    . '"role":"$chatdesk_role","code":"$chatdesk_close_code",'
    . '"in":"$chatdesk_frames_in","out":"$chatdesk_frames_out",'
    . '"bytes_in":"$chatdesk_bytes_in","bytes_out":"$chatdesk_bytes_out",'
    . '"duration":"$chatdesk_duration","time":$request_time,'
    . '"client":"$remote_addr"}\';';


# The lines of a log of JSON that are about sockets, once there are so many.

sub lines {
    my ($test, $name, $count) = @_;
    my @lines;

    $test->until(10, "$count lines in $name", sub {
        @lines = grep { ($_->{status} // 101) == 101 }
            map { JSON::PP::decode_json($_) }
            $test->stack->log($name) =~ /^(.*)\n/mg;
        @lines >= $count;
    });

    return @lines;
}


# A visitor who says something and goes, and an agent who hears it.

sub chat {
    my ($test) = @_;
    my $visitor = $test->visitor('vera');
    my $agent = $test->agent('ana');

    $agent->available;
    my $conv = $test->connect($visitor, $agent);
    $visitor->say($conv, 'a secret word');
    $agent->expect(t => 'message', text => 'a secret word');
    $test->settle(10);
    $_->close for $visitor, $agent;

    return ($visitor, $agent);
}


sub nothing_secret {
    my ($test, @clients) = @_;
    my $all = join '', map { $test->stack->log($_) }
        qw(sessions.log access.log error.log);

    unlike($all, qr/secret word/, 'no text is logged,');
    my @tokens = grep { defined && index($all, $_) >= 0 }
        map { $_->{token} } @clients;
    is_deeply(\@tokens, [], 'and no token');
}


subtest 'detached' => sub {
    my $file = 'sessions.log';
    my $test = ChatDesk::Test->new(log_level => 'info',
        http => "$format chatdesk_log $file;",
        server => "access_log access.json sessions;");
    my @clients = chat($test);
    my %line = map { $_->{role} => $_ } lines($test, $file, 2);

    for my $role (qw(visitor agent)) {
        my $got = $line{$role};
        my $client = $clients[$role eq 'agent'];

        is($got->{code}, 1000, "$role: the close code");
        is($got->{desk}, 'demo', "$role: the desk");
        is($got->{client}, '127.0.0.1', "$role: the address");
        like($got->{session}, qr/^[\w-]{22}$/, "$role: the session");
        like($got->{time}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/,
            "$role: the time");
        cmp_ok($got->{duration}, '>', 0, "$role: the duration");
        cmp_ok($got->{frames_in}, '>=', 2, "$role: messages in");
        cmp_ok($got->{bytes_in}, '>', 50, "$role: bytes in");
        cmp_ok($got->{bytes_out}, '>', 200, "$role: bytes out");
    }

    my @access = lines($test, 'access.json', 2);
    is($access[0]{role}, '', 'the access log has its line too early for it');
    nothing_secret($test, @clients);
    $test->finish;
};


subtest 'kept' => sub {
    my $test = ChatDesk::Test->new(log_level => 'info',
        http => "$format limit_conn_zone \$binary_remote_addr zone=per:64k;"
            . 'real_ip_header X-Real-IP; set_real_ip_from 127.0.0.1;',
        server => 'access_log access.json sessions;',
        visitor => 'chatdesk_detach off; limit_conn per 2;',
        agent => 'chatdesk_detach off;');
    my @clients = chat($test);
    my %line = map { $_->{role} => $_ } lines($test, 'access.json', 2);

    for my $role (qw(visitor agent)) {
        my $got = $line{$role};

        is($got->{code}, 1000, "$role: the close code");
        cmp_ok($got->{in}, '>=', 2, "$role: messages in");
        cmp_ok($got->{out}, '>=', 3, "$role: messages out");
        cmp_ok($got->{bytes_in}, '>', 50, "$role: bytes in");
        cmp_ok($got->{bytes_out}, '>', 200, "$role: bytes out");
        cmp_ok($got->{duration}, '>', 0, "$role: the duration");

        # by another clock
        cmp_ok($got->{time}, '>=', $got->{duration} - 0.01,
            "$role: which the time of the request has in it");
    }

    limited($test);
    nothing_secret($test, @clients);
    $test->finish;
};


# Two at a time of one address; the third is welcome when one has gone.

sub limited {
    my ($test) = @_;
    my @header = (headers => ['X-Real-IP: 192.0.2.7']);
    my @two = map { $test->visitor("limit$_", @header) } 1 .. 2;

    $test->until(10, 'two visitors', sub { !grep { !$_->{welcome} } @two });

    my $third = $test->visitor('limit3', @header, reconnect => 0);
    $test->until(10, 'the refusal', sub { @{ $third->{closes} } });
    is_deeply($third->{closes}, [0], 'limit_conn refuses a third socket');

    $two[0]->close;
    $test->until(10, 'the first to go', sub { @{ $two[0]{closes} } });
    @{$third}{qw(reconnect closes)} = (1, []);
    $third->connect;
    $test->until(10, 'the third', sub { $third->{welcome} });
    pass('and takes it when one has gone');

    my @line = lines($test, 'access.json', 3);
    is($line[2]{client}, '192.0.2.7', 'the line has the address of realip');
}


subtest 'kept, while nginx reloads' => sub {
    my $test = ChatDesk::Test->new(
        visitor => 'chatdesk_detach off;', agent => 'chatdesk_detach off;');
    my ($visitor, $agent) = ($test->visitor('vera'), $test->agent('ana'));
    my @old = $test->stack->nginx_workers;

    $agent->available;
    my $conv = $test->connect($visitor, $agent);
    $test->stack->reload_nginx;
    $test->until(20, 'the old nginx worker to go', sub {
        my %now = map { $_ => 1 } $test->stack->nginx_workers;
        !grep { $now{$_} } @old;
    });

    $visitor->say($conv, 'after it');
    $agent->expect(t => 'message', text => 'after it');
    $test->settle(10);
    is_deeply([ map { @{ $_->{closes} } } $visitor, $agent ], [ 1012, 1012 ],
        'both were moved');
    $test->verdict_ok('reloaded');
    $test->finish;
};

done_testing();
