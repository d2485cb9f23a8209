#!/usr/bin/perl
#
# nginx is replaced by a new binary, twice, while 200 messages a second go
# through it: USR2, WINCH, QUIT.  And then it quits, with everybody connected.
#
# CHATDESK_FULL asks for ten.
#
# proves: O2 F1

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

use ChatDesk::Load;

# the new binary inherits what nginx is told to leave in its environment
my $load = ChatDesk::Load->new(workers => 2, crowd => 300, upgradable => 1,
    main => "env ASAN_OPTIONS;\nenv UBSAN_OPTIONS;\n");
my $test = $load->test;
my $stack = $test->stack;
my $loop = $test->loop;
my $times = ChatDesk::Load->times(2, 10);
my ($old, @workers, @step);


# Whether none of these processes runs; a dead one that nobody has asked for
# its status does not.

sub gone {
    for my $pid (@_) {
        open my $file, '<', "/proc/$pid/stat" or next;
        return 0 if (<$file> // ') Z ') !~ /\) Z /;
    }

    return 1;
}


# Does the first of the steps whose condition holds, and so on.

sub go_on {
    my ($ready, $act) = @{ $step[0] // return };

    if ($ready->()) {
        shift @step;
        $act->();
    }
    $loop->after(0.05, \&go_on);
}


sub new_serves {
    my $master = -s "$stack->{dir}/nginx.pid" ? $stack->nginx_master : $old;

    return $master != $old && $stack->nginx_workers == 2;
}


for my $round (1 .. $times) {
    $old = $stack->nginx_master;
    @workers = $stack->nginx_workers;
    @step = (
        [ sub { 1 }, sub { kill 'USR2', $old } ],
        [ \&new_serves, sub { kill 'WINCH', $old } ],
        [ sub { gone(@workers) }, sub { kill 'QUIT', $old } ],
        [ sub { gone($old) && !grep { !$_->in_step } $load->clients },
          sub {} ],
    );

    $load->run(rate => 10, messages => 600, at => { 10 => \&go_on },
        enough => sub { !@step });

    is(scalar @step, 0, 'the new nginx serves, the old one has gone');
    isnt($stack->nginx_master, $old, 'there is another master');
}

my $moved = join ' ', (1012) x $times;
is_deeply([ grep { "@{ $_->{closes} }" ne $moved } $load->clients ], [],
    'every client was moved once each time');
$load->none_ok(resets => 'and went on where it was');
$test->verdict_ok("$times new binaries");


# -- quit: all are told, and come back to the nginx that is started then

@workers = $stack->nginx_workers;
$stack->{nginx}->signal('QUIT');
$test->until(20, 'nginx to quit', sub { !$stack->{nginx}->alive });
$test->until(10, 'all to be told', sub {
    !grep { @{ $_->{closes} } <= $times } $load->clients;
});
is_deeply([ grep { $_->{closes}[$times] != 1012 } $load->clients ], [],
    'quit closes with 1012');
ok(gone(@workers), 'and leaves nothing');
is($stack->{nginx}->status, 0, 'nginx ended by itself');

$stack->start_nginx;
$load->run(rate => 10, messages => 10);
$load->none_ok(resets => 'all are back where they were');
$test->verdict_ok('quit');
$test->finish;
