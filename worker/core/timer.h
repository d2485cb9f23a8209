/*
 * Points in time at which the desk wants to be called.
 *
 * Purpose:    one ordered set of all deadlines of a desk.
 * Owner:      a timer is embedded in the object that it wakes; it is stopped
 *             before that object dies.
 * Invariants: at_ms is 0 exactly when the timer is not in the set; timers of
 *             one millisecond come in the order of kind and key, so that a
 *             desk built anew fires them alike.
 */

#ifndef CHATDESK_CORE_TIMER_H
#define CHATDESK_CORE_TIMER_H

#include <stdint.h>

#include "core/tree.h"

enum timer_kind {
    TIMER_VISITOR = 1,          /* away for the whole grace */
    TIMER_AGENT = 2,
    TIMER_CONVERSATION = 3,     /* by phase: see conversation.h */
    TIMER_ALERT = 4,            /* a notice is due, or need not be remembered */
    TIMER_IDLE = 5,             /* an agent has done nothing for too long */
    TIMER_TEMPLATES = 10,       /* a change of them is to be announced */
    TIMER_FIGURES = 11,         /* figures are to be told */
    TIMER_PLACE = 12,           /* places in line are to be told */
    TIMER_SILENCE = 20,         /* a silent visitor, an inactive one */
    TIMER_HOURS = 21            /* business hours change */
};

struct timer {
    RB_ENTRY(timer)  link;
    uint64_t         at_ms;
    enum timer_kind  kind;
    const char      *key;       /* borrows the owner's id */
};

RB_HEAD(timers, timer);

void timer_init(struct timer *timer, enum timer_kind kind, const char *key);
void timer_set(struct timers *timers, struct timer *timer, uint64_t at_ms);
void timer_stop(struct timers *timers, struct timer *timer);

/* The first timer; NULL when there is none. */
struct timer *timer_first(struct timers *timers);

#endif /* CHATDESK_CORE_TIMER_H */
