/*
 * Operations of one commit, packed as they are sent.
 *
 * Purpose:    turns what the core decided into the argument of cd_commit
 *             (docs/bus.md, "Operations of a commit").
 * Owner:      a struct changes owns its buffer.
 * Invariants: the buffer always starts with room for the array's head; the
 *             count is that of the operations behind it; after the first
 *             failure nothing is appended any more.
 *
 * Bodies and blobs are packed as MessagePack strings: the cmsgpack of
 * Redis 7 does not read the format's binary type.
 */

#include "core/changes.h"
#include "core/changes_pack.h"

#include <stdlib.h>

#define ARRAY_HEAD   5          /* array 32: 0xdd and four bytes */
#define BODY_HEAD    5          /* str 32: 0xdb and four bytes */
#define FIRST_BYTES  16384

struct changes {
    char           *data;       /* owns */
    size_t          len;
    size_t          cap;
    size_t          count;
    int             failed;
    msgpack_packer  pk;
};


/* Makes room for `len` bytes more. */

static int
changes_room(struct changes *changes, size_t len)
{
    char    *bigger;
    size_t   cap;

    if (changes->failed) {
        return -1;
    }

    if (len <= changes->cap - changes->len) {
        return 0;
    }

    cap = changes->cap * 2 + len;
    bigger = realloc(changes->data, cap);

    if (bigger == NULL) {
        changes->failed = 1;
        return -1;
    }

    changes->data = bigger;
    changes->cap = cap;

    return 0;
}


static int
changes_write(void *ctx, const char *data, size_t len)
{
    struct changes  *changes = ctx;

    if (changes_room(changes, len) != 0) {
        return -1;
    }

    memcpy(changes->data + changes->len, data, len);
    changes->len += len;

    return 0;
}


struct changes *
changes_new(void)
{
    struct changes  *changes;

    changes = malloc(sizeof(struct changes));
    if (changes == NULL) {
        return NULL;
    }

    changes->data = malloc(FIRST_BYTES);
    if (changes->data == NULL) {
        free(changes);
        return NULL;
    }

    changes->cap = FIRST_BYTES;
    msgpack_packer_init(&changes->pk, changes, changes_write);
    changes_reset(changes);

    return changes;
}


void
changes_free(struct changes **changes)
{
    if (*changes != NULL) {
        free((*changes)->data);
        free(*changes);
        *changes = NULL;
    }
}


void
changes_reset(struct changes *changes)
{
    changes->len = ARRAY_HEAD;
    changes->count = 0;
    changes->failed = 0;
}


int
changes_failed(const struct changes *changes)
{
    return changes->failed;
}


void
changes_fail(struct changes *changes)
{
    changes->failed = 1;
}


size_t
changes_count(const struct changes *changes)
{
    return changes->count;
}


const char *
changes_data(struct changes *changes, size_t *len)
{
    unsigned char  *p = (unsigned char *) changes->data;

    if (changes->failed || changes->count > UINT32_MAX) {
        return NULL;
    }

    p[0] = 0xdd;
    cd_wire_put_be(p + 1, changes->count, 4);
    *len = changes->len;

    return changes->data;
}


void
changes_op(struct changes *changes, enum change_op op, unsigned elements)
{
    msgpack_pack_array(&changes->pk, elements + 1);
    msgpack_pack_unsigned_int(&changes->pk, op);
    changes->count++;
}


void
changes_bytes(struct changes *changes, const void *data, size_t len)
{
    msgpack_pack_str(&changes->pk, len);
    msgpack_pack_str_body(&changes->pk, data, len);
}


void
changes_text(struct changes *changes, const char *text)
{
    changes_bytes(changes, text, strlen(text));
}


void
changes_uint(struct changes *changes, uint64_t number)
{
    msgpack_pack_uint64(&changes->pk, number);
}


/* Packs the body where it stays, behind a head of fixed width. */

static void
changes_body(struct changes *changes, const struct cd_frame *frame)
{
    size_t          len;
    unsigned char  *head;

    if (changes_room(changes, BODY_HEAD + CD_LIMIT_BUS_FRAME) != 0) {
        return;
    }

    head = (unsigned char *) changes->data + changes->len;
    len = cd_body_encode(frame, (char *) head + BODY_HEAD,
                         CD_LIMIT_BUS_FRAME);

    if (len == 0) {
        changes->failed = 1;
        return;
    }

    head[0] = 0xdb;
    cd_wire_put_be(head + 1, len, 4);
    changes->len += BODY_HEAD + len;
}


void
changes_put(struct changes *changes, const char *kind, const char *key,
    const void *blob, size_t len)
{
    changes_op(changes, CHANGE_PUT, 3);
    changes_text(changes, kind);
    changes_text(changes, key);
    changes_bytes(changes, blob, len);
}


void
changes_drop(struct changes *changes, const char *kind, const char *key)
{
    changes_op(changes, CHANGE_DROP, 2);
    changes_text(changes, kind);
    changes_text(changes, key);
}


void
changes_conv_set(struct changes *changes, const char *conv,
    const char *field, const char *value)
{
    changes_op(changes, CHANGE_CONV_SET, 3);
    changes_text(changes, conv);
    changes_text(changes, field);
    changes_text(changes, value);
}


void
changes_conv_unset(struct changes *changes, const char *conv,
    const char *field)
{
    changes_op(changes, CHANGE_CONV_UNSET, 2);
    changes_text(changes, conv);
    changes_text(changes, field);
}


void
changes_stored(struct changes *changes, const char *feed,
    const struct cd_frame *frame)
{
    changes_op(changes, CHANGE_STORED, 3);
    changes_text(changes, feed);
    msgpack_pack_unsigned_int(&changes->pk, frame->type);
    changes_body(changes, frame);
}


void
changes_register(struct changes *changes, const char *feed,
    const char *key, const struct cd_frame *frame)
{
    changes_op(changes, CHANGE_REGISTER, 4);
    changes_text(changes, feed);
    msgpack_pack_unsigned_int(&changes->pk, frame->type);
    changes_text(changes, key);
    changes_body(changes, frame);
}


void
changes_unregister(struct changes *changes, const char *feed,
    unsigned type, const char *key, const struct cd_frame *frame)
{
    changes_op(changes, CHANGE_UNREGISTER, 5);
    changes_text(changes, feed);
    msgpack_pack_unsigned_int(&changes->pk, type);
    changes_text(changes, key);
    msgpack_pack_unsigned_int(&changes->pk, frame->type);
    changes_body(changes, frame);
}


void
changes_passing(struct changes *changes, const char *feed,
    const struct cd_frame *frame)
{
    changes_op(changes, CHANGE_PASSING, 3);
    changes_text(changes, feed);
    msgpack_pack_unsigned_int(&changes->pk, frame->type);
    changes_body(changes, frame);
}


void
changes_node(struct changes *changes, const char *node,
    const struct cd_frame *frame)
{
    changes_op(changes, CHANGE_NODE, 3);
    changes_text(changes, node);
    msgpack_pack_unsigned_int(&changes->pk, frame->type);
    changes_body(changes, frame);
}


void
changes_close(struct changes *changes, const char *conv,
    const char *visitor, uint64_t keep_ms, const char *reopens)
{
    changes_op(changes, CHANGE_CLOSE, 4);
    changes_text(changes, conv);
    changes_text(changes, visitor);
    msgpack_pack_uint64(&changes->pk, keep_ms);
    changes_text(changes, reopens);
}


void
changes_session(struct changes *changes, const char *key,
    const char *agent, const char *name, const char *role, uint64_t ttl_ms)
{
    changes_op(changes, CHANGE_SESSION, 5);
    changes_text(changes, key);
    changes_text(changes, agent);
    changes_text(changes, name);
    changes_text(changes, role);
    msgpack_pack_uint64(&changes->pk, ttl_ms);
}


void
changes_dead(struct changes *changes, const char *entry_id,
    const char *reason, const void *envelope, size_t len)
{
    changes_op(changes, CHANGE_DEAD, 3);
    changes_text(changes, entry_id);
    changes_text(changes, reason);
    changes_bytes(changes, envelope, len);
}


void
changes_offline(struct changes *changes, const char *session)
{
    changes_op(changes, CHANGE_OFFLINE, 1);
    changes_text(changes, session);
}


void
changes_node_gone(struct changes *changes, const char *node)
{
    changes_op(changes, CHANGE_NODE_GONE, 1);
    changes_text(changes, node);
}


void
changes_audit(struct changes *changes, const char *who, const char *what,
    const char *object)
{
    changes_op(changes, CHANGE_AUDIT, 3);
    changes_text(changes, who);
    changes_text(changes, what);
    changes_text(changes, object);
}


void
changes_void(struct changes *changes, const char *agent)
{
    changes_op(changes, CHANGE_VOID, 1);
    changes_text(changes, agent);
}


void
changes_flows_clear(struct changes *changes)
{
    changes_op(changes, CHANGE_FLOWS, 0);
}


void
changes_flow(struct changes *changes, const char *field,
    const struct cd_frame *frame)
{
    changes_op(changes, CHANGE_FLOW, 3);
    changes_text(changes, field);
    msgpack_pack_unsigned_int(&changes->pk, frame->type);
    changes_body(changes, frame);
}


void
changes_form(struct changes *changes, const char *visitor,
    const char *answers, const char *keys, uint64_t keep_ms)
{
    changes_op(changes, CHANGE_FORM, 4);
    changes_text(changes, visitor);
    changes_text(changes, answers);
    changes_text(changes, keys);
    msgpack_pack_uint64(&changes->pk, keep_ms);
}


void
changes_reopen(struct changes *changes, const char *conv,
    const char *visitor)
{
    changes_op(changes, CHANGE_REOPEN, 2);
    changes_text(changes, conv);
    changes_text(changes, visitor);
}


void
changes_open(struct changes *changes, const char *conv, const char *visitor)
{
    changes_op(changes, CHANGE_OPEN, 2);
    changes_text(changes, conv);
    changes_text(changes, visitor);
}
