/*
 * Those who stand in line; see standing.h.
 *
 * Purpose:    a tree in which every node knows how many are below it.
 * Owner:      the queues.
 * Invariants: those of standing.h.
 *
 * The tree's rotations keep the sums of the nodes that they turn; from the
 * place of an insertion or removal the sums are put right up to the root.
 */

/* of both children and the node itself; used by the tree's rotations */
#define RB_AUGMENT(x)  standing_sum(x)

#include "core/standing.h"

#include "core/conversation.h"
#include "core/queue.h"

static void standing_sum(struct conversation *conversation);


static int
standing_compare(struct conversation *a, struct conversation *b)
{
    return queue_order(a, b);
}


TREE_GENERATE(standing, conversation, standing_link, standing_compare)


static uint64_t
earlier(uint64_t since, const struct conversation *below)
{
    return below != NULL && below->standing_since < since
           ? below->standing_since : since;
}


static size_t
size_of(const struct conversation *below)
{
    return below != NULL ? below->standing_size : 0;
}


static void
standing_sum(struct conversation *conversation)
{
    struct conversation  *left = RB_LEFT(conversation, standing_link);
    struct conversation  *right = RB_RIGHT(conversation, standing_link);

    conversation->standing_size = (uint32_t) (1 + size_of(left)
                                              + size_of(right));
    conversation->standing_since
        = earlier(earlier(conversation->queued_at_ms, left), right);
}


static void
standing_sums(struct conversation *conversation)
{
    for ( ; conversation != NULL;
         conversation = RB_PARENT(conversation, standing_link))
    {
        standing_sum(conversation);
    }
}


void
standing_init(struct standing *standing)
{
    RB_INIT(standing);
}


void
standing_insert(struct standing *standing, struct conversation *conversation)
{
    conversation->standing_size = 1;
    conversation->standing_since = conversation->queued_at_ms;
    RB_INSERT(standing, standing, conversation);
    standing_sums(conversation);
}


void
standing_remove(struct standing *standing, struct conversation *conversation)
{
    struct conversation  *above = RB_PARENT(conversation, standing_link);
    struct conversation  *next;

    /* with two children the one behind takes the place: the gap is there */
    if (RB_LEFT(conversation, standing_link) != NULL
        && RB_RIGHT(conversation, standing_link) != NULL)
    {
        next = standing_next(conversation);
        above = RB_PARENT(next, standing_link) != conversation
                ? RB_PARENT(next, standing_link) : next;
    }

    RB_REMOVE(standing, standing, conversation);
    standing_sums(above);
}


size_t
standing_count(const struct standing *standing)
{
    return size_of(RB_ROOT(standing));
}


uint64_t
standing_oldest(const struct standing *standing)
{
    return RB_ROOT(standing) != NULL ? RB_ROOT(standing)->standing_since : 0;
}


size_t
standing_place(const struct conversation *conversation)
{
    size_t                      place;
    const struct conversation  *above, *at = conversation;

    place = 1 + size_of(RB_LEFT(at, standing_link));

    while ((above = RB_PARENT(at, standing_link)) != NULL) {
        if (at == RB_RIGHT(above, standing_link)) {
            place += 1 + size_of(RB_LEFT(above, standing_link));
        }
        at = above;
    }

    return place;
}


struct conversation *
standing_at(struct standing *standing, uint64_t place)
{
    size_t                before;
    struct conversation  *at = RB_ROOT(standing);

    while (at != NULL) {
        before = size_of(RB_LEFT(at, standing_link));

        if (place == before + 1) {
            return at;
        }

        if (place <= before) {
            at = RB_LEFT(at, standing_link);
        } else {
            place -= before + 1;
            at = RB_RIGHT(at, standing_link);
        }
    }

    return NULL;
}


struct conversation *
standing_next(struct conversation *conversation)
{
    return RB_NEXT(standing, NULL, conversation);
}
