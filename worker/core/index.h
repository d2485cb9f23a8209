/*
 * Objects by id.
 *
 * Purpose:    finds one among hundreds of thousands with one or two looks at
 *             memory, where a tree would take twenty.
 * Owner:      nodes lie inside the objects; the index owns its table alone.
 * Invariants: ids do not change while they are in an index, and are there
 *             once; walking goes in the order of entering, so it depends on
 *             neither addresses nor the table's size.
 */

#ifndef CHATDESK_CORE_INDEX_H
#define CHATDESK_CORE_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "core/id.h"
#include "core/tree.h"

struct index_node {
    TAILQ_ENTRY(index_node)  link;
    struct index_node       *next;      /* of the same place in the table */
    const char              *key;       /* borrows the owner's id */
    uint32_t                 hash;
};

TAILQ_HEAD(index_list, index_node);

struct index {
    struct index_list    order;
    struct index_node  **table;         /* owns; NULL before the first */
    size_t               size;          /* a power of two */
    size_t               count;
};

void index_init(struct index *index);

/* Forgets the table; the objects must be out of it. */
void index_free(struct index *index);

/* Enters an object that is not there yet; `key` is its id.  0; -1 for
   memory. */
int index_add(struct index *index, struct index_node *node, const char *key);
void index_remove(struct index *index, struct index_node *node);

/* NULL for none, also for a text that can be no id. */
struct index_node *index_find(const struct index *index, struct cd_str id);
struct index_node *index_first(const struct index *index);
struct index_node *index_next(const struct index_node *node);

#endif /* CHATDESK_CORE_INDEX_H */
