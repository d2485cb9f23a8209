/*
 * Figures of the queues; see figures.h.
 *
 * Purpose:    counting, and telling by rounds.
 * Owner:      the queues.
 * Invariants: those of figures.h; the timer is set exactly while something
 *             is to be told, or while figures fall out of the window.
 */

#include "core/figures.h"

#include "core/entity.h"
#include "core/place.h"
#include "core/publish_figures.h"
#include "core/state.h"

#define MINUTE_MS  60000


void
figures_init(struct figures *figures, struct queue *queue)
{
    figures->queue = queue;
    standing_init(&figures->standing);
}


/* Wakes the desk at a time, unless it wakes earlier anyhow. */

static void
figures_wake(struct desk *desk, uint64_t at_ms)
{
    struct timer  *timer = &desk->figures_timer;

    if (timer->at_ms == 0 || timer->at_ms > at_ms) {
        timer_set(&desk->timers, timer, at_ms);
    }
}


static void
figures_change(struct desk *desk, struct figures *figures)
{
    uint64_t  next = desk->figures_told_ms + CD_LIMIT_FIGURES_MS;

    if (!figures->changed) {
        figures->changed = 1;
        TAILQ_INSERT_TAIL(&desk->changed_figures, figures, link);
    }

    /* also when the clock was put back */
    if (next > desk->now_ms + CD_LIMIT_FIGURES_MS || next < desk->now_ms) {
        next = desk->now_ms;
    }

    figures_wake(desk, next);

    if (standing_count(&figures->standing) > 0) {
        place_wake(desk);
    }
}


static enum counted
figures_due(const struct conversation *conversation)
{
    switch (conversation->phase) {
    case CD_PHASE_WAITING:
    case CD_PHASE_OFFERED:
        return COUNTED_STANDING;
    case CD_PHASE_ACTIVE:
        return COUNTED_SERVED;
    default:
        return COUNTED_NOT;
    }
}


/* Out of where it is counted. */

static void
figures_out(struct desk *desk, struct conversation *conversation)
{
    struct queue  *queue = conversation->counted_in;

    if (queue == NULL) {
        return;
    }

    if (conversation->counted == COUNTED_STANDING) {
        standing_remove(&queue->figures.standing, conversation);
    } else {
        queue->figures.served--;
    }

    conversation->counted = COUNTED_NOT;
    conversation->counted_in = NULL;
    figures_change(desk, &queue->figures);
}


static void
figures_in(struct desk *desk, struct conversation *conversation,
    enum counted counted)
{
    struct queue  *queue = conversation->queue;

    conversation->counted = (uint8_t) counted;
    conversation->counted_in = queue;

    if (counted == COUNTED_STANDING) {
        standing_insert(&queue->figures.standing, conversation);
    } else {
        queue->figures.served++;
    }

    figures_change(desk, &queue->figures);
}


/* A wait has ended, one way or the other. */

static void
figures_waited(struct desk *desk, struct conversation *conversation,
    enum counted counted)
{
    struct queue       *queue = conversation->counted_in;
    struct figures     *figures = &queue->figures;
    struct waits_slot  *slot;
    uint64_t            wait;

    /* a clock that was put back makes no negative waits */
    wait = desk->now_ms > conversation->queued_at_ms
           ? desk->now_ms - conversation->queued_at_ms : 0;

    slot = counted == COUNTED_SERVED
           ? waits_answered(&figures->waits, desk->now_ms, wait,
                            queue->service_ms)
           : waits_lost(&figures->waits, desk->now_ms, wait,
                        queue->service_ms);

    if (figures->stale == 0) {
        TAILQ_INSERT_TAIL(&desk->stale_figures, figures, stale_link);
    }

    figures->stale |= 1u << (slot - figures->waits.slots);
}


void
figures_note(struct desk *desk, struct conversation *conversation)
{
    enum counted  due = figures_due(conversation);
    enum counted  was = (enum counted) conversation->counted;

    if (due == was && (was == COUNTED_NOT
                       || conversation->counted_in == conversation->queue))
    {
        return;
    }

    if (was == COUNTED_STANDING && due != COUNTED_STANDING) {
        figures_waited(desk, conversation, due);
    }

    figures_out(desk, conversation);

    if (due == COUNTED_STANDING && was != COUNTED_STANDING
        && conversation->queued_at_ms == 0)
    {
        conversation->queued_at_ms = desk->now_ms;
    }

    if (due != COUNTED_NOT) {
        figures_in(desk, conversation, due);
    }

    if (due != COUNTED_STANDING) {
        conversation->queued_at_ms = 0;     /* the next wait is another */
        conversation->place_told = 0;
    }
}


void
figures_forget(struct desk *desk, struct conversation *conversation)
{
    figures_out(desk, conversation);
}


void
figures_anew(struct desk *desk)
{
    struct queue  *queue;

    for (queue = queues_first(&desk->queues); queue != NULL;
         queue = queues_next(queue))
    {
        queue->figures.was_told = 0;
        figures_change(desk, &queue->figures);
    }
}


void
figures_of(struct desk *desk, const struct figures *figures,
    struct told *told)
{
    memset(told, 0, sizeof(*told));
    told->waiting = standing_count(&figures->standing);
    told->served = figures->served;
    told->since_ms = standing_oldest(&figures->standing);
    waits_add_up(&figures->waits, desk->now_ms, &told->waits);
}


void
figures_close(struct desk *desk, struct figures *figures)
{
    unsigned  i;

    if (figures->changed) {
        TAILQ_REMOVE(&desk->changed_figures, figures, link);
    }

    if (figures->stale != 0) {
        TAILQ_REMOVE(&desk->stale_figures, figures, stale_link);
    }

    for (i = 0; i < WAITS_MINUTES; i++) {
        if (figures->waits.slots[i].minute != 0) {
            entity_drop_waits(desk, figures->queue->id.s, i);
        }
    }

    publish_figures_gone(desk, figures->queue);
}


static void
figures_tell_one(struct desk *desk, struct figures *figures)
{
    struct told  told;

    TAILQ_REMOVE(&desk->changed_figures, figures, link);
    figures->changed = 0;
    figures_of(desk, figures, &told);
    figures->gap_ms = told.waits.answered >= CD_LIMIT_PLACE_ANSWERS
                      ? told.waits.gap_ms : 0;
    told.waits.gap_ms = 0;      /* is not told */

    if (figures->was_told
        && memcmp(&told, &figures->told, sizeof(told)) == 0)
    {
        return;
    }

    figures->told = told;
    figures->was_told = 1;
    publish_figures(desk, figures->queue, &told);
}


/* Figures fall out of the window when a minute is over. */

static void
figures_minute(struct desk *desk)
{
    int              any, some = 0;
    uint64_t         minute = desk->now_ms / MINUTE_MS;
    struct queue    *queue;
    struct figures  *figures;

    for (queue = queues_first(&desk->queues); queue != NULL;
         queue = queues_next(queue))
    {
        figures = &queue->figures;
        any = waits_any(&figures->waits, desk->now_ms);
        some |= any;

        if (minute != desk->figures_minute
            && (any || figures->told.waits.answered > 0
                || figures->told.waits.has_level))
        {
            figures_change(desk, figures);
        }
    }

    desk->figures_minute = minute;
    timer_stop(&desk->timers, &desk->figures_timer);

    if (some) {
        figures_wake(desk, (minute + 1) * MINUTE_MS);
    }
}


static void
figures_tell(struct desk *desk)
{
    struct figures  *figures;

    desk->figures_due = 0;
    desk->figures_told_ms = desk->now_ms;
    figures_minute(desk);

    while ((figures = TAILQ_FIRST(&desk->changed_figures)) != NULL) {
        figures_tell_one(desk, figures);
    }
}


/* The minutes that waits have ended in. */

static void
figures_store(struct desk *desk, struct figures *figures)
{
    unsigned  i;

    TAILQ_REMOVE(&desk->stale_figures, figures, stale_link);

    for (i = 0; figures->stale != 0; i++) {
        if (figures->stale & 1u << i) {
            entity_put_waits(desk, figures->queue->id.s, i,
                             &figures->waits.slots[i]);
            figures->stale &= ~(1u << i);
        }
    }
}


void
figures_flush(struct desk *desk)
{
    struct figures  *figures;

    while ((figures = TAILQ_FIRST(&desk->stale_figures)) != NULL) {
        figures_store(desk, figures);
    }

    if (desk->figures_due) {
        figures_tell(desk);
    }
}
