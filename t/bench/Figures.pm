package Figures;

# What was measured, run by run, and what is made of it.
#
# Purpose:    medians with minimum and maximum; results.json and tables.
# Owner:      owns the values of one measurement.
# Invariants: a run that had an error adds no value but is counted and shown.

use strict;
use warnings;

use JSON::PP ();

use System;
use Target;


sub new {
    return bless { order => [], values => {}, invalid => [] }, shift;
}


sub add {
    my ($self, $scenario, $system, $size, %metric) = @_;

    for my $name (sort keys %metric) {
        my ($value, $unit) = @{ $metric{$name} };
        my $key = join "\0", $scenario, $size, $name, $unit, $system;

        push @{ $self->{order} }, $key if !$self->{values}{$key};
        push @{ $self->{values}{$key} }, $value;
    }
}


sub invalid {
    my ($self, $scenario, $system, $why) = @_;

    chomp $why;
    push @{ $self->{invalid} }, "$scenario, $system: $why";
    print STDERR "invalid: $self->{invalid}[-1]\n";
}


sub invalid_runs {
    my ($self) = @_;

    return @{ $self->{invalid} };
}


sub rows {
    my ($self) = @_;

    return map {
        my ($scenario, $size, $metric, $unit, $system) = split /\0/;
        my @sorted = sort { $a <=> $b } @{ $self->{values}{$_} };

        {
            scenario => $scenario, system => $system, metric => $metric,
            unit => $unit, size => $size, median => median(@sorted),
            min => $sorted[0], max => $sorted[-1], runs => scalar @sorted,
        };
    } @{ $self->{order} };
}


sub median {
    my @sorted = @_;
    my $half = int(@sorted / 2);

    return @sorted % 2 ? $sorted[$half]
                       : ($sorted[$half - 1] + $sorted[$half]) / 2;
}


sub json {
    my ($self) = @_;

    return JSON::PP->new->canonical->pretty->encode([ $self->rows ]);
}


sub _number {
    my ($value) = @_;
    my $text = $value >= 100 ? sprintf '%.0f', $value
        : $value >= 1 ? sprintf '%.1f', $value : sprintf '%.3f', $value;

    1 while $text =~ s/^(\d+)(\d{3})/$1,$2/;
    return $text =~ s/\.0$//r;
}


# Cells by row and system; rows in the order in which they were measured.

sub _cells {
    my ($self) = @_;
    my (%cell, %median, @lines, %seen);

    for my $row ($self->rows) {
        my $line = join "\0", @$row{qw(scenario size metric unit)};

        push @lines, $line if !$seen{$line}++;
        $median{$line}{ $row->{system} } = $row->{median};
        $cell{$line}{ $row->{system} } = _number($row->{median})
            . ($row->{runs} > 1 ? sprintf ' (%s-%s)', _number($row->{min}),
               _number($row->{max}) : '');
    }

    return (\@lines, \%cell, \%median);
}


# ChatDesk's value by that of its nearest relative.

sub _ratio {
    my ($of) = @_;
    my ($own, $peer) = @$of{qw(chatdesk nchan-redis)};

    return defined $own && $peer ? sprintf '%.2f', $own / $peer : '';
}


sub _table {
    my ($head, @lines) = @_;

    return join '', map { "$_\n" } map { '| ' . join(' | ', @$_) . ' |' }
        $head, [ ('---') x @$head ], @lines;
}


# A row for each scenario, size and metric, a column for each system.

sub markdown {
    my ($self) = @_;
    my ($lines, $cell, $median) = $self->_cells;
    my @systems = grep { my $s = $_; grep { $cell->{$_}{$s} } @$lines }
        System::names();

    return _table(
        [ 'scenario', 'size', 'metric', 'unit',
          (map { System::title($_) } @systems), 'ChatDesk / nchan with Redis'
        ],
        map {
            my $line = $_;
            [ split(/\0/, $line, -1),
              (map { $cell->{$line}{$_} // '' } @systems),
              _ratio($median->{$line}) ]
        } @$lines);
}


# A row for each target that has a figure.

sub targets {
    my ($self) = @_;

    return _table([ 'row', 'target', 'measured', 'unit', 'verdict' ], map {
        [ $_->{what}, "$_->{sign} " . _number($_->{goal}),
          _number($_->{value}), $_->{unit}, $_->{hit} ? 'hit' : '**missed**' ]
    } Target->judged($self->rows));
}

1;
