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
ngx_http_chatdesk_json_list(json_object *body, const char *name, size_t max,
    json_object **list)
{
    *list = NULL;

    if (!json_object_object_get_ex(body, name, list)) {
        return NGX_OK;
    }

    return (json_object_is_type(*list, json_type_array)
            && json_object_array_length(*list) <= max)
           ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_http_chatdesk_json_poll_members(ngx_http_chatdesk_json_poll_t *poll,
    json_object *body, ngx_pool_t *pool, ngx_http_chatdesk_json_fault_t *fault)
{
    ngx_int_t     rc;
    json_object  *member;

    if (ngx_http_chatdesk_json_list(body, "frames", CD_LIMIT_POLL_FRAMES,
                                    &member)
            != NGX_OK
        || ngx_http_chatdesk_json_list(body, "at", CD_LIMIT_FEEDS_PER_SESSION,
                                       &member)
           != NGX_OK)
    {
        goto declined;
    }

    if (json_object_object_get_ex(body, "hold", &member)) {
        if (!json_object_is_type(member, json_type_boolean)) {
            goto declined;
        }

        poll->hold = json_object_get_boolean(member) ? 1 : 0;
    }

    cd_frame_init(&poll->member, 0);
    rc = ngx_http_chatdesk_json_take(&poll->member, CD_F_SESSION, CD_OPTIONAL,
                                     body, pool, fault);
    if (rc != NGX_OK) {
        return rc;
    }

    if (fault->error != CD_E_OK
        || !json_object_object_get_ex(body, "hello", &member)
        || !json_object_is_type(member, json_type_object))
    {
        goto declined;
    }

    return ngx_http_chatdesk_json_frame(&poll->hello, CD_T_HELLO, member,
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
    json_object                     *body;
    ngx_http_chatdesk_json_fault_t   fault;

    ngx_memzero(&fault, sizeof(ngx_http_chatdesk_json_fault_t));
    poll->hold = 0;

    rc = ngx_http_chatdesk_json_parse(text, len, &body, &fault);
    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_chatdesk_json_poll_members(poll, body, pool, &fault);
    json_object_put(body);

    return rc;
}


ngx_int_t
ngx_http_chatdesk_json_each(u_char *text, size_t len, const char *list,
    unsigned type, ngx_pool_t *pool, ngx_http_chatdesk_json_each_pt each,
    void *data)
{
    size_t                           i;
    ngx_int_t                        rc;
    json_object                     *body, *array, *item;
    struct cd_frame                  frame;
    ngx_http_chatdesk_json_fault_t   fault;

    ngx_memzero(&fault, sizeof(ngx_http_chatdesk_json_fault_t));

    rc = ngx_http_chatdesk_json_parse(text, len, &body, &fault);
    if (rc != NGX_OK) {
        return rc;
    }

    if (!json_object_object_get_ex(body, list, &array)) {
        json_object_put(body);
        return NGX_OK;
    }

    for (i = 0; i < json_object_array_length(array); i++) {
        item = json_object_array_get_idx(array, i);

        ngx_memzero(&fault, sizeof(ngx_http_chatdesk_json_fault_t));
        cd_frame_init(&frame, 0);
        rc = NGX_DECLINED;

        if (json_object_is_type(item, json_type_object)) {
            rc = ngx_http_chatdesk_json_frame(&frame,
                     type != 0 ? type : ngx_http_chatdesk_json_type(item),
                     item, pool, &fault);

        } else {
            fault.error = CD_E_BAD_REQUEST;
        }

        each(data, &frame, rc, &fault);
    }

    json_object_put(body);

    return NGX_OK;
}
