/*
 * How long clients have waited; see waits.h.
 *
 * Purpose:    a ring of minutes, each with a histogram.
 * Owner:      the queue.
 * Invariants: those of waits.h.
 */

#include "core/waits.h"

#include <string.h>

#define MINUTE_MS    60000
#define SECOND_BITS  10         /* "a second" is 1,024 ms here */
#define STEP_BITS    3          /* 8 buckets for each doubling */
#define STEPS        (1u << STEP_BITS)


static unsigned
waits_bucket(uint64_t wait_ms)
{
    unsigned  bits, bucket;

    if (wait_ms < 1u << SECOND_BITS) {
        return (unsigned) (wait_ms >> (SECOND_BITS - STEP_BITS));
    }

    bits = 63 - (unsigned) __builtin_clzll(wait_ms);
    bucket = STEPS * (bits - SECOND_BITS + 1)
             + (unsigned) (wait_ms >> (bits - STEP_BITS) & (STEPS - 1));

    return bucket < WAITS_BUCKETS ? bucket : WAITS_BUCKETS - 1;
}


/* The middle of a bucket, ms. */

static uint64_t
waits_middle(unsigned bucket)
{
    unsigned  bits;
    uint64_t  width, first;

    if (bucket < STEPS) {
        width = 1u << (SECOND_BITS - STEP_BITS);
        return bucket * width + width / 2;
    }

    bits = SECOND_BITS + bucket / STEPS - 1;
    width = (uint64_t) 1 << (bits - STEP_BITS);
    first = ((uint64_t) 1 << bits) + bucket % STEPS * width;

    return first + width / 2;
}


static struct waits_slot *
waits_slot(struct waits *waits, uint64_t now_ms)
{
    uint64_t            minute = now_ms / MINUTE_MS;
    struct waits_slot  *slot = &waits->slots[minute % WAITS_MINUTES];

    if (slot->minute != minute) {
        memset(slot, 0, sizeof(*slot));
        slot->minute = minute;
    }

    return slot;
}


struct waits_slot *
waits_answered(struct waits *waits, uint64_t now_ms, uint64_t wait_ms,
    uint64_t limit_ms)
{
    struct waits_slot  *slot = waits_slot(waits, now_ms);

    slot->answered++;
    slot->in_time += wait_ms <= limit_ms;
    slot->sum_ms += wait_ms;
    slot->counts[waits_bucket(wait_ms)]++;

    return slot;
}


struct waits_slot *
waits_lost(struct waits *waits, uint64_t now_ms, uint64_t wait_ms,
    uint64_t limit_ms)
{
    struct waits_slot  *slot = waits_slot(waits, now_ms);

    slot->lost += wait_ms > limit_ms;

    return slot;
}


static int
waits_counts(const struct waits_slot *slot, uint64_t now_ms)
{
    uint64_t  minute = now_ms / MINUTE_MS;

    return slot->minute <= minute && slot->minute + WAITS_MINUTES > minute
           && slot->answered + slot->lost > 0;
}


int
waits_any(const struct waits *waits, uint64_t now_ms)
{
    size_t                    i;
    const struct waits_slot  *slot;

    for (i = 0; i < WAITS_MINUTES; i++) {
        slot = &waits->slots[i];

        if (slot->minute + WAITS_MINUTES > now_ms / MINUTE_MS
            && slot->answered + slot->lost > 0)
        {
            return 1;
        }
    }

    return 0;
}


/* The wait that `percent` of all did not exceed. */

static uint64_t
waits_percentile(const uint64_t *counts, uint64_t all, unsigned percent)
{
    unsigned  bucket;
    uint64_t  seen = 0, rank = (all * percent + 99) / 100;

    for (bucket = 0; bucket < WAITS_BUCKETS; bucket++) {
        seen += counts[bucket];

        if (seen >= rank) {
            return waits_middle(bucket);
        }
    }

    return 0;
}


void
waits_add_up(const struct waits *waits, uint64_t now_ms,
    struct waits_sum *sum)
{
    size_t                    i, b;
    uint64_t                  total = 0, in_time = 0, lost = 0, minutes = 0;
    uint64_t                  counts[WAITS_BUCKETS] = { 0 };
    const struct waits_slot  *slot;

    memset(sum, 0, sizeof(*sum));

    for (i = 0; i < WAITS_MINUTES; i++) {
        slot = &waits->slots[i];

        if (!waits_counts(slot, now_ms)) {
            continue;
        }

        sum->answered += slot->answered;
        in_time += slot->in_time;
        lost += slot->lost;
        total += slot->sum_ms;

        if (now_ms / MINUTE_MS - slot->minute > minutes) {
            minutes = now_ms / MINUTE_MS - slot->minute;
        }

        for (b = 0; b < WAITS_BUCKETS; b++) {
            counts[b] += slot->counts[b];
        }
    }

    if (sum->answered > 0) {
        sum->average_ms = total / sum->answered;
        sum->p50_ms = waits_percentile(counts, sum->answered, 50);
        sum->p90_ms = waits_percentile(counts, sum->answered, 90);
        sum->gap_ms = (minutes + 1) * MINUTE_MS / sum->answered;
    }

    if (sum->answered + lost > 0) {
        sum->has_level = 1;
        sum->level = (unsigned) (in_time * 100 / (sum->answered + lost));
    }
}
