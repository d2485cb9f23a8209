package ChatDesk::Rest;

# A client of the REST interface: an agent's login, or an API key.
#
# Purpose:    tests say method, path and body, and look at status and JSON.
# Owner:      holds a cookie or a key; requests are made one by one.
# Invariants: every request ends within its time.

use strict;
use warnings;
use feature 'state';

use Carp qw(croak);
use Digest::SHA qw(sha256_hex);
use HTTP::Tiny;
use JSON::PP ();

use ChatDesk::OpenApi;

my $json = JSON::PP->new->utf8->canonical->allow_nonref;


# base (address of the location with chatdesk_api); login and password, or
# key; timeout (s).

sub new {
    my ($class, %arg) = @_;
    my $self = bless {
        %arg, http => HTTP::Tiny->new(timeout => $arg{timeout} // 15),
    }, $class;

    $self->_sign_in if defined $arg{login};

    return $self;
}


sub _sign_in {
    my ($self) = @_;
    my $answer;

    # the worker may still be starting
    for my $try (1 .. 100) {
        $answer = $self->{http}->post("$self->{base}/login", {
            content => $json->encode({ login => $self->{login},
                                       password => $self->{password} }) });
        last if $answer->{status} != 503;
        select undef, undef, undef, 0.1;
    }

    croak "login of $self->{login}: $answer->{status} $answer->{content}"
        if $answer->{status} != 200;
    $self->{role} = $json->decode($answer->{content})->{role};
    ($self->{cookie}) = $answer->{headers}{'set-cookie'} =~ /\A([^;]+)/;
}


# An API key and its row for the settings.

sub key {
    my ($id, $role) = @_;
    my $key = "cdk_test_$id";

    return ($key, { id => $id, role => $role,
                    sha256 => sha256_hex($key) });
}


# What a desk takes is what docs/openapi.yaml says of the request.

sub _described {
    my ($method, $path, $body, $status) = @_;
    state $api = ChatDesk::OpenApi->new;

    return if $status >= 300 || ref $body ne 'HASH' || !%$body;
    my @faults = $api->body_faults($method, "/v1/$path", $body);
    croak "$method $path was taken, and is not described: @faults" if @faults;
}


# `body` is a structure, or text as it is; gives status, json (undef when
# there is none), content and headers.

sub request {
    my ($self, $method, $path, $body, %headers) = @_;

    $headers{Cookie} = $self->{cookie} if defined $self->{cookie};
    $headers{Authorization} = "Bearer $self->{key}" if defined $self->{key};
    $headers{'Content-Type'} = 'application/json' if defined $body;

    my $answer = $self->{http}->request($method, "$self->{base}/v1/$path", {
        headers => \%headers,
        (defined $body
            ? (content => ref $body ? $json->encode($body) : $body) : ()),
    });

    _described($method, $path, $body, $answer->{status});
    $answer->{json} = ($answer->{content} // '') =~ /\A[\[{]/
        ? $json->decode($answer->{content}) : undef;

    return $answer;
}


sub get {
    my ($self, $path, %headers) = @_;

    return $self->request(GET => $path, undef, %headers);
}


sub put {
    my ($self, $path, $body, %headers) = @_;

    return $self->request(PUT => $path, $body, %headers);
}


sub post {
    my ($self, $path, $body, %headers) = @_;

    return $self->request(POST => $path, $body, %headers);
}


sub patch {
    my ($self, $path, $body, %headers) = @_;

    return $self->request(PATCH => $path, $body, %headers);
}


sub delete {
    my ($self, $path, %headers) = @_;

    return $self->request(DELETE => $path, undef, %headers);
}


# All items of a list, page by page.

sub all {
    my ($self, $path) = @_;
    my ($cursor, @items) = ('');

    while (defined $cursor) {
        my $page = $self->get($path . ($path =~ /\?/ ? '&' : '?')
            . "cursor=$cursor");

        croak "$path: $page->{status} $page->{content}"
            if $page->{status} != 200;
        push @items, @{ $page->{json}{items} };
        $cursor = $page->{json}{next};
    }

    return @items;
}

1;
