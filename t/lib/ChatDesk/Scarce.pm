package ChatDesk::Scarce;

# A ChatDesk in which allocations of nginx fail, one in each life.
#
# Purpose:    a test says what a client does from its first connection to its
#             last; that life is led again and again, and each time the next
#             allocation fails.
# Owner:      owns the stack and the library that makes allocations fail.
# Invariants: a life may fail; nginx may not, nor may the other visitor, who
#             is there all the time, and no life waits for what never comes.
#             Runs on the release build: the sanitizers allocate by themselves.

use strict;
use warnings;

use JSON::PP ();
use Test::More;

use ChatDesk::EchoClient;
use ChatDesk::Preload;
use ChatDesk::Test;

use constant STEP => 12;
use constant MOST => 2000;

my $json = JSON::PP->new->utf8->canonical;


# Options as of ChatDesk::Test; step: each failure takes its time to get over,
# so without CHATDESK_FULL only every so many-th (12) allocation fails.

sub new {
    my ($class, %arg) = @_;
    my $step = delete $arg{step} // STEP;
    my $alloc = ChatDesk::Preload->new('alloc_fail',
        ALLOC_FAIL_FILE => pack 'L L', 0, 0);
    my $test = ChatDesk::Test->new(%arg, flavour => 'release',
        env => { nginx => $alloc->env },
        server => 'chatdesk_rate 1000r/s burst=1000;');

    return bless { alloc => $alloc, test => $test, tls => $arg{tls},
                   step => $ENV{CHATDESK_FULL} ? 1 : $step,
                   port => $test->stack->port, said => 0 }, $class;
}


sub test {
    my ($self) = @_;

    return $self->{test};
}


# Connected, with nothing sent but what TLS wants.

sub connect {
    my ($self, %arg) = @_;

    return ChatDesk::EchoClient->new(port => $self->{port},
        tls => $self->{tls}, %arg);
}


sub open_socket {
    my ($self, $path) = @_;

    return $self->connect(path => $path // '/chatdesk/socket',
        headers => { 'Sec-WebSocket-Protocol' => 'chatdesk.v1' });
}


sub say {
    my ($self, $client, %frame) = @_;

    $client->send(text => $json->encode(\%frame));
}


# The next frame of this type, in whatever order; dies where the session ends
# or refuses.

sub hear {
    my ($self, $client, $type, $seconds) = @_;
    my $heard = $client->{heard} //= [];

    for ( ;; ) {
        for my $at (grep { $heard->[$_]{t} eq $type } 0 .. $#$heard) {
            return splice @$heard, $at, 1;
        }

        my $got = eval { $client->next($seconds // 8) }
            // die "no $type came in time\n";
        my ($text) = $got =~ /\Atext:(.*)/s or die "not $type but $got\n";
        my $frame = $json->decode($text);

        die "refused: $frame->{code} ", $frame->{field} // "", "\n"
            if $frame->{t} eq 'error';
        push @$heard, $frame, @{ $frame->{frames} // [] };
    }
}


# A visitor of this number who has opened a conversation: the socket, the
# conversation's id, and what the welcome said.

sub visitor {
    my ($self, $number) = @_;
    my $client = $self->open_socket;

    $self->say($client, t => 'hello',
        device => sprintf 'device-%015d', $number);
    my $welcome = $self->hear($client, 'welcome');
    $self->say($client, t => 'start', id => 's', name => 'Vi');

    return ($client, $self->hear($client, 'ack')->{conv}, $welcome);
}


# A request with a connection of its own; gives head and decoded body, dies
# when it is not answered with 200 or 204.  A worker may take 10 s.

sub request {
    my ($self, $method, $path, $content, %header) = @_;
    my $body = $content ? $json->encode($content) : '';
    my $client = $self->connect(connect_only => 1);

    %header = (Host => "127.0.0.1:$self->{port}", Connection => 'close',
        'Content-Type' => 'application/json',
        'Content-Length' => length $body, %header);
    $client->write(join "\r\n", "$method $path HTTP/1.1",
        (map { "$_: $header{$_}" } sort keys %header), '', $body);

    my $head = $client->head(12);
    my ($status) = $head =~ m{\AHTTP/1\.1 (\d+)};
    die "$path is answered with $status\n" if $status !~ /\A20[04]\z/;

    my $answer = eval { $json->decode($client->body(6)) };
    $client->close;

    return ($head, $answer // {});
}


# Leads a life for each allocation, to the last one; `life` gets this object
# and how many lives there have been.

sub fail_each {
    my ($self, $life) = @_;
    my $alloc = $self->{alloc};
    my $stack = $self->{test}->stack;
    my @workers = $stack->nginx_workers;
    my $step = $self->{step};
    my ($number, $count, $lives) = (int(rand $step) + 1, 0, 0);
    my (@lost, @hung, %ends);

    # the desk may still be without a worker
    $self->{test}->until(10, 'the other visitor',
        sub { eval { $self->_bystander; 1 } });
    $life->($self, ++$lives) for 1 .. 3;

    for ( ;; ) {
        $alloc->drive(pack 'L L', $number, 0);
        my $end = eval { $life->($self, ++$lives); 'whole' } // $@;
        my (undef, $failed) = unpack 'L L', $alloc->content;
        $alloc->drive(pack 'L L', 0, 0);

        $ends{ $end =~ s/ at .*//sr }++;
        push @hung, $number if $end =~ /in time/;
        push @lost, $number if !$self->_stands_by;
        note("$number: $end");

        last if !$failed || $number > MOST;
        $number += $step;
        $count++;
        last if "@workers" ne join ' ', $stack->nginx_workers;
    }

    note("$ends{$_} times: $_") for sort keys %ends;
    cmp_ok($count, '>', 100 / $step, "$count of $number allocations failed");
    cmp_ok($number, '<', MOST, 'to the last of them: then a life was whole');
    is_deeply(\@lost, [], 'the other visitor was always served');
    is_deeply(\@hung, [], 'nobody waited for what would never come');
    is_deeply([ $stack->nginx_workers ], \@workers,
        'the nginx worker is the same');
}


# One who is there all the time: says something and hears it.

sub _bystander {
    my ($self) = @_;
    my $client = $self->{bystander} = $self->open_socket;

    $self->say($client, t => 'hello', device => 'bystander-000000000000');
    $self->hear($client, 'welcome');
    $self->say($client, t => 'start', id => 's', name => 'By');
    $self->{stands} = $self->hear($client, 'ack')->{conv};
}


sub _stands_by {
    my ($self) = @_;
    my $client = $self->{bystander};
    my $k = ++$self->{said};

    # a link to Redis that fails again and again waits for up to 3 s
    for my $try (1 .. 100) {
        $self->say($client, t => 'send', conv => $self->{stands}, k => $k,
            text => 'here');
        return 1 if eval {
            my $ack = $self->hear($client, 'ack', 5);

            $ack = $self->hear($client, 'ack', 5) while $ack->{k} != $k;
            1;
        };
        next if $@ =~ /^refused: (?:busy|unavailable)/
            && $self->{test}->loop->until(1, 'Redis again', _waits(0.1));
        note("the other visitor: $@");
        return 0;
    }

    return 0;
}


# True after so many seconds.

sub _waits {
    my $until = ChatDesk::EchoClient::now() + $_[0];

    return sub { ChatDesk::EchoClient::now() >= $until };
}


sub finish {
    my ($self) = @_;

    $self->{bystander}->close;
    $self->{test}->expect_complaint(
        qr/(?:malloc|posix_memalign)\(.*failed|SSL_\w+\(\) failed/);
    $self->{test}->finish;
}

1;
