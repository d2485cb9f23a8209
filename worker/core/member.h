/*
 * Agents in a conversation: they join and leave.
 *
 * Purpose:    membership in Redis, the `member` register and the event, in
 *             one place.
 * Owner:      nothing.
 * Invariants: field `m:` of the conversation's hash is `a` exactly while the
 *             seat is a member's, `o` exactly while it is an observer's; an
 *             observer has no register; nobody leaves a visitor alone.
 */

#ifndef CHATDESK_CORE_MEMBER_H
#define CHATDESK_CORE_MEMBER_H

#include "core/conversation.h"

struct desk;

/* The seat of an agent, made when there is none; NULL for memory. */
struct seat *member_seat(struct desk *desk, struct conversation *conversation,
    struct agent *agent);

void member_join(struct desk *desk, struct seat *seat);

/* A hand goes up or down. */
void member_hand(struct desk *desk, struct conversation *conversation,
    const struct agent *agent, int on);

/* Without a look at who stays. */
void member_leave(struct desk *desk, struct seat *seat, enum why why);

/* Watches, and no longer. */
void member_watch(struct desk *desk, struct seat *seat);
void member_unwatch(struct desk *desk, struct seat *seat, enum why why);

/* How many agents have the conversation. */
unsigned member_count(const struct conversation *conversation);

/* Entry `leave`. */
void member_leaves(struct desk *desk, const struct cd_frame *entry);

#endif /* CHATDESK_CORE_MEMBER_H */
