/*
 * When an agent is told; see notify.h.
 *
 * Purpose:    offers and messages.
 * Owner:      nothing.
 * Invariants: those of notify.h.
 */

#include "core/notify.h"

#include "core/focus.h"
#include "core/publish.h"
#include "core/rights.h"
#include "core/state.h"
#include "core/wish.h"


int
notify_wants(const struct agent *agent, enum notice kind)
{
    return agent->name != NULL && agent->policy.on & notice_bit(kind)
           && (agent->wish == NULL
               || !(agent->wish->silent & notice_bit(kind)));
}


int
notify_supervises(const struct agent *agent, const struct queue *queue,
    enum notice kind)
{
    size_t  i;

    if (!rights_rank(agent, RANK_SUPERVISOR) || !notify_wants(agent, kind)) {
        return 0;
    }

    for (i = 0; i < agent->profile->queue_count; i++) {
        if (agent->profile->queues[i] == queue) {
            return 1;
        }
    }

    return 0;
}


uint64_t
notify_next(const struct policy *policy, uint64_t told_ms)
{
    return told_ms != 0 ? told_ms + policy->interval_ms : 0;
}


void
notify_clear(struct desk *desk, struct alert *alert)
{
    if (alert->shown) {
        publish_notice_gone(desk, alert);
        alert_hide(desk, alert);
    }
}


/* Nothing is to be told; the last time is remembered as long as it counts. */

static void
notify_rest(struct desk *desk, struct alert *alert)
{
    uint64_t  next = 0;

    notify_clear(desk, alert);

    if (alert->agent != NULL) {
        next = notify_next(&alert->agent->policy, alert->told_ms);
    }

    if (alert->top != 0) {
        alert->top = 0;
        alert_touch(desk, alert);
    }

    if (next > desk->now_ms) {
        alert_set_timer(desk, alert, next);
    } else {
        alert_end(desk, alert);
    }
}


/* Number of the last message, if it is another's and was not read; else 0. */

static uint32_t
notify_newest(const struct seat *seat)
{
    uint8_t               writer;
    const struct unread  *record = &seat->conversation->record;

    if (record->count == 0 || record->last <= seat->reader.read) {
        return 0;
    }

    unread_recent(record, record->count - 1u, &writer);

    return writer != seat->reader.writer ? record->last : 0;
}


static void
notify_tell(struct desk *desk, struct seat *seat, struct alert *alert,
    enum notice kind)
{
    alert->kind = kind;
    alert->shown = 1;
    alert->count = unread_count(&seat->conversation->record, &seat->reader);
    publish_notice(desk, seat, alert);
    alert_touch(desk, alert);
}


static void
notify_offer(struct desk *desk, struct seat *seat, struct alert *alert)
{
    uint64_t  until = seat->conversation->timer.at_ms;

    if (!notify_wants(seat->agent, NOTICE_OFFER)) {
        if (alert != NULL) {
            notify_rest(desk, alert);
        }
        return;
    }

    if (alert != NULL && alert->shown && alert->kind == NOTICE_OFFER
        && alert->mark == until)
    {
        return;
    }

    alert = alert_get(desk, seat->conversation->id.s, seat->agent);

    if (alert != NULL) {
        alert->top = 0;
        alert->mark = until;
        alert_set_timer(desk, alert, 0);
        notify_tell(desk, seat, alert, NOTICE_OFFER);
    }
}


/* A message that nobody has told of: now, or when the time has come. */

static void
notify_message(struct desk *desk, struct seat *seat, uint32_t newest)
{
    uint64_t       next;
    struct alert  *alert;

    alert = alert_get(desk, seat->conversation->id.s, seat->agent);
    if (alert == NULL) {
        return;
    }

    next = notify_next(&seat->agent->policy, alert->told_ms);

    if (next > desk->now_ms) {
        alert_set_timer(desk, alert, next);
        return;
    }

    alert->top = newest;
    alert->told_ms = desk->now_ms;
    alert_set_timer(desk, alert, 0);
    notify_tell(desk, seat, alert, NOTICE_MESSAGE);
}


static void
notify_messages(struct desk *desk, struct seat *seat, struct alert *alert)
{
    uint32_t  newest = notify_newest(seat);

    if (newest == 0 || !notify_wants(seat->agent, NOTICE_MESSAGE)) {
        if (alert != NULL) {
            notify_rest(desk, alert);
        }
        return;
    }

    if (focus_on(seat->agent, &seat->conversation->id)) {
        if (alert != NULL) {
            notify_clear(desk, alert);
            alert_set_timer(desk, alert, 0);
        }
        return;
    }

    if (alert == NULL || newest > alert->top) {
        notify_message(desk, seat, newest);
    }
}


static void
notify_seat(struct desk *desk, struct seat *seat)
{
    struct alert  *alert;

    alert = alert_find(&desk->alerts, seat->conversation->id.s, seat->agent);

    switch (seat->state) {

    case SEAT_OFFERED:
        notify_offer(desk, seat, alert);
        break;

    case SEAT_ACTIVE:
    case SEAT_CLOSED:
    case SEAT_WRAPUP:
        notify_messages(desk, seat, alert);
        break;

    default:
        if (alert != NULL) {
            notify_rest(desk, alert);
        }
    }
}


void
notify_look(struct desk *desk, struct agent *agent, const struct id *conv)
{
    struct seat          *seat = NULL;
    struct alert         *alert;
    struct conversation  *conversation;

    conversation = conversation_find(&desk->conversations, str_of(conv->s));

    if (conversation != NULL) {
        seat = seat_find(conversation, agent);
    }

    /* of one batch its end counts */
    if (seat != NULL) {
        conversation_look(desk, conversation);
        return;
    }

    alert = alert_find(&desk->alerts, conv->s, agent);

    if (alert != NULL) {
        notify_rest(desk, alert);
    }
}


void
notify_conversation(struct desk *desk, struct conversation *conversation)
{
    struct seat  *seat;

    TAILQ_FOREACH(seat, &conversation->seats, link) {
        notify_seat(desk, seat);
    }

    notify_hand(desk, conversation);
}


void
notify_look_all(struct desk *desk, struct agent *agent)
{
    size_t        i;
    struct seat  *seat;

    for (seat = agent_first_seat(agent); seat != NULL;
         seat = agent_next_seat(seat))
    {
        conversation_look(desk, seat->conversation);
    }

    for (i = 0; agent->profile != NULL && i < agent->profile->queue_count;
         i++)
    {
        notify_queue(desk, agent->profile->queues[i]);
    }

    notify_hands(desk);
}


void
notify_policy(struct desk *desk, struct agent *agent)
{
    struct seat   *seat;
    struct alert  *alert;

    for (seat = agent_first_seat(agent); seat != NULL;
         seat = agent_next_seat(seat))
    {
        alert = alert_find(&desk->alerts, seat->conversation->id.s, agent);

        if (alert != NULL && alert->kind == NOTICE_MESSAGE
            && !(agent->policy.on & NOTIFY_PREVIEW))
        {
            notify_clear(desk, alert);
        }

        conversation_look(desk, seat->conversation);
    }
}


void
notify_taken(struct desk *desk, struct seat *seat)
{
    struct alert  *alert;
    uint32_t       last = seat->conversation->record.last;

    alert = alert_find(&desk->alerts, seat->conversation->id.s, seat->agent);

    if (alert != NULL) {
        notify_clear(desk, alert);
    }

    if (last == 0) {
        return;
    }

    alert = alert_get(desk, seat->conversation->id.s, seat->agent);

    if (alert != NULL) {
        alert->kind = NOTICE_MESSAGE;
        alert->top = last;
        alert_touch(desk, alert);
    }
}


void
notify_due(struct desk *desk, struct alert *alert)
{
    char       about[ABOUT_MAX + 1];
    struct id  conv;

    alert_set_timer(desk, alert, 0);

    if (alert->agent == NULL && alert->kind == NOTICE_HAND) {
        notify_hand_due(desk, alert);
        return;
    }

    if (alert->agent == NULL) {
        notify_queue_due(desk, alert);
        return;
    }

    alert_about(alert, about);

    if (id_set(&conv, str_of(about)) == 0) {
        notify_look(desk, alert->agent, &conv);
    } else {
        notify_rest(desk, alert);
    }
}


void
notify_loaded(struct desk *desk)
{
    char                  about[ABOUT_MAX + 1];
    struct alert         *alert, *next;
    struct conversation  *conversation;

    for (alert = alerts_first(&desk->alerts); alert != NULL; alert = next) {
        next = alerts_next(alert);

        if (alert->agent == NULL && alert->kind == NOTICE_HAND) {
            notify_hand_loaded(desk, alert);
        }

        if (alert->agent == NULL || alert->kind == NOTICE_WAIT
            || alert->kind == NOTICE_HAND)
        {
            continue;
        }

        alert_about(alert, about);
        conversation = conversation_find(&desk->conversations,
                                         str_of(about));

        if (alert->shown
            && (conversation == NULL
                || seat_find(conversation, alert->agent) == NULL))
        {
            notify_rest(desk, alert);
        }
    }
}
