/*
 * What an operator would pick instead: a channel for each pair, one socket
 * that publishes and one that is subscribed.
 *
 *   nchan     a WebSocket of its own for each; or a long-poll to receive
 *   ws        the same paths, answered by t/bench/peers/ws.mjs
 *   socketio  rooms; the paths only say which
 *   echo      each socket gets back what it sends
 *   plain     nginx's own connections, which only wait
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

    if (poll_open(c)) {
        return;
    }

    c->ready = 1;
    c->let_in = 1;
    l->ready++;

    if (c->cut_ns != 0) {
        samples_add(&l->gaps, load_now() - c->cut_ns);
        c->cut_ns = 0;
    }
}


void peer_text(struct conn *c, const char *text)
{
    if (c->pair != NULL && c->pair->from == c && c->pair->to != c) {
        return;
    }

    if (strncmp(text, PROBE, strlen(PROBE)) != 0) {
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

    if (strcmp(l->mode, "reload") != 0 && strcmp(l->mode, "stop") != 0) {
        load_die("socket %u was cut", c->index);
    }

    conn_open(c);
}


void peer_message(struct pair *p, uint32_t k)
{
    char text[8192];

    conn_send(p->from, text, flow_text(p, k, text, sizeof text));
}


/* -- socket.io, and Engine.IO below it: version 4, a socket each ---------- */

static int is_sender(const struct conn *c)
{
    return c->pair != NULL && c->pair->from == c;
}


static void io_open(struct conn *c)
{
    (void) c;               /* it speaks first */
}


/* The namespace has let it in: who receives joins its room. */

static void io_enter(struct conn *c)
{
    char text[128];
    int len = snprintf(text, sizeof text, "42[\"join\",\"%s\"]",
        strrchr(c->path, '/') + 1);

    if (!is_sender(c)) {
        conn_send(c, text, (size_t) len);
    }

    peer_open(c);
}


static void io_text(struct conn *c, const char *text)
{
    static const char message[] = "42[\"m\",\"";

    if (text[0] == '0') {
        conn_send(c, "40", 2);

    } else if (text[0] == '2') {
        conn_send(c, "3", 1);

    } else if (strncmp(text, "40", 2) == 0) {
        io_enter(c);

    } else if (strncmp(text, message, sizeof message - 1) == 0) {
        peer_text(c, text + sizeof message - 1);
    }
}


static void io_send(struct pair *p, const char *text)
{
    char frame[8192 + 64];
    int len = snprintf(frame, sizeof frame, "42[\"send\",\"%u\",\"%s\"]",
        p->index, text);

    conn_send(p->from, frame, (size_t) len);
}


static void io_message(struct pair *p, uint32_t k)
{
    char text[8192];

    text[flow_text(p, k, text, sizeof text - 1)] = '\0';
    io_send(p, text);
}


static int is_io(const struct load *l)
{
    return strcmp(l->system, "socketio") == 0;
}


void peer_use(struct load *l)
{
    l->on_answer = poll_got;

    if (is_io(l)) {
        l->on_open = io_open;
        l->on_text = io_text;
        l->on_cut = peer_cut;
        l->message = io_message;
        return;
    }

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
            if (is_io(l)) {
                io_send(&l->pair[i], PROBE);

            } else {
                conn_send(l->pair[i].from, PROBE, strlen(PROBE));
            }
        }

        for (turn = load_now() + AGAIN_NS; load_now() < turn; ) {
            load_turn(l, turn);
        }
    } while (l->live < receivers);

    for (turn = load_now() + AGAIN_NS; load_now() < turn; ) {
        load_turn(l, turn);
    }
}


/* What a connection of a pair is: its path, and which end. */

static void peer_place(struct load *l, uint32_t i)
{
    struct conn *c = &l->conns[i];
    struct pair *p = &l->pair[i % l->pairs];

    snprintf(p->path_to, sizeof p->path_to, "/%s/%u",
        l->poll ? "poll" : "sub", p->index);
    snprintf(p->path_from, sizeof p->path_from, "/pub/%u", p->index);
    c->pair = p;

    if (i >= l->pairs) {
        p->from = c;
        c->path = p->path_from;
        return;
    }

    p->to = c;
    c->path = p->path_to;
    c->http = l->poll != 0;

    if (strcmp(l->system, "echo") == 0) {
        p->from = c;
    }
}


/* Receivers of pairs first, then senders, then the crowd. */

void peer_prepare(struct load *l)
{
    int alone = l->conv || strcmp(l->system, "echo") == 0;
    uint32_t talking = (alone ? 1 : 2) * l->pairs;

    load_conns(l, talking + (l->fan > 0 ? l->fan - 1 : l->sockets));

    for (uint32_t i = 0; i < l->conn_count; i++) {
        l->conns[i].path = l->fan > 0 ? "/sub/0" : "/sub/crowd";

        if (i < talking) {
            peer_place(l, i);
        }
    }

    load_wait(l, &l->ready, l->conn_count, "all to be open");

    if (!l->conv) {
        peer_probe(l, l->pairs > 0 && l->fan > 0 ? l->fan : l->pairs);
    }
}


/* -- nginx itself: one answer, then a connection that waits for another --- */

static void plain_open(struct conn *c)
{
    http_send(c, "GET", "", NULL, 0);
}


static void plain_answer(struct conn *c, const char *head, const char *body)
{
    (void) head;
    (void) body;
    c->ready = 1;
    c->load->ready++;
}


void plain_prepare(struct load *l)
{
    l->on_open = plain_open;
    l->on_answer = plain_answer;
    l->on_cut = peer_cut;
    load_conns(l, l->sockets);

    for (uint32_t i = 0; i < l->conn_count; i++) {
        l->conns[i].path = "/";
        l->conns[i].http = 1;
    }

    load_wait(l, &l->ready, l->conn_count, "all to be answered");
}
