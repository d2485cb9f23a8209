/*
 * Requests of long-polling clients: their life.
 *
 * Purpose:    checks a request, reads its body, bounds its time, and lets
 *             go of everything when it ends or nginx does.
 * Owner:      see ngx_http_chatdesk_poll_state.h.
 * Invariants: while there are polls, one watcher stands among the idle
 *             connections of the nginx worker: nginx calls it when it begins
 *             to exit, and all that wait are answered in the next turn of
 *             the event loop.
 */

#include "ngx_http_chatdesk_api_state.h"
#include "ngx_http_chatdesk_metrics.h"
#include "ngx_http_chatdesk_origin.h"
#include "ngx_http_chatdesk_poll_state.h"


static void ngx_http_chatdesk_poll_body(ngx_http_request_t *r);
static void ngx_http_chatdesk_poll_timer(ngx_event_t *ev);
static void ngx_http_chatdesk_poll_gone(void *data);


/* polls of this nginx worker; set up by the first of them */

static ngx_queue_t        ngx_http_chatdesk_polls;
static ngx_event_t        ngx_http_chatdesk_polls_exit;
static ngx_connection_t  *ngx_http_chatdesk_polls_watcher;


/* -- exit of the nginx worker -- */

static void
ngx_http_chatdesk_polls_leave(ngx_event_t *ev)
{
    ngx_queue_t               *q;
    ngx_http_chatdesk_poll_t  *poll;

    (void) ev;

    for (q = ngx_queue_head(&ngx_http_chatdesk_polls);
         q != ngx_queue_sentinel(&ngx_http_chatdesk_polls);
         q = ngx_queue_next(q))
    {
        poll = ngx_queue_data(q, ngx_http_chatdesk_poll_t, queue);
        ngx_http_chatdesk_poll_wake(poll);
    }

    ngx_http_chatdesk_lease_end(NULL);
}


/* nginx closes its idle connections: once, outside of a turn of the event
   loop. */

static void
ngx_http_chatdesk_polls_watch(ngx_event_t *rev)
{
    ngx_connection_t  *c = rev->data;

    ngx_http_chatdesk_polls_watcher = NULL;

    c->idle = 0;
    c->fd = 0;
    ngx_free_connection(c);
    c->fd = (ngx_socket_t) -1;

    ngx_post_event(&ngx_http_chatdesk_polls_exit, &ngx_posted_next_events);
}


static ngx_int_t
ngx_http_chatdesk_polls_init(void)
{
    ngx_connection_t  *c;

    if (ngx_http_chatdesk_polls_exit.handler == NULL) {
        ngx_queue_init(&ngx_http_chatdesk_polls);
        ngx_http_chatdesk_polls_exit.handler = ngx_http_chatdesk_polls_leave;
        ngx_http_chatdesk_polls_exit.log = ngx_cycle->log;
    }

    if (ngx_http_chatdesk_polls_watcher != NULL || ngx_exiting) {
        return NGX_OK;
    }

    c = ngx_get_connection(0, ngx_cycle->log);
    if (c == NULL) {
        return NGX_ERROR;
    }

    /* no descriptor of its own; -1 would be passed over */

    c->fd = (ngx_socket_t) -2;
    c->idle = 1;
    c->data = NULL;
    c->read->handler = ngx_http_chatdesk_polls_watch;
    c->read->log = ngx_cycle->log;
    c->write->log = ngx_cycle->log;

    ngx_http_chatdesk_polls_watcher = c;

    return NGX_OK;
}


/* -- one request -- */

void
ngx_http_chatdesk_poll_wake(ngx_http_chatdesk_poll_t *poll)
{
    if (!poll->work.posted) {
        ngx_post_event(&poll->work, &ngx_posted_events);
    }
}


void
ngx_http_chatdesk_poll_refuse(ngx_http_chatdesk_poll_t *poll,
    ngx_uint_t error, uint64_t retry_ms)
{
    if (poll->refusal.error == CD_E_OK) {
        poll->refusal.error = error;
        poll->refusal.retry_ms = retry_ms;
    }

    ngx_http_chatdesk_poll_wake(poll);
}


void
ngx_http_chatdesk_poll_leave(ngx_http_chatdesk_poll_t *poll)
{
    ngx_http_chatdesk_session_t  *session = poll->session;

    poll->session = NULL;

    if (session != NULL) {
        session->linger = (poll->refusal.error == CD_E_OK);
        ngx_http_chatdesk_session_free(session);
    }
}


static void
ngx_http_chatdesk_poll_timer(ngx_event_t *ev)
{
    ngx_http_chatdesk_poll_t  *poll = ev->data;

    poll->over = 1;
    ngx_http_chatdesk_poll_wake(poll);
}


/* The request's end, whoever ended it. */

static void
ngx_http_chatdesk_poll_gone(void *data)
{
    ngx_http_chatdesk_poll_t       *poll = data;
    ngx_http_chatdesk_session_t    *session = poll->session;
    ngx_http_chatdesk_poll_link_t  *link;

    poll->session = NULL;

    if (session != NULL) {
        ngx_http_chatdesk_session_free(session);    /* the client has left */
    }

    ngx_http_chatdesk_person_put(&poll->person);

    for (link = poll->out; link != NULL; link = link->next) {
        ngx_http_chatdesk_buf_release(&link->buf);
    }

    poll->out = NULL;

    if (poll->timer.timer_set) {
        ngx_del_timer(&poll->timer);
    }

    if (poll->work.posted) {
        ngx_delete_posted_event(&poll->work);
    }

    ngx_queue_remove(&poll->queue);
    ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_POLLS, -1);
}


static ngx_http_chatdesk_poll_t *
ngx_http_chatdesk_poll_create(ngx_http_request_t *r,
    ngx_http_chatdesk_desk_t *desk)
{
    ngx_http_cleanup_t        *cln;
    ngx_http_chatdesk_poll_t  *poll;

    poll = ngx_pcalloc(r->pool, sizeof(ngx_http_chatdesk_poll_t));
    cln = ngx_http_cleanup_add(r, 0);

    if (poll == NULL || cln == NULL
        || ngx_http_chatdesk_polls_init() != NGX_OK)
    {
        return NULL;
    }

    poll->request = r;
    poll->desk = desk;
    poll->out_last = &poll->out;

    poll->work.handler = ngx_http_chatdesk_poll_work;
    poll->work.data = poll;
    poll->work.log = r->connection->log;

    /* not cancelable: an exiting nginx worker answers before */

    poll->timer.handler = ngx_http_chatdesk_poll_timer;
    poll->timer.data = poll;
    poll->timer.log = r->connection->log;

    cln->handler = ngx_http_chatdesk_poll_gone;
    cln->data = poll;

    ngx_queue_insert_tail(&ngx_http_chatdesk_polls, &poll->queue);

    ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_POLLS, 1);
    ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_POLL_REQUESTS, 1);

    return poll;
}


/* Other pages cannot send this type without asking first (Fetch, "CORS
   protocol"), which is never answered. */

static ngx_uint_t
ngx_http_chatdesk_poll_is_json(ngx_http_request_t *r)
{
    size_t      len = sizeof("application/json") - 1;
    ngx_str_t  *type;

    if (r->headers_in.content_type == NULL) {
        return 0;
    }

    type = &r->headers_in.content_type->value;

    return type->len >= len
           && ngx_strncasecmp(type->data, (u_char *) "application/json", len)
              == 0
           && (type->len == len || type->data[len] == ';'
               || type->data[len] == ' ');
}


/* Everything that is known without the body; CD_E_OK or the error. */

static ngx_uint_t
ngx_http_chatdesk_poll_check(ngx_http_request_t *r)
{
    ngx_http_chatdesk_loc_conf_t  *lcf;

    static ngx_str_t  allow = ngx_string("POST");

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_chatdesk_module);

    if (r->method != NGX_HTTP_POST) {
        return ngx_http_chatdesk_api_header(r, "Allow", &allow) == NGX_OK
               ? CD_E_BAD_METHOD : CD_E_INTERNAL;
    }

    if (!ngx_http_chatdesk_origin_allowed(r, lcf->origins)) {
        return CD_E_BAD_ORIGIN;
    }

    if (!ngx_http_chatdesk_poll_is_json(r)) {
        return CD_E_BAD_REQUEST;
    }

    return (r->headers_in.content_length_n > (off_t) CD_LIMIT_FRAME)
           ? CD_E_TOO_LONG : CD_E_OK;
}


ngx_int_t
ngx_http_chatdesk_poll_handler(ngx_http_request_t *r)
{
    ngx_int_t                  rc;
    ngx_uint_t                 error;
    ngx_http_chatdesk_desk_t  *desk;
    ngx_http_chatdesk_poll_t  *poll = NULL;

    if (r != r->main) {
        return NGX_HTTP_NOT_FOUND;
    }

    error = ngx_http_chatdesk_poll_check(r);

    if (error == CD_E_OK) {
        error = ngx_http_chatdesk_api_desk(r, &desk);
    }

    if (error == CD_E_OK) {
        poll = ngx_http_chatdesk_poll_create(r, desk);
        error = (poll == NULL) ? CD_E_BUSY : CD_E_OK;
    }

    if (error != CD_E_OK) {
        ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_REFUSED, 1);
        return ngx_http_chatdesk_api_refuse(r, error);
    }

    ngx_http_set_ctx(r, poll, ngx_http_chatdesk_module);
    r->request_body_in_single_buf = 1;

    rc = ngx_http_read_client_request_body(r, ngx_http_chatdesk_poll_body);

    return (rc >= NGX_HTTP_SPECIAL_RESPONSE) ? rc : NGX_DONE;
}


static void
ngx_http_chatdesk_poll_body(ngx_http_request_t *r)
{
    ngx_uint_t                 error;
    ngx_http_chatdesk_poll_t  *poll;

    poll = ngx_http_get_module_ctx(r, ngx_http_chatdesk_module);

    /* a client that leaves ends the request */

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;

    error = ngx_http_chatdesk_api_body(r, CD_LIMIT_FRAME, &poll->body);

    if (error == CD_E_OK) {
        error = ngx_http_chatdesk_poll_begin(poll);
    }

    if (error != CD_E_OK) {
        ngx_http_chatdesk_poll_refuse(poll, error, 0);
    }
}
