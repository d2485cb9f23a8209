/*
 * Offers: one conversation put before one agent, for a limited time.
 *
 * Purpose:    made, accepted, rejected, missed, taken back.
 * Owner:      a conversation's offer is its seat in state OFFERED.
 * Invariants: a conversation has at most one offer; each ends exactly once,
 *             in offer_take_back(), offer_accept() or offer_drop(): by the
 *             end of the conversation or of its ask.
 */

#ifndef CHATDESK_CORE_OFFER_H
#define CHATDESK_CORE_OFFER_H

#include "core/conversation.h"

struct desk;

/* 0; -1 for memory, the conversation goes on waiting. */
int offer_make(struct desk *desk, struct conversation *conversation,
    struct agent *agent);

/* The conversation waits again, at its old place; or its ask goes on. */
void offer_take_back(struct desk *desk, struct conversation *conversation,
    enum why why);

/* Ends the offer together with what it was made for. */
void offer_drop(struct desk *desk, struct conversation *conversation);

/* When an agent who refused may be asked again, ms. */
uint64_t offer_again_at(const struct seat *seat);

/* It waits though agents are free, for all of them have refused: wakes the
   desk when the next refusal wears off. */
void offer_set_retry(struct desk *desk, struct conversation *conversation);

/* Entries `accept` and `reject`; with the latter the one who asked takes an
   invitation or transfer back. */
void offer_accept(struct desk *desk, const struct cd_frame *entry);
void offer_reject(struct desk *desk, const struct cd_frame *entry);

#endif /* CHATDESK_CORE_OFFER_H */
