/*
 * Figures of the queues, live.
 *
 * Purpose:    counts who stands in line and who is served, keeps how long
 *             they waited, and tells it all to who follows the feed `queues`.
 * Owner:      a queue owns its struct figures; a conversation knows in which
 *             one it is counted.
 * Invariants: a conversation is counted in the queue it is in, as standing
 *             while its phase is WAITING or OFFERED, as served while it is
 *             ACTIVE; a recount over all conversations gives the same.  A
 *             queue is told at most once in FIGURES_MS, and only when
 *             something changed.  What was told is not stored: after a
 *             takeover each queue is told once.
 */

#ifndef CHATDESK_CORE_FIGURES_H
#define CHATDESK_CORE_FIGURES_H

#include "core/standing.h"
#include "core/timer.h"
#include "core/waits.h"

struct conversation;
struct desk;
struct queue;

/* as what a conversation is counted */
enum counted {
    COUNTED_NOT = 0,
    COUNTED_STANDING = 1,
    COUNTED_SERVED = 2
};

/* what the feed says of a queue */
struct told {
    uint64_t         waiting;
    uint64_t         served;
    uint64_t         since_ms;      /* of the longest waiting; 0: nobody */
    struct waits_sum waits;
};

struct figures {
    TAILQ_ENTRY(figures)  link;     /* of those to be told */
    TAILQ_ENTRY(figures)  stale_link;   /* of those to be stored */
    struct queue         *queue;    /* the owner */
    struct standing       standing;
    size_t                served;
    struct waits          waits;
    uint32_t              stale;    /* slots to be stored, as bits */
    uint64_t              swept;    /* place that the last round stopped at */
    struct told           told;
    uint64_t              gap_ms;   /* between two answers; 0: not known */
    int                   was_told;
    int                   changed;  /* in the desk's list */
};

TAILQ_HEAD(figures_list, figures);

void figures_init(struct figures *figures, struct queue *queue);

/* The conversation's phase or queue has changed, or may have. */
void figures_note(struct desk *desk, struct conversation *conversation);

/* It goes. */
void figures_forget(struct desk *desk, struct conversation *conversation);

/* The desk was loaded, or the settings are others: everything is to be
   told. */
void figures_anew(struct desk *desk);

/* The queue is in the settings no more, and nobody is counted in it. */
void figures_close(struct desk *desk, struct figures *figures);

/* At the end of the flush: waits that have ended are stored, and changes
   told when it is time for that. */
void figures_flush(struct desk *desk);

/* What there is to say of a queue now. */
void figures_of(struct desk *desk, const struct figures *figures,
    struct told *told);

#endif /* CHATDESK_CORE_FIGURES_H */
