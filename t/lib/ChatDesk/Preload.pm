package ChatDesk::Preload;

# Small libraries that make a process meet what machines do: t/lib/*.c.
#
# Purpose:    builds one into a folder that every user may read, with a file
#             through which the test drives it.
# Owner:      the object owns the folder; it is gone with the object.
# Invariants: nothing of it is in a product; a process that is not told to
#             load it never does.

use strict;
use warnings;

use Carp qw(croak);
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);

use ChatDesk::Config qw(write_file);

my $lib = abs_path(dirname(__FILE__) . '/..');


# The name of the source (without .c), the variable that names its file, and
# what the file holds at first.

sub new {
    my ($class, $name, $variable, $content) = @_;
    my $dir = tempdir('chatdesk-XXXXXXXX', TMPDIR => 1, CLEANUP => 1);
    my $self = bless { dir => $dir, file => "$dir/drive",
                       variable => $variable, so => "$dir/$name.so" }, $class;

    chmod 0755, $dir;
    my $said = `cc -O1 -shared -fPIC -Wall -Wextra -Werror -D_GNU_SOURCE \\
        -o '$self->{so}' '$lib/$name.c' -ldl 2>&1`;
    croak "$name.c: $said" if $? != 0;
    write_file($self->{file}, $content, 0666);

    return $self;
}


# What a process needs in its environment.

sub env {
    my ($self) = @_;

    return { LD_PRELOAD => $self->{so}, $self->{variable} => $self->{file} };
}


# Writes over the beginning of the file.

sub drive {
    my ($self, $bytes) = @_;

    open my $file, '+<', $self->{file} or croak "$self->{file}: $!";
    syswrite $file, $bytes;
    close $file;
}


sub content {
    my ($self) = @_;

    return ChatDesk::Config::read_file($self->{file});
}

1;
