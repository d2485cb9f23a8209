/*
 * Deadlines in order; see timer.h.
 *
 * Purpose:    set, stop, first.
 * Owner:      the objects that embed the timers.
 * Invariants: those of timer.h.
 */

#include "core/timer.h"

#include <string.h>


static int
timer_compare(struct timer *a, struct timer *b)
{
    if (a->at_ms != b->at_ms) {
        return a->at_ms < b->at_ms ? -1 : 1;
    }

    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }

    return strcmp(a->key, b->key);
}


TREE_GENERATE(timers, timer, link, timer_compare)


void
timer_init(struct timer *timer, enum timer_kind kind, const char *key)
{
    timer->at_ms = 0;
    timer->kind = kind;
    timer->key = key;
}


void
timer_stop(struct timers *timers, struct timer *timer)
{
    if (timer->at_ms != 0) {
        RB_REMOVE(timers, timers, timer);
        timer->at_ms = 0;
    }
}


void
timer_set(struct timers *timers, struct timer *timer, uint64_t at_ms)
{
    timer_stop(timers, timer);

    if (at_ms != 0) {
        timer->at_ms = at_ms;
        RB_INSERT(timers, timers, timer);
    }
}


struct timer *
timer_first(struct timers *timers)
{
    return RB_MIN(timers, timers);
}
