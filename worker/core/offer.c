/*
 * Offers; see offer.h.
 *
 * Purpose:    the life of an offer.
 * Owner:      nothing; offers are seats.
 * Invariants: a conversation's number, and with it its place in the queue,
 *             never changes.
 */

#include "core/offer.h"

#include "core/ask.h"
#include "core/member.h"
#include "core/missed.h"
#include "core/refuse.h"
#include "core/state.h"
#include "core/verb.h"


/* How long the agent has to answer, from now. */

static uint64_t
offer_time(const struct desk *desk, const struct conversation *conversation)
{
    const struct ask    *ask = conversation->ask;
    const struct queue  *queue = conversation->queue;

    if (ask == NULL || ask->queue == NULL) {
        return queue->accept_ms;
    }

    return ask->until_ms - desk->now_ms < ask->queue->accept_ms
           ? ask->until_ms - desk->now_ms : ask->queue->accept_ms;
}


/* Why this agent: what assign_run() went by, for the record and for `why`. */

static void
offer_record(struct desk *desk, struct conversation *conversation,
    const struct seat *asked)
{
    struct seat    *seat;
    struct agent   *agent = asked->agent;
    struct choice   choice = { desk->now_ms, 0, 0, 0, 0, 0, 0 };

    choice.load = agent->offered + agent->active + agent->wrapping;

    if (conversation->counted == COUNTED_STANDING) {
        choice.place = standing_place(conversation);
    }

    if (choice.place != 0 && desk->now_ms > conversation->queued_at_ms) {
        choice.waited_ms = desk->now_ms - conversation->queued_at_ms;
    }

    if (desk->now_ms > agent->idle_since_ms) {
        choice.idle_ms = desk->now_ms - agent->idle_since_ms;
    }

    TAILQ_FOREACH(seat, &conversation->seats, link) {
        choice.passed += seat->refused_at_ms != 0 && seat != asked;
    }

    choice.again = asked->refused_at_ms != 0;
    conversation->chosen = agent;
    conversation->choice = choice;
    record_offer(desk, conversation, agent, &choice);
}


int
offer_make(struct desk *desk, struct conversation *conversation,
    struct agent *agent)
{
    struct seat  *seat = member_seat(desk, conversation, agent);

    if (seat == NULL) {
        return -1;
    }

    if (conversation->ask != NULL) {
        queue_remove(conversation);
        timer_stop(&desk->timers, &conversation->timer);

    } else if (conversation_set_phase(desk, conversation, CD_PHASE_OFFERED)
               != 0)
    {
        return -1;
    }

    offer_record(desk, conversation, seat);

    /* one who was here before still knows what it has read */
    if (seat->reader.writer == WRITER_NOBODY) {
        reader_init(&seat->reader, &conversation->record, WRITER_NOBODY);
    }

    seat_set_state(desk, seat, SEAT_OFFERED);
    conversation->offer = seat;
    conversation->accept_ms = offer_time(desk, conversation);
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

    if (conversation->ask != NULL) {
        first = conversation->ask->until_ms;
    }

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

    if (conversation->ask == NULL
        && conversation_set_phase(desk, conversation, CD_PHASE_WAITING) != 0)
    {
        return;
    }

    conversation->offer = NULL;
    seat->why = why;

    if (why == WHY_REJECTED || why == WHY_MISSED) {
        seat->refused_at_ms = desk->now_ms;
    }

    seat_set_state(desk, seat, SEAT_NONE);

    if (conversation->ask != NULL) {
        ask_refused(desk, conversation, why);
    }

    if (why == WHY_MISSED) {
        missed_one(desk, seat->agent);
    }
}


void
offer_drop(struct desk *desk, struct conversation *conversation)
{
    struct seat  *seat = conversation->offer;

    conversation->offer = NULL;
    seat->why = WHY_WITHDRAWN;
    seat_set_state(desk, seat, SEAT_NONE);
}


static void
offer_join(struct desk *desk, struct conversation *conversation)
{
    struct seat  *seat = conversation->offer;

    if (conversation->ask != NULL) {
        ask_taken(desk, conversation);
        return;
    }

    if (conversation_set_phase(desk, conversation, CD_PHASE_ACTIVE) == 0) {
        conversation->offer = NULL;
        member_join(desk, seat);
    }
}


void
offer_accept(struct desk *desk, const struct cd_frame *entry)
{
    struct verb  verb = verb_of(desk, entry);

    if (verb.seat != NULL && verb.seat == verb.conversation->offer) {
        missed_none(desk, verb.agent);
        offer_join(desk, verb.conversation);

    } else if (!verb_is_member(&verb)) {
        refuse(desk, entry, CD_E_OFFER_GONE);
    }

    /* else: asked twice, and it is so already */
}


void
offer_reject(struct desk *desk, const struct cd_frame *entry)
{
    struct verb           verb = verb_of(desk, entry);
    struct conversation  *conversation = verb.conversation;

    if (verb.seat != NULL && verb.seat == conversation->offer) {
        missed_none(desk, verb.agent);
        offer_take_back(desk, conversation, WHY_REJECTED);

    } else if (verb.seat != NULL && conversation->ask != NULL
               && conversation->ask->source == verb.agent)
    {
        ask_cancel(desk, conversation);

    } else {
        refuse(desk, entry, CD_E_OFFER_GONE);
    }
}
