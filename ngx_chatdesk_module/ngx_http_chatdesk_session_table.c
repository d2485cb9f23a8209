/*
 * The table of sessions of this nginx worker.
 *
 * Purpose:    sessions are found by slot and generation (by whoever waits
 *             for Redis) and by id (by what the desk's worker answers on the
 *             node's channel).
 * Owner:      the slots are this file's; a session is in the table from its
 *             creation until it leaves.
 * Invariants: a slot's generation changes whenever its session leaves, so
 *             that an old reference finds nothing.
 */

#include "ngx_http_chatdesk_session_state.h"


#define NGX_HTTP_CHATDESK_NO_SLOT      0xffffffff
#define NGX_HTTP_CHATDESK_FIRST_SLOTS  64


typedef struct {
    ngx_http_chatdesk_session_t  *session;      /* NULL: free */
    uint32_t                      generation;
    uint32_t                      next;         /* of the free slots */
} ngx_http_chatdesk_slot_t;

typedef struct {
    ngx_http_chatdesk_slot_t     *slots;
    uint32_t                      count;
    uint32_t                      free;
    ngx_rbtree_t                  ids;
    ngx_rbtree_node_t             sentinel;
} ngx_http_chatdesk_sessions_t;


static ngx_http_chatdesk_sessions_t  ngx_http_chatdesk_sessions;


static ngx_int_t
ngx_http_chatdesk_sessions_grow(ngx_http_chatdesk_sessions_t *table,
    ngx_log_t *log)
{
    uint32_t                   i, count;
    ngx_http_chatdesk_slot_t  *slots;

    if (table->slots == NULL) {
        ngx_rbtree_init(&table->ids, &table->sentinel,
                        ngx_str_rbtree_insert_value);
        table->free = NGX_HTTP_CHATDESK_NO_SLOT;
    }

    count = (table->count == 0) ? NGX_HTTP_CHATDESK_FIRST_SLOTS
                                : table->count * 2;

    slots = ngx_alloc(count * sizeof(ngx_http_chatdesk_slot_t), log);
    if (slots == NULL) {
        return NGX_ERROR;
    }

    if (table->slots != NULL) {
        ngx_memcpy(slots, table->slots,
                   table->count * sizeof(ngx_http_chatdesk_slot_t));
        ngx_free(table->slots);
    }

    for (i = table->count; i < count; i++) {
        slots[i].session = NULL;
        slots[i].generation = 1;
        slots[i].next = table->free;
        table->free = i;
    }

    table->slots = slots;
    table->count = count;

    return NGX_OK;
}


ngx_int_t
ngx_http_chatdesk_sessions_add(ngx_http_chatdesk_session_t *session,
    ngx_log_t *log)
{
    ngx_http_chatdesk_slot_t      *slot;
    ngx_http_chatdesk_sessions_t  *table = &ngx_http_chatdesk_sessions;

    if ((table->slots == NULL || table->free == NGX_HTTP_CHATDESK_NO_SLOT)
        && ngx_http_chatdesk_sessions_grow(table, log) != NGX_OK)
    {
        return NGX_ERROR;
    }

    session->ref.slot = table->free;
    slot = &table->slots[session->ref.slot];
    session->ref.generation = slot->generation;

    table->free = slot->next;
    slot->session = session;

    session->sn.str.data = session->id;
    session->sn.str.len = NGX_HTTP_CHATDESK_ID_LEN;
    session->sn.node.key = ngx_crc32_short(session->id,
                                           NGX_HTTP_CHATDESK_ID_LEN);
    ngx_rbtree_insert(&table->ids, &session->sn.node);

    return NGX_OK;
}


void
ngx_http_chatdesk_sessions_remove(ngx_http_chatdesk_session_t *session)
{
    ngx_http_chatdesk_slot_t      *slot;
    ngx_http_chatdesk_sessions_t  *table = &ngx_http_chatdesk_sessions;

    ngx_rbtree_delete(&table->ids, &session->sn.node);

    slot = &table->slots[session->ref.slot];
    slot->session = NULL;
    slot->generation++;
    slot->next = table->free;
    table->free = session->ref.slot;
}


void
ngx_http_chatdesk_sessions_rename(ngx_http_chatdesk_session_t *session,
    u_char *id)
{
    ngx_http_chatdesk_sessions_t  *table = &ngx_http_chatdesk_sessions;

    ngx_rbtree_delete(&table->ids, &session->sn.node);

    ngx_memcpy(session->id, id, NGX_HTTP_CHATDESK_ID_LEN);
    session->sn.node.key = ngx_crc32_short(session->id,
                                           NGX_HTTP_CHATDESK_ID_LEN);

    ngx_rbtree_insert(&table->ids, &session->sn.node);
}


ngx_http_chatdesk_ref_t
ngx_http_chatdesk_session_ref(ngx_http_chatdesk_session_t *session)
{
    return session->ref;
}


ngx_http_chatdesk_session_t *
ngx_http_chatdesk_session_get(ngx_http_chatdesk_ref_t ref)
{
    ngx_http_chatdesk_slot_t  *slot;

    if (ref.slot >= ngx_http_chatdesk_sessions.count) {
        return NULL;
    }

    slot = &ngx_http_chatdesk_sessions.slots[ref.slot];

    return (slot->generation == ref.generation) ? slot->session : NULL;
}


ngx_http_chatdesk_session_t *
ngx_http_chatdesk_session_find(ngx_str_t *id)
{
    ngx_http_chatdesk_sessions_t  *table = &ngx_http_chatdesk_sessions;

    if (table->slots == NULL) {
        return NULL;
    }

    return (ngx_http_chatdesk_session_t *)
               ngx_str_rbtree_lookup(&table->ids, id,
                                     ngx_crc32_short(id->data, id->len));
}


ngx_http_chatdesk_session_t *
ngx_http_chatdesk_sessions_next(uint32_t *slot)
{
    ngx_http_chatdesk_session_t   *session;
    ngx_http_chatdesk_sessions_t  *table = &ngx_http_chatdesk_sessions;

    while (*slot < table->count) {
        session = table->slots[(*slot)++].session;

        if (session != NULL) {
            return session;
        }
    }

    return NULL;
}
