/*
 * Why a conversation is where it is, and why nobody has it yet.
 *
 * Purpose:    says of one agent what keeps it from being asked; what led to
 *             the last offer is remembered by the conversation (`choice`).
 * Owner:      nothing.
 * Invariants: it asks what assign_run() goes by and changes nothing.
 */

#ifndef CHATDESK_CORE_EXPLAIN_H
#define CHATDESK_CORE_EXPLAIN_H

#include <stdint.h>

struct agent;
struct conversation;
struct queue;

enum passed {
    PASSED_NOT = 0,             /* it could be asked now */
    PASSED_OFFLINE,             /* no device is connected */
    PASSED_STATE,               /* its presence state takes none of these */
    PASSED_CAPACITY,            /* it has as many as it may */
    PASSED_CHANNEL,             /* ... of this channel */
    PASSED_REFUSED,             /* it said no, or did not answer, just now */
    PASSED_IS_IN,               /* is a member, or watches */
    PASSED_SKILL,               /* lacks a skill that is needed */
    PASSED_MAX
};

/* Whether the agent's profile has the queue. */
int explain_serves(const struct agent *agent, const struct queue *queue);

enum passed explain_agent(struct conversation *conversation,
    const struct agent *agent, uint64_t now_ms);

/* offline, state, capacity, channel, refused, is_in, skill; free. */
const char *explain_name(enum passed passed);

/* flow, rule, visitor, item, transfer, desk. */
const char *explain_routed(unsigned routed);

#endif /* CHATDESK_CORE_EXPLAIN_H */
