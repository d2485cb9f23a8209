#!/usr/bin/perl
#
# chatdesk-worker -t: what is wrong, and where.

use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use Test::More;

use ChatDesk::Workers;

my $dir = tempdir(CLEANUP => 1);
my $program = ChatDesk::Workers::worker_program();
my $hash = ChatDesk::Workers::hash_of('secret');
my $good = "[redis]\nurl = unix:/run/redis.sock\n"
    . "[desk demo]\nconfig = $dir/desk.json\n";


sub spill {
    my ($name, $text) = @_;

    open my $file, '>', "$dir/$name" or die "$name: $!";
    print $file $text;
    close $file;
}


sub desk {
    return {
        name => 'Demo', default_queue => 'q',
        queues => [ { id => 'q', name => 'Q', priority => 5,
                      accept_seconds => 30 } ],
        profiles => [ { id => 'p', name => 'P', capacity => 4,
                        queues => ['q'] } ],
        agents => [ { login => 'ana', name => 'Ana', role => 'agent',
                      profile => 'p', password_hash => $hash } ],
    };
}


# A presence state of the desk's own.

sub state {
    my ($id) = @_;

    return { id => $id, name => "\u$id", channels => ['chat'] };
}


# So many queues more; their ids.

sub many {
    my ($desk, $count, $name) = @_;

    push @{ $desk->{queues} }, map { { id => "q$_", name => "$name$_",
        priority => 5, accept_seconds => 5 } } 1 .. $count;
    return map { "q$_" } 1 .. $count;
}


# What -t says, and its exit status.

sub check {
    my ($ini, $json) = @_;

    spill('worker.ini', $ini);
    spill('desk.json', ref $json ? JSON::PP::encode_json($json) : $json);
    my $said = qx('$program' -t -c '$dir/worker.ini' 2>&1);

    return ($said, $? >> 8);
}


sub refused {
    my ($ini, $json, $expected, $what) = @_;
    my ($said, $status) = check($ini, $json);

    subtest $what => sub {
        is($status, 1, 'refused');
        like($said, $expected, 'says why and where');
        unlike($said, qr/Sanitizer|runtime error/, 'in good order');
    };
}


my ($said, $status) = check($good, desk());
is($status, 0, 'good settings hold') or diag $said;

for my $example (qw(worker.ini desk.json)) {
    ok(-s ChatDesk::Bus::top() . "/conf.example/$example", $example);
}

open my $file, '<', ChatDesk::Bus::top() . '/conf.example/worker.ini'
    or die $!;
my $ini = join('', <$file>) =~ s{^config = .*}{config = $dir/desk.json}mr;
open $file, '<', ChatDesk::Bus::top() . '/conf.example/desk.json' or die $!;
($said, $status) = check($ini, join '', <$file>);
is($status, 0, 'the examples hold') or diag $said;

refused(@$_) for
    [ "[redis]\nport = 1\n", '{}', qr/worker\.ini:2: .*not a setting/,
      'an unknown setting' ],
    [ "[redis]\nurl = nowhere\n", '{}', qr/ini:2: url: expected unix:/,
      'a bad url' ],
    [ "[redis]\nurl = unix:relative\n", '{}', qr/absolute path/,
      'a relative socket' ],
    [ "[redis]\nurl = host:99999\n", '{}', qr/ini:2: url/, 'a bad port' ],
    [ "[redis]\nurl = sentinel://a:1,b:2\n", '{}',
      qr/ini:2: url: expected sentinel:/, 'Sentinels without a primary' ],
    [ "[redis]\nurl = sentinel:///mymaster\n", '{}',
      qr/ini:2: url: expected sentinel:/, 'a primary without Sentinels' ],
    [ "[redis]\nurl = sentinel://a:1,,b:2/m\n", '{}', qr/ini:2: url/,
      'an empty Sentinel' ],
    [ "[redis]\nurl = sentinel://a,b:2/m\n", '{}', qr/ini:2: url/,
      'a Sentinel without a port' ],
    [ '[redis]' . "\nurl = sentinel://"
      . join(',', map { "h:$_" } 1 .. 17) . "/m\n", '{}',
      qr/at most 16 Sentinels/, 'seventeen Sentinels' ],
    [ "[redis]\nurl = a:1\nurl = unix:/b\n", '{}', qr/url is there twice/,
      'two places' ],
    [ "[redis]\nurl = a:1\ntls = yes\n", '{}', qr/ini:3: tls: expected on/,
      'neither on nor off' ],
    [ "[redis]\nurl = a:1\ntls = on\n", '{}', qr/tls = on needs tls_ca/,
      'TLS without certificates' ],
    [ "[redis]\nurl = unix:/a\ntls = on\ntls_ca = x\n", '{}',
      qr/no sense on a Unix socket/, 'TLS on a Unix socket' ],
    [ "[redis]\nurl = a:1\ntls_name = x\n", '{}', qr/need tls = on/,
      'a name without TLS' ],
    [ "[redis]\nurl = a:1\nsentinel_password_file = $dir/worker.ini\n", '{}',
      qr/needs a url with sentinel/, 'a password without Sentinels' ],
    [ $good =~ s{^url.*}{url = a:1\ntls = on\ntls_ca = $dir/desk.json}mr,
      '{}', qr/desk\.json: expected certificates to trust/,
      'certificates that are none' ],
    [ "[redis]\nwhat\n", '{}', qr/ini:2: expected .section., name = value/,
      'a bad line' ],
    [ "[worker]\nlog_level = loud\n", '{}', qr/ini:2: log_level: expected/,
      'a bad level' ],
    [ "[redis]\nurl = unix:/x\n", '{}', qr/at least one section \[desk/,
      'no desk' ],
    [ "[desk demo]\nconfig = x\n", '{}', qr/\[redis\] url is missing/,
      'no Redis' ],
    [ "[desk Demo]\nconfig = x\n", '{}', qr/ini:2: .*of a-z, 0-9 and -/,
      'a bad name of a desk' ],
    [ "${good}[desk demo]\nconfig = x\n", '{}', qr/ini:6: .*there twice/,
      'a desk twice' ],
    [ $good =~ s/desk\.json/none.json/r, '{}', qr/none\.json: No such file/,
      'no desk.json' ],
    [ $good, '', qr/desk\.json:1:1: not JSON/, 'an empty file' ],
    [ $good, "{\n  \"name\": oops\n}", qr/desk\.json:2:\d+: not JSON/,
      'not JSON' ],
    [ $good, '[]', qr/the document: expected an object/, 'an array' ],
    [ $good, '{} x', qr/not JSON/, 'something behind the end' ],
    [ $good, "{\"name\":\"a\",\n\"name\":\"b\"}",
      qr/desk\.json:2:1: a member is there twice/, 'a member twice' ],
    [ $good, '[' x 100, qr/not JSON/, 'too deep' ],
    [ $good, "{\"name\":\"\xff\"}", qr/not JSON/, 'not UTF-8' ];

my @changes = (
    [ sub { $_[0]{colour} = 1 }, qr/the document: "colour" is not a member/ ],
    [ sub { delete $_[0]{name} }, qr/the document: "name" is missing/ ],
    [ sub { $_[0]{name} = 7 }, qr/name: expected a string/ ],
    [ sub { $_[0]{name} = '  ' }, qr/name: expected 1 to 80 characters/ ],
    [ sub { $_[0]{name} = 'x' x 81 }, qr/name: expected 1 to 80/ ],
    [ sub { $_[0]{name} = "a\0b" }, qr/name: expected text without a null/ ],
    [ sub { $_[0]{name} = "a\nb" }, qr/name: .*without control char/ ],
    [ sub { $_[0]{default_queue} = 'z' }, qr/default_queue: .*no queue "z"/ ],
    [ sub { $_[0]{queues} = [] }, qr/queues: expected 1 to/ ],
    [ sub { $_[0]{queues} = {} }, qr/queues: expected an array/ ],
    [ sub { $_[0]{queues}[0]{priority} = 10 },
      qr/queues\[0\]\.priority: expected a whole number from 1 to 9/ ],
    [ sub { $_[0]{queues}[0]{accept_seconds} = 1.5 },
      qr/queues\[0\]\.accept_seconds: expected a whole/ ],
    [ sub { push @{ $_[0]{queues} }, $_[0]{queues}[0] },
      qr/queues: "q" is there twice/ ],
    [ sub { $_[0]{profiles}[0]{queues} = ['z'] },
      qr/profiles\[0\]\.queues\[0\]: there is no queue "z"/ ],
    [ sub { $_[0]{profiles}[0]{capacity} = 0 },
      qr/profiles\[0\]\.capacity: expected a whole number from 1/ ],
    [ sub { $_[0]{agents}[0]{profile} = 'z' },
      qr/agents\[0\]\.profile: there is no profile "z"/ ],
    [ sub { $_[0]{agents}[0]{role} = 'boss' },
      qr/agents\[0\]\.role: expected agent, supervisor or admin/ ],
    [ sub { $_[0]{agents}[0]{login} = 'Ana' },
      qr/agents\[0\]\.login: expected 1 to 64 characters of/ ],
    [ sub { $_[0]{states} = [ state('away') ] },
      qr/states\[0\]\.id: "away" is a state that every desk has/ ],
    [ sub { $_[0]{states} = [ map { state($_) } qw(a available) ] },
      qr/states\[1\]\.id: "available" is a state that every desk has/ ],
    [ sub { $_[0]{states} = [ map { state($_) } qw(a b a) ] },
      qr/states\[2\]\.id: "a" is there twice/ ],
    [ sub { $_[0]{queues}[0]{dispositions} = [ map { { id => 'x',
          name => $_ } } qw(A B) ] },
      qr/queues\[0\]\.dispositions\[1\]\.id: "x" is there twice/ ],
    [ sub { $_[0]{flows} = [ { id => 'web', name => 'W', channel => 'web',
          end_seconds => 5 } ] },
      qr/flows\[0\]\.end_seconds: .*expected "remind_seconds" beside it/ ],
    [ sub { push @{ $_[0]{profiles}[0]{queues} }, many($_[0], 250, 'Q') },
      qr/profiles\[0\]\.queues: expected 1 to 250 elements, found 251/ ],
    [ sub { push @{ $_[0]{profiles}[0]{queues} },
                many($_[0], 99, 'x' x 70) },
      qr/profiles\[0\]\.queues: the names of these queues are 7318 / ],
    [ sub { $_[0]{agents}[0]{password_hash} = 'secret' },
      qr/agents\[0\]\.password_hash: expected what .*hash-password/ ],
);

for my $change (@changes) {
    my ($apply, $expected) = @$change;
    my $desk = desk();

    $apply->($desk);
    refused($good, $desk, $expected, "$expected");
}

like($hash, qr/^\$y\$/, 'hash-password prints yescrypt');
isnt(ChatDesk::Workers::hash_of('other'), $hash, 'of this password');
unlike(qx(printf '' | '$program' hash-password 2>&1), qr/^\$y\$/,
       'nothing for nothing');
unlike(qx(printf '\\n' | '$program' hash-password 2>&1), qr/^\$y\$/,
       'nothing for an empty line');

done_testing();
