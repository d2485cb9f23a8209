/*
 * Supervisors are told of an agent who raises a hand.
 *
 *   down --> raised, told --> down, or somebody has come: over
 *     ^                        |
 *     +------------------------+   raised again: told when the interval has
 *                                  passed since the last time
 *
 * Purpose:    one notice to each supervisor of the conversation's queue who
 *             is not in it.
 * Owner:      the conversation's own alert holds when it was told; each
 *             supervisor has one that says that its inbox shows it.
 * Invariants: conversation->hand_known says that there is an own alert; a
 *             notice stands only while the hand is up.
 */

#include "core/notify.h"

#include <stdio.h>

#include "core/publish.h"
#include "core/state.h"


static void
hand_about(const struct conversation *conversation, char *about)
{
    snprintf(about, ABOUT_MAX + 1, ALERT_HAND "%s", conversation->id.s);
}


static struct conversation *
hand_conversation(struct desk *desk, const struct alert *alert)
{
    char  about[ABOUT_MAX + 1];

    alert_about(alert, about);

    return conversation_find(&desk->conversations,
                             str_of(about + strlen(ALERT_HAND)));
}


/* Whether the notice is for this one, who may be in the conversation. */

static int
hand_concerns(struct conversation *conversation, struct agent *agent)
{
    struct seat  *seat;

    if (!notify_supervises(agent, conversation->queue, NOTICE_HAND)) {
        return 0;
    }

    seat = seat_find(conversation, agent);

    return seat == NULL
           || (seat->state != SEAT_ACTIVE && seat->state != SEAT_OBSERVER);
}


/* Takes the notice from those to whom it is not to be shown; without a
   conversation from all. */

static void
hand_withdraw(struct desk *desk, struct conversation *conversation,
    const char *about)
{
    struct alert  *alert, *next;

    for (alert = alert_first(&desk->alerts, about); alert != NULL;
         alert = next)
    {
        next = alert_next(alert);

        if (alert->agent != NULL
            && (conversation == NULL
                || !hand_concerns(conversation, alert->agent)))
        {
            notify_clear(desk, alert);
            alert_end(desk, alert);
        }
    }
}


static void
hand_tell(struct desk *desk, struct conversation *conversation,
    const char *about)
{
    struct agent  *agent;
    struct alert  *alert;

    for (agent = agent_first(&desk->agents); agent != NULL;
         agent = agent_next(agent))
    {
        if (!hand_concerns(conversation, agent)) {
            continue;
        }

        alert = alert_get(desk, about, agent);

        if (alert == NULL) {
            return;
        }

        if (!alert->shown) {
            alert->kind = NOTICE_HAND;
            alert->shown = 1;
            publish_hand(desk, conversation, alert);
            alert_touch(desk, alert);
        }
    }
}


/* The hand is down: the last time is remembered as long as it counts. */

static void
hand_rest(struct desk *desk, struct conversation *conversation,
    struct alert *own, const char *about)
{
    uint64_t  next = notify_next(&desk->policy, own->told_ms);

    hand_withdraw(desk, NULL, about);

    if (next > desk->now_ms) {
        if (own->shown || own->timer.at_ms != next) {
            own->shown = 0;
            alert_set_timer(desk, own, next);
            alert_touch(desk, own);
        }
        return;
    }

    alert_end(desk, own);

    if (conversation != NULL) {
        conversation->hand_known = 0;
    }
}


static void
hand_raised(struct desk *desk, struct conversation *conversation,
    struct alert *own, const char *about)
{
    uint64_t  due = notify_next(&desk->policy, own->told_ms);

    hand_withdraw(desk, conversation, about);

    if (own->shown) {
        return;
    }

    if (due > desk->now_ms) {
        alert_set_timer(desk, own, due);
        return;
    }

    own->kind = NOTICE_HAND;
    own->shown = 1;
    own->told_ms = desk->now_ms;
    alert_touch(desk, own);
    alert_set_timer(desk, own, 0);
    hand_tell(desk, conversation, about);
}


void
notify_hand(struct desk *desk, struct conversation *conversation)
{
    char           about[ABOUT_MAX + 1];
    struct alert  *own;

    if (!conversation->hand && !conversation->hand_known) {
        return;
    }

    hand_about(conversation, about);
    own = conversation->hand ? alert_get(desk, about, NULL)
                             : alert_find(&desk->alerts, about, NULL);

    conversation->hand_known = own != NULL;

    if (own == NULL) {
        return;
    }

    own->kind = NOTICE_HAND;

    if (conversation->hand) {
        hand_raised(desk, conversation, own, about);
    } else {
        hand_rest(desk, conversation, own, about);
    }
}


void
notify_hand_due(struct desk *desk, struct alert *alert)
{
    struct conversation  *conversation = hand_conversation(desk, alert);

    if (conversation != NULL) {
        /* one that was forgotten may have gone on meanwhile */
        conversation->hand_known = 1;
        notify_hand(desk, conversation);
    } else {
        alert_end(desk, alert);
    }
}


void
notify_hands(struct desk *desk)
{
    char                  about[ABOUT_MAX + 1];
    struct alert         *alert;
    struct conversation  *conversation;

    for (alert = alerts_from(&desk->alerts, ALERT_HAND);
         alert != NULL && alert->kind == NOTICE_HAND;
         alert = alerts_next(alert))
    {
        conversation = alert->agent == NULL && alert->shown
                       ? hand_conversation(desk, alert) : NULL;

        if (conversation != NULL && conversation->hand) {
            hand_about(conversation, about);
            hand_withdraw(desk, conversation, about);
        }
    }
}


void
notify_hand_loaded(struct desk *desk, struct alert *alert)
{
    char                  about[ABOUT_MAX + 1];
    struct conversation  *conversation = hand_conversation(desk, alert);

    if (conversation != NULL) {
        conversation->hand_known = 1;
    }

    if (alert->shown && (conversation == NULL || !conversation->hand)) {
        alert_about(alert, about);
        hand_rest(desk, conversation, alert, about);
    }
}
