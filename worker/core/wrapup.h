/*
 * Wrap-up: after the end the agent says how it came out.
 *
 * Purpose:    entry `wrapup`, and the end of the time for it.
 * Owner:      nothing.
 * Invariants: for the visitor the conversation is closed from its end on; an
 *             agent's capacity is taken until its own seat is done with.
 */

#ifndef CHATDESK_CORE_WRAPUP_H
#define CHATDESK_CORE_WRAPUP_H

#include "core/conversation.h"

struct desk;

void wrapup_apply(struct desk *desk, const struct cd_frame *entry);

/* Closes the conversation when nobody wraps it up any more. */
void wrapup_check(struct desk *desk, struct conversation *conversation);

/* The time is over. */
void wrapup_expire(struct desk *desk, struct conversation *conversation);

#endif /* CHATDESK_CORE_WRAPUP_H */
