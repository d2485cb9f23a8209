/*
 * Conversations, and the seats that agents have in them.
 *
 *            start
 *              |                     rejected, missed, withdrawn
 *              v                   +----------------------------+
 *          WAITING <---------------+                            |
 *              |  offer_make()                                  |
 *              +-------------------> OFFERED -------------------+
 *              |                        |  offer_accept()
 *              |                        v
 *              |   ending_close()    ACTIVE -- presence_lost() --> WAITING
 *              |                        |
 *              |                        +------> WRAPUP
 *              |                        |          | wrapup_done()
 *              +-------> CLOSED <-------+----------+   (also from OFFERED)
 *
 * Purpose:    one conversation's state; the legal edges stand in
 *             include/tbl/states.h.
 * Owner:      the desk owns conversations; a conversation owns its seats and
 *             shares its queue, visitor and the seats' agents.
 * Invariants: 1. in the line of its queue exactly while WAITING, in the one
 *                of its ask's queue exactly while that looks for somebody;
 *             2. `offer` is the one seat in state OFFERED; there is one while
 *                OFFERED, and none but for an ask while ACTIVE;
 *             3. a seat is ACTIVE only while the phase is ACTIVE, and then at
 *                least one is; WRAPUP only while the phase is WRAPUP, and
 *                then at least one is; CLOSED and DISMISSED only afterwards;
 *             4. the timer means: WAITING offer again, OFFERED missed, ACTIVE
 *                the ask's next step, WRAPUP its end, CLOSED forget;
 *             5. a closed conversation without a CLOSED seat goes at the next
 *                flush;
 *             6. an ask (ask.h) is open only while ACTIVE, at most one.
 */

#ifndef CHATDESK_CORE_CONVERSATION_H
#define CHATDESK_CORE_CONVERSATION_H

#include "core/channel.h"
#include "core/flow.h"
#include "core/id.h"
#include "core/index.h"
#include "core/record.h"
#include "core/timer.h"
#include "core/tree.h"
#include "core/unread.h"
#include "core/words.h"

#define SEATS_MAX  128      /* refusals beyond are forgotten, oldest first */

struct agent;
struct ask;
struct conversation;
struct desk;
struct queue;
struct visitor;

/* the numbers stand in stored entities */
enum seat_state {
    SEAT_NONE = 1,              /* at most a refusal is remembered */
    SEAT_OFFERED = 2,
    SEAT_ACTIVE = 3,            /* a member */
    SEAT_CLOSED = 4,            /* was a member; the card is still there */
    SEAT_DISMISSED = 5,
    SEAT_WRAPUP = 6,            /* it has ended, the agent wraps it up */
    SEAT_OBSERVER = 7,          /* watches unseen, is no member */
    SEAT_STATES_MAX
};

struct seat {
    TAILQ_ENTRY(seat)     link;
    RB_ENTRY(seat)        agent_link;
    struct conversation  *conversation;
    struct agent         *agent;
    enum seat_state       state;
    enum why              why;          /* why the card went */
    uint64_t              refused_at_ms;    /* 0: never */
    uint64_t              owes;         /* an interaction's wrap-up that a
                                           reopening cut short; 0: none */
    struct reader         reader;
    uint8_t               card_shown;   /* the inbox has it */
    uint8_t               card_dirty;
    uint8_t               member_dirty;
};

TAILQ_HEAD(seats, seat);

/* what agents say of an interaction after its end; NULL: nothing */
struct outcome {
    char *disposition;          /* owns, as the others */
    char *tags;
    char *note;
};

/* who named the queue; the numbers stand in stored entities */
enum routed {
    ROUTED_BY_FLOW = 0,
    ROUTED_BY_RULE = 1,
    ROUTED_BY_VISITOR = 2,      /* its page did, in `queue` */
    ROUTED_BY_ITEM = 3,         /* whoever made the work item */
    ROUTED_BY_TRANSFER = 4,
    ROUTED_BY_DESK = 5,         /* its own had gone from the settings */
    ROUTED_MAX
};

/* what the flush has to publish, beside the entity */
enum dirty {
    DIRTY_STORE = 1,
    DIRTY_PHASE = 2,
    DIRTY_VISITOR = 4,          /* the visitor's `member`, on the desk side */
    DIRTY_VISITOR_BOTH = 8,     /* ... on both sides */
    DIRTY_CARDS = 16,           /* every card of it */
    DIRTY_CLOSE = 32,           /* close it in Redis, after all else */
    DIRTY_LOOK = 64             /* notices alone: nothing is to be stored */
};

struct conversation {
    struct index_node          node;
    struct id                  id;
    RB_ENTRY(conversation)     waiting_link;
    RB_ENTRY(conversation)     arrival_link;
    RB_ENTRY(conversation)     visitor_link;
    TAILQ_ENTRY(conversation)  dirty_link;
    uint8_t                    writers;     /* agents that were members */
    uint8_t                    stored;      /* there is an entity of it */
    unsigned                   dirty;       /* enum dirty; in a list if set */
    enum cd_phase              phase;
    enum role                  closed_by;
    enum channel               channel;
    uint8_t                    hand;        /* an agent asks for help */
    uint8_t                    hand_known;  /* there is an alert of it */
    struct visitor            *visitor;
    struct queue              *queue;
    struct flow               *flow;
    struct seat               *offer;
    struct ask                *ask;         /* owns; NULL: none is open */
    struct queue              *line;        /* shares; NULL: in no line */
    struct seats               seats;
    struct timer               timer;
    struct timer               silence;     /* silence.h */
    uint8_t                    priority;    /* within the queue, 1..9 */
    uint8_t                    offline;     /* came out of hours */
    uint64_t                   absent_at_ms;    /* the visitor is; 0: is not */
    uint8_t                    reopens;     /* CLOSED, and Redis keeps it so
                                               that it can go on */
    uint32_t                   said;        /* messages of the desk itself */
    uint64_t                   active_at_ms;    /* last wrote or was taken */
    uint64_t                   reminded_at_ms;  /* 0: not since the reply */
    uint64_t                   number;      /* the interaction's, and place */
    uint64_t                   since_ms;
    RB_ENTRY(conversation)     standing_link;
    uint32_t                   standing_size;   /* see standing.h */
    uint64_t                   standing_since;
    uint64_t                   queued_at_ms;    /* this wait began; 0: none */
    struct queue              *counted_in;      /* see figures.h */
    uint32_t                   place_told;      /* 0: none yet */
    uint8_t                    counted;         /* enum counted */
    struct counts              counts;          /* of messages */
    uint64_t                   accept_ms;   /* of the standing offer */
    uint64_t                   client_at_ms;
    uint64_t                   reply_at_ms;
    uint64_t                   ended_at_ms;
    char                      *name;        /* owns these; NULL for none */
    char                      *email;
    char                      *page;
    char                      *title;
    char                      *lang;
    char                      *preview;
    struct outcome             outcome;     /* of the wrap-up */
    char                      *form;        /* answers, as they travel */
    char                      *kind;        /* of a work item; NULL: a chat */
    char                      *link;        /* what that is about */
    uint8_t                    routed;      /* enum routed */
    char                      *rule;        /* the flow's, that named it */
    char                      *skills;      /* names that the rule asks for */
    uint64_t                   needs;       /* the same, as the desk's bits */
    struct agent              *chosen;      /* shares; asked last, and why; */
    struct choice              choice;      /* NULL: nobody was yet */
    struct unread              record;
};

TAILQ_HEAD(conversation_list, conversation);

/* Makes one without phase, visitor and queue; NULL for memory.  The number
   orders it everywhere, so it never changes. */
struct conversation *conversation_new(struct index *conversations,
    const struct id *id, uint64_t number);
struct conversation *conversation_find(const struct index *conversations,
    struct cd_str id);

/* Takes it out of everything it is in, then frees it. */
void conversation_free(struct desk *desk, struct conversation *conversation);
struct conversation *conversation_first(const struct index *conversations);
struct conversation *conversation_next(
    const struct conversation *conversation);

/* The order of arrival.  Numbers are unique; should a stored one not be, the
   id still tells them apart. */
int conversation_order(const struct conversation *a,
    const struct conversation *b);

/* 0; -1 for an edge that the table does not have, nothing is changed. */
int conversation_set_phase(struct desk *desk,
    struct conversation *conversation, enum cd_phase phase);

/* Goes to another queue, which knows nothing of what a rule asked for. */
void conversation_set_queue(struct conversation *conversation,
    struct queue *queue, enum routed routed);

/* Adds to what the flush has to do. */
void conversation_touch(struct desk *desk, struct conversation *conversation,
    unsigned dirty);

/* The flush is to see who is to be told of it; it has not changed. */
void conversation_look(struct desk *desk, struct conversation *conversation);

/* The seat of an agent; NULL for none. */
struct seat *seat_find(struct conversation *conversation,
    const struct agent *agent);

/* NULL for memory.  Forgets the oldest refusal when there are too many. */
struct seat *seat_new(struct conversation *conversation,
    struct agent *agent);
void seat_free(struct seat *seat);

/* Forgets what was said. */
void outcome_free(struct outcome *outcome);

/* Adds the seat, as it is now, to the agent's load, or takes it off. */
void seat_count(struct seat *seat, int by);

/* 0; -1 for an edge that there is not.  Keeps the agent's load. */
int seat_set_state(struct desk *desk, struct seat *seat,
    enum seat_state state);

static inline int
seat_has_card(const struct seat *seat)
{
    return seat->state == SEAT_OFFERED || seat->state == SEAT_ACTIVE
           || seat->state == SEAT_CLOSED || seat->state == SEAT_WRAPUP
           || seat->state == SEAT_OBSERVER;
}

/* Work that no visitor brings: no flow, no visitor who writes or is there. */

static inline int
conversation_is_item(const struct conversation *conversation)
{
    return conversation->kind != NULL;
}


/* Closed for the client, and in Redis: nothing goes to its sides any more. */

static inline int
conversation_is_over(const struct conversation *conversation)
{
    return conversation->phase == CD_PHASE_CLOSED
           || conversation->phase == CD_PHASE_WRAPUP;
}


/* Whether it counts against the agent's capacity. */

static inline int
seat_loads(enum seat_state state)
{
    return state == SEAT_OFFERED || state == SEAT_ACTIVE
           || state == SEAT_WRAPUP;
}


/* Whether the agent is, or at the end was, a member of it. */

static inline int
seat_is_members(const struct seat *seat)
{
    return seat->state == SEAT_ACTIVE || seat->state == SEAT_CLOSED
           || seat->state == SEAT_DISMISSED || seat->state == SEAT_WRAPUP;
}

#endif /* CHATDESK_CORE_CONVERSATION_H */
