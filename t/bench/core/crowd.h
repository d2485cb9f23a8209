/*
 * A desk with a crowd in it.
 *
 * Purpose:    settings, people and events in the numbers of a large contact
 *             centre, and a clock around what the core does about them.
 * Owner:      a struct crowd owns its desk and its books.
 * Invariants: the books follow what the core answered, as Redis and the
 *             clients would; the same calls draw the same events.
 *
 *   crowd.c   settings, memory, the books
 *   deeds.c   the events
 *   pace.c    the clock
 */

#ifndef CHATDESK_BENCH_CROWD_H
#define CHATDESK_BENCH_CROWD_H

#include <stddef.h>
#include <stdint.h>

#include "chatdesk_wire.h"

#include "core/desk.h"

#include "../../sim/ops.h"

#define CROWD_QUEUES      40
#define CROWD_PROFILES    20
#define CROWD_SERVES      4     /* queues of one profile */
#define CROWD_CAPACITY    12
#define CROWD_EVENT_US    500   /* 2,000 events a second */
#define CROWD_BATCH       64
#define CROWD_DIGITS      21    /* of an id, behind its letter */

enum book_state {
    BOOK_WAITING = 1,
    BOOK_OFFERED = 2,
    BOOK_ACTIVE = 3,
    BOOK_CLOSED = 4
};

/* one conversation */
struct book {
    uint8_t  state;             /* enum book_state */
    uint32_t agent;             /* offered to or held by */
    uint32_t n;                 /* messages and events so far */
    uint32_t place;             /* in `open`, while it is not closed */
    char    *blob;              /* owns; its entity, NULL for none */
    size_t   len;
};

/* entries that are to come next, in order */
struct deeds {
    struct {
        unsigned type;
        uint32_t book;
    } list[1024];
    unsigned first;
    unsigned count;
};

struct crowd {
    size_t                    agents;
    size_t                    target;       /* open conversations */
    struct desk              *desk;         /* owns */
    struct changes           *changes;      /* owns */
    struct desk_settings      settings;
    struct queue_settings     queues[CROWD_QUEUES];
    struct profile_settings   profiles[CROWD_PROFILES];
    const char               *serves[CROWD_PROFILES][CROWD_SERVES];
    char                      names[CROWD_QUEUES][24];
    char                      profile_names[CROWD_PROFILES][24];
    struct agent_settings    *people;       /* owns */
    char                    (*logins)[32];  /* owns */
    char                    **agent_blobs;  /* owns, and what they are */
    size_t                   *agent_lens;   /* owns */
    char                     *desk_blob;    /* owns */
    size_t                    desk_len;
    struct book              *books;        /* owns */
    size_t                    book_count;
    size_t                    book_cap;
    uint32_t                 *open;         /* owns; those not closed */
    size_t                    open_count;
    struct deeds              deeds;
    uint64_t                  now_us;
    uint64_t                  random;
    size_t                    first_bytes;  /* held without conversations */
    char                      conv[32];     /* of the entry that is drawn */
    char                      visitor[32];
    char                      session[32];
};

struct pace {
    double rate;                /* a second */
    double p50_ms;
    double p99_ms;
    double worst_ms;
    double bytes;               /* of the commit, for each event */
};

/* NULL for memory. */
struct crowd *crowd_new(size_t agents, size_t open);
void crowd_free(struct crowd **crowd);

/* What the allocator holds for each open conversation, in bytes. */
double crowd_bytes(const struct crowd *crowd);

/* An id of CROWD_DIGITS + 2 bytes. */
void crowd_id(char *out, char kind, size_t index);

/* What a batch led to, into the books. */
void crowd_note(struct crowd *crowd, const struct ops *ops);

/* Draws the next entry of everyday life.  It borrows from the crowd until
   the next one is drawn. */
void crowd_draw(struct crowd *crowd, struct cd_frame *entry);

/* Entries for one person: an agent comes or goes, a visitor starts. */
void crowd_agent(struct crowd *crowd, struct cd_frame *entry, unsigned type,
    size_t agent);
void crowd_start(struct crowd *crowd, struct cd_frame *entry);

/* Gives an entry to the core, at once. */
void crowd_give(struct crowd *crowd, const struct cd_frame *entry);

/* Opens conversations until all are active; until half of them wait. */
void crowd_fill(struct crowd *crowd);
void crowd_backlog(struct crowd *crowd);

/* So many events one by one for the delays, and as many in batches for the
   rate. */
int crowd_pace(struct crowd *crowd, size_t events, struct pace *pace);

/* A second desk from the entities of the first, then thrown away.  0, or
   -1 when they do not load; the time in worst_ms, the mean size in bytes. */
int crowd_rebuild(struct crowd *crowd, struct pace *pace);

#endif /* CHATDESK_BENCH_CROWD_H */
