/*
 * Calendars and time zones.
 *
 * link: worker/io/zone.c -lglib-2.0
 *
 * Purpose:    several spans a day, holidays, exceptions, and the days on
 *             which clocks change.
 * Owner:      each test frees its table.
 * Invariants: times are compared as UTC, worked out by hand.
 *
 * proves: V14
 */

#define _GNU_SOURCE             /* strptime, timegm */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "io/zone.h"

#define HM(h, m)  ((h) * 60 + (m))


/* "2026-03-29 01:00" in UTC, ms. */

static uint64_t
utc(const char *text)
{
    struct tm  tm;

    memset(&tm, 0, sizeof(tm));
    assert_non_null(strptime(text, "%Y-%m-%d %H:%M", &tm));

    return (uint64_t) timegm(&tm) * 1000;
}


static void
span(struct zone_day *day, unsigned from, unsigned to)
{
    day->spans[day->count].from = (unsigned short) from;
    day->spans[day->count].to = (unsigned short) to;
    day->count++;
}


/* The table has this interval. */

static void
assert_interval(const struct open_interval *table, size_t count,
    const char *from, const char *to)
{
    size_t  i;

    for (i = 0; i < count; i++) {
        if (table[i].from_ms == utc(from) && table[i].to_ms == utc(to)) {
            return;
        }
    }

    fail_msg("no interval %s to %s", from, to);
}


static int
is_open(const struct open_interval *table, size_t count, const char *at)
{
    size_t  i;

    for (i = 0; i < count; i++) {
        if (table[i].from_ms <= utc(at) && utc(at) < table[i].to_ms) {
            return 1;
        }
    }

    return 0;
}


static void
assert_order(const struct open_interval *table, size_t count)
{
    size_t  i;

    for (i = 0; i < count; i++) {
        assert_true(table[i].from_ms < table[i].to_ms);
        assert_true(i == 0 || table[i - 1].to_ms < table[i].from_ms);
    }
}


static void
test_week(void **state)
{
    size_t                 count;
    struct open_interval  *table;
    struct zone_calendar   calendar = { .zone = "Europe/Lisbon" };
    static const struct zone_special  special[] = {
        { 0, 12, 25, { .count = 0 } },
        { 2026, 12, 24, { { { HM(9, 0), HM(12, 0) } }, 1 } },
        { 2026, 12, 25, { { { HM(10, 0), HM(11, 0) } }, 1 } }
    };

    (void) state;

    /* Thursday and Friday, lunch apart */
    span(&calendar.week[3], HM(9, 0), HM(12, 30));
    span(&calendar.week[3], HM(13, 30), HM(18, 0));
    span(&calendar.week[4], HM(9, 0), HM(18, 0));
    calendar.special = special;
    calendar.special_count = 3;

    table = zone_table(&calendar, utc("2026-11-26 10:00"), &count);
    assert_non_null(table);
    assert_order(table, count);

    /* winter: Lisbon is UTC */
    assert_interval(table, count, "2026-11-26 09:00", "2026-11-26 12:30");
    assert_interval(table, count, "2026-11-26 13:30", "2026-11-26 18:00");
    assert_interval(table, count, "2026-11-27 09:00", "2026-11-27 18:00");
    assert_int_equal(is_open(table, count, "2026-11-28 10:00"), 0);

    /* summer: an hour ahead */
    assert_interval(table, count, "2027-07-01 08:00", "2027-07-01 11:30");

    /* the exception of one year wins over the holiday of each year */
    assert_interval(table, count, "2026-12-24 09:00", "2026-12-24 12:00");
    assert_interval(table, count, "2026-12-25 10:00", "2026-12-25 11:00");

    /* it reaches over a year */
    assert_true(table[count - 1].to_ms > utc("2027-12-20 00:00"));
    free(table);
}


/* Berlin: 02:00 becomes 03:00 on 2026-03-29, 03:00 becomes 02:00 on
   2026-10-25. */

static void
test_clock_changes(void **state)
{
    size_t                 count;
    struct open_interval  *table;
    struct zone_calendar   calendar = { .zone = "Europe/Berlin" };

    (void) state;

    span(&calendar.week[6], HM(1, 0), HM(1, 30));
    span(&calendar.week[6], HM(2, 15), HM(2, 45));
    span(&calendar.week[6], HM(4, 0), HM(5, 0));
    table = zone_table(&calendar, utc("2026-03-01 00:00"), &count);
    assert_non_null(table);
    assert_order(table, count);

    /* an ordinary Sunday of winter, and of summer */
    assert_interval(table, count, "2026-03-22 00:00", "2026-03-22 00:30");
    assert_interval(table, count, "2026-03-22 01:15", "2026-03-22 01:45");
    assert_interval(table, count, "2026-04-05 00:15", "2026-04-05 00:45");

    /* 02:15 to 02:45 does not happen */
    assert_interval(table, count, "2026-03-29 02:00", "2026-03-29 03:00");
    assert_int_equal(is_open(table, count, "2026-03-29 01:20"), 0);

    /* 02:15 happens twice: open from the first to the end of the second */
    assert_interval(table, count, "2026-10-25 00:15", "2026-10-25 01:45");
    free(table);

    /* a span over the change is an hour longer, or shorter */
    memset(calendar.week, 0, sizeof(calendar.week));
    span(&calendar.week[6], 0, ZONE_DAY_MINUTES);
    table = zone_table(&calendar, utc("2026-03-01 00:00"), &count);
    assert_interval(table, count, "2026-03-28 23:00", "2026-03-29 22:00");
    assert_interval(table, count, "2026-10-24 22:00", "2026-10-25 23:00");
    free(table);
}


static void
test_odd_zones(void **state)
{
    int                    i;
    size_t                 count;
    struct open_interval  *table;
    struct zone_calendar   calendar = { .zone = "Asia/Kathmandu" };

    (void) state;

    for (i = 0; i < 7; i++) {
        span(&calendar.week[i], HM(9, 0), HM(17, 0));
    }

    table = zone_table(&calendar, utc("2026-11-26 00:00"), &count);
    assert_interval(table, count, "2026-11-26 03:15", "2026-11-26 11:15");
    free(table);

    /* half an hour of summer time */
    calendar.zone = "Australia/Lord_Howe";
    table = zone_table(&calendar, utc("2026-11-26 00:00"), &count);
    assert_interval(table, count, "2026-11-25 22:00", "2026-11-26 06:00");
    assert_interval(table, count, "2027-06-30 22:30", "2027-07-01 06:30");
    free(table);

    /* the whole week is one interval */
    memset(calendar.week, 0, sizeof(calendar.week));
    for (i = 0; i < 7; i++) {
        span(&calendar.week[i], 0, ZONE_DAY_MINUTES);
    }
    table = zone_table(&calendar, utc("2026-11-26 00:00"), &count);
    assert_int_equal(count, 1);
    free(table);

    /* never open */
    memset(calendar.week, 0, sizeof(calendar.week));
    table = zone_table(&calendar, utc("2026-11-26 00:00"), &count);
    assert_non_null(table);
    assert_int_equal(count, 0);
    free(table);
}


static void
test_names(void **state)
{
    size_t                count;
    struct zone_calendar  calendar = { .zone = "Mars/Base" };

    (void) state;

    assert_true(zone_known("UTC"));
    assert_true(zone_known("America/Sao_Paulo"));
    assert_false(zone_known(""));
    assert_false(zone_known("Mars/Base"));
    assert_false(zone_known("/etc/localtime"));
    assert_false(zone_known("../../../etc/passwd"));
    assert_false(zone_known("Europe/../../../../etc/passwd"));
    assert_null(zone_table(&calendar, utc("2026-11-26 00:00"), &count));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_week),
        cmocka_unit_test(test_clock_changes),
        cmocka_unit_test(test_odd_zones),
        cmocka_unit_test(test_names)
    };

    return cmocka_run_group_tests_name("io_zone", tests, NULL, NULL);
}
