/*
 * The part of a conversation's entity that says why it is where it is, and
 * what work it is when it is no chat.
 *
 * Purpose:    written and read by the two files of entity.h.
 * Owner:      nothing.
 * Invariants: those of entity.h.
 */

#ifndef CHATDESK_CORE_ENTITY_ROUTE_H
#define CHATDESK_CORE_ENTITY_ROUTE_H

#include "core/entity_map.h"

struct conversation;
struct desk;

void entity_put_route(struct map_out *to, struct map *map,
    const struct conversation *conversation);

/* 0; -1 for memory, or when it does not hold. */
int entity_load_route(struct desk *desk, struct conversation *conversation,
    struct fields *fields);

#endif /* CHATDESK_CORE_ENTITY_ROUTE_H */
