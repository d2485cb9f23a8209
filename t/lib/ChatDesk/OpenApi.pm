package ChatDesk::OpenApi;

# docs/openapi.yaml, and whether requests and answers are what it says.
#
# Purpose:    the part of JSON Schema that the document uses: type, required,
#             properties, additionalProperties, items, enum, pattern, bounds,
#             dependentRequired, anyOf, not and $ref.
# Owner:      the document, read once.
# Invariants: a keyword that is not known dies, so that no part of a schema
#             is passed over in silence.

use strict;
use warnings;

use Carp qw(croak);
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use JSON::PP ();
use Scalar::Util qw(looks_like_number);
use YAML::XS ();

my $path = abs_path(dirname(__FILE__) . '/../../../docs/openapi.yaml');

my %ignored = map { $_ => 1 } qw(description default);


sub new {
    my ($class) = @_;

    return bless { root => YAML::XS::LoadFile($path) }, $class;
}


sub root {
    my ($self) = @_;

    return $self->{root};
}


# Every operation: [ METHOD, path, role, operation ].

sub operations {
    my ($self) = @_;
    my @operations;

    for my $path (sort keys %{ $self->{root}{paths} }) {
        my $item = $self->{root}{paths}{$path};

        push @operations, map { [ uc $_, $path, $item->{$_}{'x-role'},
                                  $item->{$_} ] }
            grep { exists $item->{$_} } qw(get put post patch delete);
    }

    return @operations;
}


# What a $ref leads to, as often as it does.

sub resolve {
    my ($self, $node) = @_;

    while (ref $node eq 'HASH' && exists $node->{'$ref'}) {
        my $to = $self->{root};

        for my $step (split m{/}, $node->{'$ref'} =~ s{\A#/}{}r) {
            $to = $to->{$step} // croak "no $node->{'$ref'}";
        }
        $node = $to;
    }

    return $node;
}


# The operation of a request; the path has ids instead of parameters.

sub operation {
    my ($self, $method, $path) = @_;

    for my $operation ($self->operations) {
        my ($is, $pattern) = @$operation;
        my $like = join '/', map { /\A\{/ ? '[^/]+' : quotemeta }
            split m{/}, $pattern;

        return $operation->[3] if $is eq $method && $path =~ m{\A$like\z};
    }

    return undef;
}


# What is wrong with an answer; nothing when it is as described.

sub faults {
    my ($self, $method, $path, $status, $json) = @_;
    my $operation = $self->operation($method, $path =~ s/\?.*//r)
        // return "$method $path is not in the document";
    my $answers = $operation->{responses};
    my $answer = $self->resolve($answers->{$status}
        // ($status >= 400 ? $answers->{default} : undef)
        // return "$method $path: no answer $status");
    my $schema = $answer->{content}{'application/json'}{schema};

    return defined $json ? "$status has no body" : () if !$schema;
    return $self->_check($schema, $json, '$');
}


# What is wrong with the body of a request.

sub body_faults {
    my ($self, $method, $path, $json) = @_;
    my $operation = $self->operation($method, $path =~ s/\?.*//r)
        // return "$method $path is not in the document";
    my $body = $operation->{requestBody}
        // return "$method $path: no body is described";

    return $self->_check($body->{content}{'application/json'}{schema},
                         $json, '$');
}


sub _check {
    my ($self, $schema, $value, $at) = @_;
    my @faults;

    if (exists $schema->{'$ref'}) {
        return $self->_check($self->resolve($schema), $value, $at);
    }

    for my $word (sort grep { !$ignored{$_} } keys %$schema) {
        my $check = $self->can("_check_$word") // croak "keyword $word";

        push @faults, map { "$at: $_" } $check->($schema->{$word}, $value,
                                                 $self);
    }

    return @faults if @faults;

    if (ref $value eq 'HASH') {
        push @faults, $self->_members($schema, $value, $at);

    } elsif (ref $value eq 'ARRAY' && $schema->{items}) {
        push @faults, map { $self->_check($schema->{items}, $value->[$_],
                                          "$at\[$_]") } 0 .. $#$value;
    }

    return @faults;
}


sub _members {
    my ($self, $schema, $value, $at) = @_;
    my $properties = $schema->{properties} // {};
    my $more = $schema->{additionalProperties};
    my @faults;

    for my $name (sort keys %$value) {
        my $is = $properties->{$name} // (ref $more ? $more : undef);

        push @faults, $is
            ? $self->_check($is, $value->{$name}, "$at.$name")
            : defined $more && !ref $more && !$more
                ? "$at.$name is not described" : ();
    }

    return @faults;
}


sub _check_type {
    my ($type, $value) = @_;
    my $bool = JSON::PP::is_bool($value) || 0;
    my $number = !ref $value && defined $value && !_is_text($value);
    my %is = (
        object => ref $value eq 'HASH', array => ref $value eq 'ARRAY',
        boolean => $bool,
        string => (!ref $value && _is_text($value)) || 0,
        integer => ($number && $value =~ /\A-?\d+\z/) || 0,
        null => !defined $value,
    );

    return $is{$type} ? () : "is no $type";
}


sub _is_text {
    my ($value) = @_;

    return defined $value && !ref $value
        && JSON::PP->new->allow_nonref->encode($value) =~ /\A"/;
}


sub _check_required {
    my ($names, $value) = @_;

    return ref $value eq 'HASH'
        ? map { "$_ is missing" } grep { !exists $value->{$_} } @$names : ();
}


sub _check_properties {
    return;
}


sub _check_additionalProperties {
    return;
}


sub _check_items {
    return;
}


sub _check_enum {
    my ($values, $value) = @_;

    return grep({ $_ eq ($value // '') } @$values) ? ()
        : "is none of @$values";
}


sub _check_anyOf {
    my ($schemas, $value, $self) = @_;

    return grep({ !$self->_check($_, $value, '$') } @$schemas) ? ()
        : 'is none of what it may be';
}


sub _check_not {
    my ($schema, $value, $self) = @_;

    return $self->_check($schema, $value, '$') ? () : 'is what it may not be';
}


sub _check_dependentRequired {
    my ($names, $value) = @_;

    return if ref $value ne 'HASH';
    return map { my $name = $_; map { "$name needs $_" }
        grep { !exists $value->{$_} } @{ $names->{$name} } }
        grep { exists $value->{$_} } sort keys %$names;
}


sub _check_uniqueItems {
    my ($wanted, $value) = @_;
    my %seen;

    return ref $value eq 'ARRAY' && grep({ $seen{ $_ // '' }++ } @$value)
        ? 'has one twice' : ();
}


sub _check_maxItems {
    my ($most, $value) = @_;

    return ref $value ne 'ARRAY' || @$value <= $most ? ()
        : 'has too many elements';
}


sub _check_pattern {
    my ($pattern, $value) = @_;

    return ($value // '') =~ /$pattern/ ? () : "is not like $pattern";
}


sub _check_minimum {
    my ($least, $value) = @_;

    return looks_like_number($value) && $value >= $least ? ()
        : "is under $least";
}


sub _check_maximum {
    my ($most, $value) = @_;

    return looks_like_number($value) && $value <= $most ? ()
        : "is over $most";
}


sub _check_minLength {
    my ($least, $value) = @_;

    return length($value // '') >= $least ? () : 'is too short';
}


sub _check_maxLength {
    my ($most, $value) = @_;

    return length($value // '') <= $most ? () : 'is too long';
}


sub _check_minItems {
    my ($least, $value) = @_;

    return ref $value eq 'ARRAY' && @$value >= $least ? ()
        : 'has too few elements';
}

1;
