/*
 * How a conversation that has ended goes on.
 *
 * Purpose:    the visitor comes back to a flow that appends, or wrote in the
 *             moment in which the conversation was closed.
 * Owner:      nothing.
 * Invariants: it is a new interaction with a new number, and waits like a
 *             new one; whoever was in it is out of it; its window stays, but
 *             nothing in it is unread or counts as the last word.
 */

#ifndef CHATDESK_CORE_REOPENING_H
#define CHATDESK_CORE_REOPENING_H

#include "core/conversation.h"

struct desk;

/* From closed to a number and no seats; the caller says where it waits. */
void reopening_clear(struct desk *desk, struct conversation *conversation);

/* The same for one that the desk has forgotten: `members` are the agents who
   were in it, as cd_start has found them. */
void reopening_members(struct desk *desk, struct conversation *conversation,
    struct cd_str members);

/* A message of the visitor that was stored before the end was. */
void reopening_by_message(struct desk *desk,
    struct conversation *conversation);

#endif /* CHATDESK_CORE_REOPENING_H */
