/*
 * The section [redis] of worker.ini.
 *
 * Purpose:    takes one setting at a time, checks them together.
 * Owner:      struct redis_settings owns its strings.
 * Invariants: see settings.h.
 */

#ifndef CHATDESK_IO_SETTINGS_REDIS_H
#define CHATDESK_IO_SETTINGS_REDIS_H

#include "io/settings.h"

/* 0; 1 when there is no such setting; -1 with what was expected. */
int settings_redis_take(struct redis_settings *redis, const char *name,
    const char *value, struct fault *fault);

/* What no single setting can say; NULL when nothing is wrong. */
const char *settings_redis_wrong(const struct redis_settings *redis);

void settings_redis_clear(struct redis_settings *redis);

#endif /* CHATDESK_IO_SETTINGS_REDIS_H */
