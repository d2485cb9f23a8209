/*
 * Byes: sessions that have gone and of which Redis does not know it yet.
 *
 *   session ends --> SENT --ok--> (gone)
 *                     | no answer          ^ sent again
 *                     +--> WAITING --1 s---+
 *
 * Purpose:    nobody stays "online" because Redis was away when they left.
 * Owner:      this file; a bye belongs to the command that carries it or to
 *             the list of those that wait.
 * Invariants: at most CD_LIMIT_PENDING_PER_NODE wait; what is dropped beyond
 *             that, or dies with the process, is ended by the node's lease.
 *             An nginx worker that exits stays for the answers, but no
 *             longer than CD_LIMIT_RETRY_MS after the last was sent.
 */

#include "ngx_http_chatdesk_session_state.h"


typedef struct {
    ngx_queue_t                 queue;
    ngx_http_chatdesk_desk_t   *desk;       /* lives as long as the process */
    u_char                      id[NGX_HTTP_CHATDESK_ID_LEN];
} ngx_http_chatdesk_bye_t;


static void ngx_http_chatdesk_bye_send(ngx_http_chatdesk_bye_t *bye);
static void ngx_http_chatdesk_bye_said(void *data, redisReply *reply);
static void ngx_http_chatdesk_bye_again(ngx_event_t *ev);
static void ngx_http_chatdesk_bye_give_up(ngx_event_t *ev);


static ngx_queue_t  ngx_http_chatdesk_bye_waiting;
static ngx_uint_t   ngx_http_chatdesk_bye_count;
static ngx_event_t  ngx_http_chatdesk_bye_event;

/* sent and not answered; while there are any, the pin keeps an exiting
   process */
static ngx_uint_t   ngx_http_chatdesk_bye_sent;
static ngx_event_t  ngx_http_chatdesk_bye_pin;

/* nginx's debug log asks the owner of a timer for a descriptor */
static ngx_connection_t  ngx_http_chatdesk_bye_nobody = {
    .fd = (ngx_socket_t) -1
};


void
ngx_http_chatdesk_bye(ngx_http_chatdesk_desk_t *desk, u_char *id)
{
    ngx_http_chatdesk_bye_t  *bye;

    bye = ngx_alloc(sizeof(ngx_http_chatdesk_bye_t), desk->log);
    if (bye == NULL) {
        return;
    }

    bye->desk = desk;
    ngx_memcpy(bye->id, id, NGX_HTTP_CHATDESK_ID_LEN);

    ngx_http_chatdesk_bye_send(bye);
}


static void
ngx_http_chatdesk_bye_wait(ngx_http_chatdesk_bye_t *bye)
{
    if (ngx_exiting
        || ngx_http_chatdesk_bye_count == CD_LIMIT_PENDING_PER_NODE)
    {
        ngx_log_error(NGX_LOG_WARN, bye->desk->log, 0,
                      "chatdesk: session %*s of desk \"%V\" ended unheard; "
                      "it counts as online until this process has gone",
                      (size_t) NGX_HTTP_CHATDESK_ID_LEN, bye->id,
                      &bye->desk->name);
        ngx_free(bye);
        return;
    }

    if (ngx_http_chatdesk_bye_event.handler == NULL) {
        ngx_queue_init(&ngx_http_chatdesk_bye_waiting);
        ngx_http_chatdesk_bye_event.handler = ngx_http_chatdesk_bye_again;
        ngx_http_chatdesk_bye_event.data = &ngx_http_chatdesk_bye_nobody;
        ngx_http_chatdesk_bye_event.log = ngx_cycle->log;
        ngx_http_chatdesk_bye_event.cancelable = 1;
    }

    ngx_queue_insert_tail(&ngx_http_chatdesk_bye_waiting, &bye->queue);
    ngx_http_chatdesk_bye_count++;

    if (!ngx_http_chatdesk_bye_event.timer_set) {
        ngx_add_timer(&ngx_http_chatdesk_bye_event, CD_LIMIT_RETRY_MS);
    }
}


static void
ngx_http_chatdesk_bye_send(ngx_http_chatdesk_bye_t *bye)
{
    u_char     at[NGX_HTTP_CHATDESK_NUMBER_LEN];
    ngx_str_t  argv[2];

    argv[0].data = bye->id;
    argv[0].len = NGX_HTTP_CHATDESK_ID_LEN;
    argv[1] = ngx_http_chatdesk_number(at, ngx_http_chatdesk_now());

    if (ngx_http_chatdesk_desk_call(bye->desk, "cd_bye", "online", NULL,
                                    ngx_http_chatdesk_bye_said, bye, 2, argv)
        != NGX_OK)
    {
        ngx_http_chatdesk_bye_wait(bye);
        return;
    }

    ngx_http_chatdesk_bye_sent++;

    if (ngx_exiting) {
        ngx_http_chatdesk_bye_pin.handler = ngx_http_chatdesk_bye_give_up;
        ngx_http_chatdesk_bye_pin.data = &ngx_http_chatdesk_bye_nobody;
        ngx_http_chatdesk_bye_pin.log = ngx_cycle->log;
        ngx_add_timer(&ngx_http_chatdesk_bye_pin, CD_LIMIT_RETRY_MS);
    }
}


static void
ngx_http_chatdesk_bye_said(void *data, redisReply *reply)
{
    ngx_uint_t                error;
    ngx_http_chatdesk_bye_t  *bye = data;

    if (--ngx_http_chatdesk_bye_sent == 0
        && ngx_http_chatdesk_bye_pin.timer_set)
    {
        ngx_del_timer(&ngx_http_chatdesk_bye_pin);
    }

    if (ngx_http_chatdesk_desk_reply(reply, 1, &error, bye->desk->log)
            == NGX_ERROR
        && (error == CD_E_BUSY || error == CD_E_UNAVAILABLE))
    {
        ngx_http_chatdesk_bye_wait(bye);
        return;
    }

    ngx_free(bye);
}


/* All that wait, once; those that fail again wait again. */

static void
ngx_http_chatdesk_bye_again(ngx_event_t *ev)
{
    ngx_uint_t                i, count;
    ngx_queue_t              *q;
    ngx_http_chatdesk_bye_t  *bye;

    (void) ev;

    count = ngx_http_chatdesk_bye_count;

    for (i = 0; i < count; i++) {
        q = ngx_queue_head(&ngx_http_chatdesk_bye_waiting);
        ngx_queue_remove(q);
        ngx_http_chatdesk_bye_count--;

        bye = ngx_queue_data(q, ngx_http_chatdesk_bye_t, queue);
        ngx_http_chatdesk_bye_send(bye);
    }
}


/* The time is over: nothing holds the exiting process any more. */

static void
ngx_http_chatdesk_bye_give_up(ngx_event_t *ev)
{
    ngx_log_error(NGX_LOG_NOTICE, ev->log, 0,
                  "chatdesk: exiting before Redis has heard of %ui sessions "
                  "that ended", ngx_http_chatdesk_bye_sent);
}
