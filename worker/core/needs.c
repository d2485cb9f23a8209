/*
 * See needs.h.
 *
 * Purpose:    one place for what is needed.
 * Owner:      nothing.
 * Invariants: those of needs.h.
 */

#include "core/needs.h"

#include "core/state.h"


void
needs_anew(struct desk *desk)
{
    struct conversation  *conversation;

    for (conversation = conversation_first(&desk->conversations);
         conversation != NULL;
         conversation = conversation_next(conversation))
    {
        conversation->needs = skills_bits_of(&desk->skills,
                                             conversation->skills);
    }
}


uint64_t
needs_of(const struct conversation *conversation,
    const struct queue *queue)
{
    return queue->skills
           | (queue == conversation->queue ? conversation->needs : 0);
}
