/*
 * Invitations and transfers: one request to have another agent, of a
 * conversation that an agent has already.
 *
 *                    ask_invite(), ask_transfer()
 *                               |
 *            an agent           v           a queue
 *          +-------------- ask is open ---------------+
 *          |                                          |
 *          v                                          v
 *      offered to it                       in the queue's line of asks,
 *          |                               offered to one after the other
 *          |  taken: ask_taken()                      |
 *          +-------------> joins (a transfer: the source leaves)
 *          |                                          |
 *          |  rejected, missed                        |  time is over
 *          +-------------> ask_return(): the source is told
 *
 * Purpose:    one mechanism for both; what differs is what is done in
 *             ask_taken().
 * Owner:      a conversation owns its ask; it shares agents and queue.
 * Invariants: the source is a member as long as the ask is open, so the
 *             visitor is never alone; the conversation is in the line of
 *             `queue` exactly while that is set and nobody is asked; every
 *             ask ends exactly once, in ask_taken(), ask_return() or with the
 *             conversation.
 */

#ifndef CHATDESK_CORE_ASK_H
#define CHATDESK_CORE_ASK_H

#include "core/conversation.h"

struct desk;

/* the numbers stand in stored entities */
enum ask_kind {
    ASK_INVITE = 1,
    ASK_TRANSFER = 2,
    ASK_KINDS_MAX
};

struct ask {
    enum ask_kind  kind;
    struct agent  *source;
    struct agent  *target;          /* one of these two */
    struct queue  *queue;
    uint64_t       until_ms;
    char          *note;            /* owns; NULL: none */
};

const char *ask_name(enum ask_kind kind);

/* The agent's or the queue's. */
const char *ask_target_name(const struct ask *ask);
void ask_free(struct ask **ask);

/* Whether it may not be offered to anybody any more. */
int ask_is_over(const struct desk *desk,
    const struct conversation *conversation);

/* Whoever is asked has not taken it: looks on, or gives up. */
void ask_refused(struct desk *desk, struct conversation *conversation,
    enum why why);

/* The offer of the ask was accepted. */
void ask_taken(struct desk *desk, struct conversation *conversation);

/* Takes back what is offered, and tells the source. */
void ask_cancel(struct desk *desk, struct conversation *conversation);

/* Ends silently with the conversation. */
void ask_drop(struct desk *desk, struct conversation *conversation);

/* The timer of an ACTIVE conversation has fired. */
void ask_fire(struct desk *desk, struct conversation *conversation);

/* Entries `invite` and `transfer`. */
void ask_invite(struct desk *desk, const struct cd_frame *entry);
void ask_transfer(struct desk *desk, const struct cd_frame *entry);

#endif /* CHATDESK_CORE_ASK_H */
