/*
 * The clock around the core; see crowd.h.
 *
 * Purpose:    fills the desk, then measures how long it takes to decide.
 * Owner:      struct crowd.
 * Invariants: the time of an event is that of decoding its envelope, of the
 *             rule and of the changes packed for Redis; drawing the event and
 *             reading the changes back is not in it.
 */

#include "crowd.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ENVELOPE  4096


static double
now_ms(clockid_t clock)
{
    struct timespec  at;

    clock_gettime(clock, &at);

    return (double) at.tv_sec * 1e3 + (double) at.tv_nsec / 1e6;
}


/* What the batch under way comes to; gives its bytes. */

static size_t
crowd_settle(struct crowd *crowd)
{
    size_t       len = 0;
    const char  *data, *why = "no memory";
    struct ops   ops;

    data = changes_data(crowd->changes, &len);

    if (data == NULL || ops_decode(&ops, data, len, &why) != 0) {
        fprintf(stderr, "%s\n", why);
        exit(1);
    }

    crowd_note(crowd, &ops);
    ops_free(&ops);
    changes_reset(crowd->changes);

    return len;
}


void
crowd_give(struct crowd *crowd, const struct cd_frame *entry)
{
    desk_apply(crowd->desk, entry, crowd->now_us / 1000, crowd->changes);
    desk_flush(crowd->desk, crowd->changes);
    crowd_settle(crowd);
}


/* Accepts what is offered, and starts what was put off. */

static void
crowd_clear(struct crowd *crowd)
{
    struct cd_frame  entry;

    while (crowd->deeds.count > 0) {
        crowd_draw(crowd, &entry);
        crowd_give(crowd, &entry);
    }
}


void
crowd_fill(struct crowd *crowd)
{
    size_t           i;
    struct cd_frame  entry;

    while (crowd->open_count < crowd->target) {
        crowd_start(crowd, &entry);
        crowd_give(crowd, &entry);

        if (crowd->deeds.count > 512) {
            crowd_clear(crowd);
        }
    }

    crowd_clear(crowd);

    /* some talk, so that the records of unread messages fill */
    for (i = 0; i < crowd->target; i++) {
        crowd_draw(crowd, &entry);
        crowd_give(crowd, &entry);
    }
}


void
crowd_backlog(struct crowd *crowd)
{
    size_t           i;
    struct cd_frame  entry;

    for (i = 0; i < crowd->agents; i++) {
        crowd_agent(crowd, &entry, CD_T_PRESENCE, i);
        cd_frame_set_str(&entry, CD_F_STATE, "busy", 4);

        if (i % 4 != 0) {
            crowd_give(crowd, &entry);
        }
    }

    for (i = 0; i < crowd->target; i++) {
        crowd_start(crowd, &entry);
        crowd_give(crowd, &entry);

        if (crowd->deeds.count > 512) {
            crowd_clear(crowd);
        }
    }

    crowd_clear(crowd);
}


/* A batch of so many events; gives the time in ms by a clock: that of the
   wall for delays, that of the processor for the rate. */

static double
crowd_batch(struct crowd *crowd, size_t count, clockid_t clock,
    size_t *bytes)
{
    size_t           i, len[CROWD_BATCH];
    double           begun, took;
    struct cd_frame  entry;
    static char      envelopes[CROWD_BATCH][ENVELOPE];

    for (i = 0; i < count; i++) {
        crowd_draw(crowd, &entry);
        len[i] = cd_frame_encode(&entry, envelopes[i], ENVELOPE);
    }

    begun = now_ms(clock);

    for (i = 0; i < count; i++) {
        if (cd_frame_decode(&entry, envelopes[i], len[i]) == 0) {
            desk_apply(crowd->desk, &entry, crowd->now_us / 1000,
                       crowd->changes);
        }
    }

    if (desk_deadline(crowd->desk) <= crowd->now_us / 1000) {
        desk_tick(crowd->desk, crowd->now_us / 1000, crowd->changes);
    }

    desk_flush(crowd->desk, crowd->changes);
    took = now_ms(clock) - begun;
    *bytes += crowd_settle(crowd);

    return took;
}


static int
compare(const void *a, const void *b)
{
    double  x = *(const double *) a, y = *(const double *) b;

    return x < y ? -1 : x > y;
}


int
crowd_pace(struct crowd *crowd, size_t events, struct pace *pace)
{
    size_t   i, bytes = 0, unused = 0;
    double  *times = malloc(events * sizeof(double)), sum = 0;

    if (times == NULL) {
        return -1;
    }

    for (i = 0; i < events; i++) {
        times[i] = crowd_batch(crowd, 1, CLOCK_MONOTONIC, &unused);
    }

    for (i = 0; i < events; i += CROWD_BATCH) {
        sum += crowd_batch(crowd, CROWD_BATCH, CLOCK_THREAD_CPUTIME_ID,
                           &bytes);
    }

    qsort(times, events, sizeof(double), compare);
    pace->p50_ms = times[events / 2];
    pace->p99_ms = times[events * 99 / 100];
    pace->worst_ms = times[events - 1];
    pace->rate = (double) i * 1e3 / sum;
    pace->bytes = (double) bytes / (double) i;
    free(times);

    return 0;
}


static int
crowd_load(struct crowd *crowd, struct desk *desk, size_t *bytes)
{
    size_t       i, count = 0;
    char         key[32];
    const char  *why;

    for (i = 0; i < crowd->agents; i++) {
        if (crowd->agent_blobs[i] != NULL
            && desk_load(desk, "agent", crowd->logins[i],
                         crowd->agent_blobs[i], crowd->agent_lens[i], &why)
               != 0)
        {
            return -1;
        }
    }

    for (i = 0; i < crowd->book_count; i++) {
        if (crowd->books[i].blob == NULL) {
            continue;
        }

        crowd_id(key, 'c', i);
        count++;
        *bytes += crowd->books[i].len;

        if (desk_load(desk, "conv", key, crowd->books[i].blob,
                      crowd->books[i].len, &why) != 0)
        {
            return -1;
        }
    }

    *bytes /= count > 0 ? count : 1;

    return 0;
}


int
crowd_rebuild(struct crowd *crowd, struct pace *pace)
{
    int           rc = -1;
    size_t        bytes = 0;
    double        begun = now_ms(CLOCK_THREAD_CPUTIME_ID);
    const char   *why;
    struct desk  *desk = desk_new();

    if (desk != NULL
        && desk_configure(desk, &crowd->settings, &why) == 0
        && crowd_load(crowd, desk, &bytes) == 0)
    {
        desk_loaded(desk, crowd->now_us / 1000, crowd->changes);
        rc = 0;
    }

    pace->worst_ms = now_ms(CLOCK_THREAD_CPUTIME_ID) - begun;
    pace->bytes = (double) bytes;
    changes_reset(crowd->changes);
    desk_free(&desk);

    return rc;
}
