/*
 * The presence states that agents may choose.
 *
 * Purpose:    the built-in ones, and those of the settings.
 * Owner:      the desk owns the list.
 * Invariants: an id is one state's only; agents point into the list, so they
 *             are told when another one takes its place (configure.c).
 */

#ifndef CHATDESK_CORE_PRESENCES_H
#define CHATDESK_CORE_PRESENCES_H

#include "chatdesk_wire.h"

struct agent;
struct desk;
struct desk_settings;

/* 0; -1 for memory or states that do not hold, *why is a constant text. */
int presences_configure(struct desk *desk,
    const struct desk_settings *settings, const char **why);
void presences_free(struct desk *desk);

/* The agent is in the state with this id; -1: the settings have it no more, and
   the agent is away, with that reason. */
int presences_find(struct desk *desk, struct agent *agent, struct cd_str id);

#endif /* CHATDESK_CORE_PRESENCES_H */
