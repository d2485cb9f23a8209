/*
 * Who asks about which conversation.
 *
 * Purpose:    what every verb of an agent looks up first.
 * Owner:      borrows from the desk.
 * Invariants: `seat` is that agent's in that conversation, or NULL.
 */

#ifndef CHATDESK_CORE_VERB_H
#define CHATDESK_CORE_VERB_H

#include "core/conversation.h"

struct desk;

struct verb {
    struct conversation  *conversation;     /* NULL: none such */
    struct agent         *agent;            /* NULL: not an agent */
    struct seat          *seat;             /* NULL: none */
};

struct verb verb_of(struct desk *desk, const struct cd_frame *entry);

/* Whether the agent is a member now. */
int verb_is_member(const struct verb *verb);

#endif /* CHATDESK_CORE_VERB_H */
