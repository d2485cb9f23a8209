/*
 * The operations of a commit, taken apart; see ops.h.
 *
 * Purpose:    a table of what each operation consists of, and its reader.
 * Owner:      struct ops.
 * Invariants: those of ops.h.
 */

#include "ops.h"

#include <stdlib.h>

/* elements: s text, u number, f type of a frame, then its body */
static const struct {
    const char *shape;
} op_shapes[] = {
    [CHANGE_PUT] = { "sss" },
    [CHANGE_DROP] = { "ss" },
    [CHANGE_CONV_SET] = { "sss" },
    [CHANGE_CONV_UNSET] = { "ss" },
    [CHANGE_STORED] = { "sf" },
    [CHANGE_REGISTER] = { "susb" },
    [CHANGE_UNREGISTER] = { "susf" },
    [CHANGE_PASSING] = { "sf" },
    [CHANGE_NODE] = { "sf" },
    [CHANGE_CLOSE] = { "ssus" },
    [CHANGE_SESSION] = { "ssssu" },
    [CHANGE_DEAD] = { "sss" },
    [CHANGE_OFFLINE] = { "s" },
    [CHANGE_NODE_GONE] = { "s" },
    [CHANGE_AUDIT] = { "sss" },
    [CHANGE_VOID] = { "s" },
    [CHANGE_FLOWS] = { "" },
    [CHANGE_FLOW] = { "sf" },
    [CHANGE_FORM] = { "sssu" },
    [CHANGE_REOPEN] = { "ss" },
    [CHANGE_RECORD] = { "us" },
    [CHANGE_RECORDED] = { "usss" },
    [CHANGE_OPEN] = { "ss" }
};


static int
op_frame(struct op *op, uint64_t type, struct cd_str body)
{
    struct cd_frame  head;

    if (type >= CD_FRAMES_MAX || cd_frame_row((unsigned) type) == NULL
        || body.len > CD_LIMIT_BUS_FRAME)
    {
        return -1;
    }

    op->envelope = malloc(CD_WIRE_HEAD + body.len);
    if (op->envelope == NULL) {
        return -1;
    }

    cd_frame_init(&head, (unsigned) type);
    cd_head_encode(&head, op->envelope);
    memcpy(op->envelope + CD_WIRE_HEAD, body.data, body.len);
    op->has_frame = 1;

    return cd_frame_decode(&op->frame, op->envelope,
                           CD_WIRE_HEAD + body.len);
}


/* One element; -1 when it is of another type than the shape says. */

static int
op_element(struct op *op, const msgpack_object *object, char kind)
{
    unsigned  at = op->count;

    if (at == OP_ARGS) {
        return -1;
    }

    if (kind == 's' || kind == 'b') {
        if (object->type != MSGPACK_OBJECT_STR) {
            return -1;
        }
        op->text[at].data = object->via.str.ptr;
        op->text[at].len = object->via.str.size;

    } else {
        if (object->type != MSGPACK_OBJECT_POSITIVE_INTEGER) {
            return -1;
        }
        op->number[at] = object->via.u64;
    }

    op->count++;

    return 0;
}


static int
op_decode(struct op *op, const msgpack_object *object)
{
    const char            *shape;
    const msgpack_object  *element, *end;

    if (object->type != MSGPACK_OBJECT_ARRAY || object->via.array.size < 1) {
        return -1;
    }

    element = object->via.array.ptr;
    end = element + object->via.array.size;

    if (element->type != MSGPACK_OBJECT_POSITIVE_INTEGER
        || element->via.u64 < CHANGE_PUT
        || element->via.u64 >= sizeof(op_shapes) / sizeof(op_shapes[0])
        || op_shapes[element->via.u64].shape == NULL)
    {
        return -1;
    }

    op->code = (enum change_op) element->via.u64;

    for (shape = op_shapes[op->code].shape; *shape != '\0'; shape++) {
        if (++element == end) {
            return -1;
        }

        if (op_element(op, element, *shape) != 0) {
            return -1;
        }

        if (*shape == 'f') {            /* its body follows */
            if (++element == end || op_element(op, element, 'b') != 0
                || op_frame(op, op->number[op->count - 2],
                            op->text[op->count - 1]) != 0)
            {
                return -1;
            }
        }
    }

    if (op->code == CHANGE_REGISTER
        && op_frame(op, op->number[1], op->text[3]) != 0)
    {
        return -1;
    }

    return element + 1 == end ? 0 : -1;
}


int
ops_decode(struct ops *ops, const char *data, size_t len, const char **why)
{
    size_t                 i, offset = 0;
    const msgpack_object  *root;

    memset(ops, 0, sizeof(struct ops));
    msgpack_unpacked_init(&ops->unpacked);
    ops->data = malloc(len);

    if (data == NULL || ops->data == NULL || cd_wire_scan(data, len) != 0) {
        *why = "the operations are not MessagePack";
        return -1;
    }

    memcpy(ops->data, data, len);

    if (msgpack_unpack_next(&ops->unpacked, ops->data, len, &offset)
            != MSGPACK_UNPACK_SUCCESS
        || ops->unpacked.data.type != MSGPACK_OBJECT_ARRAY)
    {
        *why = "the operations are not an array";
        return -1;
    }

    root = &ops->unpacked.data;
    ops->list = calloc(root->via.array.size + 1, sizeof(struct op));

    if (ops->list == NULL) {
        *why = "out of memory";
        return -1;
    }

    for (i = 0; i < root->via.array.size; i++) {
        ops->count++;

        if (op_decode(&ops->list[i], &root->via.array.ptr[i]) != 0) {
            *why = "an operation is not as docs/bus.md describes it";
            return -1;
        }
    }

    return 0;
}


void
ops_free(struct ops *ops)
{
    size_t  i;

    for (i = 0; i < ops->count; i++) {
        free(ops->list[i].envelope);
    }

    free(ops->list);
    free(ops->data);
    msgpack_unpacked_destroy(&ops->unpacked);
    memset(ops, 0, sizeof(struct ops));
}


/* The next operation that does not go out by rounds; NULL for none. */

static const struct op *
ops_next(const struct ops *ops, size_t *at)
{
    const struct op  *op;

    while (*at < ops->count) {
        op = &ops->list[(*at)++];

        if (op->code != CHANGE_REGISTER
            || (op->frame.type != CD_T_FIGURES
                && op->frame.type != CD_T_PLACE))
        {
            return op;
        }
    }

    return NULL;
}


static int
op_same(const struct op *a, const struct op *b)
{
    unsigned  i;

    if (a->code != b->code || a->count != b->count) {
        return 0;
    }

    for (i = 0; i < a->count; i++) {
        if (a->number[i] != b->number[i] || a->text[i].len != b->text[i].len
            || memcmp(a->text[i].data != NULL ? a->text[i].data : "",
                      b->text[i].data != NULL ? b->text[i].data : "",
                      a->text[i].len) != 0)
        {
            return 0;
        }
    }

    return 1;
}


int
ops_same(const struct ops *a, const struct ops *b, const struct op **x,
    const struct op **y)
{
    size_t  i = 0, j = 0;

    do {
        *x = ops_next(a, &i);
        *y = ops_next(b, &j);

        if (*x == NULL || *y == NULL) {
            return *x == *y;
        }
    } while (op_same(*x, *y));

    return 0;
}
