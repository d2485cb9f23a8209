/*
 * Settings of the life of conversations: what may be left out of desk.json.
 *
 * Purpose:    wrap-up and dispositions of a queue; limits and buttons of a
 *             profile; presence states; the grace of an absent agent.
 * Owner:      arrays are the settings'; strings are the document's.
 * Invariants: what is missing is as if the desk had no such rule.
 */

#ifndef CHATDESK_IO_DESK_LIFE_H
#define CHATDESK_IO_DESK_LIFE_H

#include "core/desk.h"
#include "io/json_check.h"

#define DESK_DISPOSITIONS_MAX  100
#define DESK_STATES_MAX        50

/* names of members, for json_members() */
#define DESK_LIFE_QUEUE    "?wrapup_seconds", "?dispositions"
#define DESK_LIFE_PROFILE  "?capacity_by_channel", "?missed_limit",           \
                           "?idle_seconds", "?buttons", "?channels"
#define DESK_LIFE_DESK     "?states", "?grace_seconds"

void desk_life_queue(struct json_at *item, struct queue_settings *queue);
void desk_life_profile(struct json_at *item,
    struct profile_settings *profile);
void desk_life_desk(struct json_at *root, struct desk_settings *settings);
void desk_life_free(struct desk_settings *settings);

#endif /* CHATDESK_IO_DESK_LIFE_H */
