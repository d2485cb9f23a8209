/*
 * Supervisors in conversations of others; see watch.h.
 *
 * Purpose:    watch, come in, take over; ask for help.
 * Owner:      nothing.
 * Invariants: those of watch.h.
 */

#include "core/watch.h"

#include "core/ask.h"
#include "core/audit.h"
#include "core/member.h"
#include "core/publish.h"
#include "core/refuse.h"
#include "core/rights.h"
#include "core/state.h"
#include "core/verb.h"


/* CD_E_OK when a supervisor whose profile allows it asks about a conversation
   that is open. */

static enum cd_error
watch_may(const struct verb *verb, enum button button)
{
    if (verb->agent == NULL || !rights_rank(verb->agent, RANK_SUPERVISOR)
        || !rights_button(verb->agent, button))
    {
        return CD_E_FORBIDDEN;
    }

    if (verb->conversation == NULL) {
        return CD_E_NOT_FOUND;
    }

    return conversation_is_over(verb->conversation) ? CD_E_CLOSED
                                                    : CD_E_OK;
}


void
watch_monitor(struct desk *desk, const struct cd_frame *entry)
{
    struct seat    *seat;
    struct verb     verb = verb_of(desk, entry);
    enum cd_error   error = watch_may(&verb, BUTTON_MONITOR);

    if (error == CD_E_OK && verb.seat != NULL
        && verb.seat->state == SEAT_OFFERED)
    {
        error = CD_E_NOT_FREE;
    }

    if (error != CD_E_OK) {
        refuse(desk, entry, error);
        return;
    }

    seat = member_seat(desk, verb.conversation, verb.agent);

    if (seat != NULL && seat->state == SEAT_NONE) {
        member_watch(desk, seat);
        audit_note(desk, verb.agent->id.s, "monitor",
                   verb.conversation->id.s);
    }
}


/* Makes the supervisor a member, which `entered` says if it was none; NULL
   when that was refused. */

static struct seat *
watch_enter(struct desk *desk, const struct cd_frame *entry,
    const struct verb *verb, enum button button, int *entered)
{
    struct seat    *seat = NULL;
    enum cd_error   error = watch_may(verb, button);

    *entered = 0;

    if (error == CD_E_OK && verb->conversation->phase != CD_PHASE_ACTIVE) {
        error = CD_E_NOT_ACTIVE;

    } else if (error == CD_E_OK && verb->seat != NULL
               && verb->seat->state == SEAT_OFFERED)
    {
        error = CD_E_NOT_FREE;
    }

    if (error != CD_E_OK) {
        refuse(desk, entry, error);
        return NULL;
    }

    seat = member_seat(desk, verb->conversation, verb->agent);

    if (seat != NULL && seat->state != SEAT_ACTIVE) {
        member_join(desk, seat);
        *entered = 1;
    }

    return seat;
}


void
watch_barge(struct desk *desk, const struct cd_frame *entry)
{
    int          entered;
    struct verb  verb = verb_of(desk, entry);

    watch_enter(desk, entry, &verb, BUTTON_BARGE, &entered);

    if (entered) {
        audit_note(desk, verb.agent->id.s, "barge", verb.conversation->id.s);
    }
}


void
watch_takeover(struct desk *desk, const struct cd_frame *entry)
{
    int           did;
    struct verb   verb = verb_of(desk, entry);
    struct seat  *seat, *own = watch_enter(desk, entry, &verb,
                                              BUTTON_TAKEOVER, &did);

    if (own == NULL) {
        return;
    }

    if (verb.conversation->ask != NULL) {
        ask_cancel(desk, verb.conversation);
    }

    TAILQ_FOREACH(seat, &verb.conversation->seats, link) {
        if (seat != own && seat->state == SEAT_ACTIVE) {
            member_leave(desk, seat, WHY_TAKEN);
            did = 1;
        }
    }

    if (did) {
        audit_note(desk, verb.agent->id.s, "takeover",
                   verb.conversation->id.s);
    }
}


void
watch_hand(struct desk *desk, const struct cd_frame *entry)
{
    int          on = cd_frame_uint(entry, CD_F_ON) != 0;
    struct verb  verb = verb_of(desk, entry);

    if (!verb_is_member(&verb)) {
        refuse(desk, entry, CD_E_NOT_FOUND);
        return;
    }

    if (on && !rights_button(verb.agent, BUTTON_HAND)) {
        refuse(desk, entry, CD_E_FORBIDDEN);
        return;
    }

    if (verb.conversation->hand != on) {
        member_hand(desk, verb.conversation, verb.agent, on);
    }
}
