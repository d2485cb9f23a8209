/*
 * The load client: thousands of sockets in one process, timed from when a
 * message should have left.
 *
 * Purpose:    the same load for ChatDesk and for a peer, so that both are
 *             compared by one clock.
 * Owner:      struct load owns every connection and pair; one thread.
 * Invariants: when a message leaves depends on the schedule alone, never
 *             on answers; each message carries its pair, its number and the
 *             time when it should have left; loss, doubling, disorder and
 *             strangers are counted.
 *
 *   net.c     sockets, handshakes, frames
 *   http.c    requests and answers on sockets that are not upgraded
 *   chat.c    visitors and agents of docs/protocol.md
 *   peer.c    a channel for each pair: nchan, a relay with ws, socket.io;
 *             and sockets that get back what they send
 *   poll.c    receivers by long-poll
 *   flow.c    messages by the clock, and what arrived
 *   idle.c    sockets that only stay; handshakes a second
 *   storm.c   all come back at once; one that stops reading
 *   stat.c    percentiles, processor time, results
 *   main.c    options
 */

#ifndef CHATDESK_BENCH_LOAD_H
#define CHATDESK_BENCH_LOAD_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#define LOAD_RING    8192   /* messages of a pair that may be unanswered */
#define LOAD_ID      22
#define LOAD_WATCHED 8

enum conn_state {
    CONN_NONE = 0, CONN_CONNECTING = 1, CONN_HANDSHAKE = 2, CONN_OPEN = 3
};

struct load;
struct pair;

struct conn {
    struct load *load;          /* borrows */
    struct pair *pair;          /* borrows; NULL for a socket without one */
    SSL         *ssl;           /* owns; NULL when plain */
    char        *tail;          /* owns; bytes of an incomplete frame */
    size_t       tail_len;
    char        *out;           /* owns; bytes that the kernel did not take */
    size_t       out_len;
    const char  *path;          /* borrows */
    char        *token;         /* owns; a visitor's, for coming back */
    char        *place;         /* owns; where a long-poll stands */
    const char  *cookie;        /* borrows; an agent's login */
    uint64_t     cut_ns;        /* when the connection was lost, or 0 */
    uint32_t     index;
    uint32_t     got;           /* last number that arrived, in a fan */
    int          fd;
    enum conn_state state;
    unsigned     agent:1;
    unsigned     http:1;        /* stays what it was, a request at a time */
    unsigned     deaf:1;        /* reads nothing */
    unsigned     ready:1;       /* has its welcome */
    unsigned     probed:1;      /* a probe has come through its channel */
    unsigned     joined:1;      /* has asked for its channel */
    unsigned     greeted:1;     /* its hello was taken with the handshake */
    unsigned     let_in:1;      /* may come again, while rates are measured */
    char         device[LOAD_ID + 1];
};

struct pair {
    struct conn *from;          /* borrows: who sends */
    struct conn *to;            /* borrows: who receives */
    struct conn *agent;         /* borrows: who accepted */
    uint64_t    *due;           /* owns; LOAD_RING times by number */
    uint32_t    *arrived;       /* owns; in a fan, how often each has */
    uint32_t     index;
    uint32_t     sent;          /* last number that left */
    uint32_t     acked;         /* last number that was acknowledged */
    uint32_t     open;          /* messages without an answer, where what is
                                   refused is not sent again */
    uint32_t     got;           /* last number that arrived */
    uint32_t     n;             /* receiver's place in the feed */
    uint64_t     resend_ns;     /* when to send again what was refused */
    unsigned     live:1;        /* the receiver has its window */
    unsigned     shedding:1;    /* one was refused, others are under way */
    char         conv[LOAD_ID + 1];
    char         era[24];
    char         path_from[64], path_to[64];
};

struct samples {
    uint32_t *us;               /* owns */
    size_t    count, room;
};

struct watched {
    const char *name;           /* borrows */
    int         pid;
    uint64_t    ns;             /* processor time at the last mark */
};

struct counts {
    uint64_t sent, acked, twice, order, foreign, refused, cut;
    uint64_t overrun;           /* could not leave: the ring was full */
};

struct load {
    /* options */
    const char  *system, *mode, *host;
    const char **cookies;       /* borrows */
    double      *rates;         /* owns */
    int          port, tls, size, seconds, warm_ms, burst_ms, conv, search,
                 source, shed, poll;
    uint32_t     pairs, sockets, fan, cookie_count, rate_count;

    /* state */
    struct conn *conns;         /* owns */
    struct pair *pair;          /* owns */
    uint32_t     conn_count, open_next, opening, ready, live, present;
    int          epoll;
    SSL_CTX     *tls_ctx;       /* owns */
    uint64_t     received, marked;
    uint64_t     measure_from;  /* messages due earlier are not counted */
    struct samples  latency, gaps, last;
    struct watched  watched[LOAD_WATCHED];
    int             watched_count;
    struct counts   count;
    void (*offer)(struct conn *c, char *line, size_t room);
    void (*on_open)(struct conn *c);
    void (*on_text)(struct conn *c, const char *text);
    void (*on_answer)(struct conn *c, const char *head, const char *body);
    void (*on_cut)(struct conn *c);
    void (*message)(struct pair *p, uint32_t k);
};

/* net.c */
uint64_t load_now(void);
void conn_open(struct conn *c);
void conn_send(struct conn *c, const char *text, size_t len);
void conn_close(struct conn *c);
void conn_write(struct conn *c, const char *data, size_t len);
void conn_deaf(struct conn *c, int deaf);
void load_turn(struct load *l, uint64_t until_ns);
void load_open_some(struct load *l, uint32_t at_once);
void load_wait(struct load *l, const uint32_t *counter, uint32_t value,
    const char *what);
void load_conns(struct load *l, uint32_t count);
void load_die(const char *what, ...)
    __attribute__((format(printf, 1, 2), noreturn));

/* http.c */
ssize_t http_take(struct conn *c, char *data);
void http_send(struct conn *c, const char *method, const char *more,
    const char *body, size_t len);
int http_header(const char *data, const char *name, char *value,
    size_t room);

/* chat.c */
void chat_use(struct load *l);
void chat_prepare(struct load *l);
void chat_message(struct pair *p, uint32_t k);
void chat_resend(struct pair *p);
int chat_string(const char *text, const char *name, char *value,
    size_t room);

/* peer.c */
void peer_use(struct load *l);
void peer_prepare(struct load *l);
void peer_message(struct pair *p, uint32_t k);
void plain_prepare(struct load *l);
void peer_text(struct conn *c, const char *text);

/* poll.c */
void poll_prepare_chat(struct load *l);
int poll_open(struct conn *c);
void poll_got(struct conn *c, const char *head, const char *body);

/* flow.c */
void flow_run(struct load *l);
void flow_got(struct conn *c, const char *text);
size_t flow_text(struct pair *p, uint32_t k, char *text, size_t room);

/* idle.c */
void idle_run(struct load *l);
void connect_run(struct load *l);
int input_ended(void);

/* storm.c */
void storm_run(struct load *l);
void stop_run(struct load *l);

/* stat.c */
void samples_add(struct samples *s, uint64_t ns);
double samples_at(struct samples *s, double share);
void watch_mark(struct load *l);
void watch_keep(struct load *l);
void watch_print(struct load *l, uint64_t messages);

#endif
