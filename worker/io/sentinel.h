/*
 * Where the primary is: one connection to one of the Sentinels.
 *
 * Purpose:    asks for the primary's address, hears of its moves
 *             (`+switch-master`) and asks again each second; what it learns
 *             is in a struct redis_target, which the connections follow.
 * Owner:      main() owns it; it must live until the loop has ended.
 * Invariants: another Sentinel is asked when this one is lost, is silent,
 *             does not know the primary, or goes on naming one that cannot
 *             be used.  When none answers, the primary stays where it was.
 */

#ifndef CHATDESK_IO_SENTINEL_H
#define CHATDESK_IO_SENTINEL_H

#include <uv.h>

#include "io/redis.h"
#include "io/settings.h"

struct sentinel;

/* Begins to ask.  `settings` is borrowed until sentinel_free().  NULL: no
   memory. */
struct sentinel *sentinel_new(uv_loop_t *loop,
    const struct redis_settings *settings);

struct redis_target *sentinel_target(struct sentinel *sentinel);

/* Asks no more; the target stays. */
void sentinel_stop(struct sentinel *sentinel);

/* After the loop has ended. */
void sentinel_free(struct sentinel **sentinel);

#endif /* CHATDESK_IO_SENTINEL_H */
