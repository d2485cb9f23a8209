/*
 * Settings: business hours.
 *
 *   { "id": "office", "name": "Office", "zone": "Europe/Lisbon",
 *     "week": { "mon": [ "09:00-12:30", "13:30-18:00" ], ... },
 *     "holidays": [ { "date": "12-25", "name": "Christmas" } ],
 *     "exceptions": [ { "date": "2026-12-24", "spans": [ "09:00-12:00" ] } ] }
 *
 * Purpose:    the list "hours": calendars, and the tables that the core gets
 *             of them.
 * Owner:      the arrays, the calendars' special days and the tables are the
 *             desk_file's.
 * Invariants: those of io/desk_kind.h; an exception comes after the holidays,
 *             so that it counts.
 */

#include "io/desk_kind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "io/zone.h"

#define SPAN_CHARS  11              /* "09:00-12:30" */


/* "09:30" to minutes; -1. */

static int
read_minutes(const char *text)
{
    unsigned  hour, minute;
    int       len = 0;

    if (sscanf(text, "%2u:%2u%n", &hour, &minute, &len) != 2 || len != 5
        || minute > 59 || hour * 60 + minute > ZONE_DAY_MINUTES)
    {
        return -1;
    }

    return (int) (hour * 60 + minute);
}


static void
read_spans(struct json_at *list, struct zone_day *day)
{
    int             from, to, before = -1;
    char            half[6];
    size_t          i, count = json_count(list, 0, ZONE_SPANS_MAX);
    const char     *text;
    struct json_at  at;

    for (i = 0; i < count; i++) {
        at = json_element(list, i);
        text = json_text(&at, SPAN_CHARS);

        if (strlen(text) != SPAN_CHARS || text[5] != '-') {
            json_fault(&at, "expected hours like 09:00-17:30");
            return;
        }

        memcpy(half, text, 5);
        half[5] = '\0';
        from = read_minutes(half);
        to = read_minutes(text + 6);

        if (from < 0 || to <= from || from < before) {
            json_fault(&at, "expected hours like 09:00-17:30, within one "
                       "day, in order, not one over the other");
            return;
        }

        day->spans[day->count].from = (unsigned short) from;
        day->spans[day->count].to = (unsigned short) to;
        day->count++;
        before = to;
    }
}


static void
read_week(struct json_at *item, struct zone_calendar *calendar)
{
    size_t          i;
    struct json_at  day, week = json_member(item, "week");
    static const char *const  names[] = {
        "?mon", "?tue", "?wed", "?thu", "?fri", "?sat", "?sun", NULL
    };
    static const char *const  days[] = {
        "mon", "tue", "wed", "thu", "fri", "sat", "sun"
    };

    if (json_members(&week, names) != 0) {
        return;
    }

    for (i = 0; i < 7; i++) {
        day = json_member(&week, days[i]);
        if (day.value != NULL) {
            read_spans(&day, &calendar->week[i]);
        }
    }
}


/* "2026-12-25", or "12-25" for each year. */

static void
read_date(struct json_at *item, struct zone_special *special)
{
    int             len = 0;
    struct json_at  at = json_member(item, "date");
    const char     *text = json_text(&at, 10);

    if (sscanf(text, "%4u-%2u-%2u%n", &special->year, &special->month,
               &special->day, &len) != 3 || len != 10)
    {
        special->year = 0;
        len = 0;

        if (sscanf(text, "%2u-%2u%n", &special->month, &special->day, &len)
                != 2
            || len != 5)
        {
            json_fault(&at, "expected a date like 2026-12-25, or 12-25 for "
                       "each year");
        }
    }

    if (text[len] != '\0' || special->month < 1 || special->month > 12
        || special->day < 1 || special->day > 31)
    {
        json_fault(&at, "there is no such date");
    }
}


/* Holidays are closed; exceptions have their own spans. */

static size_t
read_special(struct json_at *list, struct zone_special *special, int spans)
{
    size_t          i, count;
    struct json_at  item, at;
    static const char *const  holiday[] = { "date", "?name", NULL };
    static const char *const  exception[] = {
        "date", "?name", "spans", NULL
    };

    count = list->value != NULL ? json_count(list, 0, ZONE_SPECIAL_MAX) : 0;

    for (i = 0; i < count; i++) {
        item = json_element(list, i);
        json_members(&item, spans ? exception : holiday);
        read_date(&item, &special[i]);

        if (spans) {
            at = json_member(&item, "spans");
            read_spans(&at, &special[i].hours);
        }
    }

    return count;
}


static void
read_calendar(struct json_at *item, struct zone_calendar *calendar)
{
    struct json_at        at = json_member(item, "zone");
    struct json_at        holidays = json_member(item, "holidays");
    struct json_at        exceptions = json_member(item, "exceptions");
    struct zone_special  *special;

    calendar->zone = json_text(&at, ZONE_NAME_MAX);

    if (!zone_known(calendar->zone)) {
        json_fault(&at, "this machine knows no time zone \"%s\"",
                   calendar->zone);
    }

    read_week(item, calendar);

    special = calloc(2 * ZONE_SPECIAL_MAX, sizeof(*special));
    calendar->special = special;

    if (special == NULL) {
        json_fault(item, "no memory");
        return;
    }

    calendar->special_count = read_special(&holidays, special, 0);
    calendar->special_count += read_special(
        &exceptions, special + calendar->special_count, 1);
}


static int
hours_open_list(struct desk_file *file, size_t count)
{
    file->settings.hours = desk_rows(count, sizeof(struct hours_settings));
    file->calendars = desk_rows(count, sizeof(*file->calendars));
    file->settings.hours_count = file->settings.hours != NULL
                                 && file->calendars != NULL ? count : 0;

    return file->settings.hours != NULL && file->calendars != NULL ? 0 : -1;
}


/* The table as of now; 0, or -1 for memory, it then is as before. */

static int
hours_table(struct desk_file *file, size_t i, uint64_t now_ms)
{
    size_t                  count;
    struct open_interval   *table;
    struct hours_settings  *hours;

    hours = (struct hours_settings *) &file->settings.hours[i];
    table = zone_table(&file->calendars[i], now_ms, &count);

    if (table == NULL) {
        return -1;
    }

    free((void *) hours->intervals);
    hours->intervals = table;
    hours->count = count;

    return 0;
}


static void
hours_item(struct json_at *item, const char *id, struct desk_file *file,
    size_t i)
{
    struct json_at          at;
    struct hours_settings  *hours;
    static const char *const  names[] = {
        "id", "name", "zone", "week", "?holidays", "?exceptions", NULL
    };

    hours = (struct hours_settings *) &file->settings.hours[i];
    json_members(item, names);
    hours->id = id;
    at = json_member(item, "name");
    hours->name = json_text(&at, 80);
    read_calendar(item, &file->calendars[i]);

    if (item->fault->text[0] == '\0'
        && hours_table(file, i, clock_now_ms()) != 0)
    {
        json_fault(item, "no memory");
    }
}


static void
hours_close(struct desk_file *file)
{
    size_t  i;

    for (i = 0; i < file->settings.hours_count; i++) {
        free((void *) file->settings.hours[i].intervals);
        free((void *) file->calendars[i].special);
    }

    free((void *) file->settings.hours);
    free(file->calendars);
}


int
desk_file_renew(struct desk_file *file, uint64_t now_ms)
{
    size_t  i;

    for (i = 0; i < file->settings.hours_count; i++) {
        if (hours_table(file, i, now_ms) != 0) {
            return -1;
        }
    }

    return 0;
}


const struct desk_kind  desk_kind_hours = {
    "hours", "id", DESK_ID_BYTES, 1, 0, 100,
    hours_open_list, hours_item, hours_close, NULL
};
