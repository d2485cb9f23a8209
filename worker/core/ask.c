/*
 * Invitations and transfers; see ask.h.
 *
 * Purpose:    opened, offered, taken, returned.
 * Owner:      nothing; an ask is its conversation's.
 * Invariants: those of ask.h.
 */

#include "core/ask.h"

#include <stdlib.h>

#include "core/member.h"
#include "core/offer.h"
#include "core/publish.h"
#include "core/refuse.h"
#include "core/rights.h"
#include "core/state.h"
#include "core/text.h"
#include "core/verb.h"


const char *
ask_name(enum ask_kind kind)
{
    return kind == ASK_TRANSFER ? "transfer" : "invite";
}


const char *
ask_target_name(const struct ask *ask)
{
    if (ask->target == NULL) {
        return ask->queue->name;
    }

    return ask->target->name != NULL ? ask->target->name
                                     : ask->target->id.s;
}


void
ask_free(struct ask **owned)
{
    if (*owned != NULL) {
        free((*owned)->note);
        free(*owned);
        *owned = NULL;
    }
}


int
ask_is_over(const struct desk *desk, const struct conversation *conversation)
{
    return conversation->ask != NULL
           && conversation->ask->until_ms <= desk->now_ms;
}


/* Into the line of its queue, for as long as is left. */

static void
ask_look(struct desk *desk, struct conversation *conversation)
{
    struct ask  *ask = conversation->ask;

    queue_insert(ask->queue, conversation);
    timer_set(&desk->timers, &conversation->timer, ask->until_ms);
    desk_stir(desk, ask->queue);
}


/* Nobody took it. */

static void
ask_return(struct desk *desk, struct conversation *conversation, enum why why)
{
    struct ask    *ask = conversation->ask;
    struct agent  *source = ask->source;

    queue_remove(conversation);
    timer_stop(&desk->timers, &conversation->timer);
    publish_ask(desk, conversation, EVENT_RETURNED, source->id.s,
                ask_target_name(ask), why);
    ask_free(&conversation->ask);
    conversation_touch(desk, conversation, DIRTY_CARDS);
}


void
ask_refused(struct desk *desk, struct conversation *conversation,
    enum why why)
{
    struct ask  *ask = conversation->ask;

    if (ask->target != NULL) {
        ask_return(desk, conversation, why);

    } else if (ask_is_over(desk, conversation)) {
        ask_return(desk, conversation, WHY_NOBODY);

    } else {
        ask_look(desk, conversation);
    }
}


void
ask_taken(struct desk *desk, struct conversation *conversation)
{
    struct ask   *ask = conversation->ask;
    struct seat  *source = NULL, *seat = conversation->offer;

    conversation->ask = NULL;
    conversation->offer = NULL;
    timer_stop(&desk->timers, &conversation->timer);
    member_join(desk, seat);

    if (ask->kind == ASK_TRANSFER) {
        source = seat_find(conversation, ask->source);

        if (ask->queue != NULL && ask->queue != conversation->queue) {
            conversation_set_queue(conversation, ask->queue,
                                   ROUTED_BY_TRANSFER);
            conversation_touch(desk, conversation, DIRTY_PHASE);
        }
    }

    if (source != NULL) {
        member_leave(desk, source, WHY_HANDED);
    }

    conversation_touch(desk, conversation, DIRTY_CARDS);
    ask_free(&ask);
}


void
ask_cancel(struct desk *desk, struct conversation *conversation)
{
    if (conversation->offer != NULL) {
        offer_drop(desk, conversation);
    }

    ask_return(desk, conversation, WHY_WITHDRAWN);
}


void
ask_drop(struct desk *desk, struct conversation *conversation)
{
    if (conversation->ask != NULL) {
        queue_remove(conversation);
        ask_free(&conversation->ask);
        conversation_touch(desk, conversation, DIRTY_CARDS);
    }
}


void
ask_fire(struct desk *desk, struct conversation *conversation)
{
    uint64_t  at = conversation->timer.at_ms;

    timer_stop(&desk->timers, &conversation->timer);

    if (conversation->ask == NULL) {
        return;
    }

    if (conversation->offer != NULL) {
        offer_take_back(desk, conversation, WHY_MISSED);

    } else if (at >= conversation->ask->until_ms) {
        ask_return(desk, conversation, WHY_NOBODY);

    } else {
        /* also when that is over by now: its turn comes in this tick, in the
           same order in a desk that was built anew */
        timer_set(&desk->timers, &conversation->timer,
                  conversation->ask->until_ms);
        desk_stir(desk, conversation->ask->queue);
    }
}


/* Whether this agent can be asked into the conversation now. */

static int
ask_can(struct conversation *conversation, struct agent *target)
{
    struct seat  *seat = seat_find(conversation, target);

    return agent_able(target, conversation->channel)
           && (seat == NULL || seat->state == SEAT_NONE);
}


/* Fills in whom the entry names; CD_E_OK, or why it cannot be. */

static enum cd_error
ask_aim(struct desk *desk, struct conversation *conversation,
    const struct cd_frame *entry, struct ask *ask)
{
    if (cd_frame_has(entry, CD_F_AGENT)) {
        ask->target = agent_find(&desk->agents,
                                 cd_frame_str(entry, CD_F_AGENT));

        if (ask->target == NULL || ask->target->profile == NULL) {
            return CD_E_NO_TARGET;
        }

        return ask_can(conversation, ask->target) ? CD_E_OK
                                                  : CD_E_NOT_FREE;
    }

    ask->queue = queue_named(&desk->queues, cd_frame_str(entry, CD_F_QUEUE));

    return ask->queue != NULL ? CD_E_OK : CD_E_NO_TARGET;
}


static void
ask_begin(struct desk *desk, struct conversation *conversation,
    const struct ask *aimed, const struct cd_frame *entry)
{
    struct ask  *ask = malloc(sizeof(struct ask));

    if (ask == NULL) {
        desk_fail(desk);
        return;
    }

    *ask = *aimed;
    conversation->ask = ask;

    if (text_set(&ask->note, cd_frame_str(entry, CD_F_NOTE),
                 cd_field_row(CD_F_NOTE)->max)
        != 0)
    {
        desk_fail(desk);
    }

    ask->until_ms = desk->now_ms + CD_LIMIT_ASK_MS;
    publish_ask(desk, conversation,
                ask->kind == ASK_TRANSFER ? EVENT_HANDING : EVENT_INVITED,
                ask->target != NULL ? ask->target->id.s : NULL,
                ask_target_name(ask), WHYS_MAX);
    conversation_touch(desk, conversation, DIRTY_CARDS);

    if (ask->target != NULL) {
        offer_make(desk, conversation, ask->target);
    } else {
        ask_look(desk, conversation);
    }
}


/* The same was asked for before: a request that came twice. */

static int
ask_is_same(const struct ask *ask, const struct ask *other)
{
    return ask != NULL && ask->kind == other->kind
           && ask->source == other->source && ask->target == other->target
           && ask->queue == other->queue;
}


static void
ask_open(struct desk *desk, const struct cd_frame *entry, enum ask_kind kind)
{
    struct ask     aimed = { kind, NULL, NULL, NULL, 0, NULL };
    struct verb    verb = verb_of(desk, entry);
    enum cd_error  error;

    if (!verb_is_member(&verb)) {
        refuse(desk, entry, CD_E_NOT_FOUND);
        return;
    }

    aimed.source = verb.agent;
    error = ask_aim(desk, verb.conversation, entry, &aimed);

    if (ask_is_same(verb.conversation->ask, &aimed)) {
        return;
    }

    if (!rights_button(verb.agent, kind == ASK_TRANSFER ? BUTTON_TRANSFER
                                                        : BUTTON_INVITE))
    {
        error = CD_E_FORBIDDEN;

    } else if (verb.conversation->ask != NULL) {
        error = CD_E_ASK_OPEN;
    }

    if (error != CD_E_OK) {
        refuse(desk, entry, error);
        return;
    }

    ask_begin(desk, verb.conversation, &aimed, entry);
}


void
ask_invite(struct desk *desk, const struct cd_frame *entry)
{
    ask_open(desk, entry, ASK_INVITE);
}


void
ask_transfer(struct desk *desk, const struct cd_frame *entry)
{
    ask_open(desk, entry, ASK_TRANSFER);
}
