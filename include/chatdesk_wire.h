/*
 * Frames on the bus: MessagePack to struct cd_frame and back.
 *
 *     envelope = [ type, n, v, at, body ]      always 21 bytes + body
 *
 *       0x95  type:1  0xce n:4  0xce v:4  0xcf at:8  body...
 *
 *     body     = map of field number -> string, unsigned or boolean
 *
 * The envelope's head has a fixed width so that the Redis functions can
 * number a frame by writing the head in front of a body that they never
 * decode.  `n` and `v` are 0 in frames that no feed numbers.
 *
 * Purpose:    the one codec that both sides and the tests use.
 * Owner:      a frame's strings borrow from the buffer it was decoded from
 *             or from whoever set them.
 * Invariants: nothing is unpacked before cd_wire_scan() has bounded it; a
 *             decoded frame has every set field within its table's type.
 */

#ifndef CHATDESK_WIRE_H
#define CHATDESK_WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <msgpack.h>

#include "chatdesk_tables.h"

#define CD_WIRE_HEAD  21        /* bytes in front of the body */


struct cd_str {
    const char *data;           /* borrows; not terminated */
    size_t      len;
};

struct cd_frame {
    unsigned    type;           /* enum cd_frame_type */
    uint32_t    n;              /* number in the feed, 0 for none */
    uint32_t    v;              /* number on the visitor side, 0 for none */
    uint64_t    at_ms;
    uint64_t    set[CD_FIELDS_MAX / 64];    /* bit per field */
    union {
        uint64_t       u;       /* UINT and BOOL */
        struct cd_str  s;       /* STR and TOKEN */
    } f[CD_FIELDS_MAX];
};


static inline void
cd_frame_init(struct cd_frame *frame, unsigned type)
{
    frame->type = type;
    frame->n = 0;
    frame->v = 0;
    frame->at_ms = 0;
    frame->set[0] = 0;
    frame->set[1] = 0;
    frame->set[2] = 0;
}


static inline int
cd_frame_has(const struct cd_frame *frame, unsigned field)
{
    return (frame->set[field >> 6] >> (field & 63)) & 1;
}


static inline void
cd_frame_set_uint(struct cd_frame *frame, unsigned field, uint64_t value)
{
    frame->f[field].u = value;
    frame->set[field >> 6] |= (uint64_t) 1 << (field & 63);
}


static inline void
cd_frame_unset(struct cd_frame *frame, unsigned field)
{
    frame->set[field >> 6] &= ~((uint64_t) 1 << (field & 63));
}


/* The frame borrows `data`. */

static inline void
cd_frame_set_str(struct cd_frame *frame, unsigned field, const char *data,
    size_t len)
{
    frame->f[field].s.data = data;
    frame->f[field].s.len = len;
    frame->set[field >> 6] |= (uint64_t) 1 << (field & 63);
}


/* 0 and an empty string stand for a field that is not set. */

static inline uint64_t
cd_frame_uint(const struct cd_frame *frame, unsigned field)
{
    return cd_frame_has(frame, field) ? frame->f[field].u : 0;
}


static inline struct cd_str
cd_frame_str(const struct cd_frame *frame, unsigned field)
{
    struct cd_str  none = { "", 0 };

    return cd_frame_has(frame, field) ? frame->f[field].s : none;
}


static inline int
cd_str_is(struct cd_str str, const char *text)
{
    return str.len == strlen(text) && memcmp(str.data, text, str.len) == 0;
}


/*
 * The next item of a LIST.  Moves *rest behind it.  1, or 0 at the end; an
 * item may be empty in what was not decoded.
 */

static inline int
cd_list_next(struct cd_str *rest, struct cd_str *item)
{
    const char  *end;

    if (rest->len == 0) {
        return 0;
    }

    end = memchr(rest->data, '\n', rest->len);
    item->data = rest->data;
    item->len = end != NULL ? (size_t) (end - rest->data) : rest->len;
    rest->data += item->len;
    rest->len -= item->len;

    if (end != NULL) {
        rest->data++;
        rest->len--;
    }

    return 1;
}


static inline size_t
cd_list_count(struct cd_str list)
{
    size_t         count = 0;
    struct cd_str  item;

    while (cd_list_next(&list, &item)) {
        count++;
    }

    return count;
}


/* Whether a string is 1 to `max` items, none of them empty or too long. */

static inline int
cd_list_holds(struct cd_str list, uint64_t max)
{
    size_t         count = 0;
    struct cd_str  rest = list, item = { NULL, 0 };

    while (cd_list_next(&rest, &item)) {
        if (item.len == 0 || item.len > 4 * CD_LIMIT_LIST_ITEM) {
            return 0;
        }
        count++;
    }

    return count > 0 && count <= max && list.data[list.len - 1] != '\n';
}


/* Bytes that follow a length of `width` bytes at `p`; big endian. */

static inline uint64_t
cd_wire_be(const unsigned char *p, unsigned width)
{
    uint64_t  value = 0;

    while (width-- > 0) {
        value = value << 8 | *p++;
    }

    return value;
}


static inline void
cd_wire_put_be(unsigned char *p, uint64_t value, unsigned width)
{
    while (width-- > 0) {
        p[width] = (unsigned char) value;
        value >>= 8;
    }
}


/*
 * One step of the scan: the head of the value at `p`.  Sets how many bytes
 * the value takes by itself and how many values follow inside it.
 * Returns 0, or -1 when the head is cut off or not a type of the format
 * (specification of MessagePack, "Formats").
 */

static inline int
cd_wire_head(const unsigned char *p, uint64_t left, uint64_t *bytes,
    uint64_t *inside)
{
    /* for 0xc0..0xdf: width of the length, then of what stands for itself */
    static const struct { int8_t width; int8_t fixed; int8_t per; } heads[] = {
        { 0, 0, 0 }, { -1, 0, 0 }, { 0, 0, 0 }, { 0, 0, 0 },
        { 1, 0, 0 }, { 2, 0, 0 }, { 4, 0, 0 },
        { 1, 1, 0 }, { 2, 1, 0 }, { 4, 1, 0 },
        { 0, 4, 0 }, { 0, 8, 0 },
        { 0, 1, 0 }, { 0, 2, 0 }, { 0, 4, 0 }, { 0, 8, 0 },
        { 0, 1, 0 }, { 0, 2, 0 }, { 0, 4, 0 }, { 0, 8, 0 },
        { 0, 2, 0 }, { 0, 3, 0 }, { 0, 5, 0 }, { 0, 9, 0 }, { 0, 17, 0 },
        { 1, 0, 0 }, { 2, 0, 0 }, { 4, 0, 0 },
        { 2, 0, 1 }, { 4, 0, 1 }, { 2, 0, 2 }, { 4, 0, 2 }
    };

    unsigned  c = *p;
    uint64_t  len = 0;

    *inside = 0;
    *bytes = 1;

    if (c < 0x80 || c >= 0xe0) {            /* fixint */
        return 0;
    }

    if (c < 0x90) {                         /* fixmap */
        *inside = (uint64_t) (c & 0x0f) * 2;
        return 0;
    }

    if (c < 0xa0) {                         /* fixarray */
        *inside = c & 0x0f;
        return 0;
    }

    if (c < 0xc0) {                         /* fixstr */
        *bytes += c & 0x1f;
        return 0;
    }

    if (heads[c - 0xc0].width < 0
        || left < 1 + (uint64_t) heads[c - 0xc0].width)
    {
        return -1;
    }

    if (heads[c - 0xc0].width > 0) {
        len = cd_wire_be(p + 1, (unsigned) heads[c - 0xc0].width);
    }

    *bytes += (uint64_t) heads[c - 0xc0].width
              + (uint64_t) heads[c - 0xc0].fixed;

    if (heads[c - 0xc0].per) {
        *inside = len * (uint64_t) heads[c - 0xc0].per;

    } else {
        *bytes += len;
    }

    return 0;
}


/*
 * Bounds a buffer before msgpack-c sees it: exactly one value, no length or
 * count beyond the bytes that are left, nesting of at most CD_LIMIT_BUS_DEPTH.
 * Returns 0, or -1 when it must not be unpacked.  Allocates nothing; takes
 * time linear in `len`.
 */

static inline int
cd_wire_scan(const char *buf, size_t len)
{
    const unsigned char  *p = (const unsigned char *) buf;
    uint64_t              left = len, bytes, inside;
    uint64_t              todo[17];        /* CD_LIMIT_BUS_DEPTH + 1 */
    unsigned              depth = 0;

    todo[0] = 1;

    for ( ;; ) {
        while (todo[depth] == 0) {
            if (depth == 0) {
                return left == 0 ? 0 : -1;
            }
            depth--;
        }

        todo[depth]--;

        if (left == 0 || cd_wire_head(p, left, &bytes, &inside) != 0
            || bytes > left || inside > left - bytes)
        {
            return -1;
        }

        p += bytes;
        left -= bytes;

        if (inside > 0) {
            if (depth == CD_LIMIT_BUS_DEPTH) {
                return -1;
            }
            todo[++depth] = inside;
        }
    }
}


/* Fixed output buffer for msgpack_packer; `failed` sticks. */

struct cd_wire_out {
    char   *data;
    size_t  cap;
    size_t  len;
    int     failed;
};


static inline int
cd_wire_write(void *ctx, const char *data, size_t len)
{
    struct cd_wire_out  *out = ctx;

    if (out->failed || len > out->cap - out->len) {
        out->failed = 1;
        return -1;
    }

    memcpy(out->data + out->len, data, len);
    out->len += len;

    return 0;
}


/* N, V and AT travel in the envelope's head, every other field in the body. */

static inline int
cd_field_in_body(unsigned field)
{
    return field != CD_F_N && field != CD_F_V && field != CD_F_AT
           && cd_field_row(field) != NULL;
}


/*
 * Packs the body of a frame into buf.
 * Returns its length in bytes, 0 when it does not fit.
 */

static inline size_t
cd_body_encode(const struct cd_frame *frame, char *buf, size_t cap)
{
    unsigned                    i, count = 0;
    msgpack_packer              pk;
    struct cd_wire_out          out = { buf, cap, 0, 0 };
    const struct cd_field_row  *row;

    for (i = 1; i < CD_FIELDS_MAX; i++) {
        count += cd_frame_has(frame, i) && cd_field_in_body(i);
    }

    msgpack_packer_init(&pk, &out, cd_wire_write);
    msgpack_pack_map(&pk, count);

    for (i = 1; i < CD_FIELDS_MAX; i++) {
        if (!cd_frame_has(frame, i) || !cd_field_in_body(i)) {
            continue;
        }

        row = cd_field_row(i);
        msgpack_pack_unsigned_int(&pk, i);

        if (row->type == CD_TYPE_BOOL) {
            if (frame->f[i].u) {
                msgpack_pack_true(&pk);
            } else {
                msgpack_pack_false(&pk);
            }

        } else if (row->type == CD_TYPE_UINT) {
            msgpack_pack_uint64(&pk, frame->f[i].u);

        } else {
            msgpack_pack_str(&pk, frame->f[i].s.len);
            msgpack_pack_str_body(&pk, frame->f[i].s.data, frame->f[i].s.len);
        }
    }

    return out.failed ? 0 : out.len;
}


/* Writes the CD_WIRE_HEAD bytes in front of a body. */

static inline void
cd_head_encode(const struct cd_frame *frame, char *buf)
{
    unsigned char  *p = (unsigned char *) buf;

    p[0] = 0x95;
    p[1] = (unsigned char) frame->type;
    p[2] = 0xce;
    cd_wire_put_be(p + 3, frame->n, 4);
    p[7] = 0xce;
    cd_wire_put_be(p + 8, frame->v, 4);
    p[12] = 0xcf;
    cd_wire_put_be(p + 13, frame->at_ms, 8);
}


/* Packs head and body.  Returns the length in bytes, 0 when it does not fit. */

static inline size_t
cd_frame_encode(const struct cd_frame *frame, char *buf, size_t cap)
{
    size_t  len;

    if (cap < CD_WIRE_HEAD) {
        return 0;
    }

    cd_head_encode(frame, buf);
    len = cd_body_encode(frame, buf + CD_WIRE_HEAD, cap - CD_WIRE_HEAD);

    return len == 0 ? 0 : len + CD_WIRE_HEAD;
}


/* One pair of the body's map; unknown fields are passed over. */

static inline int
cd_body_pair(struct cd_frame *frame, const msgpack_object_kv *kv)
{
    unsigned                    field;
    const struct cd_field_row  *row;

    if (kv->key.type != MSGPACK_OBJECT_POSITIVE_INTEGER) {
        return -1;
    }

    if (kv->key.via.u64 >= CD_FIELDS_MAX) {
        return 0;
    }

    field = (unsigned) kv->key.via.u64;
    row = cd_field_row(field);

    if (row == NULL || !cd_field_in_body(field)) {
        return 0;
    }

    switch (row->type) {

    case CD_TYPE_BOOL:
        if (kv->val.type != MSGPACK_OBJECT_BOOLEAN) {
            return -1;
        }
        cd_frame_set_uint(frame, field, kv->val.via.boolean);
        return 0;

    case CD_TYPE_UINT:
        if (kv->val.type != MSGPACK_OBJECT_POSITIVE_INTEGER
            || kv->val.via.u64 > row->max)
        {
            return -1;
        }
        cd_frame_set_uint(frame, field, kv->val.via.u64);
        return 0;

    default:
        if (kv->val.type != MSGPACK_OBJECT_STR) {
            return -1;
        }
        /* msgpack-c has no pointer for an empty string */
        cd_frame_set_str(frame, field,
                         kv->val.via.str.size > 0 ? kv->val.via.str.ptr : "",
                         kv->val.via.str.size);
        return row->type != CD_TYPE_LIST
               || cd_list_holds(frame->f[field].s, row->max) ? 0 : -1;
    }
}


/*
 * Decodes an envelope.  The frame's strings borrow from `buf`.
 * Returns 0; -1 for anything that is not an envelope of this format with a
 * known type; CD_WIRE_MEMORY when there is no memory to tell.  The frame is
 * then undefined.
 */

#define CD_WIRE_MEMORY  (-2)

static inline int
cd_frame_decode(struct cd_frame *frame, const char *buf, size_t len)
{
    int                   rc;
    size_t                offset = 0;
    uint32_t              i;
    msgpack_unpacked      result;
    msgpack_unpack_return got;
    const unsigned char  *p = (const unsigned char *) buf;

    if (len <= CD_WIRE_HEAD || len > CD_LIMIT_BUS_FRAME + CD_WIRE_HEAD
        || p[0] != 0x95 || p[2] != 0xce || p[7] != 0xce || p[12] != 0xcf
        || cd_frame_row(p[1]) == NULL
        || cd_wire_scan(buf + CD_WIRE_HEAD, len - CD_WIRE_HEAD) != 0)
    {
        return -1;
    }

    cd_frame_init(frame, p[1]);
    frame->n = (uint32_t) cd_wire_be(p + 3, 4);
    frame->v = (uint32_t) cd_wire_be(p + 8, 4);
    frame->at_ms = cd_wire_be(p + 13, 8);

    msgpack_unpacked_init(&result);
    got = msgpack_unpack_next(&result, buf + CD_WIRE_HEAD, len - CD_WIRE_HEAD,
                              &offset);
    rc = (got == MSGPACK_UNPACK_NOMEM_ERROR) ? CD_WIRE_MEMORY : -1;

    if (got == MSGPACK_UNPACK_SUCCESS
        && result.data.type == MSGPACK_OBJECT_MAP)
    {
        rc = 0;

        for (i = 0; i < result.data.via.map.size && rc == 0; i++) {
            rc = cd_body_pair(frame, &result.data.via.map.ptr[i]);
        }
    }

    msgpack_unpacked_destroy(&result);

    return rc;
}

#endif /* CHATDESK_WIRE_H */
