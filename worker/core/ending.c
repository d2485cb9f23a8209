/*
 * Ends; see ending.h.
 *
 * Purpose:    close, dismiss, forget.
 * Owner:      nothing.
 * Invariants: who ended it is told to both sides and on the card.
 */

#include "core/ending.h"

#include "core/ask.h"
#include "core/flow_desk.h"
#include "core/member.h"
#include "core/offer.h"
#include "core/presence.h"
#include "core/publish.h"
#include "core/refuse.h"
#include "core/rights.h"
#include "core/state.h"
#include "core/verb.h"
#include "core/wrapup.h"


/* The members' seats, and those who watched. */

static void
ending_seats(struct desk *desk, struct conversation *conversation)
{
    struct seat      *seat;
    enum seat_state   after;

    after = conversation->phase == CD_PHASE_WRAPUP ? SEAT_WRAPUP
                                                   : SEAT_CLOSED;

    TAILQ_FOREACH(seat, &conversation->seats, link) {
        if (seat->state == SEAT_ACTIVE) {
            seat_set_state(desk, seat, after);

        } else if (seat->state == SEAT_OBSERVER) {
            member_unwatch(desk, seat, WHY_OVER);
        }
    }
}


/* All of an end but the event that tells of it: 0, -1 for an end that cannot
   be. */

static int
ending_shut(struct desk *desk, struct conversation *conversation,
    enum role role)
{
    uint64_t       keep_ms = conversation->flow->settings.keep_ms;
    enum cd_phase  phase = CD_PHASE_CLOSED;

    if (conversation->offer != NULL) {
        offer_drop(desk, conversation);
    }

    ask_drop(desk, conversation);

    if (conversation->phase == CD_PHASE_ACTIVE
        && conversation->queue->wrapup_ms > 0)
    {
        phase = CD_PHASE_WRAPUP;
        keep_ms = conversation->queue->wrapup_ms;
    }

    if (conversation_set_phase(desk, conversation, phase) != 0) {
        return -1;
    }

    conversation->closed_by = role;
    conversation->reopens = conversation->flow->settings.append != 0
                            && !conversation_is_item(conversation);
    conversation->ended_at_ms = desk->now_ms;
    conversation->hand = 0;
    timer_set(&desk->timers, &conversation->timer, desk->now_ms + keep_ms);
    ending_seats(desk, conversation);
    conversation_touch(desk, conversation, DIRTY_CLOSE);

    return 0;
}


static void
ending_close(struct desk *desk, struct conversation *conversation,
    enum role role, const char *who, const char *name)
{
    if (ending_shut(desk, conversation, role) == 0) {
        publish_event(desk, conversation, EVENT_ENDED, role, who, name);
    }
}


void
ending_by_desk(struct desk *desk, struct conversation *conversation,
    enum why why)
{
    if (ending_shut(desk, conversation, ROLE_SYSTEM) == 0) {
        publish_event_why(desk, conversation, EVENT_ENDED, ROLE_SYSTEM, NULL,
                          NULL, why);
    }
}


static void
ending_by_agent(struct desk *desk, const struct cd_frame *entry)
{
    struct verb  verb = verb_of(desk, entry);

    if (verb.seat == NULL || !seat_is_members(verb.seat)) {
        refuse(desk, entry, CD_E_NOT_FOUND);

    } else if (verb.seat->state != SEAT_ACTIVE) {
        return;                         /* it has ended already */

    } else if (!rights_button(verb.agent, BUTTON_END)) {
        refuse(desk, entry, CD_E_FORBIDDEN);

    } else {
        ending_close(desk, verb.conversation, ROLE_AGENT, verb.agent->id.s,
                     verb.agent->name);
    }
}


void
ending_end(struct desk *desk, const struct cd_frame *entry)
{
    struct cd_str         who = cd_frame_str(entry, CD_F_WHO);
    struct conversation  *conversation;

    conversation = conversation_find(&desk->conversations,
                                     cd_frame_str(entry, CD_F_CONV));

    if (conversation == NULL || entry_role(entry) != ROLE_VISITOR
        || !cd_str_is(who, conversation->visitor->id.s))
    {
        ending_by_agent(desk, entry);
        return;
    }

    if (!conversation_is_over(conversation)) {
        ending_close(desk, conversation, ROLE_VISITOR,
                     conversation->visitor->id.s,
                     flow_client_name(conversation));
    }
}


void
ending_dismiss(struct desk *desk, const struct cd_frame *entry)
{
    struct verb  verb = verb_of(desk, entry);

    if (verb.conversation == NULL) {
        return;         /* it is in nobody's inbox, as was asked for */
    }

    if (verb.seat == NULL || !seat_is_members(verb.seat)) {
        refuse(desk, entry, CD_E_NOT_FOUND);

    } else if (verb.seat->state == SEAT_ACTIVE) {
        refuse(desk, entry, CD_E_FORBIDDEN);

    } else if (verb.seat->state != SEAT_DISMISSED) {
        verb.seat->why = WHY_DISMISSED;
        seat_set_state(desk, verb.seat, SEAT_DISMISSED);
        wrapup_check(desk, verb.conversation);
    }
}


void
ending_forget(struct desk *desk, struct conversation *conversation)
{
    struct seat  *seat;

    TAILQ_FOREACH(seat, &conversation->seats, link) {
        if (seat->state == SEAT_CLOSED) {
            seat->why = WHY_EXPIRED;
            seat_set_state(desk, seat, SEAT_DISMISSED);
        }
    }

    timer_stop(&desk->timers, &conversation->timer);
    conversation_touch(desk, conversation, 0);
}
