#!/usr/bin/perl
#
# Writes what is generated from the tables beside this file.
#
#   generate.pl            rewrites the outputs that are stale
#   generate.pl --check    changes nothing, names what is stale, exit 1
#
# Purpose:    one source for names, numbers and texts in TypeScript, Lua and
#             the documentation; C includes the tables itself.
# Owner:      this script owns ui/shared/tables.ts, worker/redis/tables.lua
#             and, in docs/*.md, the lines between "table: NAME" marks.
# Invariants: the outputs depend on the tables and on nothing else; a table
#             that breaks its own rules (a number twice, an unknown field)
#             stops the run before anything is written.

use strict;
use warnings;

use File::Basename qw(dirname);
use File::Spec;

my $tables = dirname(File::Spec->rel2abs($0));
my $top = dirname(dirname($tables));

my %argument_count = (
    CD_FRAME => 8, CD_FRAME_FIELD => 3, CD_FIELD => 6, CD_KEY => 5,
    CD_LIMIT => 4, CD_ERROR => 4, CD_CLOSE => 4, CD_METRIC => 4,
    CD_PHASE => 4, CD_PHASE_EDGE => 3, CD_PRESENCE => 5, CD_EVENT => 3,
    CD_WHY => 3, CD_VARIABLE => 3, CD_NOTICE => 4,
);

my %rows;           # macro => [ [ argument, ... ], ... ] in file order

# what a TOKEN or STR field holds, where that is a closed set
my %field_type = (
    PHASE => 'Phase', WHAT => 'EventName',
    WHY => 'Why', CODE => 'ErrorCode', ROLE => 'Role',
    CLOSED_BY => "Role | 'system'", KIND => 'NoticeKind',
);


sub fail {
    die "generate.pl: @_\n";
}


sub read_file {
    my ($path) = @_;

    open my $file, '<', $path or return undef;
    local $/;
    my $text = <$file>;
    close $file;

    return $text;
}


# The arguments of one row; strings lose their quotes.

sub split_row {
    my ($text, $where) = @_;
    my @arguments;

    while ($text
           =~ /\G\s*(?:"((?:[^"\\]|\\.)*)"|([A-Za-z0-9_.]+))\s*(,|$)/gc)
    {
        push @arguments, defined $1 ? $1 =~ s/\\(.)/$1/gr : $2;
        return \@arguments if $3 eq '';
    }

    fail("$where: not a row");
}


sub read_tables {
    for my $path (sort glob("$tables/*.h")) {
        my $text = read_file($path) // fail("$path: $!");
        my $number = 0;

        $text =~ s{/\*.*?\*/}{ $& =~ s/[^\n]//gr }gse;

        for my $line (split /\n/, $text) {
            my $where = "$path:" . ++$number;

            next if $line =~ /^\s*$/;
            my ($macro, $inside) = $line =~ /^(CD_[A-Z_]+)\((.*)\)\s*$/
                or fail("$where: neither a row nor a comment");

            my $row = split_row($inside, $where);
            my $count = $argument_count{$macro}
                // fail("$where: unknown table $macro");
            @$row == $count
                or fail("$where: $macro has $count arguments");
            push @{ $rows{$macro} }, $row;
        }
    }
}


# Column `i` of a table holds each value once.

sub check_unique {
    my ($macro, $i) = @_;
    my %seen;

    for my $row (@{ $rows{$macro} }) {
        $seen{ $row->[$i] }++
            and fail("$macro: '$row->[$i]' stands there twice");
    }
}


sub check_tables {
    my %frame = map { $_->[0] => 1 } @{ $rows{CD_FRAME} };
    my %field = map { $_->[0] => 1 } @{ $rows{CD_FIELD} };
    my %pair;

    check_unique($_, 0) for grep { !/_(?:FIELD|EDGE)$/ } keys %rows;
    check_unique('CD_FIELD', $_) for 0 .. 2;
    check_unique('CD_FRAME', 2);
    check_unique('CD_ERROR', 1);
    check_unique('CD_CLOSE', 1);
    check_unique('CD_KEY', 1);

    for ([ CD_FRAME => 127 ], [ CD_FIELD => 191 ]) {
        my ($macro, $most) = @$_;

        for my $row (@{ $rows{$macro} }) {
            $row->[2] >= 1 && $row->[2] <= $most
                or fail("$row->[0]: number $row->[2] is not in 1..$most");
        }
    }

    for my $row (@{ $rows{CD_FRAME_FIELD} }) {
        $frame{ $row->[0] } or fail("no frame $row->[0]");
        $field{ $row->[1] } or fail("$row->[0]: no field $row->[1]");
        $pair{"@$row[0, 1]"}++
            and fail("$row->[0]: field $row->[1] stands there twice");
    }
}


sub frames_of {
    my ($dir) = @_;

    return grep { $_->[3] eq $dir } @{ $rows{CD_FRAME} };
}


# [ field row, REQUIRED or OPTIONAL ] for each field of a frame.

sub fields_of {
    my ($frame) = @_;
    my %field = map { $_->[0] => $_ } @{ $rows{CD_FIELD} };

    return map { [ $field{ $_->[1] }, $_->[2] ] }
        grep { $_->[0] eq $frame } @{ $rows{CD_FRAME_FIELD} };
}


# ---------------------------------------------------------------- TypeScript

sub ts_type {
    my ($field) = @_;

    return $field_type{ $field->[0] } if $field_type{ $field->[0] };
    return { UINT => 'number', BOOL => 'boolean', LIST => 'string[]' }
        ->{ $field->[3] } // 'string';
}


sub ts_string {
    my ($text) = @_;

    return "'" . ($text =~ s/(['\\])/\\$1/gr) . "'";
}


# WELCOME => WelcomeFrame, CARD_GONE => CardGoneFrame

sub ts_interface_name {
    my ($id) = @_;

    return join('', map { ucfirst lc } split /_/, $id) . 'Frame';
}


sub ts_interface {
    my ($frame) = @_;
    my ($id, $name, $doc) = @$frame[0, 1, 7];
    my @members = ("    t: '$name';");

    for my $pair (fields_of($id)) {
        my ($field, $need) = @$pair;

        push @members, sprintf '    %s%s: %s;', $field->[1],
            $need eq 'OPTIONAL' ? '?' : '', ts_type($field);
    }

    # the one member that is not a field: a window's list of frames
    push @members, '    frames: FeedFrame[];' if $id eq 'WINDOW';

    return join "\n", "/** $doc */",
        'export interface ' . ts_interface_name($id) . ' {', @members, "}\n";
}


sub ts_union {
    my ($name, @frames) = @_;

    return "export type $name =\n    | "
        . join("\n    | ", map { ts_interface_name($_->[0]) } @frames)
        . ";\n";
}


sub ts_names {
    my ($constant, $type, $macro) = @_;

    return "export const $constant = [\n"
        . join('', map { "    '$_->[1]',\n" } @{ $rows{$macro} })
        . "] as const;\n\nexport type $type = (typeof $constant)[number];\n";
}


sub ts_object {
    my ($constant, $macro, $member) = @_;

    return "export const $constant = {\n"
        . join('', map { '    ' . $member->($_) . ",\n" } @{ $rows{$macro} })
        . "} as const;\n";
}


# A number of a const enum stands in the bundle where it is used and nowhere
# else; of an object every row would.

sub ts_enum {
    my ($constant, $macro) = @_;

    return "export const enum $constant {\n"
        . join('', map { "    $_->[0] = $_->[1],\n" } @{ $rows{$macro} })
        . "}\n";
}


sub typescript {
    my @s2c = frames_of('S2C');
    my @c2s = frames_of('C2S');
    my @feed = grep { $_->[6] =~ /^(?:STORED|REGISTER)$/ } @s2c;

    return join "\n", <<'TEXT',
/*
 * The tables of include/tbl/ for the browser.
 *
 * Generated by include/tbl/generate.pl; do not edit, change the tables.
 */
TEXT
        ts_enum('LIMITS', 'CD_LIMIT'),
        ts_object('ERRORS', 'CD_ERROR', sub {
            "$_[0][1]: " . ts_string($_[0][3])
        }),
        "export type ErrorCode = keyof typeof ERRORS;\n",
        ts_enum('CLOSES', 'CD_CLOSE'),
        ts_names('PHASES', 'Phase', 'CD_PHASE'),
        ts_names('PRESENCES', 'Presence', 'CD_PRESENCE'),
        ts_names('EVENTS', 'EventName', 'CD_EVENT'),
        ts_names('WHYS', 'Why', 'CD_WHY'),
        ts_names('VARIABLES', 'Variable', 'CD_VARIABLE'),
        ts_names('NOTICES', 'NoticeKind', 'CD_NOTICE'),
        "export type Role = 'visitor' | 'agent';\n",
        (map { ts_interface($_) } @c2s, @s2c),
        "/** Frames that a feed numbers; what a window holds. */\n"
            . ts_union('FeedFrame', @feed),
        ts_union('ServerFrame', @s2c), ts_union('ClientFrame', @c2s),
        "export type FrameName = ServerFrame['t'];\n",
        "export type FrameOf<T extends FrameName> = "
            . "Extract<ServerFrame, { t: T }>;\n";
}


# ----------------------------------------------------------------------- Lua

sub lua_table {
    my ($name, $doc, $macro, $value) = @_;

    return "-- $doc\nlocal $name = {\n"
        . join('', map { "  $_->[0] = " . $value->($_) . ",\n" }
                       @{ $rows{$macro} })
        . "}\n";
}


sub lua {
    return join "\n", <<'TEXT',
-- The tables of include/tbl/ for the function library in Redis.
--
-- Generated by include/tbl/generate.pl; do not edit, change the tables.
TEXT
        lua_table('T', 'numbers of frame types', 'CD_FRAME',
            sub { $_[0][2] }),
        lua_table('F', 'numbers of fields', 'CD_FIELD', sub { $_[0][2] }),
        lua_table('L', 'limits', 'CD_LIMIT', sub { $_[0][1] }),
        lua_table('K', "keys, behind the desk's prefix", 'CD_KEY',
            sub { "'$_[0][1]'" }),
        lua_table('E', 'codes of errors', 'CD_ERROR', sub { "'$_[0][1]'" });
}


# -------------------------------------------------------------- documentation

sub md_table {
    my ($heads, @lines) = @_;

    return join '', map { '| ' . join(' | ', @$_) . " |\n" }
        $heads, [ map { '---' } @$heads ], @lines;
}


sub md_frames {
    my ($dir, $whom) = @_;
    my %roles = (V => 'visitor', A => 'agent', B => 'both');

    return md_table([ '`t`', $whom, 'fields (*optional*)', 'kind',
                      'meaning' ],
        map {
            my $frame = $_;
            my @fields = map {
                $_->[1] eq 'OPTIONAL' ? "*$_->[0][1]*" : $_->[0][1]
            } fields_of($frame->[0]);

            [ "`$frame->[1]`", $roles{ $frame->[4] }, join(', ', @fields),
              lc $frame->[6], $frame->[7] ];
        } frames_of($dir));
}


sub md_fields {
    my %bound = (
        STR => sub { "text, at most $_[0] code points" },
        TOKEN => sub { "1 to $_[0] of `[A-Za-z0-9._-]`" },
        UINT => sub { "0 to $_[0]" },
        BOOL => sub { 'true or false' },
        LIST => sub { "1 to $_[0] texts, each one line of at most "
                          . limit('LIST_ITEM') . ' code points' },
    );

    return md_table([ 'field', 'type', 'meaning' ],
        map { [ "`$_->[1]`", $bound{ $_->[3] }->($_->[4]), $_->[5] ] }
        grep { $_->[5] !~ /bus only|pub\/sub only/ } @{ $rows{CD_FIELD} });
}


# The value of a limit.

sub limit {
    my ($id) = @_;
    my ($row) = grep { $_->[0] eq $id } @{ $rows{CD_LIMIT} };

    return $row->[1];
}


# A table of names and what they mean; `name` and `doc` are columns.

sub md_names {
    my ($macro, $head, $name, $doc) = @_;

    return md_table([ $head, 'meaning' ],
        map { [ "`$_->[$name]`", $_->[$doc] ] } @{ $rows{$macro} });
}


my %md = (
    'frames-c2s' => sub { md_frames('C2S', 'from') },
    'frames-s2c' => sub { md_frames('S2C', 'to') },
    'fields' => \&md_fields,
    'keys' => sub {
        md_table([ 'name', 'type', 'written by', 'holds' ],
            map { [ "`$_->[1]`", lc $_->[2], $_->[3], $_->[4] ] }
            @{ $rows{CD_KEY} });
    },
    'closes' => sub {
        md_table([ 'code', 'reason', 'when' ],
            map { [ @$_[1 .. 3] ] } @{ $rows{CD_CLOSE} });
    },
    'errors' => sub {
        md_table([ '`code`', 'HTTP', 'text' ],
            map { [ "`$_->[1]`", @$_[2, 3] ] } @{ $rows{CD_ERROR} });
    },
    'limits' => sub {
        md_table([ 'limit', 'value', 'what is bounded' ],
            map { [ '`' . lc($_->[0]) . '`', "$_->[1] $_->[2]", $_->[3] ] }
            @{ $rows{CD_LIMIT} });
    },
    'metrics' => sub {
        md_table([ 'name', 'type', 'meaning' ],
            map { [ "`$_->[1]`", lc $_->[2], $_->[3] ] }
            @{ $rows{CD_METRIC} });
    },
    'prometheus' => sub {
        md_table([ 'name', 'type', 'meaning' ],
            map { [ "`chatdesk_$_->[1]" . ($_->[2] eq 'COUNTER' ? '_total`'
                                                                : '`'),
                    lc $_->[2], $_->[3] ] } @{ $rows{CD_METRIC} });
    },
    'phases' => sub {
        my %name = map { $_->[0] => $_->[1] } @{ $rows{CD_PHASE} };

        md_names('CD_PHASE', 'phase', 1, 3) . "\n"
            . md_table([ 'from', 'to', 'when' ],
                map { [ "`$name{$_->[0]}`", "`$name{$_->[1]}`", $_->[2] ] }
                @{ $rows{CD_PHASE_EDGE} });
    },
    'presences' => sub {
        md_table([ 'state', 'offers', 'meaning' ],
            map { [ "`$_->[1]`", $_->[3] ? 'yes' : 'no', $_->[4] ] }
            @{ $rows{CD_PRESENCE} });
    },
    'events' => sub { md_names('CD_EVENT', '`what`', 1, 2) },
    'whys' => sub { md_names('CD_WHY', '`why`', 1, 2) },
    'variables' => sub { md_names('CD_VARIABLE', 'variable', 1, 2) },
    'notices' => sub { md_names('CD_NOTICE', '`kind`', 1, 3) },
);


sub markdown {
    my ($path, $text) = @_;

    $text =~ s{(<!-- table: ([a-z0-9-]+) -->\n).*?(<!-- end -->)}{
        my ($head, $name, $end) = ($1, $2, $3);
        $md{$name} or fail("$path: no table '$name'");
        $head . $md{$name}->() . $end
    }gse;

    return $text;
}


# --------------------------------------------------------------------- output

# path => text, for everything that is generated

sub outputs {
    my %output = (
        "$top/ui/shared/tables.ts" => typescript(),
        "$top/worker/redis/tables.lua" => lua(),
    );

    for my $path (glob("$top/docs/*.md")) {
        my $text = read_file($path);
        my $new = markdown($path, $text);

        $output{$path} = $new if $text =~ /<!-- table: /;
    }

    return \%output;
}


sub main {
    my $check = @ARGV && $ARGV[0] eq '--check';
    my $stale = 0;

    @ARGV == 0 || (@ARGV == 1 && $check)
        or fail('usage: generate.pl [--check]');

    read_tables();
    check_tables();
    my $output = outputs();

    for my $path (sort keys %$output) {
        next if (read_file($path) // '') eq $output->{$path};

        $stale++;
        print File::Spec->abs2rel($path, $top),
            $check ? " is stale; run include/tbl/generate.pl\n"
                   : " written\n";
        next if $check;

        open my $file, '>', $path or fail("$path: $!");
        print {$file} $output->{$path};
        close $file or fail("$path: $!");
    }

    return $check && $stale ? 1 : 0;
}

exit main();
