/*
 * What goes wrong for many at once, and for one.
 *
 * Purpose:    the time until a whole crowd that was cut is in step again;
 *             what a reader that stops costs, and that it finds its way
 *             back.
 * Owner:      the load owns the connections.
 * Invariants: a client of the storm counts when it has its window (a peer's:
 *             when its handshake was answered), not when its socket is open;
 *             the reader that stopped counts as back when it has the last
 *             message.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"

#define AT_ONCE   512           /* connections that a storm opens at a time */
#define STORM_NS  60000000000ull
#define BACK_NS   20000000000ull


static void wait_input(struct load *l)
{
    while (!input_ended()) {
        load_turn(l, load_now() + 20000000);
    }
}


/* The counter of those that are in step. */

static const uint32_t *in_step(const struct load *l)
{
    return strcmp(l->system, "chatdesk") == 0 ? &l->live : &l->ready;
}


static void storm_open(struct load *l)
{
    uint32_t before = l->open_next;

    load_open_some(l, AT_ONCE);

    for (uint32_t i = before; i < l->open_next; i++) {
        l->conns[i].cut_ns = l->marked;
    }
}


/* Cuts all when its input ends, and opens them again. */

void storm_run(struct load *l)
{
    printf("{\"ready\":true,\"sockets\":%u}\n", *in_step(l));
    fflush(stdout);
    wait_input(l);

    for (uint32_t i = 0; i < l->conn_count; i++) {
        conn_close(&l->conns[i]);
    }

    l->ready = l->live = 0;
    l->open_next = 0;
    l->marked = load_now();
    watch_mark(l);

    while (*in_step(l) < l->conn_count) {
        if (load_now() - l->marked > STORM_NS) {
            load_die("%u of %u came back", *in_step(l), l->conn_count);
        }

        storm_open(l);
        load_turn(l, load_now() + 5000000);
    }

    watch_keep(l);
    printf("{\"seconds\":%.3f,\"back\":%u,\"p50\":%.3f,\"p99\":%.3f",
        (double) (load_now() - l->marked) / 1e9, *in_step(l),
        samples_at(&l->gaps, 0.5), samples_at(&l->gaps, 0.99));
    watch_print(l, l->conn_count);
    printf("}\n");
    fflush(stdout);
}


/* Sends so many messages of `size` by a fixed rate; what is refused or was
   not acknowledged is sent again. */

static void stop_send(struct load *l, struct pair *p, uint32_t count)
{
    uint64_t begin = load_now();
    uint64_t gap = (uint64_t) (1e9 / l->rates[0]);
    uint32_t i = 0;

    while (i < count) {
        uint64_t now = load_now();

        while (i < count && begin + i * gap <= now
               && p->sent - p->acked < LOAD_RING - 1)
        {
            p->due[++p->sent % LOAD_RING] = begin + i++ * gap;

            if (p->resend_ns == 0) {
                l->message(p, p->sent);
            }
        }

        if (p->resend_ns != 0 && p->resend_ns <= now) {
            chat_resend(p);
        }

        load_turn(l, begin + i * gap);
    }
}


/* One receiver reads nothing while `seconds` times `rate` messages pass;
   then it reads on until it has the last one. */

void stop_run(struct load *l)
{
    struct pair *p = &l->pair[0];
    uint64_t begin;

    stop_send(l, p, 20);

    for (begin = load_now(); load_now() - begin < 300000000; ) {
        load_turn(l, load_now() + 10000000);
    }

    conn_deaf(p->to, 1);
    printf("{\"ready\":true}\n");
    fflush(stdout);
    stop_send(l, p, (uint32_t) (l->rates[0] * l->seconds));
    printf("{\"sent\":%u,\"got\":%u}\n", p->sent, p->got);
    fflush(stdout);
    wait_input(l);

    begin = load_now();
    conn_deaf(p->to, 0);

    while (p->got < p->sent && load_now() - begin < BACK_NS) {
        load_turn(l, load_now() + 10000000);
    }

    printf("{\"sent\":%u,\"got\":%u,\"seconds\":%.3f,\"cut\":%" PRIu64
        ",\"twice\":%" PRIu64 "}\n", p->sent, p->got,
        (double) (load_now() - begin) / 1e9, l->count.cut, l->count.twice);
    fflush(stdout);
}
