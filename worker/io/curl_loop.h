/*
 * libcurl's multi interface on a loop of libuv.
 *
 * Purpose:    transfers without a thread and without waiting.
 * Owner:      whoever embeds a struct curl_loop, which must live until the
 *             loop has run once more after curl_loop_close().
 * Invariants: libcurl is entered from the loop alone, never from its own
 *             callbacks; `reap` is called after each such entry.
 */

#ifndef CHATDESK_IO_CURL_LOOP_H
#define CHATDESK_IO_CURL_LOOP_H

#include <curl/curl.h>
#include <uv.h>

struct curl_loop {
    uv_loop_t    *loop;                 /* borrows */
    CURLM        *multi;
    uv_timer_t    timer;
    void        (*reap)(void *data);    /* transfers may have ended */
    void         *data;
    int           closed;
};

/* 0, -1 for memory. */
int curl_loop_open(struct curl_loop *curl, uv_loop_t *loop,
    void (*reap)(void *data), void *data);

/* All easy handles have been removed. */
void curl_loop_close(struct curl_loop *curl);

#endif /* CHATDESK_IO_CURL_LOOP_H */
