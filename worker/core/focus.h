/*
 * What agents look at: one conversation for each connected session.
 *
 * Purpose:    nobody is told of what is in front of their eyes.
 * Owner:      the desk; a focus lives as long as its session, and is stored
 *             like it, so that a worker that takes over knows it too.
 * Invariants: at most one for each session; those whose session has gone are
 *             dropped when the desk is loaded.
 */

#ifndef CHATDESK_CORE_FOCUS_H
#define CHATDESK_CORE_FOCUS_H

#include "core/id.h"
#include "core/tree.h"

struct agent;
struct cd_frame;
struct desk;

struct focus {
    RB_ENTRY(focus)    link;
    LIST_ENTRY(focus)  agent_link;
    struct id          session;
    struct id          conv;
    struct agent      *agent;       /* shares */
};

RB_HEAD(focuses, focus);
LIST_HEAD(focus_list, focus);

/* One of the agent's devices shows this conversation. */
int focus_on(const struct agent *agent, const struct id *conv);

/* The rule of the entry `focus`. */
void focus_set(struct desk *desk, const struct cd_frame *entry);

/* The session has ended. */
void focus_end(struct desk *desk, const struct id *session);

/* Drops those without a session. */
void focus_loaded(struct desk *desk);

/* 0; -1 for memory or when it is there already. */
int focus_load(struct desk *desk, const char *session, struct cd_str agent,
    struct cd_str conv);

/* All of them, before the agents go. */
void focuses_free(struct desk *desk);

#endif /* CHATDESK_CORE_FOCUS_H */
