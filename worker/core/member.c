/*
 * Agents join and leave; see member.h.
 *
 * Purpose:    seats become members' and cease to be.
 * Owner:      nothing; seats are the conversation's.
 * Invariants: an agent who comes back writes as the same writer, so that
 *             unread counts stay right.
 */

#include "core/member.h"

#include <stdio.h>

#include "core/ask.h"
#include "core/notify.h"
#include "core/presence.h"
#include "core/publish.h"
#include "core/refuse.h"
#include "core/state.h"
#include "core/verb.h"


/* Whoever is no longer in it may be asked into it, though nothing else about
   the agent has changed. */

static void
member_stir(struct desk *desk, struct conversation *conversation)
{
    if (conversation->line != NULL) {
        desk_stir(desk, conversation->line);
    }
}


static void
member_set(struct desk *desk, struct seat *seat, const char *role)
{
    char         field[2 + LOGIN_MAX + 1];
    const char  *conv = seat->conversation->id.s;

    snprintf(field, sizeof(field), "m:%s", seat->agent->id.s);

    if (role != NULL) {
        changes_conv_set(desk->changes, conv, field, role);
    } else {
        changes_conv_unset(desk->changes, conv, field);
    }
}


struct seat *
member_seat(struct desk *desk, struct conversation *conversation,
    struct agent *agent)
{
    struct seat  *seat = seat_find(conversation, agent);

    if (seat == NULL) {
        seat = seat_new(conversation, agent);
    }

    if (seat == NULL) {
        desk_fail(desk);
    }

    return seat;
}


/* Reads from the beginning, and writes as somebody of its own. */

static void
member_begin(struct seat *seat)
{
    uint8_t               writer = seat->reader.writer;
    struct conversation  *conversation = seat->conversation;

    if (writer == WRITER_NOBODY && conversation->writers < WRITER_AGENTS) {
        writer = WRITER_AGENT + conversation->writers++;
    }

    seat->reader.writer = writer;
}


void
member_join(struct desk *desk, struct seat *seat)
{
    struct agent  *agent = seat->agent;

    if (seat_set_state(desk, seat, SEAT_ACTIVE) != 0) {
        return;
    }

    member_begin(seat);
    notify_taken(desk, seat);
    seat->refused_at_ms = 0;
    seat->member_dirty = 1;
    member_set(desk, seat, "a");
    presence_joined(desk, agent);
    publish_event(desk, seat->conversation, EVENT_JOINED, ROLE_AGENT,
                  agent->id.s, agent->name);
}


void
member_hand(struct desk *desk, struct conversation *conversation,
    const struct agent *agent, int on)
{
    conversation->hand = (uint8_t) on;
    publish_desk_event(desk, conversation,
                       on ? EVENT_HAND_UP : EVENT_HAND_DOWN, agent);
    conversation_touch(desk, conversation, DIRTY_CARDS);
}


void
member_leave(struct desk *desk, struct seat *seat, enum why why)
{
    struct agent         *agent = seat->agent;
    struct conversation  *conversation = seat->conversation;

    if (seat_set_state(desk, seat, SEAT_NONE) != 0) {
        return;
    }

    if (conversation->ask != NULL && conversation->ask->source == agent) {
        ask_cancel(desk, conversation);
    }

    /* whoever has it now knows, or has to be asked anew */
    if (conversation->hand && why != WHY_LEFT) {
        member_hand(desk, conversation, agent, 0);
    }

    seat->why = why;
    seat->member_dirty = 1;
    member_set(desk, seat, NULL);
    member_stir(desk, conversation);
    publish_left(desk, conversation, agent, why);
}


void
member_watch(struct desk *desk, struct seat *seat)
{
    if (seat_set_state(desk, seat, SEAT_OBSERVER) == 0) {
        member_begin(seat);
        member_set(desk, seat, "o");
    }
}


void
member_unwatch(struct desk *desk, struct seat *seat, enum why why)
{
    if (seat_set_state(desk, seat, SEAT_NONE) == 0) {
        seat->why = why;
        member_set(desk, seat, NULL);
        member_stir(desk, seat->conversation);
    }
}


unsigned
member_count(const struct conversation *conversation)
{
    unsigned            count = 0;
    const struct seat  *seat;

    TAILQ_FOREACH(seat, &conversation->seats, link) {
        count += seat->state == SEAT_ACTIVE;
    }

    return count;
}


void
member_leaves(struct desk *desk, const struct cd_frame *entry)
{
    struct verb  verb = verb_of(desk, entry);

    if (verb.seat != NULL && verb.seat->state == SEAT_OBSERVER) {
        member_unwatch(desk, verb.seat, WHY_LEFT);

    } else if (!verb_is_member(&verb)) {
        refuse(desk, entry, CD_E_NOT_FOUND);

    } else if (member_count(verb.conversation) == 1) {
        refuse(desk, entry, CD_E_LAST_AGENT);

    } else {
        member_leave(desk, verb.seat, WHY_LEFT);
    }
}
