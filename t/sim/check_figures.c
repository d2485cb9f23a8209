/*
 * The invariants of figures.
 *
 *   S23 figures on the feed `queues` equal a recount of the conversations
 *       and of the waits, at most FIGURES_MS after something changed
 *   S24 whoever waits is told a place; it equals a recount, at most PLACE_MS
 *       after it changed
 *
 * Purpose:    recounts queues, waits and places from what Redis holds.
 * Owner:      struct sim.
 * Invariants: what came with this commit must be right now; what did not may
 *             be behind, but only as long as its rounds allow.
 */

#include "check.h"

#define MINUTE_MS  60000


static struct sim_waits *
minute_of(struct sim *sim, int queue)
{
    uint64_t           minute = sim->now_ms / MINUTE_MS;
    struct sim_waits  *waits = &sim->figures[queue].waits[minute % SIM_WAITS];

    if (waits->minute != minute) {
        memset(waits, 0, sizeof(*waits));
        waits->minute = minute;
    }

    return waits;
}


/* A wait that began and ended within one batch: the entity tells only of the
   queue that the last entry left. */

static int
hidden(const struct sim *sim, const struct sim_conv *conv)
{
    return sim->batch_entries > 1 && conv->queued_ms == sim->now_ms;
}


void
sim_answered(struct sim *sim, struct sim_conv *conv)
{
    int                queue;
    struct sim_waits  *waits;

    if (conv->queued_ms == 0) {
        return;
    }

    if (hidden(sim, conv)) {
        for (queue = 0; queue < SIM_QUEUES; queue++) {
            minute_of(sim, queue)->unplaced++;
        }

    } else {
        waits = minute_of(sim, conv->queue);
        waits->answered++;
        waits->sum_ms += sim->now_ms > conv->queued_ms
                         ? sim->now_ms - conv->queued_ms : 0;
    }

    conv->queued_ms = 0;
}


void
sim_rounds_anew(struct sim *sim)
{
    size_t  i;

    for (i = 0; i < sim->conv_count; i++) {
        sim->convs[i].place_wrong_ms = 0;
    }

    for (i = 0; i < SIM_QUEUES; i++) {
        sim->figures[i].wrong_ms = 0;
    }
}


static int
stands(struct sim *sim, struct sim_conv *conv)
{
    const char  *phase;

    if (conv->number == 0 || !conv->open) {
        return 0;
    }

    phase = check_phase(sim, conv);

    return check_is(phase, "waiting") || check_is(phase, "offered");
}


/* The average over the window, as the core works it out, with none, some or
   all of the waits that may have been of this queue; 0 without any. */

static int
average_fits(struct sim *sim, int queue, uint64_t told)
{
    size_t                   i;
    uint64_t                 minute = sim->now_ms / MINUTE_MS;
    uint64_t                 answered = 0, sum = 0, most = 0;
    const struct sim_waits  *waits;

    for (i = 0; i < SIM_WAITS; i++) {
        waits = &sim->figures[queue].waits[i];

        if (waits->minute <= minute && waits->minute + SIM_WAITS > minute) {
            answered += waits->answered;
            sum += waits->sum_ms;
            most += waits->unplaced;
        }
    }

    for (most += answered; answered <= most; answered++) {
        if (told == (answered > 0 ? sum / answered : 0)) {
            return 1;
        }
    }

    return 0;
}


/* Whether the feed says of a queue what there is. */

static int
figures_fit(struct sim *sim, int queue, const struct cd_frame *frame)
{
    size_t            i;
    uint64_t          waiting = 0, active = 0, since = 0;
    struct sim_conv  *conv;

    for (i = 0; i < sim->conv_count; i++) {
        conv = &sim->convs[i];

        if (conv->queue != queue || conv->number == 0 || !conv->open) {
            continue;
        }

        if (!stands(sim, conv)) {
            active += check_is(check_phase(sim, conv), "active");
            continue;
        }

        waiting++;

        if (since == 0 || conv->queued_ms < since) {
            since = conv->queued_ms;
        }
    }

    return cd_frame_uint(frame, CD_F_WAITING) == waiting
           && cd_frame_uint(frame, CD_F_ACTIVE) == active
           && cd_frame_uint(frame, CD_F_SINCE) == since
           && average_fits(sim, queue,
                           cd_frame_uint(frame, CD_F_AVERAGE_MS));
}


/* Behind for longer than the pace allows?  A tick must have come since, and
   what is due stays due at that time when the clock is put back. */

static int
overdue(struct sim *sim, uint64_t *since_ms, uint64_t pace_ms)
{
    if (*since_ms == 0) {
        *since_ms = sim->latest_ms;
    }

    return sim->batch_ticked && sim->now_ms >= *since_ms + pace_ms;
}


static void
check_queue(struct sim *sim, int queue)
{
    struct sim_register  *reg;
    struct sim_figures   *figures = &sim->figures[queue];

    reg = sim_register_find(&sim->group, CD_T_FIGURES,
                            sim->queues[queue].id);

    if (reg != NULL && figures_fit(sim, queue, &reg->frame)) {
        figures->wrong_ms = 0;

    } else if (reg != NULL && reg->commit == sim->commits) {
        sim_fail(sim, "S23: wrong figures of %s", sim->queues[queue].id);

    /* a minute that is over is noticed with the minute's own tick */
    } else if (overdue(sim, &figures->wrong_ms, CD_LIMIT_FIGURES_MS)) {
        sim_fail(sim, "S23: old figures of %s", sim->queues[queue].id);
    }
}


void
check_place(struct sim *sim, struct sim_conv *conv, const char *phase)
{
    size_t                i;
    uint64_t              place = 1;
    struct sim_conv      *other;
    struct sim_register  *reg;

    if (!stands(sim, conv)) {
        conv->place_wrong_ms = 0;
        return;
    }

    reg = sim_register_find(&conv->side_v, CD_T_PLACE, "place");

    if (reg == NULL) {
        /* whoever is offered at once need not be told at once */
        if (check_is(phase, "waiting")) {
            sim_fail(sim, "S24: %s was told no place", conv->id);
        }
        return;
    }

    for (i = 0; i < sim->conv_count; i++) {
        other = &sim->convs[i];
        place += other->queue == conv->queue && stands(sim, other)
                 && check_before(other, conv);
    }

    if (cd_frame_uint(&reg->frame, CD_F_PLACE) == place) {
        conv->place_wrong_ms = 0;

    } else if (reg->commit == sim->commits) {
        sim_fail(sim, "S24: a wrong place of %s", conv->id);

    } else if (overdue(sim, &conv->place_wrong_ms, CD_LIMIT_PLACE_MS)) {
        sim_fail(sim, "S24: an old place of %s", conv->id);
    }
}


void
check_figures(struct sim *sim)
{
    int  queue;

    /* a clock that was put back to the minute before hides waits: then
       figures are not judged */
    if (sim->now_ms / MINUTE_MS < sim->latest_ms / MINUTE_MS) {
        for (queue = 0; queue < SIM_QUEUES; queue++) {
            sim->figures[queue].wrong_ms = 0;
        }
        return;
    }

    for (queue = 0; queue < SIM_QUEUES; queue++) {
        check_queue(sim, queue);
    }
}
