#!/usr/bin/perl
#
# The cross product of frames: every frame of include/tbl/frames.h that is
# about a conversation, sent by everybody who is not in it, at its desk and at
# another one. Nothing is taken that may not be, and nobody in it sees a thing.
#
# proves: O9

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;

use ChatDesk::Bus;
use ChatDesk::Config qw(read_file);
use ChatDesk::Test;

# what supervisors may do to a conversation that they are not in
my %may = map { $_ => 1 } qw(monitor barge takeover);

# a card that there is not needs no dismissal, and none is done
my %idle = map { $_ => 1 } qw(dismiss);

# what a frame says besides, so that what it is about decides
my %value = (agent => 'h-agent', template => 'h-t', text => 'x', k => 1,
             on => JSON::PP::true, got => 1, read => 1);


# Frames from clients that are about a conversation: name, number of which is
# of no matter, [ fields that must be there ], whether it is answered.

sub frames {
    my $top = ChatDesk::Bus::top();
    my $text = read_file("$top/include/tbl/frames.h");
    my %field = read_file("$top/include/tbl/fields.h")
        =~ /^CD_FIELD\((\w+),\s*(\w+),/mg;
    my @rows = $text
        =~ /^CD_FRAME\((\w+),\s*(\w+),\s*\d+, C2S, \w, \w+,\s*(\w+)/mg;
    my @frames;

    while (my ($id, $name, $kind) = splice @rows, 0, 3) {
        my %has = $text =~ /^CD_FRAME_FIELD\($id, (\w+),\s*(\w+)\)/mg;
        my ($about) = grep { $has{$_} } qw(CONV FEED);

        next if !$about || $id eq 'HELLO';
        push @frames, { name => $name, answered => $kind eq 'REQUEST',
            about => $field{$about}, fields => [ map { $field{$_} }
                grep { $_ ne $about && ($has{$_} eq 'REQUIRED'
                                        || $_ eq 'AGENT') } sort keys %has ] };
    }

    return @frames;
}

# what takes a request back comes before it
my @frames = sort { ($b->{name} eq 'unfollow') <=> ($a->{name} eq 'unfollow') }
    frames();
cmp_ok(scalar @frames, '>=', 18, 'frames were found');
my %known = map { $_->{name} => 1 } @frames;
is_deeply([ grep { !$known{$_} } sort keys %may ], [], 'those of supervisors');


# -- two desks, a conversation at each --

my @roles = qw(owner agent supervisor admin);


sub people {
    my ($prefix) = @_;

    return (agents => [ map { "$prefix$_" } @roles ],
            roles => { map { ("$prefix$_" => $_) } @roles[1 .. 3] });
}

my $t = ChatDesk::Test->new(settings => { people('h-') },
    other => ChatDesk::Test::desk(people('t-')),
    server => ChatDesk::Test::other_server());


sub agent_of {
    my ($login) = @_;
    my %other = $login =~ /^t-/ ? (path => '/other/desk/socket',
        api => '/other/api/',
        password => $t->stack->{other_password}{$login}) : ();
    my $agent = $t->agent($login, %other);

    $t->until(10, "the inbox of $login", sub { $agent->feed('inbox')->{live} });
    return $agent;
}


sub visitor_of {
    my ($desk, %arg) = @_;

    return $t->visitor('Vera', ($desk eq 't-' ? (path => '/other/socket')
                                              : ()), %arg);
}

my %there;
for my $desk (qw(h- t-)) {
    my ($owner, $visitor) = (agent_of("${desk}owner"), visitor_of($desk));

    $owner->available;
    my $conv = $t->connect($visitor, $owner);
    $owner->presence('busy');
    $t->settle(10);
    $there{$desk} = { conv => $conv, owner => $owner, visitor => $visitor };
}
$there{$_}{seen} = [ map { scalar @{ $_->{seen} } }
    @{ $there{$_} }{qw(owner visitor)} ] for keys %there;


# -- everything by everybody --

# The codes of refusals by frame, when one that must come behind them has
# come: it is about nothing.

sub told {
    my ($client, $conv, @ask) = @_;
    my (%id, %code);

    for my $frame (@ask) {
        my $id = $id{ $frame->{name} } = "x$frame->{name}";

        $client->send({ t => $frame->{name}, $frame->{about} => $conv,
            map { ($_ => $_ eq 'id' ? $id : $value{$_} // 'x') }
                @{ $frame->{fields} } });
    }

    my ($last) = grep { $_->{name} eq 'end' } @frames;
    my $fence = $client->request($last->{name}, conv => 'A' x 22);
    $client->expect(t => 'error', re => $fence);

    my $find = sub {
        my ($frame) = @_;
        my ($error) = grep { $_->{t} eq 'error'
            && (($_->{re} // '') eq $id{ $frame->{name} }
                || ($frame->{name} eq 'send' && defined $_->{k})
                || ($frame->{about} eq 'feed'
                    && ($_->{feed} // '') eq $conv)) } @{ $client->{seen} };

        return $error ? $code{ $frame->{name} } = $error->{code} : undef;
    };

    # not every frame goes the same way
    for my $frame (grep { $_->{answered} } @ask) {
        eval { $t->until(2, 'a refusal', sub { $find->($frame) }) };
    }

    return \%code;
}

my (@wrong, $asked);


sub crosses {
    my ($desk, $role, $target, @ask) = @_;
    my $conv = $there{$target}{conv};
    my $client = $role eq 'visitor' ? visitor_of($desk)
                                    : agent_of("$desk$role");

    $t->until(10, 'a welcome', sub { $client->{welcome} });
    my $code = told($client, $conv, @ask);

    for my $frame (grep { $_->{answered} } @ask) {
        my $said = $code->{ $frame->{name} } // 'taken';

        $asked++;
        next if $said eq 'taken' && $desk ne $target
            && $idle{ $frame->{name} };
        push @wrong, "$frame->{name} by $desk$role about $target: $said"
            if $said !~ /\A(?:not_found|forbidden|offer_gone)\z/;
    }

    push @wrong, "$desk$role got a frame of $target: $_->{t}" for
        grep { $_->{t} !~ /\A(?:error|ack)\z/
               && ($_->{conv} // $_->{feed} // '') eq $conv }
        @{ $client->{seen} };
    $client->close;
}

for my $desk (qw(h- t-)) {
    for my $role ('visitor', @roles[1 .. 3]) {
        for my $target (qw(h- t-)) {
            my @ask = grep { !($desk eq $target && $may{ $_->{name} }
                && $role =~ /supervisor|admin/) } @frames;

            # who sends more of what is not for visitors is sent away
            crosses($desk, $role, $target, splice @ask, 0,
                $role eq 'visitor' ? 4 : scalar @ask) while @ask;
        }
    }
}

is(join("\n", @wrong), '', "$asked frames: no unexpected success");

# a hello that names it
for my $desk (qw(h- t-)) {
    my $thief = visitor_of($desk, conv => $there{'h-'}{conv});

    $t->until(10, 'a welcome', sub { $thief->{welcome} });
    is($thief->{welcome}{conv}, undef, "${desk}visitor: hello opens nothing");
}

# nobody in it has seen a thing
for my $desk (qw(h- t-)) {
    my ($conv, $owner, $visitor, $seen)
        = @{ $there{$desk} }{qw(conv owner visitor seen)};

    $visitor->say($conv, 'Still there?');
    $owner->expect(t => 'message', text => 'Still there?');
    my @strange = grep { ($_->{conv} // $_->{feed} // '') eq $conv
            && $_->{t} !~ /\A(?:ack|card|error|notice)\z/
            && ($_->{text} // '') ne 'Still there?' }
        (@{ $owner->{seen} }[ $seen->[0] .. $#{ $owner->{seen} } ],
         @{ $visitor->{seen} }[ $seen->[1] .. $#{ $visitor->{seen} } ]);
    is_deeply([ map { "$_->{t} " . ($_->{what} // $_->{who} // '') }
        @strange ], [], "$desk: nothing happened in the conversation");
    is($owner->card($conv)->{phase}, 'active', 'its agent has it');
}

# and what may be done is done: the test would see it
my $boss = agent_of('h-supervisor');
$boss->does('barge', $there{'h-'}{conv});
$there{'h-'}{owner}->expect(t => 'member', who => 'h-supervisor');
pass('a supervisor comes in, and is seen');

$t->finish;
