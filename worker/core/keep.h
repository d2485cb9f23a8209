/*
 * Copies that live and die together.
 *
 * Purpose:    settings with many texts, copied and freed as one.
 * Owner:      whoever has the struct keep owns all copies made with it.
 * Invariants: the error sticks: when memory ran out, keep_failed() says so
 *             and every copy since is NULL.
 */

#ifndef CHATDESK_CORE_KEEP_H
#define CHATDESK_CORE_KEEP_H

#include <stddef.h>

struct keep_block;

struct keep {
    struct keep_block *last;
    int                failed;
};

void keep_init(struct keep *keep);
void keep_free(struct keep *keep);
int keep_failed(const struct keep *keep);

/* A copy of `count` things of `size` bytes, of none as well; NULL and no
   error for a NULL text. */
void *keep_array(struct keep *keep, const void *from, size_t count,
    size_t size);
const char *keep_text(struct keep *keep, const char *text);

#endif /* CHATDESK_CORE_KEEP_H */
