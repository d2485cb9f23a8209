/*
 * Visitors, sessions, nodes; see visitor.h.
 *
 * Purpose:    make, find, link and free them; no rule stands here.
 * Owner:      the desk.
 * Invariants: those of visitor.h; both ends of each link are set and cleared
 *             together.
 */

#include "core/visitor.h"

#include <stdlib.h>

#include "core/agent.h"
#include "core/state.h"


static int
node_compare(struct node *a, struct node *b)
{
    return strcmp(a->id.s, b->id.s);
}


static int
number_compare(struct conversation *a, struct conversation *b)
{
    return conversation_order(a, b);
}


TREE_GENERATE(nodes, node, link, node_compare)
TREE_GENERATE(visitor_conversations, conversation, visitor_link,
              number_compare)


static struct visitor *
visitor_of(struct index_node *node)
{
    return node != NULL ? OWNER_OF(node, struct visitor, node) : NULL;
}


static struct session *
session_of(struct index_node *node)
{
    return node != NULL ? OWNER_OF(node, struct session, link) : NULL;
}


struct visitor *
visitor_get(struct desk *desk, const struct id *id)
{
    struct visitor  *visitor;

    visitor = visitor_of(index_find(&desk->visitors, str_of(id->s)));

    if (visitor != NULL) {
        return visitor;
    }

    visitor = calloc(1, sizeof(struct visitor));
    if (visitor == NULL) {
        return NULL;
    }

    visitor->id = *id;
    RB_INIT(&visitor->conversations);
    timer_init(&visitor->grace, TIMER_VISITOR, visitor->id.s);

    if (index_add(&desk->visitors, &visitor->node, visitor->id.s) != 0) {
        free(visitor);
        return NULL;
    }

    return visitor;
}


void
visitor_release(struct desk *desk, struct visitor *visitor)
{
    if (visitor->sessions == 0 && RB_EMPTY(&visitor->conversations)) {
        timer_stop(&desk->timers, &visitor->grace);
        index_remove(&desk->visitors, &visitor->node);
        free(visitor);
    }
}


void
visitor_link(struct visitor *visitor, struct conversation *conversation)
{
    conversation->visitor = visitor;
    RB_INSERT(visitor_conversations, &visitor->conversations, conversation);
}


void
visitor_renumber(struct conversation *conversation, uint64_t number)
{
    struct visitor_conversations  *tree = &conversation->visitor->conversations;

    RB_REMOVE(visitor_conversations, tree, conversation);
    conversation->number = number;
    RB_INSERT(visitor_conversations, tree, conversation);
}


void
visitor_unlink(struct desk *desk, struct conversation *conversation)
{
    struct visitor  *visitor = conversation->visitor;

    RB_REMOVE(visitor_conversations, &visitor->conversations, conversation);
    conversation->visitor = NULL;
    visitor_release(desk, visitor);
}


struct visitor *
visitor_first(const struct index *visitors)
{
    return visitor_of(index_first(visitors));
}


struct visitor *
visitor_next(const struct visitor *visitor)
{
    return visitor_of(index_next(&visitor->node));
}


struct conversation *
visitor_first_conversation(struct visitor *visitor)
{
    return RB_MIN(visitor_conversations, &visitor->conversations);
}


struct conversation *
visitor_next_conversation(struct conversation *conversation)
{
    return RB_NEXT(visitor_conversations, NULL, conversation);
}


struct session *
session_find(const struct index *sessions, const struct id *id)
{
    return session_of(index_find(sessions, str_of(id->s)));
}


struct session *
session_of_agent(struct desk *desk, const struct cd_frame *entry)
{
    struct id        id;
    struct session  *session = NULL;

    if (id_set(&id, cd_frame_str(entry, CD_F_SESSION)) == 0) {
        session = session_find(&desk->sessions, &id);
    }

    return session != NULL && session->agent != NULL
           && cd_str_is(cd_frame_str(entry, CD_F_WHO), session->agent->id.s)
           ? session : NULL;
}


struct session *
session_first(const struct index *sessions)
{
    return session_of(index_first(sessions));
}


struct node *
node_find(struct nodes *nodes, const struct id *id)
{
    struct node  probe;

    probe.id = *id;

    return RB_FIND(nodes, nodes, &probe);
}


static int
session_compare(const void *a, const void *b)
{
    const struct session *const  *one = a, *const *other = b;

    return strcmp((*one)->id.s, (*other)->id.s);
}


int
node_sort(struct node *node)
{
    size_t            i, count = 0;
    struct session   *session, **all;

    TAILQ_FOREACH(session, &node->sessions, node_link) {
        count++;
    }

    all = malloc((count + 1) * sizeof(struct session *));
    if (all == NULL) {
        return -1;
    }

    for (i = 0; (session = TAILQ_FIRST(&node->sessions)) != NULL; i++) {
        TAILQ_REMOVE(&node->sessions, session, node_link);
        all[i] = session;
    }

    qsort(all, count, sizeof(struct session *), session_compare);

    for (i = 0; i < count; i++) {
        TAILQ_INSERT_TAIL(&node->sessions, all[i], node_link);
    }

    free(all);

    return 0;
}


struct session *
node_first_session(struct node *node)
{
    return TAILQ_FIRST(&node->sessions);
}


struct session *
node_next_session(struct session *session)
{
    return TAILQ_NEXT(session, node_link);
}


static struct node *
node_get(struct desk *desk, const struct id *id)
{
    struct node  *node;

    node = node_find(&desk->nodes, id);
    if (node != NULL) {
        return node;
    }

    node = calloc(1, sizeof(struct node));
    if (node == NULL) {
        return NULL;
    }

    node->id = *id;
    TAILQ_INIT(&node->sessions);
    RB_INSERT(nodes, &desk->nodes, node);

    return node;
}


static void
node_release(struct desk *desk, struct node *node)
{
    if (TAILQ_EMPTY(&node->sessions)) {
        RB_REMOVE(nodes, &desk->nodes, node);
        free(node);
    }
}


struct session *
session_new(struct desk *desk, const struct id *id, const struct id *node,
    struct visitor *visitor, struct agent *agent)
{
    struct session  *session;

    session = calloc(1, sizeof(struct session));
    if (session == NULL) {
        return NULL;
    }

    session->id = *id;
    session->visitor = visitor;
    session->agent = agent;
    session->node = node_get(desk, node);

    if (session->node == NULL) {
        free(session);
        return NULL;
    }

    if (index_add(&desk->sessions, &session->link, session->id.s) != 0) {
        node_release(desk, session->node);
        free(session);
        return NULL;
    }

    TAILQ_INSERT_TAIL(&session->node->sessions, session, node_link);

    if (visitor != NULL) {
        visitor->sessions++;
    } else {
        agent->sessions++;
    }

    return session;
}


void
session_free(struct desk *desk, struct session *session)
{
    index_remove(&desk->sessions, &session->link);
    TAILQ_REMOVE(&session->node->sessions, session, node_link);
    node_release(desk, session->node);

    if (session->visitor != NULL) {
        session->visitor->sessions--;
    } else {
        session->agent->sessions--;
    }

    free(session);
}
