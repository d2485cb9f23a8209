/*
 * Supervisors in conversations of others, and the raised hand.
 *
 * Purpose:    entries `monitor`, `barge`, `takeover`, `hand`.
 * Owner:      nothing.
 * Invariants: each look into a conversation by somebody who is no member is
 *             an audit record; one who watches is a member of nothing, and
 *             writes only what the visitor does not see (cd_post).
 */

#ifndef CHATDESK_CORE_WATCH_H
#define CHATDESK_CORE_WATCH_H

#include "chatdesk_wire.h"

struct desk;

void watch_monitor(struct desk *desk, const struct cd_frame *entry);
void watch_barge(struct desk *desk, const struct cd_frame *entry);
void watch_takeover(struct desk *desk, const struct cd_frame *entry);
void watch_hand(struct desk *desk, const struct cd_frame *entry);

#endif /* CHATDESK_CORE_WATCH_H */
