/*
 * Agents: what they are set to, what they hold, and whether they are free.
 *
 * Purpose:    one agent's state and its place among the free ones.
 * Owner:      the desk owns agents; they live as long as it does.
 * Invariants: `offered`, `active` and `wrapping` count the seats in these
 *             states, `loads` all of them by channel; the agent is in its
 *             crew's `free` of a channel exactly when agent_able(); the keys
 *             of those trees change only in agent_refresh().  Who has a
 *             profile has a crew.
 */

#ifndef CHATDESK_CORE_AGENT_H
#define CHATDESK_CORE_AGENT_H

#include "core/device.h"
#include "core/focus.h"
#include "core/id.h"
#include "core/notices.h"
#include "core/queue.h"
#include "core/rights.h"
#include "core/timer.h"
#include "core/tree.h"
#include "core/words.h"

struct crew;
struct desk;
struct seat;
struct wish;

/* a presence state of the settings */
struct own_presence {
    struct login  id;
    char         *name;         /* owns */
    unsigned      takes;        /* channels, as bits */
};

/* an agent in a tree of free ones */
struct free_agent {
    RB_ENTRY(free_agent)  link;
    struct agent         *agent;        /* shares */
};

RB_HEAD(agent_seats, seat);          /* by the conversation's number */

struct agent {
    RB_ENTRY(agent)      link;
    TAILQ_ENTRY(agent)   dirty_link;
    struct login         id;
    char                *name;          /* owns; NULL: not in the settings */
    char                *role;          /* owns; NULL likewise */
    struct profile      *profile;       /* shares; NULL likewise */
    struct crew         *crew;          /* shares; NULL likewise */
    enum rank            rank;
    enum cd_presence     state;         /* what the agent has chosen */
    const struct own_presence *own;     /* shares; that state more closely:
                                           available or busy; NULL: built in */
    enum why             why;           /* of a state that came by itself */
    unsigned             sessions;
    unsigned             offered;
    unsigned             active;
    unsigned             wrapping;
    unsigned             loads[CHANNELS_MAX];
    unsigned             missed;        /* offers in a row */
    struct timer         idle;          /* away when it fires */
    int                  present;       /* as the others see it */
    struct timer         grace;
    uint64_t             idle_since_ms;
    struct agent_seats   seats;
    unsigned             free_load;     /* keys while in `free` */
    uint64_t             free_since_ms;
    struct free_agent    free[CHANNELS_MAX];
    unsigned             in_free;       /* channels, as bits */
    int                  loaded;        /* there is an entity of it */
    int                  dirty;         /* in the desk's list of those */
    int                  me_dirty;
    struct policy        policy;        /* about notices */
    struct wish         *wish;          /* owns; NULL: has not chosen */
    struct device_list   devices;       /* owns; for web push */
    struct focus_list    focuses;       /* shares; of its sessions */
    int                  listed;        /* by the settings being taken */
    int                  changed;       /* by them */
    int                  policy_changed;    /* likewise */
};

RB_HEAD(agents, agent);
TAILQ_HEAD(agent_list, agent);

/* Makes one that is in no settings yet; NULL for memory. */
struct agent *agent_new(struct agents *agents, const struct login *id);
void agents_free(struct agents *agents);
struct agent *agent_find(struct agents *agents, struct cd_str id);
struct agent *agent_first(struct agents *agents);

/* The first one whose id comes after this text; NULL for none. */
struct agent *agent_after(struct agents *agents, const char *id);
struct agent *agent_next(struct agent *agent);

/* The agent's sessions, state and load allow one more conversation. */
int agent_able(const struct agent *agent, enum channel channel);

/* Channels that the agent's state takes, of those that the profile has, as
   bits; and the state's id. */
unsigned agent_takes(const struct agent *agent);
const char *agent_state_id(const struct agent *agent);

/* Puts the agent where it belongs among the free ones; when it has become
   free, its queues are looked at again. */
void agent_refresh(struct desk *desk, struct agent *agent);

/* Takes the agent from among the free ones until agent_refresh(). */
void agent_leave_free(struct agent *agent);

/* The first free agent of a crew, and the one after. */
struct agent *agent_first_free(struct crew *crew, enum channel channel);
struct agent *agent_next_free(struct agent *agent, enum channel channel);
int agent_before(struct agent *a, struct agent *b);

/* The agent's seats, oldest conversation first. */
struct seat *agent_first_seat(struct agent *agent);
struct seat *agent_next_seat(struct seat *seat);
void agent_add_seat(struct agent *agent, struct seat *seat);
void agent_remove_seat(struct agent *agent, struct seat *seat);

/* To be written at the flush; `me` says that the inbox shows it too. */
void agent_touch(struct desk *desk, struct agent *agent, int me);

#endif /* CHATDESK_CORE_AGENT_H */
