/*
 * Ends; see ending.h.
 *
 * Purpose:    close, dismiss, forget.
 * Owner:      nothing.
 * Invariants: who ended it is told to both sides and on the card.
 */

#include "core/ending.h"

#include "core/offer.h"
#include "core/presence.h"
#include "core/publish.h"
#include "core/refuse.h"
#include "core/state.h"


static void
ending_close(struct desk *desk, struct conversation *conversation,
    enum role role, const char *who, const char *name)
{
    struct seat  *seat;

    if (conversation->offer != NULL) {
        offer_drop(desk, conversation);
    }

    if (conversation_set_phase(desk, conversation, CD_PHASE_CLOSED) != 0) {
        return;
    }

    conversation->closed_by = role;
    timer_set(&desk->timers, &conversation->timer,
              desk->now_ms + CD_LIMIT_CLOSED_KEEP_MS);

    TAILQ_FOREACH(seat, &conversation->seats, link) {
        if (seat->state == SEAT_ACTIVE) {
            seat_set_state(desk, seat, SEAT_CLOSED);
        }
    }

    publish_event(desk, conversation, EVENT_ENDED, role, who, name);
    conversation_touch(desk, conversation, DIRTY_CLOSE);
}


void
ending_end(struct desk *desk, const struct cd_frame *entry)
{
    struct seat          *seat = NULL;
    struct agent         *agent;
    struct cd_str         who = cd_frame_str(entry, CD_F_WHO);
    struct conversation  *conversation;

    conversation = conversation_find(&desk->conversations,
                                     cd_frame_str(entry, CD_F_CONV));
    if (conversation == NULL) {
        refuse(desk, entry, CD_E_NOT_FOUND);
        return;
    }

    if (entry_role(entry) == ROLE_VISITOR
        && cd_str_is(who, conversation->visitor->id.s))
    {
        if (conversation->phase != CD_PHASE_CLOSED) {
            ending_close(desk, conversation, ROLE_VISITOR,
                         conversation->visitor->id.s, conversation->name);
        }
        return;
    }

    agent = agent_find(&desk->agents, who);

    if (entry_role(entry) == ROLE_AGENT && agent != NULL) {
        seat = seat_find(conversation, agent);
    }

    if (seat != NULL && seat->state == SEAT_ACTIVE) {
        ending_close(desk, conversation, ROLE_AGENT, agent->id.s,
                     agent->name);

    } else if (seat == NULL || seat->state < SEAT_ACTIVE) {
        refuse(desk, entry, CD_E_NOT_FOUND);
    }

    /* else: it has ended already */
}


void
ending_dismiss(struct desk *desk, const struct cd_frame *entry)
{
    struct seat          *seat;
    struct agent         *agent;
    struct conversation  *conversation;

    conversation = conversation_find(&desk->conversations,
                                     cd_frame_str(entry, CD_F_CONV));
    if (conversation == NULL) {
        return;         /* it is in nobody's inbox, as was asked for */
    }

    agent = agent_find(&desk->agents, cd_frame_str(entry, CD_F_WHO));
    seat = entry_role(entry) == ROLE_AGENT && agent != NULL
           ? seat_find(conversation, agent) : NULL;

    if (seat == NULL || seat->state < SEAT_ACTIVE) {
        refuse(desk, entry, CD_E_NOT_FOUND);

    } else if (seat->state == SEAT_ACTIVE) {
        refuse(desk, entry, CD_E_FORBIDDEN);

    } else if (seat->state == SEAT_CLOSED) {
        seat->why = WHY_DISMISSED;
        seat_set_state(desk, seat, SEAT_DISMISSED);
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
