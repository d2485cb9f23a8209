/*
 * See lineup.h.
 *
 * Purpose:    into line, in the order in which they stand there.
 * Owner:      nothing.
 * Invariants: the outcome does not depend on the order, only the time does:
 *             Redis gives entities in no order, and a tree that grows at its
 *             end is built without a miss of the cache.
 */

#include "core/lineup.h"

#include <stdlib.h>

#include "core/ask.h"
#include "core/figures.h"
#include "core/state.h"

struct place {
    uint64_t              number;
    struct conversation  *conversation;
};


static int
place_compare(const void *a, const void *b)
{
    const struct place  *one = a, *other = b;

    return one->number != other->number
           ? (one->number < other->number ? -1 : 1) : 0;
}


static void
lineup_one(struct desk *desk, struct conversation *conversation)
{
    if (conversation->phase == CD_PHASE_WAITING) {
        queue_insert(conversation->queue, conversation);

    } else if (conversation->ask != NULL && conversation->offer == NULL) {
        queue_insert(conversation->ask->queue, conversation);
        timer_set(&desk->timers, &conversation->timer,
                  conversation->ask->until_ms);
    }

    figures_note(desk, conversation);

    if (conversation->line != NULL) {
        desk_stir(desk, conversation->line);
    }
}


/* By number; NULL when there is no memory for that. */

static struct place *
lineup_sorted(const struct desk *desk)
{
    size_t                count = 0;
    struct place         *places;
    struct conversation  *conversation;

    places = malloc((desk->conversations.count + 1) * sizeof(struct place));
    if (places == NULL) {
        return NULL;
    }

    for (conversation = conversation_first(&desk->conversations);
         conversation != NULL;
         conversation = conversation_next(conversation))
    {
        places[count].number = conversation->number;
        places[count++].conversation = conversation;
    }

    qsort(places, count, sizeof(struct place), place_compare);

    return places;
}


void
lineup(struct desk *desk)
{
    size_t                i;
    struct place         *places = lineup_sorted(desk);
    struct conversation  *conversation;

    if (places == NULL) {
        for (conversation = conversation_first(&desk->conversations);
             conversation != NULL;
             conversation = conversation_next(conversation))
        {
            lineup_one(desk, conversation);
        }
        return;
    }

    for (i = 0; i < desk->conversations.count; i++) {
        lineup_one(desk, places[i].conversation);
    }

    free(places);
}
