/*
 * Objects by id; see index.h.
 *
 * Purpose:    a table of chains that doubles as it fills.
 * Owner:      the desk.
 * Invariants: there is a table when there is a node; a chain holds what has
 *             the same low bits of the hash.
 *
 * Ids are drawn by nginx and the worker, or are those of a site's signed
 * token: nobody from outside can make many of them fall together.
 */

#include "core/index.h"

#include <stdlib.h>

#define FIRST_SIZE  64


/* FNV-1a, stirred once more: the low bits choose the place. */

static uint32_t
index_hash(const char *id, size_t len)
{
    size_t    i;
    uint32_t  hash = 2166136261u;

    for (i = 0; i < len; i++) {
        hash = (hash ^ (unsigned char) id[i]) * 16777619u;
    }

    hash ^= hash >> 15;
    hash *= 2246822519u;

    return hash ^ (hash >> 13);
}


void
index_init(struct index *index)
{
    TAILQ_INIT(&index->order);
    index->table = NULL;
    index->size = 0;
    index->count = 0;
}


void
index_free(struct index *index)
{
    free(index->table);
    index_init(index);
}


static struct index_node **
index_place(const struct index *index, uint32_t hash)
{
    return &index->table[hash & (index->size - 1)];
}


/* A larger table.  Without memory for it the old one goes on, fuller. */

static void
index_grow(struct index *index)
{
    size_t              size = index->size > 0 ? index->size * 2 : FIRST_SIZE;
    struct index_node  *node, **table, **place;

    table = calloc(size, sizeof(struct index_node *));
    if (table == NULL) {
        return;
    }

    free(index->table);
    index->table = table;
    index->size = size;

    TAILQ_FOREACH(node, &index->order, link) {
        place = index_place(index, node->hash);
        node->next = *place;
        *place = node;
    }
}


int
index_add(struct index *index, struct index_node *node, const char *key)
{
    struct index_node  **place;

    if (index->count >= index->size) {
        index_grow(index);
    }

    if (index->table == NULL) {
        return -1;
    }

    node->key = key;
    node->hash = index_hash(key, strlen(key));
    place = index_place(index, node->hash);
    node->next = *place;
    *place = node;
    TAILQ_INSERT_TAIL(&index->order, node, link);
    index->count++;

    return 0;
}


void
index_remove(struct index *index, struct index_node *node)
{
    struct index_node  **place = index_place(index, node->hash);

    while (*place != node) {
        place = &(*place)->next;
    }

    *place = node->next;
    TAILQ_REMOVE(&index->order, node, link);
    index->count--;
}


struct index_node *
index_find(const struct index *index, struct cd_str id)
{
    uint32_t            hash;
    struct index_node  *node;

    if (index->table == NULL || id.len > ID_MAX) {
        return NULL;
    }

    hash = index_hash(id.data, id.len);

    for (node = *index_place(index, hash); node != NULL; node = node->next) {
        if (node->hash == hash && cd_str_is(id, node->key)) {
            return node;
        }
    }

    return NULL;
}


struct index_node *
index_first(const struct index *index)
{
    return TAILQ_FIRST(&index->order);
}


struct index_node *
index_next(const struct index_node *node)
{
    return TAILQ_NEXT(node, link);
}
