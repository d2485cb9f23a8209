/*
 * Whose turn the next answer of Redis is: one entry for each command under
 * way.
 *
 * Purpose:    a bounded first-in first-out queue of handlers beside the
 *             stream of commands.  Answers at its head may be held until it
 *             is known how many replicas have what they speak of.
 * Owner:      the command connection (redis.c); the queue owns its ring and
 *             the answers that it holds.
 * Invariants: the first `held` entries have their answer, no other has;
 *             there are never more than CD_LIMIT_PENDING_PER_NODE.
 */

#ifndef NGX_HTTP_CHATDESK_REDIS_QUEUE_H
#define NGX_HTTP_CHATDESK_REDIS_QUEUE_H

#include "ngx_http_chatdesk_redis.h"


typedef struct {
    ngx_http_chatdesk_reply_pt    handler;      /* NULL: nobody asks */
    void                         *data;
    redisReply                   *reply;        /* held; NULL: none yet */
    ngx_msec_t                    sent;
    unsigned                      stores:1;     /* see redis_store() */
} ngx_http_chatdesk_pending_t;

typedef struct {
    ngx_http_chatdesk_pending_t  *ring;         /* NULL while unused */
    ngx_uint_t                    cap;          /* power of two */
    ngx_uint_t                    first;
    ngx_uint_t                    count;
    ngx_uint_t                    held;
} ngx_http_chatdesk_queue_t;


/* A place at the end.  NGX_OK; NGX_BUSY: too many; NGX_ERROR: no memory. */
ngx_int_t ngx_http_chatdesk_queue_push(ngx_http_chatdesk_queue_t *queue,
    const ngx_http_chatdesk_pending_t *pending, ngx_log_t *log);

/* Takes the last place back, whose command was not written. */
void ngx_http_chatdesk_queue_unpush(ngx_http_chatdesk_queue_t *queue);

/* The first and the last entry; NULL: there is none. */
ngx_http_chatdesk_pending_t *ngx_http_chatdesk_queue_oldest(
    ngx_http_chatdesk_queue_t *queue);
ngx_http_chatdesk_pending_t *ngx_http_chatdesk_queue_last(
    ngx_http_chatdesk_queue_t *queue);

/* The entry whose answer comes next; NULL: none is outstanding. */
ngx_http_chatdesk_pending_t *ngx_http_chatdesk_queue_next(
    ngx_http_chatdesk_queue_t *queue);

/* Keeps the answer of that entry, which becomes the queue's. */
void ngx_http_chatdesk_queue_hold(ngx_http_chatdesk_queue_t *queue,
    redisReply *reply);

/* Takes the first entry out, with its answer if it is held; there is one. */
ngx_http_chatdesk_pending_t ngx_http_chatdesk_queue_pop(
    ngx_http_chatdesk_queue_t *queue);

/* Frees the ring of an empty queue. */
void ngx_http_chatdesk_queue_free(ngx_http_chatdesk_queue_t *queue);


#endif /* NGX_HTTP_CHATDESK_REDIS_QUEUE_H */
