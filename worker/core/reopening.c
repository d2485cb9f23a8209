/*
 * Conversations that go on; see reopening.h.
 *
 * Purpose:    undo what an end has left behind.
 * Owner:      nothing.
 * Invariants: those of reopening.h.
 */

#include "core/reopening.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/agent.h"
#include "core/flow_desk.h"
#include "core/notify.h"
#include "core/publish.h"
#include "core/state.h"
#include "core/wrapup.h"


/* An agent who was in it is out of it, and has read nothing of it should it
   come back. */

static void
reopening_leave(struct desk *desk, struct conversation *conversation,
    struct cd_str who)
{
    char          field[2 + LOGIN_MAX + 1];
    struct login  login;

    if (login_set(&login, who) != 0) {
        return;
    }

    snprintf(field, sizeof(field), "m:%s", login.s);
    changes_conv_unset(desk->changes, conversation->id.s, field);
    field[0] = 'g';
    changes_conv_unset(desk->changes, conversation->id.s, field);
    publish_member_gone(desk, conversation, who);
}


static void
reopening_drop(struct desk *desk, struct seat *seat)
{
    struct agent         *agent = seat->agent;
    struct conversation  *conversation = seat->conversation;

    if (seat_is_members(seat)) {
        reopening_leave(desk, conversation, str_of(agent->id.s));
    }

    seat->state = SEAT_NONE;
    seat->why = WHY_REOPENED;
    publish_card(desk, seat);
    seat_free(seat);
    notify_look(desk, agent, &conversation->id);
}


void
reopening_members(struct desk *desk, struct conversation *conversation,
    struct cd_str members)
{
    size_t         len;
    const char    *comma;
    struct cd_str  who;

    while (members.len > 0) {
        comma = memchr(members.data, ',', members.len);
        who.data = members.data;
        who.len = comma != NULL ? (size_t) (comma - members.data)
                                : members.len;
        reopening_leave(desk, conversation, who);
        len = comma != NULL ? who.len + 1 : who.len;
        members.data += len;
        members.len -= len;
    }
}


static void
reopening_forget(char **text)
{
    free(*text);
    *text = NULL;
}


/* All seats go; who was wrapping up may still say how it came out. */

static void
reopening_seats(struct desk *desk, struct conversation *conversation)
{
    size_t         i, count = 0;
    struct seat   *seat;
    struct agent  *owing[SEATS_MAX];

    TAILQ_FOREACH(seat, &conversation->seats, link) {
        if (seat->state == SEAT_WRAPUP && count < SEATS_MAX) {
            owing[count++] = seat->agent;
        }
    }

    if (conversation->phase == CD_PHASE_WRAPUP) {
        wrapup_expire(desk, conversation);
    }

    while ((seat = TAILQ_FIRST(&conversation->seats)) != NULL) {
        reopening_drop(desk, seat);
    }

    for (i = 0; i < count; i++) {
        seat = seat_new(conversation, owing[i]);

        if (seat == NULL) {
            desk_fail(desk);
        } else {
            seat->owes = conversation->number;
        }
    }
}


void
reopening_clear(struct desk *desk, struct conversation *conversation)
{
    reopening_seats(desk, conversation);

    visitor_renumber(conversation, desk->next_number++);
    desk->dirty = 1;
    conversation->closed_by = ROLE_NONE;
    conversation->reopens = 0;
    conversation->reminded_at_ms = 0;
    conversation->client_at_ms = 0;
    conversation->reply_at_ms = 0;
    conversation->ended_at_ms = 0;
    conversation->chosen = NULL;
    reopening_forget(&conversation->preview);
    outcome_free(&conversation->outcome);
    unread_restart(&conversation->record);
    conversation->writers = 0;          /* nothing of theirs is unread */
    conversation->since_ms = desk->now_ms;
    conversation->dirty &= ~(unsigned) DIRTY_CLOSE;
}


void
reopening_by_message(struct desk *desk, struct conversation *conversation)
{
    changes_reopen(desk->changes, conversation->id.s,
                   conversation->visitor->id.s);
    reopening_clear(desk, conversation);
    conversation_set_phase(desk, conversation, CD_PHASE_WAITING);
    conversation_touch(desk, conversation, DIRTY_VISITOR_BOTH);
    publish_event_why(desk, conversation, EVENT_OPENED, ROLE_VISITOR,
                      conversation->visitor->id.s,
                      flow_client_name(conversation), WHY_REOPENED);
}
