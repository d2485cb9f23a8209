/*
 * What the files of the long-poll share and nobody else sees.
 *
 *   body --> hello --> who? --> OPEN: feeds, frames --> news --> answer
 *              \-- refused -----------------------------------> error
 *
 * Purpose:    a poll: one request, its session, and what will be answered.
 * Owner:      the request's pool owns the poll, the poll its session; the
 *             nginx worker's list of polls finds all of them.
 * Invariants: a poll is answered only from its own event, never inside a
 *             call of its session; what happens in one turn of the event
 *             loop leaves in one answer; the request's end takes everything
 *             with it, whatever ends it.
 */

#ifndef NGX_HTTP_CHATDESK_POLL_STATE_H
#define NGX_HTTP_CHATDESK_POLL_STATE_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_chatdesk_lease.h"
#include "ngx_http_chatdesk_poll.h"
#include "ngx_http_chatdesk_session_state.h"


/* a frame that will be answered */

typedef struct ngx_http_chatdesk_poll_link_s  ngx_http_chatdesk_poll_link_t;

struct ngx_http_chatdesk_poll_link_s {
    ngx_http_chatdesk_poll_link_t   *next;
    ngx_http_chatdesk_buf_t         *buf;       /* a reference */
};

typedef struct {
    ngx_queue_t                      queue;     /* of this nginx worker */
    ngx_http_request_t              *request;
    ngx_http_chatdesk_desk_t        *desk;
    ngx_http_chatdesk_session_t     *session;   /* NULL: not yet, or left */
    ngx_http_chatdesk_person_t      *person;    /* a reference */

    ngx_event_t                      work;      /* posted: there may be
                                                   something to answer */
    ngx_event_t                      timer;     /* the time to hold it */
    ngx_str_t                        body;
    ngx_str_t                        asked;     /* session that the client
                                                   named */

    ngx_http_chatdesk_poll_link_t   *out;
    ngx_http_chatdesk_poll_link_t  **out_last;
    size_t                           bytes;     /* of the frames in `out` */
    ngx_http_chatdesk_refusal_t      refusal;   /* CD_E_OK: none */

    unsigned                         hold:1;
    unsigned                         inbox:1;   /* `at` has named it */
    unsigned                         full:1;    /* takes no more frames */
    unsigned                         over:1;    /* answer what there is */
    unsigned                         answered:1; /* the answer is leaving */
} ngx_http_chatdesk_poll_t;


/* -- poll.c -- */

/* The answer is looked at in this turn of the event loop. */
void ngx_http_chatdesk_poll_wake(ngx_http_chatdesk_poll_t *poll);

/* Refuses the whole request. */
void ngx_http_chatdesk_poll_refuse(ngx_http_chatdesk_poll_t *poll,
    ngx_uint_t error, uint64_t retry_ms);

/* Says bye to the session, or keeps its presence until the next request. */
void ngx_http_chatdesk_poll_leave(ngx_http_chatdesk_poll_t *poll);

/* -- poll_session.c -- */

/* Makes the session and says its hello, from a body that was read; CD_E_OK
   or the error. */
ngx_uint_t ngx_http_chatdesk_poll_begin(ngx_http_chatdesk_poll_t *poll);

/* -- poll_answer.c -- */

/* For the event: answers when it is time, which ends the poll. */
void ngx_http_chatdesk_poll_work(ngx_event_t *ev);


#endif /* NGX_HTTP_CHATDESK_POLL_STATE_H */
