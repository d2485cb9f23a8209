/*
 * Which skills a conversation needs.
 *
 * Purpose:    the queue's, and what the rule has asked for that routed it.
 * Owner:      nothing; the names are the conversation's.
 * Invariants: `needs` of a conversation are its `skills` as bits of the
 *             desk's table.
 */

#ifndef CHATDESK_CORE_NEEDS_H
#define CHATDESK_CORE_NEEDS_H

#include <stdint.h>

struct conversation;
struct desk;
struct queue;

/* Of whoever takes the conversation out of this queue: what a rule has asked
   for counts in its own queue alone. */
uint64_t needs_of(const struct conversation *conversation,
    const struct queue *queue);

/* The desk has another table of skills. */
void needs_anew(struct desk *desk);

#endif /* CHATDESK_CORE_NEEDS_H */
