/*
 * The body of a long-poll: a hello, places in feeds, frames.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_json.h.
 *
 * Its lists are read when the hello has been checked: a body that waits for
 * that is kept as the text that it is.
 */

#include "ngx_http_chatdesk_json_private.h"


/* The list that is a member; NGX_OK, also without one, or NGX_DECLINED. */

static ngx_int_t
ngx_http_chatdesk_json_bounded(const ngx_http_chatdesk_json_node_t *body,
    const char *name, ngx_uint_t max)
{
    ngx_http_chatdesk_json_node_t  list;

    if (ngx_http_chatdesk_json_member(body, name, &list) != NGX_OK) {
        return NGX_OK;
    }

    return (ngx_http_chatdesk_json_kind(&list) == NGX_HTTP_CHATDESK_JSON_ARRAY
            && ngx_http_chatdesk_json_length(&list) <= max)
           ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_http_chatdesk_json_poll_members(ngx_http_chatdesk_json_poll_t *poll,
    const ngx_http_chatdesk_json_node_t *body, ngx_pool_t *pool,
    ngx_http_chatdesk_json_fault_t *fault)
{
    ngx_int_t                      rc;
    ngx_http_chatdesk_json_kind_e  kind;
    ngx_http_chatdesk_json_node_t  member;

    if (ngx_http_chatdesk_json_bounded(body, "frames", CD_LIMIT_POLL_FRAMES)
            != NGX_OK
        || ngx_http_chatdesk_json_bounded(body, "at",
                                          CD_LIMIT_FEEDS_PER_SESSION)
           != NGX_OK)
    {
        goto declined;
    }

    if (ngx_http_chatdesk_json_member(body, "hold", &member) == NGX_OK) {
        kind = ngx_http_chatdesk_json_kind(&member);

        if (kind != NGX_HTTP_CHATDESK_JSON_TRUE
            && kind != NGX_HTTP_CHATDESK_JSON_FALSE)
        {
            goto declined;
        }

        poll->hold = (kind == NGX_HTTP_CHATDESK_JSON_TRUE);
    }

    cd_frame_init(&poll->member, 0);
    rc = ngx_http_chatdesk_json_take(&poll->member, CD_F_SESSION, CD_OPTIONAL,
                                     body, pool, fault);
    if (rc != NGX_OK) {
        return rc;
    }

    if (fault->error != CD_E_OK
        || ngx_http_chatdesk_json_member(body, "hello", &member) != NGX_OK
        || ngx_http_chatdesk_json_kind(&member)
           != NGX_HTTP_CHATDESK_JSON_OBJECT)
    {
        goto declined;
    }

    return ngx_http_chatdesk_json_frame(&poll->hello, CD_T_HELLO, &member,
                                        pool, fault);

declined:

    fault->error = CD_E_BAD_REQUEST;

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_chatdesk_json_poll(ngx_http_chatdesk_json_poll_t *poll,
    u_char *text, size_t len, ngx_pool_t *pool)
{
    ngx_int_t                        rc;
    ngx_http_chatdesk_json_text_t    read;
    ngx_http_chatdesk_json_node_t    body;
    ngx_http_chatdesk_json_fault_t   fault;

    ngx_memzero(&fault, sizeof(ngx_http_chatdesk_json_fault_t));
    poll->hold = 0;

    rc = ngx_http_chatdesk_json_parse(&read, text, len, pool, &body, &fault);
    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_chatdesk_json_poll_members(poll, &body, pool, &fault);
}


/* One item as a frame; returns as ngx_http_chatdesk_json_decode(). */

static ngx_int_t
ngx_http_chatdesk_json_item_frame(struct cd_frame *frame, unsigned type,
    const ngx_http_chatdesk_json_node_t *item, ngx_pool_t *pool,
    ngx_http_chatdesk_json_fault_t *fault)
{
    ngx_memzero(fault, sizeof(ngx_http_chatdesk_json_fault_t));
    cd_frame_init(frame, 0);

    if (ngx_http_chatdesk_json_kind(item) != NGX_HTTP_CHATDESK_JSON_OBJECT) {
        fault->error = CD_E_BAD_REQUEST;
        return NGX_DECLINED;
    }

    if (type == 0) {
        type = ngx_http_chatdesk_json_type(item);
    }

    return ngx_http_chatdesk_json_frame(frame, type, item, pool, fault);
}


ngx_int_t
ngx_http_chatdesk_json_each(u_char *text, size_t len, const char *list,
    unsigned type, ngx_pool_t *pool, ngx_http_chatdesk_json_each_pt each,
    void *data)
{
    ngx_int_t                        rc;
    ngx_uint_t                       i, count;
    struct cd_frame                  frame;
    ngx_http_chatdesk_json_text_t    read;
    ngx_http_chatdesk_json_node_t    body, array, item;
    ngx_http_chatdesk_json_fault_t   fault;

    ngx_memzero(&fault, sizeof(ngx_http_chatdesk_json_fault_t));

    rc = ngx_http_chatdesk_json_parse(&read, text, len, pool, &body, &fault);
    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_chatdesk_json_member(&body, list, &array) != NGX_OK
        || ngx_http_chatdesk_json_kind(&array) != NGX_HTTP_CHATDESK_JSON_ARRAY)
    {
        return NGX_OK;
    }

    count = ngx_http_chatdesk_json_length(&array);
    ngx_http_chatdesk_json_first(&array, &item);

    for (i = 0; i < count; i++) {
        rc = ngx_http_chatdesk_json_item_frame(&frame, type, &item, pool,
                                               &fault);
        each(data, &frame, rc, &fault);
        ngx_http_chatdesk_json_next(&item);
    }

    return NGX_OK;
}
