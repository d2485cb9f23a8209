/*
 * Patterns for text: PCRE2 within limits.
 *
 * Purpose:    conditions of rules by what a visitor writes.
 * Owner:      whoever made a struct pattern owns it.
 * Invariants: a pattern that compiles is small (PATTERN_BYTES compiled) and
 *             cannot look at single bytes of a character (no \C); a match
 *             takes bounded steps, depth and memory, whatever the text.
 */

#ifndef CHATDESK_CORE_PATTERN_H
#define CHATDESK_CORE_PATTERN_H

#include "chatdesk_wire.h"

#define PATTERN_POINTS   500        /* of its source, in code points */
#define PATTERN_BYTES    65536      /* compiled */
#define PATTERN_TEXT     2000       /* bytes of a text that are looked at */
#define PATTERN_STEPS    5000       /* from one place in the text */
#define PATTERN_DEPTH    500
#define PATTERN_HEAP_KB  512

struct pattern;

enum pattern_found {
    PATTERN_NO = 0,
    PATTERN_YES = 1,
    PATTERN_LIMIT = 2           /* gave up; counts as no match */
};

/* NULL for memory, or when it does not compile or is too large; `why`, of
   `size` bytes, then says what is wrong and where. */
struct pattern *pattern_new(const char *source, char *why, size_t size);
void pattern_free(struct pattern **pattern);

enum pattern_found pattern_match(const struct pattern *pattern,
    struct cd_str text);

#endif /* CHATDESK_CORE_PATTERN_H */
