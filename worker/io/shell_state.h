/*
 * What a struct shell holds; for the files of the shell only.
 *
 * Purpose:    shared by shell.c (life), library.c, lease.c, load.c,
 *             batch.c, nodes.c, logon.c, request.c and carrier.c.
 * Owner:      the shell owns everything it points to that is not said to be
 *             borrowed.
 * Invariants: `desk` and `changes` exist in LOADING and RUNNING alone, the
 *             reader and calls connections in RUNNING alone.
 */

#ifndef CHATDESK_IO_SHELL_STATE_H
#define CHATDESK_IO_SHELL_STATE_H

#include <stdint.h>
#include <sys/queue.h>

#include "core/changes.h"
#include "core/desk.h"
#include "io/config.h"
#include "io/log.h"
#include "io/redis.h"
#include "io/request.h"
#include "io/shell.h"
#include "io/throttle.h"

#define ENTRY_ID_MAX     48
#define NODE_ID_MAX      32
#define NODES_GONE_MAX   256
#define NODES_LOST_MAX   1024
#define LOGONS_MAX       64

enum shell_state {
    SHELL_AWAY = 1,
    SHELL_STANDBY = 2,
    SHELL_SETUP = 3,
    SHELL_LOADING = 4,
    SHELL_RUNNING = 5,
    SHELL_ENDED = 6
};

/* entries that were read and not yet given to the core */
struct entry {
    char   id[ENTRY_ID_MAX];
    char  *envelope;                    /* owns */
    size_t len;
};

struct batch {
    struct entry  entries[512];         /* CD_LIMIT_BATCH */
    size_t        count;
    size_t        next;                 /* first not yet given */
    char          read[ENTRY_ID_MAX];   /* id of the last one read */
    char          position[ENTRY_ID_MAX];   /* applied */
    char          proposed[ENTRY_ID_MAX];   /* by the commit under way */
    int           reading;
    int           behind;               /* the log has more than was read */
    int           committing;
    int           fresh;                /* desk_loaded() is still to come */
    int           trying;               /* cd_try is under way */
    int           tried;                /* was asked in this tenure */
    int           poisoned;             /* the next entry kills */
    size_t        size;                 /* entries in the commit */
    uint64_t      got_ms;               /* loop time of the last entries */
};

/* nodes whose sessions are gone, and such that have no lease */
struct nodes {
    char      gone[NODES_GONE_MAX][NODE_ID_MAX];
    size_t    gone_count;
    char      lost[NODES_LOST_MAX][NODE_ID_MAX];
    size_t    lost_count;
    uint64_t  lost_ms;                  /* loop time when they are gone */
    uint64_t  redis_ms;                 /* time of Redis */
    int       asking;
};

struct carrier;
struct load;
struct logon;
struct request;
STAILQ_HEAD(logon_queue, logon);
STAILQ_HEAD(request_queue, request);

struct shell {
    uv_loop_t                *loop;     /* borrows */
    const struct settings    *settings; /* borrows */
    const struct desk_entry  *entry;    /* borrows */
    char                      prefix[48];
    char                      worker[64];   /* this process, and no other */
    enum shell_state          state;
    struct config            *config;
    int                       reseeded; /* desk.json was read again */
    char                      named[4 * 80 + 1];    /* as Redis was told */
    struct desk              *desk;
    struct changes           *changes;

    struct redis             *command;
    struct redis             *reader;
    struct redis             *calls;
    struct throttle          *throttle;

    uv_timer_t                lease_timer;
    uv_timer_t                work_timer;
    uv_timer_t                pace_timer;
    uv_timer_t                nodes_timer;

    uint64_t                  hours_ms; /* when the hours are made anew */
    uint64_t                  warned;   /* revision whose janitor was told */
    uint64_t                  tenure;   /* counts ownerships of the process */
    uint64_t                  epoch;
    int                       asking_lease;
    unsigned                  loads;    /* of the library, without success */
    uint64_t                  library;  /* version in Redis */
    int                       stopping;
    int                       releasing;
    const char               *told;     /* constant; why nothing can be done */
    char                      owner[64];    /* as it was logged last */

    /* what this process knows of the log, over tenures */
    char                      known_applied[ENTRY_ID_MAX];
    char                      known_last[ENTRY_ID_MAX];
    char                      survived[ENTRY_ID_MAX];
    char                      refused[ENTRY_ID_MAX];
    size_t                    careful;  /* entries to be given one by one */

    struct load              *load;     /* in LOADING alone */
    struct carrier           *carrier;
    struct batch              batch;
    struct nodes              nodes;
    struct logon_queue        verified;
    unsigned                  logons;   /* under way */
    const struct request_ops *ops;      /* borrows */
    void                     *api;      /* owns; from LOADING on */
    struct request_queue      requests;
    uint64_t                  request_count;
};

/* FCALL function 1 <prefix><key> and so many arguments; lens may be NULL.
   0, or -1 when nothing was sent. */
int shell_call(struct shell *shell, redis_answer answer,
    const char *function, const char *key, int argc, const char **argv,
    const size_t *lens);

/* PUBLISH of a frame on a node's channel; what is lost is lost. */
void shell_tell_node(struct shell *shell, const char *node,
    const struct cd_frame *frame);

/* Ends the tenure, if there is one, and begins anew with a connection. */
void shell_drop(struct shell *shell, enum log_level level, const char *why);

/* Says why nothing can be done, once until it can again.  `event` is a
   constant. */
void shell_tell_away(struct shell *shell, enum log_level level,
    const char *event, const char *why);

/* The pace timer: batch_read() in so many ms. */
void shell_pace(struct shell *shell, uint64_t ms);

/* The work timer: batch_work() in so many ms. */
void shell_arm(struct shell *shell, uint64_t ms);

/* No commit is under way and the process is to end. */
void shell_stop_idle(struct shell *shell);

/* lease.c: the library is there, asks for the lease from now on; one more
   question */
void lease_compete(struct shell *shell);
void lease_ask(struct shell *shell);
void lease_fired(uv_timer_t *timer);

/* The desk's name in Redis is that of the settings. */
void setup_rename(struct shell *shell);

/* library.c: ends with lease_compete(); whether a newer one is on its way */
void library_check(struct shell *shell);
int library_replace(struct shell *shell);

/* load.c: reads entities and sessions; ends with shell_loaded(). */
void load_start(struct shell *shell);
void load_clear(struct shell *shell);
void shell_loaded(struct shell *shell);

/* batch.c */
void batch_start(struct shell *shell, const char *position);
void batch_read(struct shell *shell);
void batch_work(struct shell *shell);
void batch_clear(struct shell *shell);
int entry_id_before(const char *a, const char *b);

/* nodes.c */
void nodes_seen(struct shell *shell, const char *node);
void nodes_check(struct shell *shell);

/* logon.c */
void logon_call(struct shell *shell, const char *payload, size_t len);
void logon_apply(struct shell *shell, uint64_t now_ms);
void logon_clear(struct shell *shell);

/* carrier.c: what is due in the outbox, to be called when no commit is under
   way; results into the next one; the tenure ends */
int carrier_open(struct shell *shell);
void carrier_work(struct shell *shell);
void carrier_apply(struct shell *shell, uint64_t now_ms);
void carrier_clear(struct shell *shell);

/* With the shell's own handles; after the loop has ended. */
void carrier_close(struct shell *shell);
void carrier_free(struct shell *shell);

/* request.c */
void request_call(struct shell *shell, const char *payload, size_t len);
void request_apply(struct shell *shell, uint64_t now_ms);
void request_clear(struct shell *shell);

#endif /* CHATDESK_IO_SHELL_STATE_H */
