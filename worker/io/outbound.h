/*
 * Requests that leave the worker: HTTPS, by libcurl on the worker's loop.
 *
 *   post --> look up the name once --> are all addresses allowed?
 *                                        |  yes: to one of these, no other
 *                                        v
 *            done <-- status, or why there is none
 *
 * Purpose:    POST to addresses that somebody else has named.
 * Owner:      main() owns a struct outbound; a struct transfer is its own
 *             until `done` was called or outbound_cancel().
 * Invariants: only https; no redirect is followed, no proxy, no cookie; only
 *             global addresses unless the operator says otherwise, checked
 *             on the very address that is connected to; an answer has an end
 *             in time and size.  `done` is never called from within
 *             outbound_post().
 */

#ifndef CHATDESK_IO_OUTBOUND_H
#define CHATDESK_IO_OUTBOUND_H

#include <stddef.h>
#include <stdint.h>

#include <uv.h>

struct outbound;
struct outbound_settings;
struct transfer;

struct outbound_answer {
    long        status;         /* 0: none came */
    int         barred;         /* ... as the address is not allowed */
    uint64_t    retry_ms;       /* Retry-After; 0: not said */
    const char *why;            /* of status 0; a constant */
};

typedef void (*outbound_done)(void *data,
    const struct outbound_answer *answer);

/* All of it is copied.  `headers` ends with NULL. */
struct outbound_request {
    const char         *url;
    const char *const  *headers;
    const void         *body;
    size_t              len;
};

/* The settings are borrowed.  NULL: no memory. */
struct outbound *outbound_new(uv_loop_t *loop,
    const struct outbound_settings *settings);

/* Ends all transfers without a word; the loop runs once more. */
void outbound_stop(struct outbound *outbound);

/* After the loop has ended. */
void outbound_free(struct outbound **outbound);

/* NULL: not an address of https, or no memory. */
struct transfer *outbound_post(struct outbound *outbound,
    const struct outbound_request *request, outbound_done done, void *data);

/* `done` will not be called. */
void outbound_cancel(struct transfer *transfer);

#endif /* CHATDESK_IO_OUTBOUND_H */
