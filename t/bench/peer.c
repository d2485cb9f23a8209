/*
 * nchan, the nearest relative: a channel for each pair, one WebSocket that
 * publishes and one that is subscribed.
 *
 * Purpose:    the same messages by the same clock through a peer.
 * Owner:      the load owns connections and pairs.
 * Invariants: a peer acknowledges nothing, so only arrival is counted; it
 *             does not say either when a subscription holds, so a probe must
 *             have come through every channel before anything is measured.
 */

#include <stdio.h>
#include <string.h>

#include "load.h"

#define PROBE    "probe"
#define AGAIN_NS 300000000ull
#define PROBE_NS 30000000000ull


static void peer_open(struct conn *c)
{
    struct load *l = c->load;

    c->ready = 1;
    c->let_in = 1;
    l->ready++;

    if (c->cut_ns != 0) {
        samples_add(&l->gaps, load_now() - c->cut_ns);
        c->cut_ns = 0;
    }
}


static void peer_text(struct conn *c, const char *text)
{
    if (c->pair != NULL && c->pair->from == c) {
        return;
    }

    if (strcmp(text, PROBE) != 0) {
        flow_got(c, text);

    } else if (!c->probed) {
        c->probed = 1;
        c->load->live++;
    }
}


static void peer_cut(struct conn *c)
{
    struct load *l = c->load;

    l->count.cut++;
    c->cut_ns = load_now();

    if (strcmp(l->mode, "reload") != 0) {
        load_die("socket %u was cut", c->index);
    }

    conn_open(c);
}


void peer_message(struct pair *p, uint32_t k)
{
    char text[8192];

    conn_send(p->from, text, flow_text(p, k, text, sizeof text));
}


void peer_use(struct load *l)
{
    l->on_open = peer_open;
    l->on_text = peer_text;
    l->on_cut = peer_cut;
    l->message = peer_message;
}


/* Probes until every receiver has had one; then waits for stragglers. */

static void peer_probe(struct load *l, uint32_t receivers)
{
    uint64_t begin = load_now(), turn;

    do {
        if (load_now() - begin > PROBE_NS) {
            load_die("probes reached %u of %u", l->live, receivers);
        }

        for (uint32_t i = 0; i < l->pairs && l->live < receivers; i++) {
            conn_send(l->pair[i].from, PROBE, strlen(PROBE));
        }

        for (turn = load_now() + AGAIN_NS; load_now() < turn; ) {
            load_turn(l, turn);
        }
    } while (l->live < receivers);

    for (turn = load_now() + AGAIN_NS; load_now() < turn; ) {
        load_turn(l, turn);
    }
}


/* Receivers of pairs first, then senders, then the crowd. */

void peer_prepare(struct load *l)
{
    uint32_t talking = 2 * l->pairs;

    load_conns(l, talking + (l->fan > 0 ? l->fan - 1 : l->sockets));

    for (uint32_t i = 0; i < l->conn_count; i++) {
        struct conn *c = &l->conns[i];

        c->path = l->fan > 0 ? "/sub/0" : "/sub/crowd";

        if (i < talking) {
            struct pair *p = &l->pair[i % l->pairs];

            snprintf(p->path_to, sizeof p->path_to, "/sub/%u", p->index);
            snprintf(p->path_from, sizeof p->path_from, "/pub/%u",
                p->index);
            c->pair = p;
            *(i < l->pairs ? &p->to : &p->from) = c;
            c->path = i < l->pairs ? p->path_to : p->path_from;
        }
    }

    load_wait(l, &l->ready, l->conn_count, "all to be open");
    peer_probe(l, l->pairs > 0 && l->fan > 0 ? l->fan : l->pairs);
}
