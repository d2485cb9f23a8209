/*
 * Queues, and the profiles that say which agents serve them.
 *
 * Purpose:    where conversations wait, and where the agents who are free
 *             for them stand.
 * Owner:      the desk owns queues and profiles; both come from the settings
 *             and live as long as the desk.
 * Invariants: a conversation is in the line of a queue exactly while it looks
 *             for an agent of it: while its phase is waiting, or for an ask;
 *             an agent is among the free of its crew exactly while it can be
 *             offered one more conversation of that channel, and `free` of
 *             its profile counts them.
 */

#ifndef CHATDESK_CORE_QUEUE_H
#define CHATDESK_CORE_QUEUE_H

#include "core/channel.h"
#include "core/desk.h"
#include "core/figures.h"
#include "core/id.h"
#include "core/tree.h"

struct agent;
struct conversation;
struct crew;
struct profile;
struct skills;

RB_HEAD(waiting, conversation);         /* by priority, then by arrival */
RB_HEAD(arrivals, conversation);        /* by arrival alone */
RB_HEAD(free_agents, free_agent);       /* least loaded, longest idle, id */
RB_HEAD(crews, crew);                   /* by their skills */

/* those of one channel that look for an agent; an ask's conversation is with
   an agent already and waits in a line of its own */
struct queue_line {
    struct waiting        waiting;
    struct conversation  *cursor;       /* while assign_run() runs, as is: */
    uint64_t              lacking;      /* nobody who has these is free ... */
    int                   lacks;        /* ... when this is set */
};

struct queue {
    RB_ENTRY(queue)       link;
    TAILQ_ENTRY(queue)    stirred_link;
    struct login          id;
    char                 *name;         /* owns */
    unsigned              priority;
    uint64_t              accept_ms;
    uint64_t              wrapup_ms;    /* 0: none */
    char                 *dispositions; /* owns; "id=name, ..."; NULL: none */
    struct queue_line     lines[CHANNELS_MAX];
    struct queue_line     asks[CHANNELS_MAX];
    struct arrivals       arrivals;     /* chats that wait */
    struct profile      **profiles;     /* owns the array, shares the rest */
    size_t                profile_count;
    int                   stirred;      /* in the desk's list of those */
    uint64_t              wait_alert_ms;    /* 0: nobody is told */
    int                   changed;      /* its line, since the flush */
    struct queue         *target;       /* while settings are merged: the one
                                           that goes on; else itself */
    int                   gone;         /* in the settings no more */
    uint64_t              service_ms;   /* limit of the service level */
    uint64_t              skills;       /* that it needs, as bits */
    struct figures        figures;
};

struct profile {
    RB_ENTRY(profile)     link;
    struct login          id;
    char                 *name;         /* owns */
    char                 *queues_text;  /* owns; names, as `me` shows them */
    char                 *queue_ids;    /* owns; a LIST, as `me` shows it */
    unsigned              capacity;
    struct queue        **queues;       /* owns the array, shares the rest */
    size_t                queue_count;
    struct notify_settings  notify;
    unsigned              channel_capacity[CHANNELS_MAX];
    unsigned              channels;     /* what its agents may take, as bits */
    unsigned              missed_limit; /* offers; 0: none */
    uint64_t              idle_ms;      /* 0: never */
    unsigned              buttons;      /* enum button, as bits */
    char                 *buttons_text; /* owns; as `me` shows them ... */
    size_t                buttons_len;  /* ... to who is no supervisor */
    struct crews          crews;        /* owns; its agents, by skills */
    unsigned              free[CHANNELS_MAX];   /* how many of them are */
    struct profile       *target;       /* as above */
    int                   gone;
    int                   changed;      /* by the merge, as `me` shows it */
};

RB_HEAD(queues, queue);
RB_HEAD(profiles, profile);

/* NULL for memory or when the id is taken or not valid. */
struct queue *queue_new(struct queues *queues, const struct skills *skills,
    const struct queue_settings *settings);
struct profile *profile_new(struct profiles *profiles,
    struct queues *queues, const struct profile_settings *settings);
void queues_free(struct queues *queues);
void profiles_free(struct profiles *profiles);

/*
 * Settings that were made anew, in `from`, become those of `to`: an object of
 * the same id takes the new contents over, others move; what `from` does not
 * have is marked as gone, to be dropped when nothing refers to it.  Queues go
 * first.  What is left in `from` is to be freed.
 */
void queues_merge(struct queues *to, struct queues *from);
void profiles_merge(struct profiles *to, struct profiles *from);
int queues_any_gone(struct queues *queues);
void queues_drop_gone(struct queues *queues);
void profiles_drop_gone(struct profiles *profiles);

/* For the merge: walks, and one object from tree to tree. */
struct queue *queues_first(struct queues *queues);
struct queue *queues_next(struct queue *queue);
void queues_move(struct queues *to, struct queues *from,
    struct queue *queue);
struct profile *profiles_first(struct profiles *profiles);
struct profile *profiles_next(struct profile *profile);
void profiles_move(struct profiles *to, struct profiles *from,
    struct profile *profile);

struct queue *queue_find(struct queues *queues, const char *id);
struct profile *profile_find(struct profiles *profiles, const char *id);

/* The one after an id, from the first again behind the last. */
struct queue *queue_after(struct queues *queues, const struct login *id);

/* The queue that a visitor named, by id or by name; NULL for none. */
struct queue *queue_named(struct queues *queues, struct cd_str name);

/* Whether any agent is free for it. */
int queue_has_free(const struct queue *queue, enum channel channel);

/* Which of two comes first in a line. */
int queue_order(const struct conversation *a, const struct conversation *b);

/* Puts it into the queue's line of its channel, that of asks when it has one;
   takes it out of the line that it is in, if it is in any. */
void queue_insert(struct queue *queue, struct conversation *conversation);
void queue_remove(struct conversation *conversation);

/* The line that a conversation is in; its first one, and the one after. */
struct queue_line *queue_line_of(struct conversation *conversation);
struct conversation *queue_line_first(struct queue_line *line);
struct conversation *queue_line_next(struct conversation *conversation);

/* The chats that wait, asks not among them, longest waiting first. */
struct conversation *queue_first(struct queue *queue);
struct conversation *queue_next(struct conversation *conversation);

/* Whether the queue's list has this disposition. */
int queue_has_disposition(const struct queue *queue, struct cd_str id);

#endif /* CHATDESK_CORE_QUEUE_H */
