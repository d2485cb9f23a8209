/*
 * Options of the load client, and its order of work.
 *
 * Purpose:    chatdesk-load --system chatdesk|nchan --mode idle|connect|
 *             relay|reload --port N ...; results are JSON lines.
 * Owner:      owns the load until the process ends.
 * Invariants: an error of any kind ends the process with status 1: a run is
 *             whole or it does not count.
 */

#define _GNU_SOURCE

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "load.h"

#define WAIT_NS 120000000000ull

static const struct option options[] = {
    { "system", required_argument, NULL, 's' },
    { "mode", required_argument, NULL, 'm' },
    { "port", required_argument, NULL, 'p' },
    { "tls", no_argument, NULL, 't' },
    { "size", required_argument, NULL, 'b' },
    { "seconds", required_argument, NULL, 'd' },
    { "warm-ms", required_argument, NULL, 'w' },
    { "burst-ms", required_argument, NULL, 'u' },
    { "pairs", required_argument, NULL, 'P' },
    { "sockets", required_argument, NULL, 'n' },
    { "fan", required_argument, NULL, 'f' },
    { "source", required_argument, NULL, 'a' },
    { "poll", no_argument, NULL, 'o' },
    { "shed", no_argument, NULL, 'l' },
    { "search", no_argument, NULL, 'S' },
    { "conversations", no_argument, NULL, 'c' },
    { "rate", required_argument, NULL, 'r' },
    { "cookie", required_argument, NULL, 'k' },
    { "watch", required_argument, NULL, 'x' },
    { NULL, 0, NULL, 0 }
};


static void *fresh(size_t count, size_t size)
{
    void *memory = calloc(count > 0 ? count : 1, size);

    if (memory == NULL) {
        load_die("no memory");
    }

    return memory;
}


void load_conns(struct load *l, uint32_t count)
{
    l->conns = fresh(count, sizeof l->conns[0]);
    l->conn_count = count;

    for (uint32_t i = 0; i < count; i++) {
        l->conns[i].load = l;
        l->conns[i].index = i;
    }
}


/* Opens what there is to open, until the counter has this value. */

void load_wait(struct load *l, const uint32_t *counter, uint32_t value,
    const char *what)
{
    uint64_t deadline = load_now() + WAIT_NS;

    while (*counter < value) {
        if (load_now() > deadline) {
            load_die("waited for %s: %u of %u", what, *counter, value);
        }

        load_open_some(l, 64);
        load_turn(l, load_now() + 10000000);
    }
}


static void add_rate(struct load *l, const char *text)
{
    l->rates = realloc(l->rates, (l->rate_count + 1) * sizeof l->rates[0]);

    if (l->rates == NULL) {
        load_die("no memory");
    }

    l->rates[l->rate_count++] = atof(text);
}


static void add_watched(struct load *l, char *text)
{
    char *pid = strchr(text, '=');

    if (pid == NULL || l->watched_count == LOAD_WATCHED) {
        load_die("--watch wants NAME=PID, at most %d times", LOAD_WATCHED);
    }

    *pid = '\0';
    l->watched[l->watched_count].name = text;
    l->watched[l->watched_count++].pid = atoi(pid + 1);
}


static void take_option(struct load *l, int option)
{
    switch (option) {
    case 's': l->system = optarg; break;
    case 'm': l->mode = optarg; break;
    case 'p': l->port = atoi(optarg); break;
    case 't': l->tls = 1; break;
    case 'b': l->size = atoi(optarg); break;
    case 'd': l->seconds = atoi(optarg); break;
    case 'w': l->warm_ms = atoi(optarg); break;
    case 'u': l->burst_ms = atoi(optarg); break;
    case 'P': l->pairs = (uint32_t) atoi(optarg); break;
    case 'n': l->sockets = (uint32_t) atoi(optarg); break;
    case 'f': l->fan = (uint32_t) atoi(optarg); break;
    case 'a': l->source = atoi(optarg); break;
    case 'c': l->conv = 1; break;
    case 'o': l->poll = 1; break;
    case 'l': l->shed = 1; break;
    case 'S': l->search = 1; break;
    case 'r': add_rate(l, optarg); break;
    case 'k': l->cookies[l->cookie_count++] = optarg; break;
    case 'x': add_watched(l, optarg); break;
    default: exit(2);
    }
}


/* What the client itself needs shows how much of a figure is the server's. */

static void watch_self(struct load *l)
{
    if (l->watched_count < LOAD_WATCHED) {
        l->watched[l->watched_count].name = "client";
        l->watched[l->watched_count++].pid = (int) getpid();
    }
}


static void load_begin(struct load *l)
{
    l->pair = fresh(l->pairs, sizeof l->pair[0]);

    for (uint32_t i = 0; i < l->pairs; i++) {
        l->pair[i].index = i;
        l->pair[i].due = l->conv ? NULL
            : fresh(LOAD_RING, sizeof l->pair[i].due[0]);
        l->pair[i].arrived = l->fan == 0 ? NULL
            : fresh(LOAD_RING, sizeof l->pair[i].arrived[0]);
    }

    l->epoll = epoll_create1(EPOLL_CLOEXEC);

    if (l->epoll < 0) {
        load_die("epoll: %s", strerror(errno));
    }

    if (l->tls) {
        l->tls_ctx = SSL_CTX_new(TLS_client_method());

        if (l->tls_ctx == NULL) {
            load_die("no TLS");
        }

        SSL_CTX_set_mode(l->tls_ctx, SSL_MODE_RELEASE_BUFFERS);
    }
}


int main(int argc, char **argv)
{
    struct load *l = fresh(1, sizeof *l);
    int option;

    l->system = "chatdesk";
    l->mode = "relay";
    l->host = "127.0.0.1";
    l->size = 200;
    l->seconds = 5;
    l->cookies = fresh((size_t) argc, sizeof l->cookies[0]);

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        take_option(l, option);
    }

    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_TIMERSLACK, 1000);
    watch_self(l);
    load_begin(l);

    if (strcmp(l->system, "chatdesk") == 0) {
        chat_use(l);
        chat_prepare(l);

    } else if (strcmp(l->system, "plain") == 0) {
        plain_prepare(l);

    } else {
        peer_use(l);
        peer_prepare(l);
    }

    if (strcmp(l->mode, "idle") == 0) {
        idle_run(l);

    } else if (strcmp(l->mode, "connect") == 0) {
        connect_run(l);

    } else if (strcmp(l->mode, "storm") == 0) {
        storm_run(l);

    } else if (strcmp(l->mode, "stop") == 0) {
        stop_run(l);

    } else {
        flow_run(l);
    }

    return 0;
}
