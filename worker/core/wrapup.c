/*
 * Wrap-up; see wrapup.h.
 *
 * Purpose:    disposition, tags and note, and when it is over.
 * Owner:      nothing.
 * Invariants: the last word counts: of several agents, and of one that
 *             corrects itself while the card is there.  Of an interaction
 *             that went on before it was wrapped up each agent may say once
 *             how it came out.
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


static void
wrapup_take(struct desk *desk, struct outcome *outcome,
    const struct cd_frame *entry)
{
    wrapup_text(desk, &outcome->disposition, entry, CD_F_DISPOSITION);
    wrapup_text(desk, &outcome->tags, entry, CD_F_TAGS);
    wrapup_text(desk, &outcome->note, entry, CD_F_NOTE);
}


/* Of an interaction that went on meanwhile, perhaps in another queue. */

static void
wrapup_owed(struct desk *desk, struct verb *verb,
    const struct cd_frame *entry)
{
    struct outcome  outcome = { NULL, NULL, NULL };

    wrapup_take(desk, &outcome, entry);
    record_wrapup(desk, verb->seat->owes, verb->agent, &outcome);
    outcome_free(&outcome);
    verb->seat->owes = 0;
    conversation_touch(desk, verb->conversation, 0);
}


/* Whether a queue lists the disposition: the conversation's, or any. */

static int
wrapup_listed(struct desk *desk, const struct queue *only, struct cd_str id)
{
    struct queue  *queue;

    if (only != NULL) {
        return queue_has_disposition(only, id);
    }

    queue = queues_first(&desk->queues);

    while (queue != NULL && !queue_has_disposition(queue, id)) {
        queue = queues_next(queue);
    }

    return queue != NULL;
}


void
wrapup_apply(struct desk *desk, const struct cd_frame *entry)
{
    int                   owed;
    struct verb           verb = verb_of(desk, entry);
    struct conversation  *conversation = verb.conversation;

    owed = verb.seat != NULL && !seat_is_members(verb.seat)
           && verb.seat->owes != 0;

    if (verb.seat == NULL || (!owed && !seat_is_members(verb.seat))) {
        refuse(desk, entry, CD_E_NOT_FOUND);
        return;
    }

    if (cd_frame_has(entry, CD_F_DISPOSITION)
        && !wrapup_listed(desk, owed ? NULL : conversation->queue,
                          cd_frame_str(entry, CD_F_DISPOSITION)))
    {
        refuse(desk, entry, CD_E_NOT_LISTED);
        return;
    }

    if (owed) {
        wrapup_owed(desk, &verb, entry);
        return;
    }

    wrapup_take(desk, &conversation->outcome, entry);
    record_wrapup(desk, conversation->number, verb.agent,
                  &conversation->outcome);
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
