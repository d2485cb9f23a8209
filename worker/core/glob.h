/*
 * Patterns for addresses: plain text in which `*` stands for anything.
 *
 * Purpose:    conditions of rules by page and by what was typed.
 * Owner:      nothing.
 * Invariants: the time is bounded by the product of both lengths; there is
 *             no recursion.
 */

#ifndef CHATDESK_CORE_GLOB_H
#define CHATDESK_CORE_GLOB_H

#include "chatdesk_wire.h"

/* Whether the whole text fits; letters of ASCII fit in either case. */
int glob_match(const char *pattern, struct cd_str text);

#endif /* CHATDESK_CORE_GLOB_H */
