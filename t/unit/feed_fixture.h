/*
 * What the module's feeds have around them, played for their unit test:
 * nginx's memory, trees and clock; the encoders; sessions.
 *
 * Purpose:    the real code of the feeds runs without nginx and sockets.
 * Owner:      `m` is the one model; a test starts it anew.
 * Invariants: a session checks what it is sent and complains once.
 */

#ifndef FEED_FIXTURE_H
#define FEED_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ngx_http_chatdesk_feed_state.h"
#include "ngx_http_chatdesk_json.h"
#include "ngx_http_chatdesk_metrics.h"

#define SESSIONS  5
#define FLIGHT    4096
#define KEEP      40            /* frames that a window still has */

struct ngx_http_chatdesk_session_s {
    ngx_http_chatdesk_ref_t   ref;
    ngx_queue_t               followers;
    ngx_str_t                 who;
    int                       open;
    int                       member;       /* 0: removed */

    /* what a client knows */
    int                       errors;
    int                       windows;
    uint64_t                  era;
    int64_t                   last;         /* -1: nothing */
};

/* what the encoders put into a buffer */
struct sent {
    int        window;
    int        reset;
    uint64_t   era;
    int64_t    from;                        /* of a window */
    uint32_t   n;                           /* of a frame; a window's head */
};

struct asked {
    ngx_http_chatdesk_reply_pt   handler;
    void                        *data;
    char                         person[32];
    uint64_t                     era;
    int64_t                      n;

    /* once Redis has run it */
    const char                  *code;
    uint64_t                     now_era;
    uint32_t                     head;
    int                          reset;
};

struct published {
    uint64_t   era;
    uint32_t   n;
    int        gone;                        /* session that leaves, or -1 */
};

static struct {
    ngx_http_chatdesk_desk_t     desk;
    ngx_http_chatdesk_session_t  session[SESSIONS];
    char                         names[SESSIONS][16];
    ngx_str_t                    feed;
    ngx_str_t                    shown;
    uint32_t                     random;

    uint64_t                     era;       /* of Redis */
    uint32_t                     head;
    int                          ready;     /* commands are taken */
    int                          wanted;    /* the channel is subscribed */
    int                          live;

    struct published             wire[FLIGHT];
    unsigned                     wire_first, wire_last;
    struct asked                 asked[FLIGHT];
    unsigned                     asked_first, asked_run, asked_last;

    unsigned                     fail_alloc;    /* one in so many; 0: none */
    unsigned                     close_in_send; /* the same */
    const char                  *complaint;
} m;


static unsigned
dice(unsigned sides)
{
    m.random = m.random * 1664525 + 1013904223;

    return (m.random >> 8) % sides;
}


/* -- nginx -- */

volatile ngx_msec_t  ngx_current_msec;
ngx_rbtree_t         ngx_event_timer_rbtree;
static ngx_rbtree_node_t  timer_sentinel;
static ngx_log_t  quiet;


void *
ngx_alloc(size_t size, ngx_log_t *log)
{
    (void) log;

    if (m.fail_alloc != 0 && dice(m.fail_alloc) == 0) {
        return NULL;
    }

    return malloc(size);
}


void *
ngx_calloc(size_t size, ngx_log_t *log)
{
    void  *p = ngx_alloc(size, log);

    return p == NULL ? NULL : memset(p, 0, size);
}


void
ngx_log_error_core(ngx_uint_t level, ngx_log_t *log, ngx_err_t err,
    const char *fmt, ...)
{
    (void) level;
    (void) log;
    (void) err;
    (void) fmt;
}


u_char *
ngx_sprintf(u_char *buf, const char *fmt, ...)
{
    va_list  args;

    /* the two formats that feeds use: %uL and %L */

    va_start(args, fmt);
    buf += sprintf((char *) buf, "%lld", (long long) va_arg(args, int64_t));
    va_end(args);

    return buf;
}


uint32_t
ngx_murmur_hash2(u_char *data, size_t len)
{
    return len > 2 ? data[2] : 0;
}


/* trees are lists here: `right` is the next */

void
ngx_rbtree_insert(ngx_rbtree_t *tree, ngx_rbtree_node_t *node)
{
    node->left = tree->sentinel;
    node->right = tree->root;
    tree->root = node;
}


void
ngx_rbtree_delete(ngx_rbtree_t *tree, ngx_rbtree_node_t *node)
{
    ngx_rbtree_node_t  **p;

    for (p = &tree->root; *p != node; p = &(*p)->right) {
        assert_ptr_not_equal(*p, tree->sentinel);
    }

    *p = node->right;
}


ngx_rbtree_node_t *
ngx_rbtree_next(ngx_rbtree_t *tree, ngx_rbtree_node_t *node)
{
    return node->right == tree->sentinel ? NULL : node->right;
}


void
ngx_str_rbtree_insert_value(ngx_rbtree_node_t *temp, ngx_rbtree_node_t *node,
    ngx_rbtree_node_t *sentinel)
{
    (void) temp;
    (void) node;
    (void) sentinel;
}


ngx_str_node_t *
ngx_str_rbtree_lookup(ngx_rbtree_t *tree, ngx_str_t *name, uint32_t hash)
{
    ngx_str_node_t     *sn;
    ngx_rbtree_node_t  *node;

    (void) hash;

    for (node = tree->root; node != tree->sentinel; node = node->right) {
        sn = (ngx_str_node_t *) node;

        if (sn->str.len == name->len
            && memcmp(sn->str.data, name->data, name->len) == 0)
        {
            return sn;
        }
    }

    return NULL;
}


/* -- the module around the feeds -- */

void
ngx_http_chatdesk_metric_add(ngx_http_chatdesk_metric_e metric,
    ngx_atomic_int_t n)
{
    (void) metric;
    (void) n;
}


static ngx_http_chatdesk_buf_t *
sent_create(struct sent sent)
{
    ngx_http_chatdesk_buf_t  *buf;

    buf = ngx_alloc(sizeof(*buf) + sizeof(sent), NULL);
    if (buf == NULL) {
        return NULL;
    }

    buf->refs = 1;
    memcpy(buf + 1, &sent, sizeof(sent));

    return buf;
}


void
ngx_http_chatdesk_buf_release(ngx_http_chatdesk_buf_t **buf)
{
    assert_int_equal((*buf)->refs, 1);
    free(*buf);
    *buf = NULL;
}


ngx_http_chatdesk_buf_t *
ngx_http_chatdesk_json_encode(const struct cd_frame *frame, ngx_str_t *feed,
    ngx_log_t *log)
{
    struct sent  sent = { 0, 0, frame->at_ms, 0, frame->n };

    (void) log;

    assert_true((feed != NULL) == (m.feed.data[0] == 'i'));

    return sent_create(sent);
}


/* The one envelope of an answer holds the number that was asked from. */

ngx_http_chatdesk_buf_t *
ngx_http_chatdesk_json_window(ngx_str_t *feed, uint64_t era, uint32_t head,
    ngx_uint_t reset, ngx_str_t *envelopes, ngx_uint_t count, ngx_log_t *log)
{
    struct sent  sent = { 1, (int) reset, era, head, head };

    (void) log;

    assert_ptr_not_equal(feed, NULL);

    if (count > 0) {
        sent.from = atoll((char *) envelopes[0].data);
    }

    return sent_create(sent);
}


ngx_uint_t
ngx_http_chatdesk_redis_ready(ngx_http_chatdesk_redis_t *redis)
{
    (void) redis;

    return m.ready;
}


ngx_int_t
ngx_http_chatdesk_redis_subscribe(ngx_http_chatdesk_redis_t *redis,
    ngx_str_t *channel)
{
    (void) redis;
    (void) channel;

    m.wanted = 1;

    return NGX_OK;
}


void
ngx_http_chatdesk_redis_unsubscribe(ngx_http_chatdesk_redis_t *redis,
    ngx_str_t *channel)
{
    (void) redis;
    (void) channel;

    m.wanted = 0;
    m.live = 0;
    m.wire_first = m.wire_last;
}


ngx_int_t
ngx_http_chatdesk_desk_call(ngx_http_chatdesk_desk_t *desk,
    const char *function, const char *key, ngx_str_t *key_id,
    ngx_http_chatdesk_reply_pt handler, void *data, ngx_uint_t argc,
    ngx_str_t *argv)
{
    char           number[32] = "";
    struct asked  *asked;

    assert_ptr_equal(desk, &m.desk);
    assert_string_equal(function, "cd_follow");
    assert_string_equal(key, "");
    assert_int_equal(argc, 5);
    assert_memory_equal(key_id->data, m.feed.data, m.feed.len);
    assert_true(m.ready);

    if (m.asked_last - m.asked_first == FLIGHT || dice(50) == 0) {
        return NGX_BUSY;
    }

    asked = &m.asked[m.asked_last++ % FLIGHT];
    memset(asked, 0, sizeof(*asked));
    asked->handler = handler;
    asked->data = data;
    snprintf(asked->person, sizeof(asked->person), "%.*s", (int) argv[1].len,
             (char *) argv[1].data);

    memcpy(number, argv[2].data, argv[2].len);
    asked->era = strtoull(number, NULL, 10);
    memset(number, 0, sizeof(number));
    memcpy(number, argv[3].data, argv[3].len);
    asked->n = strtoll(number, NULL, 10);

    return NGX_OK;
}


ngx_int_t
ngx_http_chatdesk_desk_reply(redisReply *reply, ngx_uint_t min,
    ngx_uint_t *error, ngx_log_t *log)
{
    (void) log;

    if (reply == NULL) {
        *error = CD_E_BUSY;
        return NGX_ERROR;
    }

    if (strcmp(reply->element[0]->str, "ok") != 0) {
        *error = CD_E_NOT_FOUND;
        return NGX_ERROR;
    }

    assert_true(reply->elements >= min);

    return NGX_OK;
}


/* -- sessions -- */

ngx_http_chatdesk_ref_t
ngx_http_chatdesk_session_ref(ngx_http_chatdesk_session_t *session)
{
    return session->ref;
}


ngx_http_chatdesk_session_t *
ngx_http_chatdesk_session_get(ngx_http_chatdesk_ref_t ref)
{
    ngx_http_chatdesk_session_t  *session = &m.session[ref.slot];

    return session->open && session->ref.generation == ref.generation
           ? session : NULL;
}


ngx_str_t *
ngx_http_chatdesk_session_who(ngx_http_chatdesk_session_t *session)
{
    return &session->who;
}


ngx_queue_t *
ngx_http_chatdesk_session_followers(ngx_http_chatdesk_session_t *session)
{
    return &session->followers;
}


static void
session_close(ngx_http_chatdesk_session_t *session)
{
    ngx_http_chatdesk_feed_unfollow_all(session);
    session->open = 0;
}


void
ngx_http_chatdesk_session_kick(ngx_http_chatdesk_session_t *session,
    struct cd_frame *kick)
{
    (void) kick;

    session_close(session);
}


void
ngx_http_chatdesk_session_feed_error(ngx_http_chatdesk_session_t *session,
    ngx_str_t *shown, ngx_uint_t error)
{
    assert_memory_equal(shown->data, m.shown.data, shown->len);
    assert_int_not_equal(error, CD_E_OK);

    session->errors++;
}


static void
session_window(ngx_http_chatdesk_session_t *session, struct sent *sent)
{
    session->windows++;

    if (sent->reset) {
        session->era = sent->era;
        session->last = sent->n;
        return;
    }

    if (sent->era != session->era) {
        m.complaint = "a window of another era without a reset";

    } else if (sent->from != session->last) {
        m.complaint = "a window that does not begin where the client stands";
    }

    session->last = sent->n;
}


void
ngx_http_chatdesk_session_send(ngx_http_chatdesk_session_t *session,
    ngx_http_chatdesk_buf_t *buf)
{
    struct sent  sent;

    memcpy(&sent, buf + 1, sizeof(sent));

    if (!session->open) {
        m.complaint = "a frame for a closed session";

    } else if (sent.window) {
        session_window(session, &sent);

    } else if (sent.n == 0) {
        return;

    } else if (sent.era != session->era || sent.n != session->last + 1) {
        m.complaint = sent.n <= session->last ? "a frame twice"
                                              : "a frame lost";
    } else {
        session->last = sent.n;
    }

    if (m.close_in_send != 0 && dice(m.close_in_send) == 0) {
        session_close(dice(2) == 0 ? session : &m.session[dice(SESSIONS)]);
    }
}


void
ngx_http_chatdesk_session_window(ngx_http_chatdesk_session_t *session,
    ngx_http_chatdesk_buf_t *buf, ngx_uint_t asked, ngx_uint_t news)
{
    if (asked || news) {
        ngx_http_chatdesk_session_send(session, buf);
    }
}

#endif /* FEED_FIXTURE_H */
