/*
 * Alerts: what an agent has been told of one thing, and when next.
 *
 *   key "<about>/<agent>"   a notice in that agent's inbox, or the memory of
 *                           one that is needed for the rate
 *   key "queue.<id>/"       a queue's own: what its supervisors were told
 *   key "hand.<id>/"        a conversation's own: likewise, of a raised hand
 *
 * Purpose:    the state of the rules in notify.c and notify_queue.c, apart
 *             from conversations and seats, so that those carry nothing for
 *             it while nothing is to be told.
 * Owner:      the desk; an alert lives while its notice stands, while one is
 *             due, while an earlier one must be remembered.
 * Invariants: written with its entity at the flush after every change; its
 *             timer runs exactly when something is to be looked at again;
 *             devices are remembered while the notice stands.
 */

#ifndef CHATDESK_CORE_ALERT_H
#define CHATDESK_CORE_ALERT_H

#include "core/agent.h"
#include "core/notices.h"
#include "core/timer.h"
#include "core/tree.h"

#define ABOUT_MAX   80
#define PUSHED_MAX  183         /* ids of CD_LIMIT_PUSH_DEVICES */
#define ALERT_QUEUE "queue."    /* before a queue's id */
#define ALERT_HAND  "hand."     /* before a conversation's */

struct alert {
    RB_ENTRY(alert)     link;
    TAILQ_ENTRY(alert)  dirty_link;
    struct timer        timer;
    struct agent       *agent;      /* shares; NULL: a queue's own, or a
                                       raised hand's */
    enum notice         kind;       /* of what was told last */
    uint8_t             shown;      /* the notice stands */
    uint8_t             dirty;      /* in the desk's list of those */
    uint8_t             stored;     /* there is an entity of it */
    uint8_t             over;       /* goes at the flush */
    uint32_t            top;        /* newest message that was told of */
    uint32_t            count;      /* as it was told */
    uint64_t            told_ms;    /* for the rate; 0: not needed */
    uint64_t            mark;       /* of an offer: when it runs out; of a
                                       queue: number of the newest chat */
    char               *pushed;     /* owns; ids of the devices that show it,
                                       a space behind each; NULL for none */
    size_t              about_len;
    char                key[];
};

RB_HEAD(alerts, alert);
TAILQ_HEAD(alert_list, alert);

/* NULL for none.  `agent` is NULL for a queue's own. */
struct alert *alert_find(struct alerts *alerts, const char *about,
    const struct agent *agent);

/* Finds or makes; NULL for memory, the desk has then failed. */
struct alert *alert_get(struct desk *desk, const char *about,
    struct agent *agent);

/* The first alert about this, and the next one about the same; the one of no
   agent comes first. */
struct alert *alert_first(struct alerts *alerts, const char *about);
struct alert *alert_next(struct alert *alert);

/* All of them. */
struct alert *alerts_first(struct alerts *alerts);
struct alert *alerts_next(struct alert *alert);

/* The first whose key is not before this text. */
struct alert *alerts_from(struct alerts *alerts, const char *key);

/* What it is about; `out` holds ABOUT_MAX + 1. */
void alert_about(const struct alert *alert, char *out);

/* This device shows it, as far as its push service goes.  Of more than may be
   the first are forgotten. */
void alert_pushed(struct desk *desk, struct alert *alert, const char *device);
int alert_was_pushed(const struct alert *alert, const char *device);

/* From the entity; -1 when it does not hold, or for memory. */
int alert_load_pushed(struct alert *alert, struct cd_str devices);

/* It stands no more: no device is remembered. */
void alert_hide(struct desk *desk, struct alert *alert);

/* To be written at the flush. */
void alert_touch(struct desk *desk, struct alert *alert);

/* Sets, or with 0 stops, the timer; touches when that is a change. */
void alert_set_timer(struct desk *desk, struct alert *alert, uint64_t at_ms);

/* Nothing is left to remember, unless something comes before the flush. */
void alert_end(struct desk *desk, struct alert *alert);

void alert_free(struct desk *desk, struct alert *alert);

#endif /* CHATDESK_CORE_ALERT_H */
