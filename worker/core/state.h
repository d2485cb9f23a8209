/*
 * What a struct desk holds; for the files of the core only.
 *
 * Purpose:    the indexes that the rules share.
 * Owner:      the desk owns every object in its trees.
 * Invariants: `changes` and `now_ms` are those of the call under way, and
 *             mean nothing between calls; `failed` sticks, the desk must
 *             then be loaded anew.
 */

#ifndef CHATDESK_CORE_STATE_H
#define CHATDESK_CORE_STATE_H

#include "core/agent.h"
#include "core/alert.h"
#include "core/attributes.h"
#include "core/changes.h"
#include "core/conversation.h"
#include "core/desk.h"
#include "core/flow.h"
#include "core/hook.h"
#include "core/index.h"
#include "core/outbox.h"
#include "core/queue.h"
#include "core/skills.h"
#include "core/templates.h"
#include "core/timer.h"
#include "core/visitor.h"

TAILQ_HEAD(queue_list, queue);

struct desk {
    uint64_t                  now_ms;
    struct changes           *changes;      /* borrows during a call */
    int                       configured;
    char                     *name;         /* owns; shown to visitors */
    int                       failed;       /* memory ran out */
    enum cd_error             refused;      /* of the entry applied last */
    struct queues             queues;
    struct queue             *default_queue;
    struct profiles           profiles;
    struct skills             skills;       /* that the settings name */
    struct all_hours          hours;
    struct flows              flows;
    struct timer              hours_timer;  /* some hours change */
    uint64_t                  flows_hash;   /* of what visitors are told */
    struct agents             agents;
    struct index              visitors;
    struct nodes              nodes;
    struct index              sessions;
    struct index              conversations;
    struct timers             timers;
    struct templates          templates;
    struct queue_list         stirred;      /* to be looked at */
    struct conversation_list  dirty_conversations;
    struct agent_list         dirty_agents;
    struct alerts             alerts;
    struct alert_list         dirty_alerts;
    struct focuses            focuses;
    struct outbox             outbox;
    struct hooks              hooks;
    struct policy             policy;       /* of the desk, about notices */
    struct figures_list       changed_figures;
    struct figures_list       stale_figures;
    int                       figures_due;  /* for the flush, as is ... */
    int                       place_due;
    struct timer              figures_timer;
    uint64_t                  figures_told_ms;
    uint64_t                  figures_minute;
    struct timer              place_timer;
    struct login              place_turn;   /* queue that was swept last */
    uint64_t                  next_number;
    struct own_presence      *presences;    /* owns; of the settings */
    size_t                    presence_count;
    struct attributes         attributes;
    char                     *presences_text;   /* owns; all of them */
    uint64_t                  grace_ms;     /* an absent agent keeps chats */
    int                       dirty;        /* the counter has moved */
    char                     *scratch;      /* owns; for one entity */
    msgpack_zone             *zone;         /* owns; while it is loaded */
};

/* Something in or for this queue changed: assign_run() looks at it. */
void desk_stir(struct desk *desk, struct queue *queue);

/* Memory ran out: this batch must not be committed. */
void desk_fail(struct desk *desk);

/* Around every call from outside: now and where changes go; and their end. */

static inline void
desk_enter(struct desk *desk, uint64_t now_ms, struct changes *changes)
{
    desk->now_ms = now_ms;
    desk->changes = changes;
}


static inline void
desk_close(struct desk *desk)
{
    if (desk->failed) {
        changes_fail(desk->changes);
    }

    desk->changes = NULL;
}


#endif /* CHATDESK_CORE_STATE_H */
