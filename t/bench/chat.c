/*
 * Visitors and agents of docs/protocol.md, as far as a load needs them.
 *
 * Purpose:    hello, conversations that are offered and accepted, messages
 *             with their acknowledgements, coming back after a cut.
 * Owner:      the load owns connections and pairs.
 * Invariants: a message counts as acknowledged by its `ack` alone; what is
 *             not acknowledged is sent again, with the same number and
 *             text, after a cut or when it was refused.
 */

#define _GNU_SOURCE

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "load.h"


/* The value of a string member; whether there is one that fits. */

int chat_string(const char *text, const char *name, char *value,
    size_t room)
{
    char key[32];
    const char *begin;
    size_t len;

    snprintf(key, sizeof key, "\"%s\":\"", name);
    begin = strstr(text, key);
    value[0] = '\0';

    if (begin == NULL) {
        return 0;
    }

    begin += strlen(key);
    len = strcspn(begin, "\"");

    if (len >= room) {
        return 0;
    }

    memcpy(value, begin, len);
    value[len] = '\0';

    return 1;
}


static uint64_t number(const char *text, const char *name, uint64_t none)
{
    char key[32];
    const char *begin;

    snprintf(key, sizeof key, "\"%s\":", name);
    begin = strstr(text, key);

    return begin == NULL ? none : strtoull(begin + strlen(key), NULL, 10);
}


static int is(const char *text, const char *type)
{
    size_t len = strlen(type);

    return strncmp(text, "{\"t\":\"", 6) == 0
           && strncmp(text + 6, type, len) == 0 && text[6 + len] == '"';
}


static void __attribute__((format(printf, 2, 3)))
say(struct conn *c, const char *format, ...)
{
    char text[1024];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    conn_send(c, text, (size_t) len);
}


/* A ticket of the HTTP interface for this login; waits for the answer. */

static void ticket(struct conn *c, char *value, size_t room)
{
    struct load *l = c->load;
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t) l->port) };
    char text[4096];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int len = snprintf(text, sizeof text,
        "POST /desk/api/ticket HTTP/1.0\r\nHost: %s:%d\r\nCookie: %s\r\n"
        "Content-Length: 0\r\n\r\n", l->host, l->port, c->cookie);
    ssize_t n;
    size_t got = 0;

    inet_pton(AF_INET, l->host, &to.sin_addr);

    if (fd < 0 || connect(fd, (struct sockaddr *) &to, sizeof to) != 0
        || send(fd, text, (size_t) len, MSG_NOSIGNAL) != len)
    {
        load_die("no connection for a ticket");
    }

    while (got < sizeof text - 1
           && (n = recv(fd, text + got, sizeof text - 1 - got, 0)) > 0)
    {
        got += (size_t) n;
    }

    close(fd);
    text[got] = '\0';

    if (!chat_string(text, "ticket", value, room)) {
        load_die("no ticket: %.200s", text);
    }
}


/* Where a visitor stands who comes back with a whole crowd. */

static void stands(struct conn *c, char *text, size_t room)
{
    struct pair *p = c->pair;

    if (p != NULL && c->load->conv && p->era[0] != '\0') {
        snprintf(text, room, ",\"conv\":\"%s\",\"era\":%s,\"n\":%u",
            p->conv, p->era, p->n);
    }
}


/* Its length. */

static int hello(struct conn *c, char *text, size_t room)
{
    char proof[700] = "", place[128] = "", secret[128];

    if (c->agent) {
        ticket(c, secret, sizeof secret);
        snprintf(proof, sizeof proof, ",\"ticket\":\"%s\"", secret);

    } else if (c->token != NULL) {
        snprintf(proof, sizeof proof, ",\"token\":\"%s\"", c->token);
    }

    stands(c, place, sizeof place);

    return snprintf(text, room, "{\"t\":\"hello\",\"device\":\"%s\"%s%s}",
        c->device, proof, place);
}


/* What a visitor offers: its hello comes with the handshake, as the widget's
   does. */

static void chat_offer(struct conn *c, char *line, size_t room)
{
    char text[1024], coded[1400];
    int len = hello(c, text, sizeof text);

    len = EVP_EncodeBlock((unsigned char *) coded, (unsigned char *) text,
        len);

    for (char *p = coded; *p != '\0'; p++) {
        *p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
    }

    while (len > 0 && coded[len - 1] == '=') {
        coded[--len] = '\0';
    }

    snprintf(line, room, "Sec-WebSocket-Protocol: chatdesk.v1, "
        "chatdesk.v1.hello, hello.%s\r\n", coded);
}


static void chat_open(struct conn *c)
{
    char text[1024];

    if (poll_open(c) || c->greeted) {
        return;
    }

    conn_send(c, text, (size_t) hello(c, text, sizeof text));
}


static void follow(struct pair *p)
{
    if (p->n == 0) {
        say(p->to, "{\"t\":\"follow\",\"feed\":\"%s\"}", p->conv);
        return;
    }

    if (p->got == 0) {
        say(p->to, "{\"t\":\"follow\",\"feed\":\"%s\",\"era\":%s,\"n\":%u}",
            p->conv, p->era, p->n);
        return;
    }

    say(p->to, "{\"t\":\"follow\",\"feed\":\"%s\",\"era\":%s,\"n\":%u,"
        "\"mid\":\"%s.%u\"}", p->conv, p->era, p->n, p->from->device,
        p->got);
}


void chat_message(struct pair *p, uint32_t k)
{
    char text[8192];
    size_t len = (size_t) snprintf(text, sizeof text,
        "{\"t\":\"send\",\"conv\":\"%s\",\"k\":%u,\"text\":\"", p->conv, k);

    len += flow_text(p, k, text + len, sizeof text - len - 3);
    memcpy(text + len, "\"}", 2);
    conn_send(p->from, text, len + 2);
}


void chat_resend(struct pair *p)
{
    p->resend_ns = 0;

    for (uint32_t k = p->acked + 1; k <= p->sent; k++) {
        chat_message(p, k);
    }
}


static void keep_token(struct conn *c, const char *text)
{
    char value[600];

    if (chat_string(text, "token", value, sizeof value)) {
        free(c->token);
        c->token = strdup(value);
    }
}


static void welcome(struct conn *c, const char *text)
{
    struct load *l = c->load;

    c->ready = 1;
    c->let_in = !l->conv;
    l->ready++;
    keep_token(c, text);

    if (l->conv && c->cut_ns != 0) {
        return;

    } else if (c->cut_ns != 0) {
        samples_add(&l->gaps, load_now() - c->cut_ns);
        c->cut_ns = 0;

        for (uint32_t i = 0; i < l->pairs; i++) {
            if (l->pair[i].to == c) {
                follow(&l->pair[i]);
            }

            if (l->pair[i].from == c) {
                chat_resend(&l->pair[i]);
            }
        }

    } else if (c->agent) {
        say(c, "{\"t\":\"presence\",\"id\":\"p\",\"state\":\"available\"}");

    } else if (c->pair != NULL && c->pair->conv[0] == '\0') {
        say(c, "{\"t\":\"start\",\"id\":\"s\",\"name\":\"Visitor %u\"}",
            c->index);
    }
}


static struct pair *pair_of(struct load *l, const char *conv)
{
    for (uint32_t i = 0; i < l->pairs; i++) {
        if (strcmp(l->pair[i].conv, conv) == 0) {
            return &l->pair[i];
        }
    }

    return NULL;
}


/* One more message of a pair has its answer.  What was under way when one was
   refused is refused as well, for its number comes too early; once all of it
   is answered the numbers behind the last that was taken are free again. */

static void answered(struct pair *p)
{
    p->open--;

    if (p->shedding && p->open == 0) {
        p->shedding = 0;
        p->sent = p->acked;
    }
}


static void ack(struct conn *c, const char *text)
{
    struct pair *p = c->pair;
    char re[32], conv[32];

    if (chat_string(text, "re", re, sizeof re)) {
        if (strcmp(re, "s") == 0 && p != NULL) {
            chat_string(text, "conv", p->conv, sizeof p->conv);
        }

        c->load->present += strcmp(re, "p") == 0;
        return;
    }

    if (p == NULL && c->agent && chat_string(text, "conv", conv, sizeof conv)) {
        p = pair_of(c->load, conv);
    }

    if (p != NULL && number(text, "k", 0) > p->acked) {
        c->load->count.acked += number(text, "k", 0) - p->acked;
        p->acked = (uint32_t) number(text, "k", 0);
        answered(p);
    }
}


/* Takes every offer; follows what has become this agent's. */

static void card(struct conn *c, const char *text)
{
    char conv[32], phase[32];
    struct pair *p;

    if (!chat_string(text, "conv", conv, sizeof conv)
        || !chat_string(text, "phase", phase, sizeof phase))
    {
        return;
    }

    if (strcmp(phase, "offered") == 0) {
        say(c, "{\"t\":\"accept\",\"id\":\"a\",\"conv\":\"%s\"}", conv);
        return;
    }

    p = pair_of(c->load, conv);

    if (p != NULL && strcmp(phase, "active") == 0 && !p->live
        && p->agent != c)
    {
        p->agent = c;

        if (c->load->fan == 0) {
            p->to = c;
            follow(p);

        } else {
            p->from = c;
            c->load->live++;
        }
    }
}


/* The window of one of a crowd: it is where its conversation is. */

static void in_step(struct conn *c, struct pair *p, const char *text)
{
    struct load *l = c->load;

    snprintf(p->era, sizeof p->era, "%llu",
        (unsigned long long) number(text, "era", 0));
    p->n = (uint32_t) number(text, "head", 0);
    l->live++;
    c->let_in = 1;

    if (c->cut_ns != 0) {
        samples_add(&l->gaps, load_now() - c->cut_ns);
        c->cut_ns = 0;
    }
}


/* Messages of a window count like live ones, but for those seen before. */

static void window(struct conn *c, const char *text)
{
    char feed[32];
    struct pair *p;

    chat_string(text, "feed", feed, sizeof feed);
    p = c->pair != NULL && strcmp(c->pair->conv, feed) == 0
        ? c->pair : pair_of(c->load, feed);

    if (p == NULL) {
        return;
    }

    if (c->load->conv) {
        in_step(c, p, text);
        return;
    }

    if (p->to != c) {
        c->load->live += c->load->fan > 0 && c->pair == NULL;
        c->let_in = 1;
        return;
    }

    snprintf(p->era, sizeof p->era, "%llu",
        (unsigned long long) number(text, "era", 0));

    for (const char *at = strstr(text, "{\"t\":\"message\""); at != NULL;
         at = strstr(at + 1, "{\"t\":\"message\""))
    {
        if (number(at, "n", 0) > p->n) {
            flow_got(c, at);
        }
    }

    p->n = (uint32_t) number(text, "head", 0);

    if (!p->live) {
        p->live = 1;
        c->load->live++;
    }
}


static void refused(struct conn *c, const char *text)
{
    struct load *l = c->load;
    uint32_t k = (uint32_t) number(text, "k", 0);
    char conv[32];
    struct pair *p = !c->agent ? c->pair
        : chat_string(text, "conv", conv, sizeof conv) ? pair_of(l, conv)
                                                       : NULL;

    if (k == 0 || p == NULL) {
        load_die("refused: %.200s", text);
    }

    if (l->count.refused++ == 0) {
        fprintf(stderr, "refused first: %.200s\n", text);
    }

    if (l->shed) {
        p->shedding = 1;
        answered(p);
        return;
    }

    p->resend_ns = load_now() + number(text, "retry_after", 100) * 1000000;
}


static void chat_text(struct conn *c, const char *text)
{
    if (is(text, "message")) {
        flow_got(c, text);

    } else if (is(text, "ack")) {
        ack(c, text);

    } else if (is(text, "welcome")) {
        welcome(c, text);

    } else if (is(text, "window")) {
        window(c, text);

    } else if (is(text, "card")) {
        card(c, text);

    } else if (is(text, "error")) {
        refused(c, text);
    }
}


static void chat_cut(struct conn *c)
{
    struct load *l = c->load;

    l->count.cut++;
    c->cut_ns = load_now();

    if (strcmp(l->mode, "reload") != 0 && strcmp(l->mode, "stop") != 0) {
        load_die("socket %u was cut", c->index);
    }

    conn_open(c);
}


void chat_use(struct load *l)
{
    l->offer = chat_offer;
    l->on_open = chat_open;
    l->on_text = chat_text;
    l->on_cut = chat_cut;
    l->on_answer = poll_got;
    l->message = chat_message;
}


static void new_device(struct conn *c)
{
    snprintf(c->device, sizeof c->device, "b%07d%07u%07u",
        (int) getpid(), (unsigned) (load_now() / 1000 % 10000000),
        c->index % 10000000);
}


/* Agents first, then visitors with a conversation, then the crowd. */

void chat_prepare(struct load *l)
{
    uint32_t agents = l->cookie_count;
    uint32_t talking = agents + l->pairs;

    load_conns(l, talking + (l->fan > 0 ? l->fan - 1 : l->poll ? l->pairs
                                                     : l->sockets));

    for (uint32_t i = 0; i < l->conn_count; i++) {
        struct conn *c = &l->conns[i];

        new_device(c);
        c->agent = i < agents;
        c->path = c->agent ? "/desk/socket" : "/chatdesk/socket";
        c->cookie = c->agent ? l->cookies[i] : NULL;

        if (i >= agents && i < talking) {
            c->pair = &l->pair[i - agents];
            c->pair->from = c;
        }
    }

    l->conn_count = agents;
    load_wait(l, &l->present, agents, "agents to be available");
    l->conn_count = talking;
    load_wait(l, &l->live, l->pairs, "conversations to be accepted");

    if (l->fan > 0) {
        for (uint32_t i = talking; i < talking + l->fan - 1; i++) {
            l->conns[i].token = strdup(l->conns[agents].token);
        }

        l->conn_count = talking + l->fan - 1;
        load_wait(l, &l->live, 1 + l->fan - 1, "all to follow");

    } else if (l->poll) {
        l->conn_count = talking + l->pairs;
        poll_prepare_chat(l);
        load_wait(l, &l->live, l->pairs, "all to poll");

    } else {
        l->conn_count = talking + l->sockets;
        load_wait(l, &l->ready, l->conn_count, "all to be welcome");
    }
}
