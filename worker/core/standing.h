/*
 * Those who stand in line: conversations of a queue that no agent has
 * accepted yet, whether they wait or are offered.
 *
 * Purpose:    how many they are, since when the first one stands there, and
 *             whose place is which, each in the time of a walk down a tree.
 * Owner:      the queue owns the tree, the desk the conversations.
 * Invariants: `standing_size` and `standing_since` of a conversation in a
 *             tree are those of all that is below it and its own.
 */

#ifndef CHATDESK_CORE_STANDING_H
#define CHATDESK_CORE_STANDING_H

#include <stddef.h>
#include <stdint.h>

#include "core/tree.h"

struct conversation;

RB_HEAD(standing, conversation);        /* in the order of queue_order() */

void standing_init(struct standing *standing);
void standing_insert(struct standing *standing,
    struct conversation *conversation);
void standing_remove(struct standing *standing,
    struct conversation *conversation);

size_t standing_count(const struct standing *standing);

/* The earliest queued_at_ms among them; 0 for nobody. */
uint64_t standing_oldest(const struct standing *standing);

/* The place of one that stands there, from 1. */
size_t standing_place(const struct conversation *conversation);

/* Who has a place, from 1, and who comes behind; NULL for none. */
struct conversation *standing_at(struct standing *standing, uint64_t place);
struct conversation *standing_next(struct conversation *conversation);

#endif /* CHATDESK_CORE_STANDING_H */
