/*
 * REST requests: from the call channel to the commit that answers them.
 *
 *   call channel --> request_call(): queue, bounded
 *                        |  next batch, CD_LIMIT_API_BATCH at most
 *                        v
 *                    request_apply() --> ops->handle() --> changes
 *                                                            |
 *                    answer on the node's channel <-- commit-+
 *
 * Purpose:    what the shell knows of the REST interface; what a request
 *             means stands in worker/api/, which registers itself here.
 * Owner:      the shell owns the queue and the state of its tenure.
 * Invariants: an answer is in the commit that makes what it says true, so
 *             nobody is told of what is not stored; a request that waits
 *             when the tenure ends is forgotten, its nginx worker answers
 *             503.
 */

#ifndef CHATDESK_IO_REQUEST_H
#define CHATDESK_IO_REQUEST_H

#include "core/desk.h"
#include "io/config.h"

/* what a request works on; all of it is borrowed for the call */
struct request_on {
    struct desk             *desk;
    struct changes          *changes;
    struct config           *config;
    const char              *name;      /* the desk's, as in worker.ini */
    const char              *push_key;  /* VAPID, base64url; NULL: none */
    uint64_t                 now_ms;
};

/* kind of the entities that are the interface's own */
#define REQUEST_ENTITY  "once"

struct request_ops {
    /* the state of one tenure; NULL for memory */
    void *(*open)(void);
    void (*close)(void **state);

    /* an entity of kind REQUEST_ENTITY; 0, or -1 with *why a constant */
    int (*load)(void *state, const char *key, const void *blob, size_t len,
        const char **why);

    /* answers by changes_node(); `ask` has all fields that it must have */
    void (*handle)(void *state, const struct request_on *on,
        const struct cd_frame *ask);
};

#endif /* CHATDESK_IO_REQUEST_H */
