/*
 * Sockets that only stay, and sockets that only come.
 *
 * Purpose:    memory of an idle socket; handshakes a second.
 * Owner:      the load owns the connections.
 * Invariants: an idle socket is counted when its hello was answered, not
 *             when it was opened; in the second part each slot comes back as
 *             soon as it was let in, with the token it was given.
 */

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "load.h"


int input_ended(void)
{
    struct pollfd input = { .fd = 0, .events = POLLIN };
    char byte;

    return poll(&input, 1, 0) > 0 && read(0, &byte, 1) <= 0;
}


/* Says when all are there; stays, answering pings, until input ends. */

void idle_run(struct load *l)
{
    printf("{\"ready\":true,\"sockets\":%u}\n", l->ready);
    fflush(stdout);

    while (!input_ended()) {
        load_turn(l, load_now() + 50000000);
    }

    printf("{\"cut\":%llu}\n", (unsigned long long) l->count.cut);
}


/* Comes back at once; the number of those let in grows meanwhile. */

static uint32_t come_again(struct load *l, const uint32_t *counter,
    uint64_t until)
{
    uint32_t before = *counter;

    while (load_now() < until) {
        load_turn(l, until);

        for (uint32_t i = 0; i < l->conn_count; i++) {
            struct conn *c = &l->conns[i];

            if (c->let_in) {
                c->let_in = 0;
                conn_close(c);
                conn_open(c);
            }
        }
    }

    return *counter - before;
}


void connect_run(struct load *l)
{
    const uint32_t *counter = l->conv ? &l->live : &l->ready;
    uint32_t count;
    uint64_t begin;

    for (uint32_t i = 0; i < l->conn_count; i++) {
        l->conns[i].let_in = 1;
    }

    come_again(l, counter, load_now() + (uint64_t) l->warm_ms * 1000000);
    watch_mark(l);
    begin = load_now();
    count = come_again(l, counter,
        begin + (uint64_t) l->seconds * 1000000000);
    watch_keep(l);

    printf("{\"count\":%u,\"per_second\":%.1f,\"cut\":%llu", count,
        count / ((double) (load_now() - begin) / 1e9),
        (unsigned long long) l->count.cut);
    watch_print(l, count);
    printf("}\n");
    fflush(stdout);
}
