/*
 * Calendars; see zone.h.
 *
 * Purpose:    walks over the days to come and asks GLib what each span of
 *             them is in UTC.
 * Owner:      a GTimeZone and the GDateTimes live within one call.
 * Invariants: those of zone.h.
 */

#include "io/zone.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

/* one interval a span, and one more than days for the day before */
#define ZONE_INTERVALS  ((ZONE_DAYS + 1) * ZONE_SPANS_MAX)

_Static_assert(ZONE_INTERVALS <= HOURS_INTERVALS_MAX,
               "the core takes every table");

struct zone_walk {
    GTimeZone             *zone;            /* owns */
    struct open_interval  *table;           /* owns */
    size_t                 count;
};


/* NULL for a name that the system has no data for; GLib itself would take
   UTC instead, and read any path. */

static GTimeZone *
zone_open(const char *name)
{
    GTimeZone  *zone;

    if (strlen(name) > ZONE_NAME_MAX || name[0] == '\0' || name[0] == '/'
        || name[0] == '.' || strstr(name, "..") != NULL)
    {
        return NULL;
    }

#if GLIB_CHECK_VERSION(2, 68, 0)
    zone = g_time_zone_new_identifier(name);
#else
    zone = g_time_zone_new(name);
#endif

    if (zone != NULL
        && strcmp(g_time_zone_get_identifier(zone), name) != 0)
    {
        g_time_zone_unref(zone);
        zone = NULL;
    }

    return zone;
}


int
zone_known(const char *name)
{
    GTimeZone  *zone = zone_open(name);

    if (zone == NULL) {
        return 0;
    }

    g_time_zone_unref(zone);

    return 1;
}


/* A wall-clock time, in seconds as if it were UTC, in ms of UTC.  `type`
   says which of two is meant where clocks go back. */

static uint64_t
zone_utc(GTimeZone *zone, GTimeType type, gint64 wall)
{
    int  interval = g_time_zone_adjust_time(zone, type, &wall);

    return (uint64_t) (wall - g_time_zone_get_offset(zone, interval)) * 1000;
}


static void
zone_add(struct zone_walk *walk, gint64 midnight,
    const struct zone_span *span)
{
    uint64_t               from, to;
    struct open_interval  *last;

    from = zone_utc(walk->zone, G_TIME_TYPE_DAYLIGHT,
                    midnight + 60 * (gint64) span->from);
    to = zone_utc(walk->zone, G_TIME_TYPE_STANDARD,
                  midnight + 60 * (gint64) span->to);

    if (to <= from) {
        return;
    }

    last = walk->count > 0 ? &walk->table[walk->count - 1] : NULL;

    if (last != NULL && from <= last->to_ms) {
        if (to > last->to_ms) {
            last->to_ms = to;
        }
        return;
    }

    walk->table[walk->count].from_ms = from;
    walk->table[walk->count].to_ms = to;
    walk->count++;
}


static const struct zone_day *
zone_hours(const struct zone_calendar *calendar, GDateTime *date)
{
    int                         year, month, day;
    size_t                      i;
    const struct zone_special  *special;

    g_date_time_get_ymd(date, &year, &month, &day);

    for (i = calendar->special_count; i > 0; i--) {
        special = &calendar->special[i - 1];

        if (special->month == (unsigned) month
            && special->day == (unsigned) day
            && (special->year == 0 || special->year == (unsigned) year))
        {
            return &special->hours;
        }
    }

    return &calendar->week[g_date_time_get_day_of_week(date) - 1];
}


/* Midnight of the day before now, as a date without a zone; NULL when the
   clock is out of all bounds. */

static GDateTime *
zone_first_day(GTimeZone *zone, uint64_t now_ms)
{
    GDateTime  *utc, *here, *before, *first;

    utc = g_date_time_new_from_unix_utc((gint64) (now_ms / 1000));
    if (utc == NULL) {
        return NULL;
    }

    here = g_date_time_to_timezone(utc, zone);
    before = g_date_time_add_days(here, -1);
    first = g_date_time_new_utc(g_date_time_get_year(before),
                                g_date_time_get_month(before),
                                g_date_time_get_day_of_month(before),
                                0, 0, 0);

    g_date_time_unref(before);
    g_date_time_unref(here);
    g_date_time_unref(utc);

    return first;
}


static void
zone_fill(struct zone_walk *walk, const struct zone_calendar *calendar,
    GDateTime *first)
{
    int                     i;
    size_t                  span;
    gint64                  midnight;
    GDateTime              *date;
    const struct zone_day  *day;

    for (i = 0; i <= ZONE_DAYS; i++) {
        date = g_date_time_add_days(first, i);
        if (date == NULL) {
            return;
        }

        day = zone_hours(calendar, date);
        midnight = g_date_time_to_unix(date);
        g_date_time_unref(date);

        for (span = 0; span < day->count; span++) {
            zone_add(walk, midnight, &day->spans[span]);
        }
    }
}


struct open_interval *
zone_table(const struct zone_calendar *calendar, uint64_t now_ms,
    size_t *count)
{
    GDateTime         *first;
    struct zone_walk   walk = { zone_open(calendar->zone), NULL, 0 };

    if (walk.zone == NULL) {
        return NULL;
    }

    first = zone_first_day(walk.zone, now_ms);
    walk.table = calloc(ZONE_INTERVALS, sizeof(struct open_interval));

    if (first != NULL && walk.table != NULL) {
        zone_fill(&walk, calendar, first);
    }

    if (first != NULL) {
        g_date_time_unref(first);
    }

    g_time_zone_unref(walk.zone);
    *count = walk.count;

    return walk.table;
}
