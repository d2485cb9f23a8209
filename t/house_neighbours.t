#!/usr/bin/perl
#
# Beside other modules in the distribution's own nginx, in either order of
# loading: nchan, which exports a hiredis of its own, and Lua.  All of them
# work while a chat runs.
#
# proves: O1

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use HTTP::Tiny;
use Test::More;

use ChatDesk::Test;

my $modules = '/usr/lib/nginx/modules';
my @neighbours = map { "$modules/$_" }
    qw(ndk_http_module.so ngx_http_lua_module.so ngx_nchan_module.so);
my @missing = grep { !-f } @neighbours;

if (@missing) {
    die "@missing: not installed" if $ENV{CI};
    plan(skip_all => "NOT INSTALLED: @missing; see t/tools/deps");
}

my $load = join '', map { "load_module $_;\n" } @neighbours;


# A message that nchan passes through Redis, and a page that Lua writes.

sub neighbours_work {
    my ($t, $name) = @_;
    my $http = HTTP::Tiny->new(timeout => 10);
    my $url = $t->stack->url;

    my $channel = "$url/nchan?id=" . ChatDesk::Client::random_id();

    my $answer = $http->get("$url/lua");
    is($answer->{content}, "lua 42\n", "$name: Lua answers");

    $answer = $http->post($channel, { content => "hello $name" });
    like($answer->{status}, qr/^20[12]$/, "$name: nchan takes a message");

    $answer = $http->get($channel);
    is($answer->{content}, "hello $name", "$name: nchan gives it");
}


sub chat_works {
    my ($t, $name) = @_;
    my $ana = $t->agent('ana');
    my $bob = $t->visitor('Bob');

    $ana->available;
    my $conv = $t->connect($bob, $ana);
    $bob->say($conv, "one beside $name");
    $ana->say($conv, "two beside $name");
    $t->settle(20);
    neighbours_work($t, $name);

    # old and new nginx workers, each with all modules
    $t->stack->reload_nginx;
    $t->until(20, 'both to be back', sub {
        2 == grep { $_->{cuts} && $_->{welcome} } $bob, $ana;
    });
    $bob->say($conv, "three beside $name");
    $t->settle(20);
    neighbours_work($t, "$name, reloaded");
    $t->verdict_ok($name);
}


# nchan asks for nginx's own folders, which nginx's first start as root makes;
# on a machine that starts no services nobody has made them
system('nginx', '-t', '-q') if $> == 0 && !-d '/var/lib/nginx/body';

for my $order ('in front', 'behind') {
    my $redis = ChatDesk::Stack::free_port();
    my $t = ChatDesk::Test->new(
        flavour => 'release', redis_more => "port $redis\nbind 127.0.0.1",
        ($order eq 'behind' ? 'main' : 'behind') => $load,
        http => "nchan_redis_url redis://127.0.0.1:$redis;",
        server => 'location = /nchan {
            nchan_pubsub; nchan_channel_id $arg_id; nchan_use_redis on;
            nchan_redis_storage_mode distributed;
        }
        location = /lua { content_by_lua_block { ngx.say("lua ", 6 * 7) } }');

    subtest "ChatDesk loaded $order" => sub {
        chat_works($t, $order);
        $t->finish;
    };
}

done_testing();
