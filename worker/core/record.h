/*
 * The interaction's record: everything that happened with one conversation.
 *
 * Purpose:    entries with times, appended to the record in Redis by the
 *             commit that makes them true; accepting opens it.
 * Owner:      nothing is kept here but counts of messages.
 * Invariants: an entry is written once, with what it tells of; a record is
 *             found by agents and supervisors from the first accept on.
 *             Of messages it has their number alone, of menus also what was
 *             offered and what was picked, of the first CD_LIMIT_MENUS.
 *
 * What an entry is like stands in record_entry.h.
 */

#ifndef CHATDESK_CORE_RECORD_H
#define CHATDESK_CORE_RECORD_H

#include <stdint.h>

#include "chatdesk_wire.h"

#include "core/words.h"

struct agent;
struct conversation;
struct desk;
struct outcome;

/* why an agent was chosen */
struct choice {
    uint64_t at_ms;
    uint64_t load;              /* the least of those who are free */
    uint64_t idle_ms;           /* the longest of those with this load */
    uint64_t passed;            /* refusals that are remembered */
    uint64_t waited_ms;
    uint64_t place;             /* in line; 0: for an ask, that has none */
    int      again;             /* its own one is, too: nobody else is free */
};

/* messages so far */
struct counts {
    uint32_t visitor;
    uint32_t agents;
    uint32_t notes;
    uint32_t menus;
    uint32_t picks;
};

/* It is offered, and why to this agent. */
void record_offer(struct desk *desk, struct conversation *conversation,
    const struct agent *agent, const struct choice *choice);

/* The offer has ended; `why` is "accepted" or how else. */
void record_answer(struct desk *desk, struct conversation *conversation,
    const struct agent *agent, enum why why);

/* An agent has it: the record is opened, if it was not, and is theirs too. */
void record_open(struct desk *desk, struct conversation *conversation,
    const struct agent *agent);

/* The agent has said how the interaction of this number came out. */
void record_wrapup(struct desk *desk, uint64_t number,
    const struct agent *agent, const struct outcome *outcome);

/* What both sides, or the desk's alone, are told, in the same words; `why` may
   be NULL.  With the first one it begins: the client's and the communication's
   data. */
void record_event(struct desk *desk, struct conversation *conversation,
    enum event event, enum role role, const char *who, const char *name,
    const char *why);

/* An invitation or transfer began or, with a `why` that is not WHYS_MAX, came
   to nothing; the ask is still the conversation's. */
void record_ask(struct desk *desk, struct conversation *conversation,
    enum event event, const char *who, const char *name, enum why why);

/* A message was written; the entry of the log. */
void record_message(struct desk *desk, struct conversation *conversation,
    enum role role, const struct cd_frame *message);

/* The number of an interaction that another source tells of. */
uint64_t record_number(struct desk *desk);

#endif /* CHATDESK_CORE_RECORD_H */
