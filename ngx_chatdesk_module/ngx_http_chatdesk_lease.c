/*
 * Leases of long-polling sessions.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_lease.h.
 *
 *   request answered --> lease --next request--> session of that request
 *                          \--time is over, lapse, exit--> cd_bye
 */

#include "ngx_http_chatdesk_lease.h"


typedef struct {
    ngx_str_node_t              sn;         /* by id */
    ngx_queue_t                 queue;      /* in the order of `until` */
    ngx_msec_t                  until;
    ngx_http_chatdesk_desk_t   *desk;       /* lives as long as the process */
    ngx_uint_t                  agent;
    u_char                      id[NGX_HTTP_CHATDESK_ID_LEN];
    size_t                      who_len;
    u_char                      who[1];
} ngx_http_chatdesk_lease_t;


static void ngx_http_chatdesk_lease_timer(ngx_event_t *ev);


static ngx_rbtree_t       ngx_http_chatdesk_leases;
static ngx_rbtree_node_t  ngx_http_chatdesk_leases_sentinel;
static ngx_queue_t        ngx_http_chatdesk_leases_queue;
static ngx_event_t        ngx_http_chatdesk_leases_event;

/* nginx's debug log asks the owner of a timer for a descriptor */
static ngx_connection_t  ngx_http_chatdesk_leases_nobody = {
    .fd = (ngx_socket_t) -1
};


static void
ngx_http_chatdesk_lease_init(void)
{
    ngx_event_t  *ev = &ngx_http_chatdesk_leases_event;

    ngx_rbtree_init(&ngx_http_chatdesk_leases,
                    &ngx_http_chatdesk_leases_sentinel,
                    ngx_str_rbtree_insert_value);
    ngx_queue_init(&ngx_http_chatdesk_leases_queue);

    /* not cancelable: an nginx worker that exits says bye before */

    ev->handler = ngx_http_chatdesk_lease_timer;
    ev->data = &ngx_http_chatdesk_leases_nobody;
    ev->log = ngx_cycle->log;
}


ngx_int_t
ngx_http_chatdesk_lease_keep(ngx_http_chatdesk_session_t *session)
{
    ngx_http_chatdesk_lease_t  *lease;

    if (ngx_exiting) {
        return NGX_DECLINED;
    }

    lease = ngx_calloc(sizeof(ngx_http_chatdesk_lease_t) + session->who.len,
                       session->log);
    if (lease == NULL) {
        return NGX_DECLINED;
    }

    if (ngx_http_chatdesk_leases.root == NULL) {
        ngx_http_chatdesk_lease_init();
    }

    lease->until = ngx_current_msec + CD_LIMIT_POLL_LEASE_MS;
    lease->desk = session->desk;
    lease->agent = session->agent;
    lease->who_len = session->who.len;
    ngx_memcpy(lease->who, session->who.data, session->who.len);
    ngx_memcpy(lease->id, session->id, NGX_HTTP_CHATDESK_ID_LEN);

    lease->sn.str.data = lease->id;
    lease->sn.str.len = NGX_HTTP_CHATDESK_ID_LEN;
    lease->sn.node.key = ngx_crc32_short(lease->id, NGX_HTTP_CHATDESK_ID_LEN);

    ngx_rbtree_insert(&ngx_http_chatdesk_leases, &lease->sn.node);
    ngx_queue_insert_tail(&ngx_http_chatdesk_leases_queue, &lease->queue);
    ngx_http_chatdesk_desk_enter(lease->desk);

    if (!ngx_http_chatdesk_leases_event.timer_set) {
        ngx_add_timer(&ngx_http_chatdesk_leases_event,
                      CD_LIMIT_POLL_LEASE_MS);
    }

    return NGX_OK;
}


static void
ngx_http_chatdesk_lease_free(ngx_http_chatdesk_lease_t *lease)
{
    ngx_rbtree_delete(&ngx_http_chatdesk_leases, &lease->sn.node);
    ngx_queue_remove(&lease->queue);
    ngx_http_chatdesk_desk_leave(lease->desk);

    ngx_free(lease);

    if (ngx_queue_empty(&ngx_http_chatdesk_leases_queue)
        && ngx_http_chatdesk_leases_event.timer_set)
    {
        ngx_del_timer(&ngx_http_chatdesk_leases_event);
    }
}


ngx_int_t
ngx_http_chatdesk_lease_take(ngx_http_chatdesk_session_t *session,
    ngx_str_t *id)
{
    ngx_http_chatdesk_lease_t  *lease;

    if (ngx_http_chatdesk_leases.root == NULL) {
        return NGX_DECLINED;
    }

    lease = (ngx_http_chatdesk_lease_t *)
                ngx_str_rbtree_lookup(&ngx_http_chatdesk_leases, id,
                                      ngx_crc32_short(id->data, id->len));

    if (lease == NULL || lease->desk != session->desk
        || lease->agent != session->agent
        || lease->who_len != session->who.len
        || ngx_memcmp(lease->who, session->who.data, lease->who_len) != 0)
    {
        return NGX_DECLINED;
    }

    ngx_http_chatdesk_sessions_rename(session, lease->id);
    session->online = 1;

    ngx_http_chatdesk_lease_free(lease);

    return NGX_OK;
}


static void
ngx_http_chatdesk_lease_bye(ngx_http_chatdesk_lease_t *lease)
{
    ngx_http_chatdesk_bye(lease->desk, lease->id);
    ngx_http_chatdesk_lease_free(lease);
}


void
ngx_http_chatdesk_lease_end(ngx_http_chatdesk_desk_t *desk)
{
    ngx_queue_t                *q, *next;
    ngx_http_chatdesk_lease_t  *lease;

    if (ngx_http_chatdesk_leases.root == NULL) {
        return;
    }

    for (q = ngx_queue_head(&ngx_http_chatdesk_leases_queue);
         q != ngx_queue_sentinel(&ngx_http_chatdesk_leases_queue);
         q = next)
    {
        next = ngx_queue_next(q);
        lease = ngx_queue_data(q, ngx_http_chatdesk_lease_t, queue);

        if (desk == NULL || lease->desk == desk) {
            ngx_http_chatdesk_lease_bye(lease);
        }
    }
}


static void
ngx_http_chatdesk_lease_timer(ngx_event_t *ev)
{
    ngx_queue_t                *q;
    ngx_msec_int_t              left;
    ngx_http_chatdesk_lease_t  *lease;

    while (!ngx_queue_empty(&ngx_http_chatdesk_leases_queue)) {
        q = ngx_queue_head(&ngx_http_chatdesk_leases_queue);
        lease = ngx_queue_data(q, ngx_http_chatdesk_lease_t, queue);

        left = (ngx_msec_int_t) (lease->until - ngx_current_msec);

        if (left > 0) {
            ngx_add_timer(ev, (ngx_msec_t) left);
            return;
        }

        ngx_http_chatdesk_lease_bye(lease);
    }
}
