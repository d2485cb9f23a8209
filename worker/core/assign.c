/*
 * Who gets what; see assign.h.
 *
 * Purpose:    the order of conversations (priority of the queue, then its
 *             own, then the longest waiting) and the choice of the agent
 *             (all skills that are needed, then least loaded, then longest
 *             idle).
 * Owner:      nothing.
 * Invariants: the work is bounded by what is offered plus the waiting
 *             conversations that every free agent refused a moment ago, or
 *             has not the skills for; with no agent free nothing is looked
 *             at.
 */

#include "core/assign.h"

#include "core/ask.h"
#include "core/crew.h"
#include "core/needs.h"
#include "core/offer.h"
#include "core/state.h"


struct picks {
    struct agent *fresh;        /* has not refused it */
    struct agent *again;        /* did, some time ago */
    int           any;          /* somebody has the skills and is free */
};


/* Goes before `best`: the first one always does. */

static int
assign_better(struct agent *agent, struct agent *best)
{
    return best == NULL || agent_before(agent, best);
}


/* Those who are free of one crew: the first who has not refused it, and who
   comes first of those whose refusal is long enough ago.  Members and those
   who watch are passed over. */

static void
assign_look(struct desk *desk, struct conversation *conversation,
    struct crew *crew, struct picks *picks)
{
    struct seat   *seat;
    struct agent  *agent;
    enum channel   channel = conversation->channel;

    for (agent = agent_first_free(crew, channel); agent != NULL;
         agent = agent_next_free(agent, channel))
    {
        picks->any = 1;
        seat = seat_find(conversation, agent);

        if (seat != NULL && seat->state != SEAT_NONE) {
            continue;
        }

        if (seat == NULL || seat->refused_at_ms == 0) {
            if (assign_better(agent, picks->fresh)) {
                picks->fresh = agent;
            }
            return;         /* the others of this crew come later */
        }

        if (offer_again_at(seat) <= desk->now_ms
            && assign_better(agent, picks->again))
        {
            picks->again = agent;
        }
    }
}


/*
 * The agent for a conversation: one who has not refused it; if all have, one
 * whose refusal is long enough ago.  NULL for nobody.  While this runs nobody
 * becomes free, so that skills that nobody has are looked for once, not for
 * each conversation of a long line.
 */

static struct agent *
assign_choose(struct desk *desk, struct conversation *conversation)
{
    size_t              i;
    uint64_t            needed;
    struct crew        *crew;
    struct picks        picks = { NULL, NULL, 0 };
    struct queue       *queue = conversation->line;
    struct queue_line  *line = queue_line_of(conversation);

    needed = needs_of(conversation, queue);

    if (line->lacks && (needed & line->lacking) == line->lacking) {
        return NULL;
    }

    for (i = 0; i < queue->profile_count; i++) {
        for (crew = crew_first(queue->profiles[i]); crew != NULL;
             crew = crew_next(crew))
        {
            if (crew_has(crew, needed)) {
                assign_look(desk, conversation, crew, &picks);
            }
        }
    }

    if (!picks.any) {
        line->lacks = 1;
        line->lacking = needed;
    }

    return picks.fresh != NULL ? picks.fresh : picks.again;
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
        queue->lines[i].lacks = queue->asks[i].lacks = 0;
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
