/*
 * Receivers by long-poll: one request waits, is answered by news, and is
 * sent again with the place that they brought.
 *
 * Purpose:    the cycle that a client goes through where there is no
 *             WebSocket; senders stay on WebSockets.
 * Owner:      a pair borrows its poller; the poller owns its place.
 * Invariants: a message counts by the same numbers as over a socket; a
 *             poller asks again as soon as it was answered, never before.
 */

#define _GNU_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"


/* -- ChatDesk: section 8 of docs/protocol.md ------------------------------ */

static void ask_chat(struct conn *c)
{
    struct pair *p = c->pair;
    char body[2048];
    int len = snprintf(body, sizeof body,
        "{\"hello\":{\"device\":\"%s\",\"token\":\"%s\",\"conv\":\"%s\"",
        c->device, c->token, p->conv);

    if (p->era[0] != '\0') {
        len += snprintf(body + len, sizeof body - (size_t) len,
            ",\"era\":%s,\"n\":%u", p->era, p->n);
    }

    len += snprintf(body + len, sizeof body - (size_t) len, "}%s%s%s"
        ",\"hold\":true}", c->place != NULL ? ",\"session\":\"" : "",
        c->place != NULL ? c->place : "", c->place != NULL ? "\"" : "");

    http_send(c, "POST", "", body, (size_t) len);
}


static void answer_chat(struct conn *c, const char *body)
{
    char text[512];

    if (chat_string(body, "session", text, sizeof text)) {
        free(c->place);
        c->place = strdup(text);
    }

    for (const char *at = strstr(body, "{\"t\":\"message\""); at != NULL;
         at = strstr(at + 1, "{\"t\":\"message\""))
    {
        flow_got(c, at);
    }
}


static const char *era_of(const char *body)
{
    const char *era = strstr(body, "\"era\":");

    return era != NULL ? era + 6 : NULL;
}


/* The first answer is the window; from then on the pair is live. */

static void window_chat(struct conn *c, const char *body)
{
    struct pair *p = c->pair;
    const char *era = era_of(body), *head = strstr(body, "\"head\":");

    if (era == NULL || head == NULL) {
        return;
    }

    snprintf(p->era, sizeof p->era, "%.*s", (int) strspn(era, "0123456789"),
        era);
    p->n = (uint32_t) strtoul(head + 7, NULL, 10);

    if (!p->live) {
        p->live = 1;
        c->load->live++;
    }
}


/* A poller for each visitor; agents send. */

void poll_prepare_chat(struct load *l)
{
    uint32_t first = l->conn_count - l->pairs;

    for (uint32_t i = 0; i < l->pairs; i++) {
        struct conn *c = &l->conns[first + i];
        struct pair *p = &l->pair[i];

        c->http = 1;
        c->path = "/chatdesk/poll";
        c->pair = p;
        c->token = strdup(p->from->token);
        conn_close(p->from);
        p->to = c;
        p->from = p->agent;
        p->live = 0;
    }

    l->live = 0;
}


/* -- nchan ---------------------------------------------------------------- */

static void ask_peer(struct conn *c)
{
    http_send(c, "GET", c->place != NULL ? c->place : "", NULL, 0);
}


static void answer_peer(struct conn *c, const char *head, const char *body)
{
    char modified[64], etag[64], more[256];

    if (http_header(head, "Last-Modified", modified, sizeof modified)
        && http_header(head, "Etag", etag, sizeof etag))
    {
        snprintf(more, sizeof more, "If-Modified-Since: %s\r\n"
            "If-None-Match: %s\r\n", modified, etag);
        free(c->place);
        c->place = strdup(more);
    }

    if (body[0] != '\0') {
        peer_text(c, body);
    }
}


/* -- both ----------------------------------------------------------------- */

static int is_chat(struct conn *c)
{
    return strcmp(c->load->system, "chatdesk") == 0;
}


/* A connection that polls is open: whether it is one. */

int poll_open(struct conn *c)
{
    if (!c->http) {
        return 0;
    }

    if (!c->ready) {
        c->ready = 1;
        c->load->ready++;
    }

    (is_chat(c) ? ask_chat : ask_peer)(c);

    return 1;
}


void poll_got(struct conn *c, const char *head, const char *body)
{
    if (is_chat(c)) {
        if (strstr(body, "{\"t\":\"window\"") != NULL) {
            window_chat(c, body);
        }

        answer_chat(c, body);
        ask_chat(c);

    } else {
        answer_peer(c, head, body);
        ask_peer(c);
    }
}
