/*
 * Business hours: when a flow is open.
 *
 * Purpose:    answers by a table of open intervals in UTC, which the shell
 *             made from weekly spans, holidays and a time zone; no rule of a
 *             calendar stands here.
 * Owner:      the desk owns its hours; each owns its table.
 * Invariants: a table's intervals are in order and apart from each other;
 *             beyond its end it is closed.
 */

#ifndef CHATDESK_CORE_HOURS_H
#define CHATDESK_CORE_HOURS_H

#include <stddef.h>
#include <stdint.h>

#include "core/flow_settings.h"
#include "core/id.h"
#include "core/tree.h"

#define HOURS_INTERVALS_MAX  8000

struct hours {
    RB_ENTRY(hours)        link;
    struct login           id;
    struct open_interval  *intervals;       /* owns */
    size_t                 count;
};

RB_HEAD(all_hours, hours);

/* NULL for memory, an id that is not valid or taken, or a table that is not
   in order. */
struct hours *hours_new(struct all_hours *all,
    const struct hours_settings *settings);

/* Gives it the table of a later day.  0; -1 as above, it is then as before. */
int hours_renew(struct hours *hours, const struct hours_settings *settings);
struct hours *hours_find(struct all_hours *all, const char *id);
void hours_free(struct all_hours *all);

/* No hours at all (NULL) are always open. */
int hours_open(const struct hours *hours, uint64_t now_ms);

/* When that changes next; 0: not within the table. */
uint64_t hours_next(const struct hours *hours, uint64_t now_ms);

#endif /* CHATDESK_CORE_HOURS_H */
