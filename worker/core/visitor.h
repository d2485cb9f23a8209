/*
 * Visitors, and everybody's sessions.
 *
 * Purpose:    who is connected, over which nginx worker.
 * Owner:      the desk owns visitors, sessions and nodes.  A visitor lives as
 *             long as it has a session or a conversation, a node as long as
 *             it has a session.
 * Invariants: `sessions` of a visitor or agent counts its sessions in the
 *             desk's tree; the grace runs only while there is none.
 */

#ifndef CHATDESK_CORE_VISITOR_H
#define CHATDESK_CORE_VISITOR_H

#include "core/conversation.h"
#include "core/id.h"
#include "core/index.h"
#include "core/timer.h"
#include "core/tree.h"

struct agent;
struct desk;

RB_HEAD(visitor_conversations, conversation);       /* by number */
TAILQ_HEAD(node_sessions, session);

struct visitor {
    struct index_node             node;
    struct id                     id;
    unsigned                      sessions;
    int                           present;      /* as the others see it */
    struct timer                  grace;
    struct visitor_conversations  conversations;
};

struct node {
    RB_ENTRY(node)        link;
    struct id             id;
    struct node_sessions  sessions;
};

struct session {
    struct index_node     link;
    struct id             id;
    TAILQ_ENTRY(session)  node_link;
    struct node          *node;
    struct visitor       *visitor;      /* one of these two; shares */
    struct agent         *agent;
};

RB_HEAD(nodes, node);

/* Finds or makes; NULL for memory. */
struct visitor *visitor_get(struct desk *desk, const struct id *id);

/* Frees the visitor when nothing refers to it any more. */
void visitor_release(struct desk *desk, struct visitor *visitor);

/* Both ends of the link between a visitor and its conversation. */
void visitor_link(struct visitor *visitor,
    struct conversation *conversation);

/* Another number, and with it another place among the visitor's. */
void visitor_renumber(struct conversation *conversation, uint64_t number);
void visitor_unlink(struct desk *desk, struct conversation *conversation);

struct visitor *visitor_first(const struct index *visitors);
struct visitor *visitor_next(const struct visitor *visitor);
struct conversation *visitor_first_conversation(struct visitor *visitor);
struct conversation *visitor_next_conversation(
    struct conversation *conversation);

struct session *session_find(const struct index *sessions,
    const struct id *id);
struct session *session_first(const struct index *sessions);

/* The session that an agent's entry names as its own; NULL for none. */
struct session *session_of_agent(struct desk *desk,
    const struct cd_frame *entry);

/* Enters a session that is not there yet, of a visitor or of an agent.
   NULL for memory. */
struct session *session_new(struct desk *desk, const struct id *id,
    const struct id *node, struct visitor *visitor, struct agent *agent);

/* Takes it out and frees it, and its node with the last one; the visitor's
   or agent's count goes down, nothing else happens to them. */
void session_free(struct desk *desk, struct session *session);

struct node *node_find(struct nodes *nodes, const struct id *id);

/* Puts a node's sessions into an order that does not depend on when they came,
   or were loaded; 0, or -1 for memory. */
int node_sort(struct node *node);

/* NULL after the last one. */
struct session *node_first_session(struct node *node);
struct session *node_next_session(struct session *session);

#endif /* CHATDESK_CORE_VISITOR_H */
