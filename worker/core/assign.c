/*
 * Who gets what; see assign.h.
 *
 * Purpose:    the order of conversations (priority of the queue, then its
 *             own, then the longest waiting) and the choice of the agent
 *             (least loaded, then longest idle).
 * Owner:      nothing.
 * Invariants: the work is bounded by what is offered plus the waiting
 *             conversations that every free agent refused a moment ago; with
 *             no agent free nothing is looked at.
 */

#include "core/assign.h"

#include "core/ask.h"
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
 * have, the first whose refusal is long enough ago.  Members and those who
 * watch are passed over.  NULL for nobody.
 */

static struct agent *
assign_choose(struct desk *desk, struct conversation *conversation)
{
    size_t         i;
    struct seat   *seat;
    struct agent  *agent, *fresh = NULL, *again = NULL;
    enum channel   channel = conversation->channel;
    struct queue  *queue = conversation->line;

    for (i = 0; i < queue->profile_count; i++) {
        for (agent = agent_first_free(queue->profiles[i], channel);
             agent != NULL; agent = agent_next_free(agent, channel))
        {
            seat = seat_find(conversation, agent);

            if (seat != NULL && seat->state != SEAT_NONE) {
                continue;
            }

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


/* Whether the head of a line of `a` goes before that of one of `b`. */

static int
assign_before(const struct queue *a, const struct conversation *head,
    const struct queue *b, const struct conversation *other)
{
    if (a->priority != b->priority) {
        return a->priority < b->priority;
    }

    if (head->priority != other->priority) {
        return head->priority < other->priority;
    }

    return conversation_order(head, other) < 0;
}


/* Takes the conversation that comes first; NULL when done. */

static struct conversation *
assign_next(struct desk *desk)
{
    unsigned              i;
    struct queue_line    *line, *next = NULL;
    struct queue         *queue, *of = NULL;
    struct conversation  *conversation;

    TAILQ_FOREACH(queue, &desk->stirred, stirred_link) {
        for (i = 0; i < 2 * CHANNELS_MAX; i++) {
            line = i % 2 ? &queue->asks[i / 2] : &queue->lines[i / 2];

            if (line->cursor == NULL
                || !queue_has_free(queue, (enum channel) (i / 2)))
            {
                continue;
            }

            if (next == NULL
                || assign_before(queue, line->cursor, of, next->cursor))
            {
                next = line;
                of = queue;
            }
        }
    }

    if (next == NULL) {
        return NULL;
    }

    conversation = next->cursor;
    next->cursor = queue_line_next(conversation);

    return conversation;
}


static void
assign_cursors(struct queue *queue, int set)
{
    unsigned  i;

    for (i = 0; i < CHANNELS_MAX; i++) {
        queue->lines[i].cursor = set ? queue_line_first(&queue->lines[i])
                                     : NULL;
        queue->asks[i].cursor = set ? queue_line_first(&queue->asks[i])
                                    : NULL;
    }
}


void
assign_run(struct desk *desk)
{
    struct agent         *agent;
    struct queue         *queue;
    struct conversation  *conversation;

    TAILQ_FOREACH(queue, &desk->stirred, stirred_link) {
        assign_cursors(queue, 1);
    }

    while (!desk->failed && (conversation = assign_next(desk)) != NULL) {
        agent = ask_is_over(desk, conversation)
                ? NULL : assign_choose(desk, conversation);

        if (agent != NULL) {
            offer_make(desk, conversation, agent);
        } else {
            offer_set_retry(desk, conversation);
        }
    }

    while ((queue = TAILQ_FIRST(&desk->stirred)) != NULL) {
        TAILQ_REMOVE(&desk->stirred, queue, stirred_link);
        queue->stirred = 0;
        assign_cursors(queue, 0);
    }
}
