/*
 * Offers; see offer.h.
 *
 * Purpose:    the life of an offer.
 * Owner:      nothing; offers are seats.
 * Invariants: a conversation's number, and with it its place in the queue,
 *             never changes.
 */

#include "core/offer.h"

#include <stdio.h>

#include "core/notify.h"
#include "core/presence.h"
#include "core/publish.h"
#include "core/refuse.h"
#include "core/state.h"


int
offer_make(struct desk *desk, struct conversation *conversation,
    struct agent *agent)
{
    struct seat  *seat;

    seat = seat_find(conversation, agent);
    if (seat == NULL) {
        seat = seat_new(conversation, agent);
    }

    if (seat == NULL) {
        desk_fail(desk);
        return -1;
    }

    if (conversation_set_phase(desk, conversation, CD_PHASE_OFFERED) != 0) {
        return -1;
    }

    reader_init(&seat->reader, &conversation->record, WRITER_NOBODY);
    seat_set_state(desk, seat, SEAT_OFFERED);
    conversation->offer = seat;
    conversation->accept_ms = conversation->queue->accept_ms;
    timer_set(&desk->timers, &conversation->timer,
              desk->now_ms + conversation->accept_ms);

    return 0;
}


uint64_t
offer_again_at(const struct seat *seat)
{
    return seat->refused_at_ms + CD_LIMIT_REOFFER_MS;
}


void
offer_set_retry(struct desk *desk, struct conversation *conversation)
{
    uint64_t      at, first = 0;
    struct seat  *seat;

    TAILQ_FOREACH(seat, &conversation->seats, link) {
        at = offer_again_at(seat);

        if (seat->refused_at_ms != 0 && at > desk->now_ms
            && (first == 0 || at < first))
        {
            first = at;
        }
    }

    timer_set(&desk->timers, &conversation->timer, first);
}


void
offer_take_back(struct desk *desk, struct conversation *conversation,
    enum why why)
{
    struct seat  *seat = conversation->offer;

    if (conversation_set_phase(desk, conversation, CD_PHASE_WAITING) != 0) {
        return;
    }

    conversation->offer = NULL;
    seat->why = why;

    if (why == WHY_REJECTED || why == WHY_MISSED) {
        seat->refused_at_ms = desk->now_ms;
    }

    seat_set_state(desk, seat, SEAT_NONE);
}


void
offer_drop(struct desk *desk, struct conversation *conversation)
{
    struct seat  *seat = conversation->offer;

    conversation->offer = NULL;
    seat->why = WHY_WITHDRAWN;
    seat_set_state(desk, seat, SEAT_NONE);
}


/* The agent that an answer to an offer comes from; NULL for none. */

static struct agent *
offer_answerer(struct desk *desk, const struct cd_frame *entry)
{
    if (entry_role(entry) != ROLE_AGENT) {
        return NULL;
    }

    return agent_find(&desk->agents, cd_frame_str(entry, CD_F_WHO));
}


static void
offer_join(struct desk *desk, struct conversation *conversation)
{
    char           field[2 + LOGIN_MAX + 1];
    struct seat   *seat = conversation->offer;
    struct agent  *agent = seat->agent;

    if (conversation_set_phase(desk, conversation, CD_PHASE_ACTIVE) != 0) {
        return;
    }

    conversation->offer = NULL;

    if (conversation->writers < WRITER_AGENTS) {
        seat->reader.writer = WRITER_AGENT + conversation->writers++;
    }

    seat_set_state(desk, seat, SEAT_ACTIVE);
    seat->member_dirty = 1;
    notify_taken(desk, seat);

    snprintf(field, sizeof(field), "m:%s", agent->id.s);
    changes_conv_set(desk->changes, conversation->id.s, field, "a");
    publish_event(desk, conversation, EVENT_JOINED, ROLE_AGENT, agent->id.s,
                  agent->name);
}


void
offer_accept(struct desk *desk, const struct cd_frame *entry)
{
    struct seat          *seat;
    struct agent         *agent = offer_answerer(desk, entry);
    struct conversation  *conversation;

    conversation = conversation_find(&desk->conversations,
                                     cd_frame_str(entry, CD_F_CONV));

    seat = agent != NULL && conversation != NULL
           ? seat_find(conversation, agent) : NULL;

    if (seat != NULL && seat == conversation->offer) {
        offer_join(desk, conversation);

    } else if (seat == NULL || seat->state != SEAT_ACTIVE) {
        refuse(desk, entry, CD_E_OFFER_GONE);
    }

    /* else: asked twice, and it is so already */
}


void
offer_reject(struct desk *desk, const struct cd_frame *entry)
{
    struct agent         *agent = offer_answerer(desk, entry);
    struct conversation  *conversation;

    conversation = conversation_find(&desk->conversations,
                                     cd_frame_str(entry, CD_F_CONV));

    if (agent == NULL || conversation == NULL || conversation->offer == NULL
        || conversation->offer->agent != agent)
    {
        refuse(desk, entry, CD_E_OFFER_GONE);
        return;
    }

    offer_take_back(desk, conversation, WHY_REJECTED);
}
