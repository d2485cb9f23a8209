/*
 * The operations of a commit, taken apart again.
 *
 * Purpose:    lets tests and the simulator look at what the core decided,
 *             through the same bytes that Redis would get.
 * Owner:      a struct ops owns everything in it; strings borrow from it.
 * Invariants: decoding fails on anything that docs/bus.md does not describe:
 *             unknown operations, wrong number or type of elements, bodies
 *             that are not frames.
 */

#ifndef CHATDESK_SIM_OPS_H
#define CHATDESK_SIM_OPS_H

#include "chatdesk_wire.h"

#include "core/changes.h"

#define OP_ARGS  6

struct op {
    enum change_op   code;
    unsigned         count;             /* elements after the number */
    struct cd_str    text[OP_ARGS];     /* of the elements that are strings */
    uint64_t         number[OP_ARGS];   /* of those that are numbers */
    int              has_frame;
    struct cd_frame  frame;
    char            *envelope;          /* owns; the frame borrows from it */
};

struct ops {
    struct op         *list;
    size_t             count;
    char              *data;            /* owns the copy of the bytes */
    msgpack_unpacked   unpacked;
};

/* 0; -1 for anything that does not hold, *why says what. */
int ops_decode(struct ops *ops, const char *data, size_t len,
    const char **why);
void ops_free(struct ops *ops);

/* Whether both do the same, but for registers that go out by rounds; where
   they do not, *x and *y are the first that differ, NULL for none. */
int ops_same(const struct ops *a, const struct ops *b, const struct op **x,
    const struct op **y);

#endif /* CHATDESK_SIM_OPS_H */
