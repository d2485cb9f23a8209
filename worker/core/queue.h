/*
 * Queues, and the profiles that say which agents serve them.
 *
 * Purpose:    where conversations wait, and where the agents who are free
 *             for them stand.
 * Owner:      the desk owns queues and profiles; both come from the settings
 *             and live as long as the desk.
 * Invariants: a conversation is in its queue's `waiting` exactly while its
 *             phase is waiting; an agent is in its profile's `free` exactly
 *             while it can be offered one more conversation.
 */

#ifndef CHATDESK_CORE_QUEUE_H
#define CHATDESK_CORE_QUEUE_H

#include "core/desk.h"
#include "core/id.h"
#include "core/tree.h"

struct agent;
struct conversation;
struct profile;

RB_HEAD(waiting, conversation);         /* by number: the order of arrival */
RB_HEAD(free_agents, agent);            /* least loaded, longest idle, id */

struct queue {
    RB_ENTRY(queue)       link;
    TAILQ_ENTRY(queue)    stirred_link;
    struct login          id;
    char                 *name;         /* owns */
    unsigned              priority;
    uint64_t              accept_ms;
    struct waiting        waiting;
    struct profile      **profiles;     /* owns the array, shares the rest */
    size_t                profile_count;
    struct conversation  *cursor;       /* while assign_run() runs */
    int                   stirred;      /* in the desk's list of those */
    uint64_t              wait_alert_ms;    /* 0: nobody is told */
    int                   changed;      /* its line, since the flush */
};

struct profile {
    RB_ENTRY(profile)     link;
    struct login          id;
    char                 *name;         /* owns */
    char                 *queues_text;  /* owns; names, as `me` shows them */
    unsigned              capacity;
    struct queue        **queues;       /* owns the array, shares the rest */
    size_t                queue_count;
    struct free_agents    free;
    struct notify_settings  notify;
};

RB_HEAD(queues, queue);
RB_HEAD(profiles, profile);

/* NULL for memory or when the id is taken or not valid. */
struct queue *queue_new(struct queues *queues,
    const struct queue_settings *settings);
struct profile *profile_new(struct profiles *profiles,
    struct queues *queues, const struct profile_settings *settings);
void queues_free(struct queues *queues);
void profiles_free(struct profiles *profiles);

struct queue *queue_find(struct queues *queues, const char *id);
struct queue *queues_first(struct queues *queues);
struct queue *queues_next(struct queue *queue);
struct profile *profile_find(struct profiles *profiles, const char *id);

/* The queue that a visitor named, by id or by name; NULL for none. */
struct queue *queue_named(struct queues *queues, struct cd_str name);

/* Whether any agent is free for it. */
int queue_has_free(const struct queue *queue);

void queue_insert(struct queue *queue, struct conversation *conversation);
void queue_remove(struct queue *queue, struct conversation *conversation);
struct conversation *queue_first(struct queue *queue);
struct conversation *queue_next(struct conversation *conversation);

#endif /* CHATDESK_CORE_QUEUE_H */
