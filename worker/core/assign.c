/*
 * Who gets what; see assign.h.
 *
 * Purpose:    the order of conversations (priority of the queue, then the
 *             longest waiting) and the choice of the agent (least loaded,
 *             then longest idle).
 * Owner:      nothing.
 * Invariants: the work is bounded by what is offered plus the waiting
 *             conversations that every free agent refused a moment ago; with
 *             no agent free nothing is looked at.
 */

#include "core/assign.h"

#include "core/offer.h"
#include "core/state.h"


/* Goes before `best`: the first one always does. */

static int
assign_better(struct agent *agent, struct agent *best)
{
    return best == NULL || agent_before(agent, best);
}


/*
 * The agent for a conversation: the first who has not refused it; if all
 * have, the first whose refusal is long enough ago.  NULL for nobody.
 */

static struct agent *
assign_choose(struct desk *desk, struct conversation *conversation)
{
    size_t         i;
    struct seat   *seat;
    struct agent  *agent, *fresh = NULL, *again = NULL;
    struct queue  *queue = conversation->queue;

    for (i = 0; i < queue->profile_count; i++) {
        for (agent = agent_first_free(queue->profiles[i]); agent != NULL;
             agent = agent_next_free(agent))
        {
            seat = seat_find(conversation, agent);

            if (seat == NULL || seat->refused_at_ms == 0) {
                if (assign_better(agent, fresh)) {
                    fresh = agent;
                }
                break;      /* the others of this profile come later */
            }

            if (offer_again_at(seat) <= desk->now_ms
                && assign_better(agent, again))
            {
                again = agent;
            }
        }
    }

    return fresh != NULL ? fresh : again;
}


/* Whether the head of `a` goes before the head of `b`. */

static int
assign_before(const struct queue *a, const struct queue *b)
{
    if (a->priority != b->priority) {
        return a->priority < b->priority;
    }

    return a->cursor->number < b->cursor->number;
}


/* The queue whose next conversation comes first; NULL when done. */

static struct queue *
assign_next(struct desk *desk)
{
    struct queue  *queue, *next = NULL;

    TAILQ_FOREACH(queue, &desk->stirred, stirred_link) {
        if (queue->cursor == NULL || !queue_has_free(queue)) {
            continue;
        }

        if (next == NULL || assign_before(queue, next)) {
            next = queue;
        }
    }

    return next;
}


void
assign_run(struct desk *desk)
{
    struct agent         *agent;
    struct queue         *queue;
    struct conversation  *conversation;

    TAILQ_FOREACH(queue, &desk->stirred, stirred_link) {
        queue->cursor = queue_first(queue);
    }

    while (!desk->failed && (queue = assign_next(desk)) != NULL) {
        conversation = queue->cursor;
        queue->cursor = queue_next(conversation);

        agent = assign_choose(desk, conversation);

        if (agent != NULL) {
            offer_make(desk, conversation, agent);
        } else {
            offer_set_retry(desk, conversation);
        }
    }

    while ((queue = TAILQ_FIRST(&desk->stirred)) != NULL) {
        TAILQ_REMOVE(&desk->stirred, queue, stirred_link);
        queue->stirred = 0;
        queue->cursor = NULL;
    }
}
