/*
 * The end of a batch.
 *
 * Purpose:    publishes every register that changed, once, with its last
 *             value, and writes every entity that changed.
 * Owner:      nothing.
 * Invariants: the order is that in which things changed first, so the same
 *             calls give the same changes; a conversation is closed in Redis
 *             after the last frame that goes to its sides.
 */

#ifndef CHATDESK_CORE_FLUSH_H
#define CHATDESK_CORE_FLUSH_H

struct desk;

void flush_run(struct desk *desk);

#endif /* CHATDESK_CORE_FLUSH_H */
