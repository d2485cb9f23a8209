/*
 * Seats and unread records out of entities.
 *
 * Purpose:    for entity_load.c.
 * Owner:      the desk.
 * Invariants: -1 is for memory, or for what does not hold.
 */

#ifndef CHATDESK_CORE_ENTITY_SEATS_H
#define CHATDESK_CORE_ENTITY_SEATS_H

#include "core/conversation.h"
#include "core/entity_map.h"

struct desk;

/* The agent with this login, made when there is none; NULL. */
struct agent *entity_agent_ref(struct desk *desk, struct cd_str id);

/* 0 or -1. */
int entity_load_record(struct fields *fields, struct unread *record);

/* Phase and ask of the conversation are loaded.  0 or -1. */
int entity_load_seats(struct desk *desk, struct conversation *conversation,
    struct fields *fields);

#endif /* CHATDESK_CORE_ENTITY_SEATS_H */
