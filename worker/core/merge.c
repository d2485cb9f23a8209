/*
 * Queues and profiles of new settings take the place of the old ones.
 *
 * Purpose:    what queue.h says of queues_merge() and its like.
 * Owner:      the trees; an object is in one of them at a time.
 * Invariants: nothing is allocated, so that a merge that has begun ends;
 *             after it every pointer between queues and profiles of `to`
 *             leads to an object of `to`.
 */

#include "core/queue.h"

#include <stdlib.h>

#include "core/conversation.h"

#define SWAP(a, b)  do { __typeof__(a) keep_ = (a); (a) = (b); (b) = keep_; } \
                    while (0)


void
queues_merge(struct queues *to, struct queues *from)
{
    struct queue  *old, *fresh, *next;

    for (old = queues_first(to); old != NULL; old = queues_next(old)) {
        old->gone = 1;
    }

    for (fresh = queues_first(from); fresh != NULL; fresh = next) {
        next = queues_next(fresh);
        old = queue_find(to, fresh->id.s);

        if (old == NULL) {
            queues_move(to, from, fresh);
            continue;
        }

        SWAP(old->name, fresh->name);
        SWAP(old->profiles, fresh->profiles);
        SWAP(old->profile_count, fresh->profile_count);
        SWAP(old->dispositions, fresh->dispositions);
        old->priority = fresh->priority;
        old->accept_ms = fresh->accept_ms;
        old->wait_alert_ms = fresh->wait_alert_ms;
        old->wrapup_ms = fresh->wrapup_ms;
        old->service_ms = fresh->service_ms;
        old->skills = fresh->skills;
        old->changed = 1;
        old->gone = 0;
        fresh->target = old;
    }
}


static int
text_differs(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "") != 0;
}


/* Whether `me` would show something else, or time is counted otherwise. */

static int
profile_differs(const struct profile *old, const struct profile *fresh)
{
    return old->capacity != fresh->capacity
           || old->idle_ms != fresh->idle_ms
           || old->channels != fresh->channels
           || text_differs(old->name, fresh->name)
           || text_differs(old->queues_text, fresh->queues_text)
           || text_differs(old->queue_ids, fresh->queue_ids)
           || text_differs(old->buttons_text, fresh->buttons_text);
}


static void
profile_take(struct profile *old, struct profile *fresh)
{
    size_t  i, j;

    old->changed = profile_differs(old, fresh);
    SWAP(old->name, fresh->name);
    SWAP(old->queues_text, fresh->queues_text);
    SWAP(old->queue_ids, fresh->queue_ids);
    SWAP(old->queues, fresh->queues);
    SWAP(old->queue_count, fresh->queue_count);
    SWAP(old->buttons_text, fresh->buttons_text);
    old->buttons_len = fresh->buttons_len;
    old->capacity = fresh->capacity;
    old->notify = fresh->notify;
    old->missed_limit = fresh->missed_limit;
    old->idle_ms = fresh->idle_ms;
    old->buttons = fresh->buttons;
    old->channels = fresh->channels;
    memcpy(old->channel_capacity, fresh->channel_capacity,
           sizeof(old->channel_capacity));
    old->gone = 0;
    fresh->target = old;

    /* its queues know the fresh one */
    for (i = 0; i < old->queue_count; i++) {
        struct queue  *queue = old->queues[i]->target;

        for (j = 0; j < queue->profile_count; j++) {
            if (queue->profiles[j] == fresh) {
                queue->profiles[j] = old;
            }
        }
    }
}


void
profiles_merge(struct profiles *to, struct profiles *from)
{
    size_t           i;
    struct profile  *old, *fresh, *next;

    for (old = profiles_first(to); old != NULL; old = profiles_next(old)) {
        old->gone = 1;
    }

    for (fresh = profiles_first(from); fresh != NULL; fresh = next) {
        next = profiles_next(fresh);
        old = profile_find(to, fresh->id.s);

        if (old == NULL) {
            profiles_move(to, from, fresh);
            fresh->changed = 1;
        } else {
            profile_take(old, fresh);
        }
    }

    for (old = profiles_first(to); old != NULL; old = profiles_next(old)) {
        for (i = 0; !old->gone && i < old->queue_count; i++) {
            old->queues[i] = old->queues[i]->target;
        }
    }
}


int
queues_any_gone(struct queues *queues)
{
    struct queue  *queue;

    for (queue = queues_first(queues); queue != NULL;
         queue = queues_next(queue))
    {
        if (queue->gone) {
            return 1;
        }
    }

    return 0;
}
