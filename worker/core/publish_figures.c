/*
 * Frames of figures; see publish_figures.h.
 *
 * Purpose:    one function for each frame type.
 * Owner:      nothing.
 * Invariants: a figure that nothing is known for is left out.
 */

#include "core/publish_figures.h"

#include <stdio.h>

#include "core/state.h"

#define QUEUES  "queues"


static void
set_text(struct cd_frame *frame, unsigned field, const char *text)
{
    cd_frame_set_str(frame, field, text, strlen(text));
}


void
publish_figures(struct desk *desk, const struct queue *queue,
    const struct told *told)
{
    struct cd_frame          frame;
    const struct waits_sum  *waits = &told->waits;

    cd_frame_init(&frame, CD_T_FIGURES);
    set_text(&frame, CD_F_FEED, QUEUES);
    set_text(&frame, CD_F_QUEUE_ID, queue->id.s);
    set_text(&frame, CD_F_QUEUE, queue->name);
    cd_frame_set_uint(&frame, CD_F_WAITING, told->waiting);
    cd_frame_set_uint(&frame, CD_F_ACTIVE, told->served);

    if (told->since_ms != 0) {
        cd_frame_set_uint(&frame, CD_F_SINCE, told->since_ms);
    }

    if (waits->answered > 0) {
        cd_frame_set_uint(&frame, CD_F_AVERAGE_MS, waits->average_ms);
        cd_frame_set_uint(&frame, CD_F_P50_MS, waits->p50_ms);
        cd_frame_set_uint(&frame, CD_F_P90_MS, waits->p90_ms);
    }

    if (waits->has_level) {
        cd_frame_set_uint(&frame, CD_F_LEVEL, waits->level);
    }

    changes_register(desk->changes, "g:" QUEUES, queue->id.s, &frame);
}


void
publish_figures_gone(struct desk *desk, const struct queue *queue)
{
    struct cd_frame  frame;

    cd_frame_init(&frame, CD_T_FIGURES_GONE);
    set_text(&frame, CD_F_FEED, QUEUES);
    set_text(&frame, CD_F_QUEUE_ID, queue->id.s);
    changes_unregister(desk->changes, "g:" QUEUES, CD_T_FIGURES,
                       queue->id.s, &frame);
}


void
publish_place(struct desk *desk, const struct conversation *conversation,
    const struct place *place)
{
    char             feed[2 + ID_MAX + 1];
    struct cd_frame  frame;

    cd_frame_init(&frame, CD_T_PLACE);
    set_text(&frame, CD_F_CONV, conversation->id.s);
    cd_frame_set_uint(&frame, CD_F_PLACE, place->place);

    if (place->known) {
        cd_frame_set_uint(&frame, CD_F_WAIT_MIN, place->min_ms);
        cd_frame_set_uint(&frame, CD_F_WAIT_MAX, place->max_ms);
    }

    snprintf(feed, sizeof(feed), "v:%s", conversation->id.s);
    changes_register(desk->changes, feed, "place", &frame);
}
