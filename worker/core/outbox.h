/*
 * The outbox: what is to be done outside of Redis.
 *
 *   a rule --> job, in the commit of what it follows from (entity "outbox")
 *                |  the shell, when that commit is stored
 *                v
 *            request --> sent: the job goes
 *                    --> again: later, with a longer wait each time
 *                    --> never: to the dead letters
 *
 * A job is told apart by its slot: kind, agent, target and what it is about.
 * A newer one takes the older one's place, so that what could not be sent
 * for a while is told once, with its last word.
 *
 * Purpose:    effects that are lost in no crash, and an end to every retry.
 * Owner:      the desk owns its jobs.
 * Invariants: at most CD_LIMIT_OUTBOX of them, the oldest goes for a new
 *             one; one for a slot; numbers only rise, also over restarts, and
 *             are never used again.  A job whose process died in the midst is
 *             carried out again: whoever receives it tells repetitions by the
 *             slot or the number.
 */

#ifndef CHATDESK_CORE_OUTBOX_H
#define CHATDESK_CORE_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include <sys/queue.h>

#include "chatdesk_wire.h"

#include "core/desk.h"
#include "core/tree.h"

#define ENTITY_OUTBOX  "outbox"

struct fields;

struct job {
    struct outbox_job   face;       /* first; borrows from `text`, `frame` */
    RB_ENTRY(job)       slot_link;
    TAILQ_ENTRY(job)    link;
    char               *frame;      /* owns */
    char                text[];
};

RB_HEAD(slots, job);
TAILQ_HEAD(job_list, job);

struct outbox {
    struct slots         slots;
    struct job_list      jobs;      /* oldest first */
    struct outbox_count  count;
    uint64_t             next;      /* number of the next job */
};

/* A job for this slot: the frame is packed.  `until_ms`: nobody needs it
   then. */
void outbox_put(struct desk *desk, enum outbox_kind kind, const char *agent,
    const char *target, const char *about, const struct cd_frame *frame,
    uint64_t until_ms);

/* Nobody needs this one any more. */
void outbox_drop(struct desk *desk, enum outbox_kind kind, const char *agent,
    const char *target, const char *about);

/* Nor anything for this target; `agent` NULL: whomever it is about. */
void outbox_forget(struct desk *desk, enum outbox_kind kind,
    const char *agent, const char *target);

void outbox_init(struct outbox *outbox);
void outbox_free(struct outbox *outbox);
int outbox_load(struct desk *desk, const char *key, struct fields *fields);

#endif /* CHATDESK_CORE_OUTBOX_H */
