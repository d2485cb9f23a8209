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


#define NGX_HTTP_CHATDESK_NO_SLOT  0xffffffff

/* a table that doubled would be half empty, and leave holes of its size */
#define NGX_HTTP_CHATDESK_BLOCK    512
#define NGX_HTTP_CHATDESK_BLOCKS   256          /* more with each such step */


typedef struct {
    ngx_http_chatdesk_session_t  *session;      /* NULL: free */
    uint32_t                      generation;
    uint32_t                      next;         /* of the free slots */
} ngx_http_chatdesk_slot_t;

typedef struct {
    ngx_http_chatdesk_slot_t    **blocks;
    uint32_t                      count;        /* of slots */
    uint32_t                      room;         /* for blocks */
    uint32_t                      free;
    ngx_rbtree_t                  ids;
    ngx_rbtree_node_t             sentinel;
} ngx_http_chatdesk_sessions_t;


static ngx_http_chatdesk_sessions_t  ngx_http_chatdesk_sessions;


static ngx_http_chatdesk_slot_t *
ngx_http_chatdesk_sessions_slot(ngx_http_chatdesk_sessions_t *table,
    uint32_t slot)
{
    return &table->blocks[slot / NGX_HTTP_CHATDESK_BLOCK]
                         [slot % NGX_HTTP_CHATDESK_BLOCK];
}


/* Room for the pointer to one more block. */

static ngx_int_t
ngx_http_chatdesk_sessions_room(ngx_http_chatdesk_sessions_t *table,
    ngx_log_t *log)
{
    uint32_t                    count, room;
    ngx_http_chatdesk_slot_t  **blocks;

    count = table->count / NGX_HTTP_CHATDESK_BLOCK;

    if (count < table->room) {
        return NGX_OK;
    }

    room = table->room + NGX_HTTP_CHATDESK_BLOCKS;

    blocks = ngx_alloc(room * sizeof(ngx_http_chatdesk_slot_t *), log);
    if (blocks == NULL) {
        return NGX_ERROR;
    }

    if (table->blocks != NULL) {
        ngx_memcpy(blocks, table->blocks,
                   count * sizeof(ngx_http_chatdesk_slot_t *));
        ngx_free(table->blocks);
    }

    table->blocks = blocks;
    table->room = room;

    return NGX_OK;
}


static ngx_int_t
ngx_http_chatdesk_sessions_grow(ngx_http_chatdesk_sessions_t *table,
    ngx_log_t *log)
{
    uint32_t                   i;
    ngx_http_chatdesk_slot_t  *block;

    if (table->count == 0) {
        ngx_rbtree_init(&table->ids, &table->sentinel,
                        ngx_str_rbtree_insert_value);
        table->free = NGX_HTTP_CHATDESK_NO_SLOT;
    }

    if (ngx_http_chatdesk_sessions_room(table, log) != NGX_OK) {
        return NGX_ERROR;
    }

    block = ngx_alloc(NGX_HTTP_CHATDESK_BLOCK
                      * sizeof(ngx_http_chatdesk_slot_t), log);
    if (block == NULL) {
        return NGX_ERROR;
    }

    table->blocks[table->count / NGX_HTTP_CHATDESK_BLOCK] = block;

    for (i = 0; i < NGX_HTTP_CHATDESK_BLOCK; i++) {
        block[i].session = NULL;
        block[i].generation = 1;
        block[i].next = table->free;
        table->free = table->count++;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_chatdesk_sessions_add(ngx_http_chatdesk_session_t *session,
    ngx_log_t *log)
{
    ngx_http_chatdesk_slot_t      *slot;
    ngx_http_chatdesk_sessions_t  *table = &ngx_http_chatdesk_sessions;

    if ((table->count == 0 || table->free == NGX_HTTP_CHATDESK_NO_SLOT)
        && ngx_http_chatdesk_sessions_grow(table, log) != NGX_OK)
    {
        return NGX_ERROR;
    }

    session->ref.slot = table->free;
    slot = ngx_http_chatdesk_sessions_slot(table, session->ref.slot);
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

    slot = ngx_http_chatdesk_sessions_slot(table, session->ref.slot);
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

    slot = ngx_http_chatdesk_sessions_slot(&ngx_http_chatdesk_sessions,
                                           ref.slot);

    return (slot->generation == ref.generation) ? slot->session : NULL;
}


ngx_http_chatdesk_session_t *
ngx_http_chatdesk_session_find(ngx_str_t *id)
{
    ngx_http_chatdesk_sessions_t  *table = &ngx_http_chatdesk_sessions;

    if (table->count == 0) {
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
        session = ngx_http_chatdesk_sessions_slot(table, *slot)->session;
        (*slot)++;

        if (session != NULL) {
            return session;
        }
    }

    return NULL;
}
