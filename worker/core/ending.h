/*
 * How a conversation ends, and how it leaves the inbox.
 *
 * Purpose:    entries `end` and `dismiss`; what is never dismissed goes when
 *             it can no longer be read.
 * Owner:      nothing.
 * Invariants: for the visitor it is closed at once; an agent's capacity is
 *             free when the seat is closed, after the wrap-up if there is one.
 */

#ifndef CHATDESK_CORE_ENDING_H
#define CHATDESK_CORE_ENDING_H

#include "core/conversation.h"

struct desk;

void ending_end(struct desk *desk, const struct cd_frame *entry);
void ending_dismiss(struct desk *desk, const struct cd_frame *entry);

/* The desk itself ends it, and says why. */
void ending_by_desk(struct desk *desk, struct conversation *conversation,
    enum why why);

/* The time for which it can be read is over. */
void ending_forget(struct desk *desk, struct conversation *conversation);

#endif /* CHATDESK_CORE_ENDING_H */
