package ChatDesk::Bus;

# A private Redis with the function library, and the bus as Perl values.
#
# Purpose:    calls functions as the module does, reads what they publish,
#             packs and opens envelopes with the names of the tables.
# Owner:      the object owns its Redis and the folder around it.
# Invariants: every wait is bounded; nothing listens but a Unix socket.

use strict;
use warnings;

use Carp qw(croak);
use Cwd qw(abs_path);
use Data::MessagePack;
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Redis;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC time);

use ChatDesk::Process;

my $top = abs_path(dirname(__FILE__) . '/../../..');

# strings of bytes as the format's str, which is all that Redis 7 reads
my $pack = Data::MessagePack->new->utf8;
my $unpack = Data::MessagePack->new;

our (%T, %F, %L, %type_name, %field_name);


# The constants of worker/redis/tables.lua.

sub _read_tables {
    open my $file, '<', "$top/worker/redis/tables.lua" or croak "tables: $!";
    my $into;

    while (my $line = <$file>) {
        $into = { T => \%T, F => \%F, L => \%L }->{$1}
            if $line =~ /^local (\w+) = \{/;
        $into->{$1} = $2 if $into && $line =~ /^  (\w+) = (\d+),/;
    }

    %type_name = reverse %T;
    %field_name = reverse %F;
}

_read_tables();


sub top {
    return $top;
}


# options: desk (name), config (lines of redis.conf)

sub new {
    my ($class, %arg) = @_;
    my $dir = tempdir('chatdesk-XXXXXX', TMPDIR => 1, CLEANUP => 1);
    my $self = bless {
        desk => 'demo', config => [], %arg, dir => $dir,
        socket => "$dir/redis.sock", owner => $$,
    }, $class;

    $self->{prefix} = "cd:{$self->{desk}}:";
    $self->start;

    return $self;
}


sub start {
    my ($self) = @_;

    open my $file, '>', "$self->{dir}/redis.conf" or croak "redis.conf: $!";
    print $file "$_\n" for
        'port 0', "unixsocket $self->{socket}", "dir $self->{dir}",
        'save ""', 'appendonly yes', 'appendfsync no',
        @{ $self->{config} };
    close $file;

    $self->{process} = ChatDesk::Process->new(
        name => 'redis', log => "$self->{dir}/redis.log",
        command => ['redis-server', "$self->{dir}/redis.conf"],
    );

    $self->until(10, 'Redis', sub {
        my $redis = eval { $self->connect } or return 0;
        return eval { $redis->ping } && ($self->{redis} = $redis);
    });
}


sub stop {
    my ($self, $signal) = @_;

    delete $self->{redis};
    $self->{process}->stop($signal // 'TERM', 10);
}


sub connect {
    my ($self, @more) = @_;

    return Redis->new(sock => $self->{socket}, cnx_timeout => 5,
                      read_timeout => 10, @more);
}


sub redis {
    my ($self) = @_;

    return $self->{redis};
}


sub socket_path {
    my ($self) = @_;

    return $self->{socket};
}


sub dir {
    my ($self) = @_;

    return $self->{dir};
}


# The text of the library as the worker has it.

sub library {
    my $text = qx($^X "$top/worker/redis/embed.pl");

    croak 'embed.pl failed' if $? != 0;
    return $text;
}


# Loads the library and, without a worker, sets the desk up.

sub load {
    my ($self, $era) = @_;

    $self->{redis}->function('LOAD', 'REPLACE', library());
    $self->{redis}->hset("$self->{prefix}desk", 'era', $era) if $era;
}


sub key {
    my ($self, $name) = @_;

    return $self->{prefix} . $name;
}


# Calls a function with one key; gives its answer as a list.

sub call {
    my ($self, $function, $key, @arguments) = @_;

    my $answer = $self->{redis}->fcall($function, 1, $self->key($key),
                                       @arguments);
    return @$answer;
}


# A body from names of fields; uint and bool fields need Perl numbers and
# references to them (\1, \0).

sub body {
    my (%fields) = @_;
    my %map;

    for my $name (keys %fields) {
        my $number = $F{ uc $name } // croak "no field $name";
        my $value = $fields{$name};

        $map{$number} = ref $value
            ? ($$value ? Data::MessagePack::true() : Data::MessagePack::false())
            : $value;
    }

    return _map(\%map);
}


# A map with numbers as keys, which Data::MessagePack cannot pack.

sub _map {
    my ($map) = @_;
    my @numbers = sort { $a <=> $b } keys %$map;

    return pack('C', 0x80 | @numbers) . _pairs($map, @numbers)
        if @numbers < 16;
    return pack('Cn', 0xde, scalar @numbers) . _pairs($map, @numbers);
}


sub _pairs {
    my ($map, @numbers) = @_;

    return join '', map { $pack->pack($_ + 0) . $pack->pack($map->{$_}) }
        @numbers;
}


sub envelope {
    my ($type, $n, $v, $at, %fields) = @_;

    croak "no type $type" if !$T{$type};
    return pack('CCCNCNCQ>', 0x95, $T{$type}, 0xce, $n, 0xce, $v, 0xcf, $at)
        . body(%fields);
}


# An envelope as a hash: t (name of the type), n, v, at and its fields.

sub open_envelope {
    my ($text) = @_;
    my (undef, $type, undef, $n, undef, $v, undef, $at, $body) =
        unpack 'CCCNCNCQ>a*', $text;
    my $map = $unpack->unpack($body);

    return {
        t => $type_name{$type}, n => $n, v => $v, at => $at,
        map { lc($field_name{$_} // $_) => $map->{$_} } keys %$map,
    };
}


# Entries of the desk's log, opened.

sub log_entries {
    my ($self) = @_;
    my $entries = $self->{redis}->xrange($self->key('log'), '-', '+');

    return map { open_envelope($_->[1][1]) } @$entries;
}


# Hears channels of the desk; heard() gives what came, opened, with the
# channel's name without the prefix.

sub listen {
    my ($self, @channels) = @_;
    my $listener = $self->connect;
    my @heard;

    $listener->subscribe(map({ $self->key($_) } @channels), sub {
        my ($payload, undef, $channel) = @_;
        push @heard, {
            channel => substr($channel, length $self->{prefix}),
            %{ open_envelope($payload) },
        };
    });

    return bless { listener => $listener, heard => \@heard },
        'ChatDesk::Bus::Ear';
}


# Polls until the condition holds; its value.  Dies when it does not.

sub until {
    my ($self, $seconds, $what, $condition) = @_;
    my $deadline = clock_gettime(CLOCK_MONOTONIC) + $seconds;

    while (1) {
        my $value = $condition->();
        return $value if $value;

        croak "waited $seconds s for $what"
            if clock_gettime(CLOCK_MONOTONIC) > $deadline;
        select undef, undef, undef, 0.01;
    }
}


sub now_ms {
    return int(time() * 1000);
}


# 22 characters that differ by their number.

sub id {
    my ($letter, $number) = @_;

    return sprintf '%s%021d', $letter, $number // 1;
}


package ChatDesk::Bus::Ear;

# Everything heard so far, forgotten by the call.

sub heard {
    my ($self, $seconds) = @_;

    $self->{listener}->wait_for_messages($seconds // 0.05);

    my @frames = splice @{ $self->{heard} };
    return @frames;
}


# Waits for frames until one satisfies the condition; that one.

sub wait_for {
    my ($self, $seconds, $what, $condition) = @_;
    my $deadline = Time::HiRes::time() + $seconds;

    while (1) {
        while (my $frame = shift @{ $self->{heard} }) {
            return $frame if $condition->($frame);
        }

        Carp::croak("waited $seconds s to hear $what")
            if Time::HiRes::time() > $deadline;
        $self->{listener}->wait_for_messages(0.05);
    }
}

1;
