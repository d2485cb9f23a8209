/*
 * Wrap-up; see wrapup.h.
 *
 * Purpose:    disposition, tags and note, and when it is over.
 * Owner:      nothing.
 * Invariants: the last word counts: of several agents, and of one that
 *             corrects itself while the card is there.
 */

#include "core/wrapup.h"

#include "core/refuse.h"
#include "core/state.h"
#include "core/text.h"
#include "core/verb.h"


static void
wrapup_text(struct desk *desk, char **slot, const struct cd_frame *entry,
    unsigned field)
{
    if (cd_frame_has(entry, field)
        && text_set(slot, cd_frame_str(entry, field),
                    cd_field_row(field)->max)
           != 0)
    {
        desk_fail(desk);
    }
}


void
wrapup_apply(struct desk *desk, const struct cd_frame *entry)
{
    struct verb           verb = verb_of(desk, entry);
    struct conversation  *conversation = verb.conversation;

    if (verb.seat == NULL || !seat_is_members(verb.seat)) {
        refuse(desk, entry, CD_E_NOT_FOUND);
        return;
    }

    if (cd_frame_has(entry, CD_F_DISPOSITION)
        && !queue_has_disposition(conversation->queue,
                                  cd_frame_str(entry, CD_F_DISPOSITION)))
    {
        refuse(desk, entry, CD_E_NOT_LISTED);
        return;
    }

    wrapup_text(desk, &conversation->disposition, entry, CD_F_DISPOSITION);
    wrapup_text(desk, &conversation->tags, entry, CD_F_TAGS);
    wrapup_text(desk, &conversation->note, entry, CD_F_NOTE);
    record_wrapup(desk, conversation, verb.agent);
    conversation_touch(desk, conversation, DIRTY_CARDS);

    if (verb.seat->state == SEAT_WRAPUP) {
        seat_set_state(desk, verb.seat, SEAT_CLOSED);
        wrapup_check(desk, conversation);
    }
}


void
wrapup_check(struct desk *desk, struct conversation *conversation)
{
    struct seat  *seat;

    TAILQ_FOREACH(seat, &conversation->seats, link) {
        if (seat->state == SEAT_WRAPUP) {
            return;
        }
    }

    if (conversation->phase == CD_PHASE_WRAPUP
        && conversation_set_phase(desk, conversation, CD_PHASE_CLOSED) == 0)
    {
        timer_set(&desk->timers, &conversation->timer,
                  conversation->ended_at_ms
                  + conversation->flow->settings.keep_ms);
    }
}


void
wrapup_expire(struct desk *desk, struct conversation *conversation)
{
    struct seat  *seat;

    TAILQ_FOREACH(seat, &conversation->seats, link) {
        if (seat->state == SEAT_WRAPUP) {
            seat_set_state(desk, seat, SEAT_CLOSED);
        }
    }

    wrapup_check(desk, conversation);
}
