/*
 * When an agent is told, and when that is over.
 *
 * Purpose:    one rule for each agent and conversation, worked out of the
 *             state: what stands, what is due, what has ended.  It is run
 *             at the end of a batch, for every conversation that the batch
 *             has changed, that a focus has moved from or to, or that a time
 *             was reached for.
 * Owner:      nothing; the state stands in alerts (alert.h).
 * Invariants: 1. the last message of others is behind the agent's mark,
 *                answered by it, in focus, told of, or its time is set;
 *             2. two notices of messages about one conversation lie at least
 *                the policy's interval apart;
 *             3. a notice stands for an offer that stands, or for messages
 *                that were not read, answered or in focus since.
 *
 * What somebody wrote after a message counts as an answer to it: its writer
 * has had the conversation before the eyes.
 */

#ifndef CHATDESK_CORE_NOTIFY_H
#define CHATDESK_CORE_NOTIFY_H

#include "core/alert.h"
#include "core/conversation.h"

struct queue;

/* The conversation is to be looked at, at the end of the batch; what an agent
   without a seat was told is taken back at once. */
void notify_look(struct desk *desk, struct agent *agent,
    const struct id *conv);

/* All seats of a conversation that has changed. */
void notify_conversation(struct desk *desk,
    struct conversation *conversation);

/* All of an agent's, after its choices have changed. */
void notify_look_all(struct desk *desk, struct agent *agent);

/* All of an agent's, after its policy has changed: what says more than it may
   now goes. */
void notify_policy(struct desk *desk, struct agent *agent);

/* The agent takes the conversation: what was written before is known. */
void notify_taken(struct desk *desk, struct seat *seat);

/* An alert's timer. */
void notify_due(struct desk *desk, struct alert *alert);

/* Takes a notice back; the alert stays. */
void notify_clear(struct desk *desk, struct alert *alert);

/* Whether the agent is to be told of this kind at all. */
int notify_wants(const struct agent *agent, enum notice kind);

/* When the next notice may come, after one at told_ms. */
uint64_t notify_next(const struct policy *policy, uint64_t told_ms);

/* After loading: alerts about what there is no more. */
void notify_loaded(struct desk *desk);

/* notify_queue.c: supervisors of a queue in which somebody waits long. */
void notify_queue(struct desk *desk, struct queue *queue);
void notify_queue_due(struct desk *desk, struct alert *alert);

/* notify_hand.c: supervisors of a conversation in which a hand is raised. */
void notify_hand(struct desk *desk, struct conversation *conversation);
void notify_hand_due(struct desk *desk, struct alert *alert);

/* Takes those back that are not to be shown any more. */
void notify_hands(struct desk *desk);

/* After loading: one of no agent. */
void notify_hand_loaded(struct desk *desk, struct alert *alert);

/* Whether the agent supervises the queue and wants to know of this kind. */
int notify_supervises(const struct agent *agent, const struct queue *queue,
    enum notice kind);

/* The queues whose lines have changed. */
void notify_queues(struct desk *desk);

/* After other settings: who supervises what may be another. */
void notify_settings(struct desk *desk);

#endif /* CHATDESK_CORE_NOTIFY_H */
