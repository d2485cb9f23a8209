/*
 * From a calendar to a table of open intervals.
 *
 * Purpose:    the only place that knows of time zones; what it knows is
 *             GLib's (docs/decisions/0028).
 * Owner:      the caller owns a table.
 * Invariants: a table is in order, its intervals apart from each other; it
 *             begins a day before now and covers ZONE_DAYS days.
 *
 * A span is wall-clock time.  Where clocks go back, what happens twice is
 * open both times, with what lies between; where they go forward, what does
 * not happen is left out.
 */

#ifndef CHATDESK_IO_ZONE_H
#define CHATDESK_IO_ZONE_H

#include <stddef.h>
#include <stdint.h>

#include "core/hours.h"

#define ZONE_DAYS          400
#define ZONE_SPANS_MAX     8        /* of one day */
#define ZONE_SPECIAL_MAX   400
#define ZONE_NAME_MAX      64
#define ZONE_DAY_MINUTES   1440

struct zone_span {
    unsigned short from;            /* minutes since midnight */
    unsigned short to;              /* up to ZONE_DAY_MINUTES */
};

struct zone_day {
    struct zone_span spans[ZONE_SPANS_MAX];     /* in order */
    size_t           count;                     /* 0: closed */
};

/* a day that is not like others of the week */
struct zone_special {
    unsigned        year;           /* 0: each year */
    unsigned        month;
    unsigned        day;
    struct zone_day hours;
};

struct zone_calendar {
    const char                *zone;        /* "Europe/Lisbon" */
    struct zone_day            week[7];     /* Monday first */
    const struct zone_special *special;     /* the last that fits counts */
    size_t                     special_count;
};

/* Whether the system knows a time zone of this name. */
int zone_known(const char *name);

/* NULL for memory or a zone that is not known. */
struct open_interval *zone_table(const struct zone_calendar *calendar,
    uint64_t now_ms, size_t *count);

#endif /* CHATDESK_IO_ZONE_H */
