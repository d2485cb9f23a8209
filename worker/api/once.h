/*
 * Idempotency-Keys: a POST that comes again is answered, not done again.
 *
 * Purpose:    remembers the answer of each key for CD_LIMIT_API_ONCE_MS.
 * Owner:      a struct once owns its records; they are stored as entities
 *             of kind REQUEST_ENTITY, in the commit of what they remember.
 * Invariants: at most CD_LIMIT_API_ONCE are remembered, the oldest goes
 *             first; a key belongs to whoever used it, so that no one can
 *             read another one's answer by guessing.
 */

#ifndef CHATDESK_API_ONCE_H
#define CHATDESK_API_ONCE_H

#include "api/api.h"

struct once;

struct once *once_new(void);
void once_free(struct once **once);

/* An entity that was stored; 0, or -1 with *why a constant. */
int once_load(struct once *once, const char *key, const void *blob,
    size_t len, const char **why);

/*
 * Looks a request up.  CD_E_OK and 1 in *again: *answer is what was answered
 * then (it borrows until the next call); 0: it is new.  Else the refusal:
 * the key is not one, or was used for another request.
 */
enum cd_error once_find(struct once *once, struct api_call *call,
    struct cd_frame *answer, int *again);

/* Remembers the answer of a request that once_find() found new. */
void once_keep(struct once *once, struct api_call *call,
    const struct cd_frame *answer);

#endif /* CHATDESK_API_ONCE_H */
