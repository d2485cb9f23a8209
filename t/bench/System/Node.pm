package System::Node;

# Relays on Node.js, with Redis behind them: t/bench/peers/.
#
# Purpose:    what is most often built by hand instead.
# Owner:      see System.pm; the packages lie in build/bench/peers.
# Invariants: the packages are those of the committed lock file.

use strict;
use warnings;

use parent 'System';

use ChatDesk::Stack;

my $place = ChatDesk::Stack::top() . '/build/bench/peers';


sub there {
    return -d "$place/node_modules/ws";
}


sub start {
    my ($self) = @_;

    $self->make_dir;
    $self->start_redis;
    # as it was started by: the folder of the packages may be anybody's
    delete $self->{as};
    $self->run(server => 'node', "$place/$self->{name}.mjs", $self->{port},
        $self->redis_socket);
    $self->until_open($self->{port});
}

1;
