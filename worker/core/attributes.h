/*
 * Attributes of the whole desk: what templates call custom.<key>.
 *
 * Purpose:    from a key to its text.
 * Owner:      the desk; rows are copies.
 * Invariants: sorted by key, no two alike, at most ATTRIBUTES_MAX.
 */

#ifndef CHATDESK_CORE_ATTRIBUTES_H
#define CHATDESK_CORE_ATTRIBUTES_H

#include "chatdesk_wire.h"

#include "core/desk.h"
#include "core/keep.h"

struct attributes {
    struct keep                keep;    /* what `rows` points to */
    struct attribute_settings *rows;
    size_t                     count;
};

/* 0; -1 for memory, too many, or a key that is there twice: then empty. */
int attributes_set(struct attributes *attributes,
    const struct attribute_settings *rows, size_t count);
void attributes_free(struct attributes *attributes);

/* The text for a key, until the next settings; NULL for none. */
const char *attributes_find(const struct attributes *attributes,
    struct cd_str key);

#endif /* CHATDESK_CORE_ATTRIBUTES_H */
