/*
 * The time of day.
 *
 * Purpose:    the `now` that the core is given.
 * Owner:      nobody.
 * Invariants: none; the clock may be set back, the core copes.
 */

#ifndef CHATDESK_IO_CLOCK_H
#define CHATDESK_IO_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds since 1970-01-01 UTC. */

static inline uint64_t
clock_now_ms(void)
{
    struct timespec  now = { 0, 0 };

    clock_gettime(CLOCK_REALTIME, &now);

    return (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000;
}

#endif /* CHATDESK_IO_CLOCK_H */
