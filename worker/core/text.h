/*
 * Text from outside, made fit to be kept and shown on one line.
 *
 * Purpose:    names, titles, previews: bounded in code points, valid UTF-8,
 *             without control characters.
 * Owner:      text_set() owns what it puts into a slot; NULL is "no text".
 * Invariants: the result is valid UTF-8 whatever came in.
 */

#ifndef CHATDESK_CORE_TEXT_H
#define CHATDESK_CORE_TEXT_H

#include "chatdesk_wire.h"

/* what text_point() gives for a byte that is not UTF-8 */
#define TEXT_NO_POINT  UINT32_MAX

/* The code point at `p`; sets its length in bytes, 1 for a bad byte.  `left`
   is at least 1. */
uint32_t text_point(const unsigned char *p, size_t left, size_t *len);

/*
 * Copies at most `max_points` code points.  Control characters and line
 * separators become spaces, bytes that are not UTF-8 become "?".  `out` holds
 * 4 * max_points + 1 bytes, or is where `in` lies and has one byte more.
 * Returns the length in bytes.
 */
size_t text_line(char *out, struct cd_str in, size_t max_points);

/* Code points of valid UTF-8. */
size_t text_points(const char *text, size_t len);

/* Replaces *slot by such a copy; NULL for an empty one.  0; -1 for memory,
   the slot is then as it was. */
int text_set(char **slot, struct cd_str in, size_t max_points);

#endif /* CHATDESK_CORE_TEXT_H */
