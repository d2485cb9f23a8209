/*
 * The end of a batch; see flush.h.
 *
 * Purpose:    empties the desk's lists of what is dirty.
 * Owner:      nothing.
 * Invariants: those of flush.h.
 */

#include "core/flush.h"

#include "core/entity.h"
#include "core/notify.h"
#include "core/notify_entity.h"
#include "core/place.h"
#include "core/publish.h"
#include "core/silence.h"
#include "core/state.h"


/* Frames for the two sides. */

static void
flush_sides(struct desk *desk, struct conversation *conversation)
{
    struct seat  *seat;

    if (conversation->dirty & (DIRTY_VISITOR | DIRTY_VISITOR_BOTH)) {
        publish_visitor(desk, conversation,
                        conversation->dirty & DIRTY_VISITOR_BOTH);
    }

    TAILQ_FOREACH(seat, &conversation->seats, link) {
        if (seat->member_dirty) {
            publish_member(desk, seat);
            seat->member_dirty = 0;
        }
    }

    if (conversation->dirty & DIRTY_PHASE) {
        publish_phase(desk, conversation);
    }

    figures_note(desk, conversation);
    place_begin(desk, conversation);
}


/* Cards; a seat of which nothing is left to remember goes. */

static void
flush_seats(struct desk *desk, struct conversation *conversation)
{
    struct seat  *seat, *next;

    for (seat = TAILQ_FIRST(&conversation->seats); seat != NULL; seat = next)
    {
        next = TAILQ_NEXT(seat, link);

        if (seat->card_dirty
            || (conversation->dirty & DIRTY_CARDS && seat_has_card(seat)))
        {
            publish_card(desk, seat);
            seat->card_dirty = 0;
        }

        if (seat->state == SEAT_NONE && seat->refused_at_ms == 0
            && seat->owes == 0 && seat->reader.writer == WRITER_NOBODY)
        {
            seat_free(seat);
        }
    }
}


/* Closed, and in nobody's inbox. */

static int
flush_is_over(const struct conversation *conversation)
{
    const struct seat  *seat;

    if (conversation->phase != CD_PHASE_CLOSED) {
        return 0;
    }

    TAILQ_FOREACH(seat, &conversation->seats, link) {
        if (seat_has_card(seat)) {
            return 0;
        }
    }

    return 1;
}


static void
flush_conversation(struct desk *desk, struct conversation *conversation)
{
    notify_conversation(desk, conversation);

    if (conversation->dirty == DIRTY_LOOK) {
        TAILQ_REMOVE(&desk->dirty_conversations, conversation, dirty_link);
        conversation->dirty = 0;
        return;
    }

    flush_sides(desk, conversation);
    flush_seats(desk, conversation);

    if (conversation->dirty & DIRTY_CLOSE) {
        changes_close(desk->changes, conversation->id.s,
                      conversation->visitor->id.s,
                      conversation->flow->settings.keep_ms,
                      conversation->reopens ? conversation->flow->id.s : "");
    }

    silence_set(desk, conversation);

    TAILQ_REMOVE(&desk->dirty_conversations, conversation, dirty_link);
    conversation->dirty = 0;

    if (!flush_is_over(conversation)) {
        entity_put_conversation(desk, conversation);
        conversation->stored = 1;
        return;
    }

    if (conversation->stored) {
        changes_drop(desk->changes, ENTITY_CONV, conversation->id.s);
    }

    conversation_free(desk, conversation);
}


void
flush_run(struct desk *desk)
{
    struct agent         *agent;
    struct conversation  *conversation;

    while ((conversation = TAILQ_FIRST(&desk->dirty_conversations)) != NULL) {
        flush_conversation(desk, conversation);
    }

    notify_queues(desk);
    entity_flush_alerts(desk);

    while ((agent = TAILQ_FIRST(&desk->dirty_agents)) != NULL) {
        if (agent->me_dirty) {
            publish_me(desk, agent);
        }

        TAILQ_REMOVE(&desk->dirty_agents, agent, dirty_link);
        agent->dirty = 0;
        agent->me_dirty = 0;
        entity_put_agent(desk, agent);
        agent->loaded = 1;
    }

    templates_flush(desk);
    figures_flush(desk);
    place_flush(desk);

    if (desk->dirty) {
        entity_put_desk(desk);
        desk->dirty = 0;
    }
}
