/*
 * How often something was tried, by a key.
 *
 * Purpose:    slows down guessing of passwords, by account and by address.
 * Owner:      the caller owns a struct throttle.
 * Invariants: takes a fixed amount of memory; when a set of it is full, the
 *             key that was tried longest ago is forgotten.  Time comes in.
 */

#ifndef CHATDESK_IO_THROTTLE_H
#define CHATDESK_IO_THROTTLE_H

#include <stddef.h>
#include <stdint.h>

struct throttle;

/* `tries` of one key in `window_ms`; `seed` keeps keys from being aimed at
   one place.  NULL: no memory. */
struct throttle *throttle_new(unsigned tries, uint64_t window_ms,
    uint64_t seed);
void throttle_free(struct throttle **throttle);

/* 0 when this key may be tried now, else how long to wait, ms. */
uint64_t throttle_wait_ms(const struct throttle *throttle, const char *key,
    size_t len, uint64_t now_ms);

/* Counts a try. */
void throttle_count(struct throttle *throttle, const char *key, size_t len,
    uint64_t now_ms);

/* Takes a counted try back: it was a good one. */
void throttle_forgive(struct throttle *throttle, const char *key, size_t len,
    uint64_t now_ms);

#endif /* CHATDESK_IO_THROTTLE_H */
