/*
 * How often something was tried; see throttle.h.
 *
 * Purpose:    a table of SETS sets of WAYS slots.
 * Owner:      the slots are the throttle's.
 * Invariants: a slot stands for a key by its 64-bit hash; two keys that
 *             share a hash share their count.
 */

#include "io/throttle.h"

#include <stdlib.h>

#define SETS  1024
#define WAYS  8

struct slot {
    uint64_t  hash;             /* 0: free */
    uint64_t  since_ms;         /* when the window began */
    uint64_t  last_ms;
    unsigned  count;
};

struct throttle {
    unsigned     tries;
    uint64_t     window_ms;
    uint64_t     seed;
    struct slot  slots[SETS][WAYS];
};


struct throttle *
throttle_new(unsigned tries, uint64_t window_ms, uint64_t seed)
{
    struct throttle  *throttle = calloc(1, sizeof(*throttle));

    if (throttle != NULL) {
        throttle->tries = tries;
        throttle->window_ms = window_ms;
        throttle->seed = seed;
    }

    return throttle;
}


void
throttle_free(struct throttle **throttle)
{
    free(*throttle);
    *throttle = NULL;
}


/* FNV-1a, begun with the seed; never 0. */

static uint64_t
throttle_hash(const struct throttle *throttle, const char *key, size_t len)
{
    uint64_t  hash = 0xcbf29ce484222325ULL ^ throttle->seed;

    while (len-- > 0) {
        hash ^= (unsigned char) *key++;
        hash *= 0x100000001b3ULL;
    }

    hash ^= hash >> 32;

    return hash != 0 ? hash : 1;
}


/* Whether the slot's window holds this moment, also when the clock was set
   back. */

static int
slot_live(const struct throttle *throttle, const struct slot *slot,
    uint64_t now_ms)
{
    return slot->since_ms <= now_ms
           && now_ms - slot->since_ms < throttle->window_ms;
}


static struct slot *
throttle_find(const struct throttle *throttle, uint64_t hash, uint64_t now_ms)
{
    unsigned            i;
    const struct slot  *set = throttle->slots[hash % SETS];

    for (i = 0; i < WAYS; i++) {
        if (set[i].hash == hash && slot_live(throttle, &set[i], now_ms)) {
            return (struct slot *) &set[i];
        }
    }

    return NULL;
}


uint64_t
throttle_wait_ms(const struct throttle *throttle, const char *key, size_t len,
    uint64_t now_ms)
{
    const struct slot  *slot;

    slot = throttle_find(throttle, throttle_hash(throttle, key, len), now_ms);

    if (slot == NULL || slot->count < throttle->tries) {
        return 0;
    }

    return slot->since_ms + throttle->window_ms - now_ms;
}


void
throttle_count(struct throttle *throttle, const char *key, size_t len,
    uint64_t now_ms)
{
    unsigned      i;
    uint64_t      hash = throttle_hash(throttle, key, len);
    struct slot  *set = throttle->slots[hash % SETS];
    struct slot  *slot = throttle_find(throttle, hash, now_ms);

    if (slot == NULL) {
        slot = &set[0];

        for (i = 0; i < WAYS; i++) {
            if (set[i].hash == hash || set[i].hash == 0) {
                slot = &set[i];
                break;
            }
            if (set[i].last_ms < slot->last_ms) {
                slot = &set[i];
            }
        }

        slot->hash = hash;
        slot->since_ms = now_ms;
        slot->count = 0;
    }

    slot->last_ms = now_ms;
    slot->count++;
}


void
throttle_forgive(struct throttle *throttle, const char *key, size_t len,
    uint64_t now_ms)
{
    struct slot  *slot;

    slot = throttle_find(throttle, throttle_hash(throttle, key, len), now_ms);

    if (slot != NULL && slot->count > 0) {
        slot->count--;
    }
}
