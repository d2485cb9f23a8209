/*
 * Whose turn the next answer of Redis is; see the header.
 *
 * Purpose:    a ring that doubles.
 * Owner:      the command connection.
 * Invariants: those of the header.
 */

#include "ngx_http_chatdesk_redis_queue.h"

#include "chatdesk_tables.h"

#define NGX_HTTP_CHATDESK_QUEUE_MIN  64


static ngx_http_chatdesk_pending_t *
ngx_http_chatdesk_queue_at(ngx_http_chatdesk_queue_t *queue, ngx_uint_t i)
{
    return &queue->ring[(queue->first + i) & (queue->cap - 1)];
}


static ngx_int_t
ngx_http_chatdesk_queue_grow(ngx_http_chatdesk_queue_t *queue, ngx_log_t *log)
{
    ngx_uint_t                    i, cap;
    ngx_http_chatdesk_pending_t  *ring;

    cap = queue->cap ? queue->cap * 2 : NGX_HTTP_CHATDESK_QUEUE_MIN;

    if (cap > CD_LIMIT_PENDING_PER_NODE) {
        return NGX_BUSY;
    }

    ring = ngx_alloc(cap * sizeof(ngx_http_chatdesk_pending_t), log);
    if (ring == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < queue->count; i++) {
        ring[i] = *ngx_http_chatdesk_queue_at(queue, i);
    }

    if (queue->ring != NULL) {
        ngx_free(queue->ring);
    }

    queue->ring = ring;
    queue->cap = cap;
    queue->first = 0;

    return NGX_OK;
}


ngx_int_t
ngx_http_chatdesk_queue_push(ngx_http_chatdesk_queue_t *queue,
    const ngx_http_chatdesk_pending_t *pending, ngx_log_t *log)
{
    ngx_int_t  rc;

    if (queue->count == queue->cap) {
        rc = ngx_http_chatdesk_queue_grow(queue, log);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    *ngx_http_chatdesk_queue_at(queue, queue->count) = *pending;
    queue->count++;

    return NGX_OK;
}


void
ngx_http_chatdesk_queue_unpush(ngx_http_chatdesk_queue_t *queue)
{
    queue->count--;
}


ngx_http_chatdesk_pending_t *
ngx_http_chatdesk_queue_oldest(ngx_http_chatdesk_queue_t *queue)
{
    return queue->count > 0 ? ngx_http_chatdesk_queue_at(queue, 0) : NULL;
}


ngx_http_chatdesk_pending_t *
ngx_http_chatdesk_queue_last(ngx_http_chatdesk_queue_t *queue)
{
    return queue->count > 0
           ? ngx_http_chatdesk_queue_at(queue, queue->count - 1) : NULL;
}


ngx_http_chatdesk_pending_t *
ngx_http_chatdesk_queue_next(ngx_http_chatdesk_queue_t *queue)
{
    return queue->held < queue->count
           ? ngx_http_chatdesk_queue_at(queue, queue->held) : NULL;
}


void
ngx_http_chatdesk_queue_hold(ngx_http_chatdesk_queue_t *queue,
    redisReply *reply)
{
    ngx_http_chatdesk_queue_at(queue, queue->held)->reply = reply;
    queue->held++;
}


ngx_http_chatdesk_pending_t
ngx_http_chatdesk_queue_pop(ngx_http_chatdesk_queue_t *queue)
{
    ngx_http_chatdesk_pending_t  pending;

    pending = *ngx_http_chatdesk_queue_at(queue, 0);

    queue->first = (queue->first + 1) & (queue->cap - 1);
    queue->count--;
    queue->held -= queue->held > 0;

    return pending;
}


void
ngx_http_chatdesk_queue_free(ngx_http_chatdesk_queue_t *queue)
{
    if (queue->ring != NULL) {
        ngx_free(queue->ring);
        queue->ring = NULL;
    }
}
