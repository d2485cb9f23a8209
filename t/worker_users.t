#!/usr/bin/perl
#
# The users of Redis that conf.example/redis.conf shows: each can do its
# work, and nothing else.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;

use ChatDesk::Workers;

my $dir = tempdir(CLEANUP => 1);
my $hash = sha256_hex('letmein');
my %user;


sub spill {
    my ($path, $text) = @_;

    open my $file, '>', $path or die "$path: $!";
    print $file $text;
    close $file;
}


open my $example, '<', ChatDesk::Bus::top() . '/conf.example/redis.conf'
    or die "redis.conf: $!";
for my $line (<$example>) {
    my ($name, $rules) = $line =~ /^#\s+user (chatdesk-\S+) (.*)/ or next;

    $user{$name} = "user $name " . $rules =~ s/#HASH/#$hash/r . "\n";
}

is_deeply([ sort keys %user ],
          [qw(chatdesk-admin chatdesk-nginx chatdesk-worker)],
          'the example has three users');

# tests look on with the default user, which the example turns off
spill("$dir/users.acl", join '', "user default on nopass ~* &* +\@all\n",
      values %user);
spill("$dir/password", "letmein\n");

# What the functions of each side call; what both sides include may be called
# by either.

sub commands_of {
    my ($whose) = @_;
    my $redis = ChatDesk::Bus::top() . '/worker/redis';
    my @decides = map { "$redis/$_.lua" } qw(cd_commit cd_lease cd_setup
        cd_try cd_version commit_ops commit_tx record_ops);
    my @both = map { "$redis/$_.lua" } qw(common feed head);
    my %decides = map { $_ => 1 } @decides;
    my @files = $whose eq 'worker' ? @decides
        : grep { !$decides{$_} } glob "$redis/cd_*.lua";
    my %command;

    for my $path (@files, @both) {
        open my $file, '<', $path or die "$path: $!";
        local $/;
        $command{lc $_} = 1 for <$file> =~ /call\('([A-Z]+)'/g;
    }

    return sort keys %command;
}

for my $whose (qw(nginx worker)) {
    my @missing = grep { $user{"chatdesk-$whose"} !~ /\+$_(?:\||\s)/ }
        commands_of($whose);

    is_deeply(\@missing, [], "$whose may do what its functions call");
}

my $bus = ChatDesk::Workers->new(
    config => ["aclfile $dir/users.acl"],
    redis_lines => [ 'user = chatdesk-worker',
                     "password_file = $dir/password" ]);
my $worker = $bus->start_owner;
my $admin = $bus->redis;
my $nginx = $bus->connect;

$nginx->auth('chatdesk-nginx', 'letmein');
$bus->{redis} = $nginx;

subtest 'nginx and the worker do their work' => sub {
    my $login = 'f' x 64;

    $admin->hset($bus->key("s:$login"), agent => 'ana', name => 'Ana',
                 role => 'agent');
    is(($bus->call('cd_session', "s:$login", 1))[0], 'ok', 'session');
    is(($bus->call('cd_ticket', "s:$login", 'x', 1))[0], 'ok', 'ticket');
    is(($bus->call('cd_hello_agent', 't:x', 'session1', $bus->node,
                   ChatDesk::Bus::now_ms()))[0], 'ok', 'hello');

    $bus->request('PRESENCE', 'ana', 'agent', 'session1',
                  state => 'available');
    my $visitor = $bus->visitor_start;
    $bus->wait_register(5, 'i:ana', 'CARD', conv => $visitor->{conv});
    $bus->request('ACCEPT', 'ana', 'agent', 'session1',
                  conv => $visitor->{conv});
    $bus->wait_register(5, "v:$visitor->{conv}", 'PHASE',
                        phase => 'active');
    is(($bus->post($visitor, 'v', "text $_"))[0], 'ok', "message $_")
        for 1 .. $ChatDesk::Bus::L{WINDOW_TRIM};
    is(($bus->call('cd_mark', "c:$visitor->{conv}", $visitor->{conv},
                   $visitor->{who}, 'v', 1, 1, 0, 1))[0], 'ok', 'mark');
    is(($bus->call('cd_hello_visitor', "u:$visitor->{who}",
                   $visitor->{who}, 'session2', $bus->node, 1))[0], 'ok',
       'hello of a visitor');
    is(($bus->call('cd_bye', 'online', 'session2', 1))[0], 'ok', 'bye');
    $visitor->{k}--;
    is(($bus->post($visitor, 'v', 'again'))[0], 'ok', 'a repeat');
    $bus->request('END', $visitor->{who}, 'visitor', $visitor->{session},
                  conv => $visitor->{conv});
    $bus->wait_register(5, "v:$visitor->{conv}", 'PHASE',
                        phase => 'closed');
    is(($bus->call('cd_logout', "s:$login", 1))[0], 'ok', 'logout');

    my @publish = ($bus->key('n:node'), 'x');
    ok(defined $nginx->publish(@publish), 'publish');
    $bus->until(5, 'the call channel', sub {
        $nginx->publish($bus->key('call'), 'x');
    });
};

subtest 'and nothing else' => sub {
    my $other = $bus->connect;
    $other->auth('chatdesk-worker', 'letmein');

    for my $redis ($nginx, $other) {
        my $name = $redis == $nginx ? 'nginx' : 'worker';

        for my $command ([qw(eval return 0)], [qw(keys *)],
                         [qw(config GET *)], [qw(flushall)],
                         [qw(get elsewhere)], [qw(set elsewhere x)],
                         [qw(publish elsewhere x)], [qw(acl LIST)],
                         [qw(function DELETE chatdesk)], [qw(bgsave)],
                         [qw(scan 0)], [qw(client LIST)])
        {
            my ($verb, @arguments) = @$command;
            ok(!eval { $redis->$verb(@arguments); 1 }
               && $@ =~ /NOPERM/, "$name may not: @$command");
        }
    }

    ok(!eval { $nginx->function('LOAD', 'x'); 1 } && $@ =~ /NOPERM/,
       'nginx may not load functions');
};

is($bus->logged($worker, 'dropped'), 0, 'the worker was never refused');
$bus->{redis} = $admin;
is_deeply([ $bus->complaints ], [], 'no complaints');
done_testing();
