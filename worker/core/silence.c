/*
 * Reminders, silent ends and the janitor; see silence.h.
 *
 * Purpose:    what is due, and when.
 * Owner:      nothing.
 * Invariants: those of silence.h.
 */

#include "core/silence.h"

#include "core/ending.h"
#include "core/flow_desk.h"
#include "core/publish.h"
#include "core/state.h"

/* for a flow that says nothing of its own: a chat does not end for silence
   without a word before */
#define REMINDER  "Are you still there?"

enum due {
    DUE_NOTHING,
    DUE_JANITOR,
    DUE_REMINDER,
    DUE_END,
    DUE_GONE
};

static const enum why  due_why[] = {
    [DUE_JANITOR] = WHY_INACTIVE, [DUE_END] = WHY_SILENT,
    [DUE_GONE] = WHY_GONE
};


/* Whose turn it is: the visitor's, when an agent wrote last, and not before
   the visitor came back. */

static int
silence_is_visitors_turn(const struct conversation *conversation)
{
    return conversation->reply_at_ms > conversation->client_at_ms
           && conversation->reply_at_ms >= conversation->since_ms;
}


/* Somebody who only chats, and is away: nobody would be there to talk to. */

static enum due
silence_of_absent(const struct conversation *conversation, uint64_t *at)
{
    uint64_t  since = conversation->absent_at_ms;

    if (since == 0 || conversation->flow->settings.absent_ms == 0
        || conversation->offline || conversation->channel != CHANNEL_CHAT
        || (conversation->phase != CD_PHASE_WAITING
            && conversation->phase != CD_PHASE_OFFERED))
    {
        return DUE_NOTHING;
    }

    if (since < conversation->active_at_ms) {
        since = conversation->active_at_ms;
    }

    *at = since + conversation->flow->settings.absent_ms;

    return DUE_GONE;
}


/* What comes first, and when; DUE_NOTHING leaves *at alone. */

static enum due
silence_due(const struct conversation *conversation, uint64_t *at)
{
    enum due                     due = DUE_NOTHING;
    uint64_t                     idle;
    const struct flow_settings  *settings = &conversation->flow->settings;

    /* of an item nobody says whether it is being worked on */
    if (conversation->phase != CD_PHASE_ACTIVE
        || conversation_is_item(conversation))
    {
        return silence_of_absent(conversation, at);
    }

    if (settings->janitor_ms != 0) {
        *at = conversation->active_at_ms + settings->janitor_ms;
        due = DUE_JANITOR;
    }

    if (settings->remind_ms == 0 || !silence_is_visitors_turn(conversation)
        || (conversation->reminded_at_ms != 0 && settings->end_ms == 0))
    {
        return due;
    }

    idle = conversation->reminded_at_ms == 0
           ? conversation->active_at_ms + settings->remind_ms
           : conversation->reminded_at_ms + settings->end_ms;

    if (due == DUE_NOTHING || idle < *at) {
        *at = idle;
        due = conversation->reminded_at_ms == 0 ? DUE_REMINDER : DUE_END;
    }

    return due;
}


void
silence_set(struct desk *desk, struct conversation *conversation)
{
    uint64_t  at = 0;

    (void) silence_due(conversation, &at);
    timer_set(&desk->timers, &conversation->silence, at);
}


/* What the flow says in the visitor's language, or for any; without words for
   it the end is silent, the reminder is not. */

static void
silence_say(struct desk *desk, struct conversation *conversation, enum due due)
{
    const char                   *text, *any;
    const struct words_settings  *words, *others;

    words = flow_words(conversation->flow, conversation->lang);
    others = flow_words(conversation->flow, NULL);
    text = due == DUE_REMINDER ? words->reminder : words->ended;
    any = due == DUE_REMINDER ? others->reminder : others->ended;

    if (text == NULL) {
        text = any != NULL || due != DUE_REMINDER ? any : REMINDER;
    }

    if (text != NULL) {
        publish_say(desk, conversation, text);
    }
}


void
silence_fire(struct desk *desk, struct conversation *conversation)
{
    uint64_t  at = UINT64_MAX;
    enum due  due = silence_due(conversation, &at);

    timer_stop(&desk->timers, &conversation->silence);

    if (due == DUE_NOTHING || at > desk->now_ms) {
        silence_set(desk, conversation);
        return;
    }

    if (due == DUE_REMINDER) {
        silence_say(desk, conversation, due);
        conversation->reminded_at_ms = desk->now_ms;
        conversation_touch(desk, conversation, 0);
        silence_set(desk, conversation);
        return;
    }

    if (due != DUE_GONE) {
        silence_say(desk, conversation, due);
    }

    ending_by_desk(desk, conversation, due_why[due]);
}
