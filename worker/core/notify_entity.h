/*
 * What the rules of notifications keep: `e:alert`, `e:focus`, `e:wish`.
 *
 * Purpose:    written and read like the entities of entity.h.
 * Owner:      a blob is the caller's.
 * Invariants: those of entity.h.
 *
 * Keys of the maps:
 *
 *   alert  (key "<about>/<agent>")  1 kind, 2 shown, 3 top, 4 count, 5 told,
 *          6 mark, 7 timer
 *   focus  (key: session)  1 agent, 2 conversation
 *   wish   (key: agent)  1 sound, 2 volume, 3 silent, 4 popup
 */

#ifndef CHATDESK_CORE_NOTIFY_ENTITY_H
#define CHATDESK_CORE_NOTIFY_ENTITY_H

#include "core/entity_map.h"

#define ENTITY_ALERT  "alert"
#define ENTITY_FOCUS  "focus"
#define ENTITY_WISH   "wish"

struct agent;
struct desk;
struct focus;

void entity_put_focus(struct desk *desk, const struct focus *focus);
void entity_put_wish(struct desk *desk, const struct agent *agent);

/* Writes, drops and frees what has changed among the alerts. */
void entity_flush_alerts(struct desk *desk);

/* 0; -1 for memory or a map that does not hold. */
int notify_load_alert(struct desk *desk, const char *key,
    struct fields *fields);
int notify_load_focus(struct desk *desk, const char *key,
    struct fields *fields);
int notify_load_wish(struct desk *desk, const char *key,
    struct fields *fields);

#endif /* CHATDESK_CORE_NOTIFY_ENTITY_H */
