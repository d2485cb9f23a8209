/*
 * How long clients of a queue have waited, over the last WAITS_MINUTES
 * minutes.
 *
 * Purpose:    average, percentiles and service level without keeping or
 *             sorting single waits.
 * Owner:      a queue has one struct waits.
 * Invariants: a slot holds what ended within its minute; slots of minutes
 *             that are too old, or still to come, count for nothing.
 *
 * A percentile is the middle of the bucket in which it lies: at most 64 ms
 * off below a second, at most 1/16 of itself above.
 */

#ifndef CHATDESK_CORE_WAITS_H
#define CHATDESK_CORE_WAITS_H

#include <stddef.h>
#include <stdint.h>

#define WAITS_MINUTES  30
#define WAITS_BUCKETS  152      /* 8 below a second, 8 for each doubling */

struct waits_slot {
    uint64_t minute;            /* since 1970; 0: empty */
    uint64_t sum_ms;            /* of what was answered */
    uint32_t answered;
    uint32_t in_time;           /* answered within the limit */
    uint32_t lost;              /* gave up after the limit */
    uint32_t counts[WAITS_BUCKETS];     /* of what was answered */
};

struct waits {
    struct waits_slot slots[WAITS_MINUTES];
};

struct waits_sum {
    uint64_t answered;
    uint64_t average_ms;        /* these four are 0 without answers */
    uint64_t p50_ms;
    uint64_t p90_ms;
    uint64_t gap_ms;            /* between two answers, in the mean */
    unsigned level;             /* percent answered within the limit; */
    int      has_level;         /* nothing counts for it yet: 0 */
};

/* One was answered, or gave up, after so long a wait; the slot that it
   falls into. */
struct waits_slot *waits_answered(struct waits *waits, uint64_t now_ms,
    uint64_t wait_ms, uint64_t limit_ms);
struct waits_slot *waits_lost(struct waits *waits, uint64_t now_ms,
    uint64_t wait_ms, uint64_t limit_ms);

void waits_add_up(const struct waits *waits, uint64_t now_ms,
    struct waits_sum *sum);

/* Whether anything counts at that time, or will when a clock that was put
   back has caught up. */
int waits_any(const struct waits *waits, uint64_t now_ms);

#endif /* CHATDESK_CORE_WAITS_H */
