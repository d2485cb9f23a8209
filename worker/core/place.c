/*
 * Places in line; see place.h.
 *
 * Purpose:    rounds over the queues.
 * Owner:      nothing.
 * Invariants: those of place.h; the timer is set exactly while somebody
 *             stands in line.
 *
 * The expected wait is the place times the mean time between two answers of
 * the queue within its window, as a range from two thirds to one and a half
 * of it.  With fewer than PLACE_ANSWERS answers nothing is said.
 */

#include "core/place.h"

#include "core/publish_figures.h"
#include "core/state.h"

#define STEP_MS  30000          /* the ends of the range are rounded to */


static void
place_tell(struct desk *desk, struct conversation *conversation,
    uint64_t place)
{
    struct place  told = { place, 0, 0, 0 };
    uint64_t      wait = place * conversation->queue->figures.gap_ms;

    if (wait > 0) {
        told.known = 1;
        told.min_ms = wait * 2 / 3 / STEP_MS * STEP_MS;
        told.max_ms = (wait * 3 / 2 + STEP_MS - 1) / STEP_MS * STEP_MS;
    }

    conversation->place_told = (uint32_t) place;
    publish_place(desk, conversation, &told);
}


void
place_begin(struct desk *desk, struct conversation *conversation)
{
    if (conversation->phase == CD_PHASE_WAITING
        && conversation->counted == COUNTED_STANDING
        && conversation->place_told == 0)
    {
        place_tell(desk, conversation, standing_place(conversation));
    }
}


void
place_wake(struct desk *desk)
{
    uint64_t  next = desk->now_ms + CD_LIMIT_PLACE_MS;

    /* also when the clock was put back */
    if (desk->place_timer.at_ms == 0 || desk->place_timer.at_ms > next) {
        timer_set(&desk->timers, &desk->place_timer, next);
    }
}


/* The first ones, each change. */

static void
place_near(struct desk *desk, struct figures *figures)
{
    uint64_t              place = 1;
    struct conversation  *conversation;

    for (conversation = standing_at(&figures->standing, 1);
         conversation != NULL && place <= CD_LIMIT_PLACE_NEAR;
         conversation = standing_next(conversation), place++)
    {
        if (conversation->place_told != place) {
            place_tell(desk, conversation, place);
        }
    }
}


static int
place_is_off(const struct conversation *conversation, uint64_t place)
{
    uint64_t  told = conversation->place_told;
    uint64_t  off = told > place ? told - place : place - told;

    return told == 0 || off * 10 > place;
}


/* Some of the others, going on where the last round stopped; gives how many
   it looked at. */

static uint64_t
place_sweep(struct desk *desk, struct figures *figures, uint64_t most)
{
    uint64_t              place, looked = 0;
    struct conversation  *conversation;

    place = figures->swept + 1;
    conversation = standing_at(&figures->standing, place);

    if (conversation == NULL) {
        place = 1;
        conversation = standing_at(&figures->standing, place);
    }

    for ( ; conversation != NULL && looked < most; looked++, place++) {
        if (place_is_off(conversation, place)) {
            place_tell(desk, conversation, place);
        }

        conversation = standing_next(conversation);
    }

    figures->swept = conversation != NULL ? place - 1 : 0;

    return looked;
}


/* Queues take turns with what a round may look at. */

static void
place_others(struct desk *desk)
{
    uint64_t         left = CD_LIMIT_PLACE_SWEEP;
    struct queue    *first, *queue;

    first = queue_after(&desk->queues, &desk->place_turn);
    queue = first;

    while (queue != NULL && left > 0) {
        if (standing_count(&queue->figures.standing) > CD_LIMIT_PLACE_NEAR) {
            left -= place_sweep(desk, &queue->figures, left);
        }

        desk->place_turn = queue->id;
        queue = queue_after(&desk->queues, &queue->id);

        if (queue == first) {
            break;
        }
    }
}


void
place_flush(struct desk *desk)
{
    int            any = 0;
    struct queue  *queue;

    if (!desk->place_due) {
        return;
    }

    desk->place_due = 0;

    for (queue = queues_first(&desk->queues); queue != NULL;
         queue = queues_next(queue))
    {
        if (standing_count(&queue->figures.standing) > 0) {
            any = 1;
            place_near(desk, &queue->figures);
        }
    }

    if (any) {
        place_others(desk);
        place_wake(desk);
    }
}
