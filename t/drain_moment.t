#!/usr/bin/perl
#
# The moment at which a client is moved: one after the other, not before
# what it asked for is answered, and at the latest when chatdesk_drain is
# over; worker_shutdown_timeout is stronger.
#
# proves: F1 O2

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Config qw(read_file);
use ChatDesk::Test;

use constant CROWD => 300;


sub until_gone {
    my ($test, @workers) = @_;
    my %old = map { $_ => 1 } @workers;

    $test->until(20, 'the old nginx worker to go', sub {
        !grep { $old{$_} } $test->stack->nginx_workers;
    });
}


# Calls back when the client is closed.

sub on_close {
    my ($client, $callback) = @_;
    my $closed = $client->{socket}{on_close};

    $client->{socket}{on_close} = sub { $callback->(@_); $closed->(@_) };
}


# -- many, one after the other

subtest 'many' => sub {
    my $test = ChatDesk::Test->new;
    my $loop = $test->loop;
    my @old = $test->stack->nginx_workers;
    my @crowd = map { $test->visitor("idle$_") } 1 .. CROWD;
    my (@at, @order);

    $test->until(20, 'the crowd', sub { !grep { !$_->{welcome} } @crowd });

    for my $i (0 .. $#crowd) {
        $crowd[$i]{reconnect} = 0;
        on_close($crowd[$i], sub { push @at, $loop->now; push @order, $i });
    }

    $test->stack->reload_nginx;
    $test->until(20, 'all to be moved', sub { @at == CROWD });

    # 300 ms for 300 sockets; a busy machine makes it longer, never shorter
    cmp_ok($at[-1] - $at[0], '>', 0.15,
        sprintf 'they were moved within %.2f s', $at[-1] - $at[0]);
    cmp_ok($at[-1] - $at[0], '<', 5, 'which is soon');

    # half of the first quarter to go came in the first half, more or less
    my $early = grep { $_ < CROWD / 2 } @order[0 .. CROWD / 4 - 1];
    ok($early > CROWD / 16 && $early < CROWD * 3 / 16, 'in no order')
        or diag("$early came early");

    is_deeply([ grep { $_ != 1012 } map { @{ $_->{closes} } } @crowd ], [],
        'with code 1012');
    until_gone($test, @old);
    $test->finish;
};


# A visitor whose message Redis does not answer, while nginx reloads.

sub reload_with_message {
    my (%arg) = @_;
    my $test = ChatDesk::Test->new(%arg);
    my $visitor = $test->visitor('vera');
    my $conv = $visitor->start;
    my @old = $test->stack->nginx_workers;
    my @log;

    on_close($visitor, sub { push @log, "close $_[0]" });
    $test->stack->{redis}->signal('STOP');
    my $began = $test->loop->now;
    $visitor->say($conv, 'just in time');
    $visitor->send({ t => 'ping' });
    $visitor->expect(t => 'pong');
    $test->stack->reload_nginx;

    return ($test, $visitor, \@log, $began, @old);
}


# -- what is under way is answered first

subtest 'under way' => sub {
    my ($test, $visitor, $log, undef, @old) = reload_with_message();
    my $other = $test->visitor('otto', reconnect => 0);

    $test->until(10, 'the new nginx worker',
        sub { grep { my $new = $_; !grep { $_ == $new } @old }
              $test->stack->nginx_workers });

    my $quiet = 0;
    $test->loop->after(0.3, sub { $quiet = 1 });
    $test->until(5, 'the turn to pass', sub { $quiet });
    is_deeply($log, [], 'the client whose message is under way stays');

    $test->stack->{redis}->signal('CONT');
    $test->until(10, 'the client to be moved', sub { @$log });
    ok($visitor->take(t => 'ack', k => 1), 'its message was acknowledged');
    is_deeply($log, ['close 1012'], 'and then it was moved');

    until_gone($test, @old);
    $test->settle(20);
    $test->verdict_ok('one message');
    $other->close;
    $test->finish;
};


# -- a handshake that ends when nginx already reloads: a refusal would look
# like a network without WebSockets to a browser

subtest 'late handshake' => sub {
    my $test = ChatDesk::Test->new;
    my $stack = $test->stack;
    my $old;

    $test->until(10, 'an nginx worker',
        sub { ($old) = $stack->nginx_workers });
    my $sockets = sub { scalar grep { (readlink($_) // '') =~ /^socket/ }
                        glob "/proc/$old/fd/*" };
    my $before = $sockets->();
    my @closed;
    my $late = ChatDesk::WebSocket->new(loop => $test->loop, hold => 1,
        port => $stack->{port}, path => '/chatdesk/socket',
        on_close => sub { @closed = @_ });

    $test->until(10, 'the connection to be accepted',
        sub { $sockets->() > $before });
    $stack->reload_nginx;
    $test->until(10, 'the old nginx worker to be leaving',
        sub { read_file("/proc/$old/cmdline") =~ /shutting down/ });
    $late->send_bytes($late->handshake);
    $test->until(10, 'the close', sub { @closed });
    is($late->{status}, 101, 'the handshake is finished');
    is($closed[0], 1012, 'and the client moved');
    until_gone($test, $old);
    $test->finish;
};


# -- but not for longer than chatdesk_drain

subtest 'not for ever' => sub {
    my ($test, $visitor, $log, $began, @old) =
        reload_with_message(http => 'chatdesk_drain 1s;');

    $test->until(10, 'the client to be moved', sub { @$log });
    my $took = $test->loop->now - $began;
    ok(!$visitor->take(t => 'ack', k => 1), 'there was no answer in time,');
    is_deeply($log, ['close 1012'], 'the client was moved');
    cmp_ok($took, '>', 0.9, sprintf 'when the time was over (%.2f s)', $took);
    cmp_ok($took, '<', 4, 'and not much later');

    $test->stack->{redis}->signal('CONT');
    until_gone($test, @old);
    $test->settle(20);
    $test->verdict_ok('sent again to the new nginx worker');
    $test->finish;
};


# -- and worker_shutdown_timeout ends it all

subtest 'in a hurry' => sub {
    my ($test, $visitor, $log, $began, @old) = reload_with_message(
        http => 'chatdesk_drain 60s;',
        shutdown => '500ms');

    $test->until(10, 'the client to be cut', sub { @$log });
    is_deeply($log, ['close 1006'], 'the client was cut');
    cmp_ok($test->loop->now - $began, '<', 5, 'at once');

    $test->stack->{redis}->signal('CONT');
    until_gone($test, @old);
    $test->settle(20);
    $test->verdict_ok('sent again after the cut');
    $test->finish;
};

done_testing();
