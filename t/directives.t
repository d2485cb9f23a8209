#!/usr/bin/perl
#
# What nginx -t says of good and of bad directives.
#
# proves: O6

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use File::Temp qw(tempdir);
use Test::More;

use ChatDesk::Config qw(read_file write_file);
use ChatDesk::Stack;

my $flavour = $ENV{CHATDESK_FLAVOUR} // 'release';
my $build = ChatDesk::Stack::build_of($flavour);
my $nginx = $flavour ne 'release' ? "$build/nginx" : 'nginx';
my $dir = tempdir(CLEANUP => 1);

$ENV{ASAN_OPTIONS} = 'detect_leaks=0';

# for the log before there is a configuration
mkdir "$dir/logs";

write_file("$dir/secret", 's' x 32 . "\n" . 'o' x 40 . "\n", 0600);
write_file("$dir/open", 's' x 32 . "\n", 0644);
write_file("$dir/short", 's' x 31 . "\n", 0600);
write_file("$dir/empty", "\n\n", 0600);
write_file("$dir/many", join('', map { "$_" x 32 . "\n" } 1 .. 9), 0600);
write_file("$dir/large", 's' x 9000, 0600);
write_file("$dir/password", "pass\n", 0600);
system('sh', '-c', 'exec openssl "$@" 2>/dev/null', 'openssl',
    qw(req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes
       -batch -subj /CN=test -keyout), "$dir/ca.key", '-out', "$dir/ca.pem")
    == 0 or die 'openssl failed';

my $redis = "chatdesk_redis unix:$dir/redis.sock;";
my $all = "$redis chatdesk_desk demo; chatdesk_secret $dir/secret;";


# The verdict and the words of nginx -t; the lines go into http, server and
# a location.

sub test_of {
    my ($http, $location, $server) = @_;

    write_file("$dir/nginx.conf", join "\n",
        "load_module $build/ngx_http_chatdesk_module.so;",
        "pid $dir/pid;", "error_log $dir/error.log;", 'events {}', 'http {',
        'access_log off;', (map { "${_}_temp_path $dir/$_;" }
            qw(client_body proxy fastcgi uwsgi scgi)),
        $http, 'server {', 'listen 127.0.0.1:65000;', $server // '',
        $location =~ /^location/ ? $location : "location /x/ { $location }",
        '}', '}', '');

    my $text = qx('$nginx' -t -p '$dir' -c '$dir/nginx.conf' 2>&1);

    return ($? == 0, $text);
}


sub accepted {
    my ($name, @lines) = @_;
    my ($ok, $text) = test_of(@lines);

    ok($ok, "accepted: $name") or diag($text);

    return $text;
}


# Refused, with these words and the place where it stands.

sub refused {
    my ($name, $words, @lines) = @_;
    my ($ok, $text) = test_of(@lines);

    ok(!$ok && $text =~ $words && $text =~ /nginx\.conf:\d+/,
        "refused: $name") or diag($text);
}


accepted('a socket of visitors', $all, 'chatdesk_socket visitor;');
accepted('a socket of agents needs no secret',
    "$redis chatdesk_desk demo;", 'chatdesk_socket agent;');
accepted('the interface', "$redis chatdesk_desk demo;", 'chatdesk_api;');
accepted('the status needs nothing', '', 'chatdesk_status;');
accepted('and so do the metrics', '', 'chatdesk_metrics;');
accepted('a desk by variable', "$redis chatdesk_secret $dir/secret;",
    'chatdesk_socket visitor; chatdesk_desk $host;');
accepted('settings around a location', '', 'chatdesk_socket visitor;', $all);
accepted('settings of a location win', $all,
    'chatdesk_socket visitor; chatdesk_desk two; chatdesk_origin any;'
    . ' chatdesk_redis 127.0.0.1:7000;');
accepted('every parameter of Redis', "chatdesk_redis 127.0.0.1 user=module"
    . " password_file=$dir/password db=3 timeout=500ms;", '');
accepted('a durability', "$all chatdesk_durability replicas=2 timeout=2500ms;",
    'chatdesk_socket visitor;');
accepted('another one below', "$all chatdesk_durability replicas=1;",
    'chatdesk_socket visitor; chatdesk_durability stored;');
accepted('Sentinels', 'chatdesk_redis sentinel name=mymaster 127.0.0.1'
    . " 127.0.0.1:26380 sentinel_user=s sentinel_password_file=$dir/password"
    . " user=module password_file=$dir/password;", '');
accepted('TLS', "chatdesk_redis 127.0.0.1 tls=on ca=$dir/ca.pem"
    . ' tls_name=redis.example;', '');
accepted('Sentinels with TLS', 'chatdesk_redis sentinel 127.0.0.1 name=m'
    . " tls=on ca=$dir/ca.pem;", '');
accepted('origins', 'chatdesk_origin same https://a.example'
    . ' HTTP://B.example:8080;', '');
accepted('a zone', 'chatdesk_zone chatdesk 64k;', 'chatdesk_status;');
accepted('every limit', 'chatdesk_max_message 1k;'
    . ' chatdesk_max_fragments 1; chatdesk_fragment_timeout 1s;'
    . ' chatdesk_hello_timeout 100ms; chatdesk_recheck 1s;'
    . ' chatdesk_heartbeat 1s; chatdesk_poll_hold 1h;'
    . ' chatdesk_heartbeat_timeout 1s; chatdesk_send_timeout 1s;'
    . ' chatdesk_close_timeout 1s; chatdesk_send_queue 64k;'
    . ' chatdesk_deflate on;'
    . " chatdesk_rate 1000r/s burst=10000; $all",
    'chatdesk_socket visitor;');

like(accepted('a secret that others may read', '',
        "chatdesk_secret $dir/open;"),
    qr/\[warn\].*"\Q$dir\E\/open" holds a secret/, 'warns of it');

# what a location cannot do without
refused('no desk', qr/"chatdesk_socket agent" needs "chatdesk_desk"/,
    $redis, 'chatdesk_socket agent;');
refused('no Redis', qr/"chatdesk_api" needs "chatdesk_redis"/,
    'chatdesk_desk demo;', 'chatdesk_api;');
refused('no secret', qr/"chatdesk_socket visitor" needs "chatdesk_secret"/,
    "$redis chatdesk_desk demo;", 'chatdesk_socket visitor;');
refused('no secret for polls',
    qr/"chatdesk_poll visitor" needs "chatdesk_secret"/,
    "$redis chatdesk_desk demo;", 'chatdesk_poll visitor;');
refused('no desk for polls', qr/"chatdesk_poll agent" needs "chatdesk_desk"/,
    $redis, 'chatdesk_poll agent;');
refused('a role', qr/invalid role "admin" in "chatdesk_poll"/,
    $all, 'chatdesk_poll admin;');
refused('a socket and polls', qr/"chatdesk_poll" directive needs a location/,
    $all, 'chatdesk_socket agent; chatdesk_poll agent;');
refused('two uses', qr/"chatdesk_api" directive needs a location of its own/,
    $all, 'chatdesk_socket agent; chatdesk_api;');
refused('a use twice', qr/needs a location of its own/,
    $all, 'chatdesk_socket agent; chatdesk_socket visitor;');
refused('the interface at one address', qr/needs a location that is a prefix/,
    $all, 'location = /x { chatdesk_api; }');
refused('the interface at a pattern', qr/needs a location that is a prefix/,
    $all, 'location ~ ^/x { chatdesk_api; }');

# values
refused('a role', qr/invalid role "admin".*"visitor" or "agent"/, $all,
    'chatdesk_socket admin;');
refused('a desk', qr/invalid desk "Demo".*\[a-z0-9-\]/, 'chatdesk_desk Demo;',
    '');
refused('a long desk', qr/invalid desk/, 'chatdesk_desk ' . 'd' x 33 . ';',
    '');
refused('a desk twice', qr/"chatdesk_desk" directive is duplicate/,
    'chatdesk_desk a; chatdesk_desk b;', '');
refused('a secret that is not there', qr/open\(\) "\S+none" failed/, '',
    "chatdesk_secret $dir/none;");
refused('a secret that is a folder', qr/is not a regular file/, '',
    "chatdesk_secret $dir;");
refused('a short secret', qr/line 1 of "\S+" has 31 characters.*at least 32/,
    '', "chatdesk_secret $dir/short;");
refused('no secret in it', qr/is empty, expected a secret/, '',
    "chatdesk_secret $dir/empty;");
refused('nine secrets', qr/more than 8 secrets/, '',
    "chatdesk_secret $dir/many;");
refused('a large file', qr/has 9000 bytes, expected at most 8192/, '',
    "chatdesk_secret $dir/large;");
refused('an origin', qr/invalid origin "shop.example".*http\[s\]:\/\/host/,
    '', 'chatdesk_origin shop.example;');
refused('an origin with a path', qr/invalid origin/, '',
    'chatdesk_origin https://shop.example/;');
refused('an origin with a star', qr/invalid origin/, '',
    'chatdesk_origin https://*.example;');
refused('a rate', qr/invalid rate "10".*1r\/s to 1000r\/s/, '',
    'chatdesk_rate 10;');
refused('no rate at all', qr/invalid rate "0r\/s"/, '', 'chatdesk_rate 0r/s;');
refused('a burst', qr/invalid parameter "burst=".*burst=1/, '',
    'chatdesk_rate 1r/s burst=;');
refused('a small zone', qr/invalid size "32k".*expected 64k or more/,
    'chatdesk_zone chatdesk 32k;', '');
refused('two zones', qr/is duplicate/,
    'chatdesk_zone a 64k; chatdesk_zone b 64k;', '');

# Redis
refused('a port', qr/invalid address "127.0.0.1:x".*expected unix:path/,
    'chatdesk_redis 127.0.0.1:x;', '');
refused('a socket without a path', qr/invalid address "unix:"/,
    'chatdesk_redis unix:;', '');
refused('a parameter', qr/invalid parameter "dbs=1".*expected user=/,
    "chatdesk_redis 127.0.0.1 dbs=1;", '');
refused('a database', qr/invalid parameter "db=-1".*expected db=0/,
    'chatdesk_redis 127.0.0.1 db=-1;', '');
refused('a time', qr/invalid parameter "timeout=1ms".*expected timeout=100ms/,
    'chatdesk_redis 127.0.0.1 timeout=1ms;', '');
refused('a word of durability', qr/invalid parameter "safe".*expected stored/,
    'chatdesk_durability safe;', '');
refused('no replicas', qr/invalid parameter "replicas=0".*expected stored/,
    'chatdesk_durability replicas=0;', '');
refused('a time for what is stored', qr/invalid parameter "timeout=1s"/,
    'chatdesk_durability stored timeout=1s;', '');
refused('a durability that waits too long',
    qr/waits for 2501ms, expected at most half .* which is 5000ms/,
    "$all chatdesk_durability replicas=1 timeout=2501ms;",
    'chatdesk_socket visitor;');
refused('a user without a password', qr/has "user" and needs/,
    'chatdesk_redis 127.0.0.1 user=a;', '');
refused('an empty password', qr/first line of "\S+" is empty/,
    "chatdesk_redis 127.0.0.1 password_file=$dir/empty;", '');
refused('Sentinels without a name', qr/"sentinel" and needs "name"/,
    'chatdesk_redis sentinel 127.0.0.1;', '');
refused('a name without Sentinels', qr/"sentinel" and needs "name"/,
    'chatdesk_redis sentinel name=mymaster;', '');
refused('the port of a Sentinel', qr/invalid address "127.0.0.1:0x1"/,
    'chatdesk_redis sentinel name=m 127.0.0.1:0x1;', '');
refused('seventeen Sentinels', qr/more than 16 addresses of Sentinels/,
    'chatdesk_redis sentinel name=m '
    . join(' ', map { "127.0.0.$_" } 1 .. 17) . ';', '');
refused('a name where no Sentinel is', qr/that needs "sentinel"/,
    'chatdesk_redis 127.0.0.1 name=mymaster;', '');
refused('a user of Sentinels without a password',
    qr/has "sentinel_user" and needs/,
    'chatdesk_redis sentinel name=m 127.0.0.1 sentinel_user=a;', '');
refused('TLS without certificates', qr/has "tls=on" and needs "ca"/,
    'chatdesk_redis 127.0.0.1 tls=on;', '');
refused('certificates that are not there',
    qr/no certificates to trust in "\S+none"/,
    "chatdesk_redis 127.0.0.1 tls=on ca=$dir/none;", '');
refused('certificates without TLS', qr/needs "tls=on"/,
    "chatdesk_redis 127.0.0.1 ca=$dir/ca.pem;", '');
refused('TLS on a Unix socket', qr/a Unix socket does not need/,
    "chatdesk_redis unix:/redis.sock tls=on ca=$dir/ca.pem;", '');

# limits
refused('a long message', qr/"chatdesk_max_message" must be 1k to 64k/,
    "$all chatdesk_max_message 1m;", 'chatdesk_socket visitor;');
refused('no time', qr/times of "chatdesk_\.\.\." directives must be above 0/,
    "$all chatdesk_hello_timeout 0;", 'chatdesk_socket visitor;');
refused('no time to hold',
    qr/times of "chatdesk_\.\.\." directives must be above 0/,
    "$all chatdesk_poll_hold 0;", 'chatdesk_poll visitor;');
refused('a long time to hold', qr/"chatdesk_poll_hold" must be 1h or less/,
    "$all chatdesk_poll_hold 2h;", 'chatdesk_poll visitor;');
refused('a small queue', qr/"chatdesk_send_queue" must be 64k or more/,
    "$all chatdesk_send_queue 1k;", 'chatdesk_socket visitor;');
refused('no number', qr/"chatdesk_max_fragments" directive invalid number/,
    'chatdesk_max_fragments x;', '');

# draining and logs
accepted('a time to drain, no time, and a log', "$all chatdesk_drain 0;"
    . " chatdesk_log $dir/sessions.log; chatdesk_detach off; log_format x"
    . " '\$chatdesk_role \$chatdesk_close_code';",
    'chatdesk_socket visitor; chatdesk_log off; chatdesk_detach on;');
refused('a time to drain that is none',
    qr/"chatdesk_drain" directive invalid value/, 'chatdesk_drain soon;', '');
refused('a time to drain for one server', qr/directive is not allowed here/,
    '', '', 'chatdesk_drain 1s;');
refused('perhaps', qr/invalid value "perhaps" in "chatdesk_detach"/,
    'chatdesk_detach perhaps;', '');
refused('a log twice', qr/"chatdesk_log" directive is duplicate/,
    'chatdesk_log off; chatdesk_log off;', '');

my ($opened, $said) = test_of("chatdesk_log $dir/none/sessions.log;", '');
ok(!$opened && $said =~ m{open\(\) "\S+/none/sessions\.log" failed},
    'refused: a log that cannot be opened') or diag($said);

done_testing();
