/*
 * Open or closed; see hours.h.
 *
 * Purpose:    tables kept, and looked up by halving.
 * Owner:      the desk.
 * Invariants: those of hours.h.
 */

#include "core/hours.h"

#include <stdlib.h>


static int
hours_compare(struct hours *a, struct hours *b)
{
    return strcmp(a->id.s, b->id.s);
}


TREE_GENERATE(all_hours, hours, link, hours_compare)


int
hours_renew(struct hours *hours, const struct hours_settings *settings)
{
    size_t                 i;
    uint64_t               before = 0;
    struct open_interval  *table;

    if (settings->count > HOURS_INTERVALS_MAX) {
        return -1;
    }

    for (i = 0; i < settings->count; i++) {
        if (settings->intervals[i].from_ms < before
            || settings->intervals[i].to_ms <= settings->intervals[i].from_ms)
        {
            return -1;
        }
        before = settings->intervals[i].to_ms + 1;
    }

    table = calloc(settings->count + 1, sizeof(struct open_interval));
    if (table == NULL) {
        return -1;
    }

    if (settings->count > 0) {
        memcpy(table, settings->intervals,
               settings->count * sizeof(struct open_interval));
    }

    free(hours->intervals);
    hours->intervals = table;
    hours->count = settings->count;

    return 0;
}


struct hours *
hours_new(struct all_hours *all, const struct hours_settings *settings)
{
    struct hours  *hours = calloc(1, sizeof(struct hours));

    if (hours == NULL) {
        return NULL;
    }

    if (login_set(&hours->id, str_of(settings->id)) != 0
        || hours_renew(hours, settings) != 0
        || RB_INSERT(all_hours, all, hours) != NULL)
    {
        free(hours->intervals);
        free(hours);
        return NULL;
    }

    return hours;
}


struct hours *
hours_find(struct all_hours *all, const char *id)
{
    struct hours  probe;

    if (login_set(&probe.id, str_of(id)) != 0) {
        return NULL;
    }

    return RB_FIND(all_hours, all, &probe);
}


void
hours_free(struct all_hours *all)
{
    struct hours  *hours;

    while ((hours = RB_MIN(all_hours, all)) != NULL) {
        RB_REMOVE(all_hours, all, hours);
        free(hours->intervals);
        free(hours);
    }
}


/* The first interval that ends after now; `count` for none. */

static size_t
hours_place(const struct hours *hours, uint64_t now_ms)
{
    size_t  low = 0, high = hours->count, middle;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (hours->intervals[middle].to_ms > now_ms) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }

    return low;
}


int
hours_open(const struct hours *hours, uint64_t now_ms)
{
    size_t  at;

    if (hours == NULL) {
        return 1;
    }

    at = hours_place(hours, now_ms);

    return at < hours->count && hours->intervals[at].from_ms <= now_ms;
}


uint64_t
hours_next(const struct hours *hours, uint64_t now_ms)
{
    size_t  at;

    if (hours == NULL) {
        return 0;
    }

    at = hours_place(hours, now_ms);

    if (at == hours->count) {
        return 0;
    }

    return hours->intervals[at].from_ms <= now_ms
           ? hours->intervals[at].to_ms : hours->intervals[at].from_ms;
}
