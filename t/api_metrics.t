#!/usr/bin/perl
#
# The counters as Prometheus reads them, and after an old nginx worker has
# been killed whose place nobody takes.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use HTTP::Tiny;
use JSON::PP ();
use Test::More;

use ChatDesk::Config qw(read_file);
use ChatDesk::Test;

my $t = ChatDesk::Test->new(workers => 2);
my $stack = $t->stack;
my $http = HTTP::Tiny->new(timeout => 10, keep_alive => 0);


# The page: values and types by name; dies of a line that has no place there.

sub metrics {
    my $page = $http->get($stack->url . '/chatdesk-metrics');
    my (%value, %type, %help);

    for my $line (split /\n/, $page->{content}) {
        if ($line =~ /^# HELP (chatdesk_\w+) \S/) {
            $help{$1}++;
        } elsif ($line =~ /^# TYPE (chatdesk_\w+) (counter|gauge)$/) {
            $type{$1} = $2;
        } elsif ($line =~ /^(chatdesk_\w+)(\{[^{}]*\})? (\d+)$/
                 && $help{$1} && $type{$1} && !exists $value{$1}) {
            $value{$1} = $3;
            $value{build} = $2 if $2;
        } else {
            die "not a line of metrics: $line";
        }
    }

    return (\%value, \%type, $page);
}


# Polls until a metric has a value.

sub reaches {
    my ($name, $value, $what) = @_;

    eval { $t->until(20, $what, sub { (metrics())[0]{$name} == $value }) };
    is((metrics())[0]{$name}, $value, $what);
}


# Every row of the table, as what it is; and the same in JSON.

sub whole_page {
    my ($value, $type, $page) = metrics();
    my $table = read_file(ChatDesk::Stack::top() . '/include/tbl/metrics.h');
    my %row = $table =~ /^CD_METRIC\(\w+,\s*(\w+),\s*(COUNTER|GAUGE),/mg;
    my %wanted = map {
        "chatdesk_$_" . ($row{$_} eq 'COUNTER' ? '_total' : '') => lc $row{$_}
    } keys %row;

    is($page->{headers}{'content-type'}, 'text/plain; version=0.0.4',
        'the type says which text');
    is_deeply($type, { %wanted, chatdesk_build_info => 'gauge' },
        'all rows of the table, and the build');
    like($value->{build}, qr/\bnginx="1\.\d+\.\d+",hiredis="\d+\.\d+\.\d+"/,
        'the build says with what');
    like($value->{build}, qr/scope="zone"/, 'and that all workers count');

    my $status = JSON::PP::decode_json(
        $http->get($stack->url . '/chatdesk-status')->{content});
    is_deeply([ sort keys %$status ], [ sort qw(build scope), keys %row ],
        'the other page has the same rows');
    is($status->{build}{protocol}, 'chatdesk.v1', 'and the build');
}


# Old workers that are stopped keep what they counted; killed, they have no
# successor that would clear it.

sub killed_while_leaving {
    my %old = map { $_ => 1 } $stack->nginx_workers;

    kill STOP => keys %old;
    $stack->reload_nginx;
    $t->until(20, 'new nginx workers', sub {
        2 == grep { !$old{$_} } $stack->nginx_workers;
    });
    my @visitors = map { $t->visitor("New $_") } 1 .. 2;
    $t->until(20, 'new visitors',
        sub { 2 == grep { $_->{welcome} } @visitors });
    cmp_ok((metrics())[0]{chatdesk_sessions}, '>', 2,
        'those of the old workers are still there');

    kill KILL => keys %old;
    $t->expect_complaint(qr/exited on signal 9/);
    $t->until(20, 'the old workers to be gone',
        sub { !grep { $old{$_} } $stack->nginx_workers });
}


my @visitors = map { $t->visitor("Visitor $_") } 1 .. 3;
my $conv = $visitors[0]->start(name => 'Visitor 1');
reaches(chatdesk_sessions => 3, 'three sessions are open');
whole_page();

killed_while_leaving();
$t->until(20, 'the visitors to be back',
    sub { 3 == grep { $_->{cuts} && $_->{welcome} } @visitors });
reaches(chatdesk_sessions => 5, 'nobody counts for the dead');
reaches(chatdesk_feeds => 1, 'nor their feeds');

# each connection to Redis that is lost is counted, and who is sent away
my $lost = (metrics())[0]{chatdesk_redis_reconnects_total};
$stack->{redis}->stop('TERM', 10);
$t->until(20, 'lost connections to be counted', sub {
    (metrics())[0]{chatdesk_redis_reconnects_total} > $lost;
});
my $id = $visitors[1]->request('start', name => 'Visitor 2');
my $error = $visitors[1]->expect(t => 'error', re => $id);
like($error->{code}, qr/^(?:busy|unavailable)$/, 'Redis is away');
cmp_ok((metrics())[0]{chatdesk_busy_total}, '>=', 1, 'which is counted');
$stack->start_redis;

is($http->post($stack->url . '/chatdesk-metrics')->{status}, 405,
    'metrics cannot be written');

$t->finish;
