/*
 * The function library of Redis, inside this program.
 *
 * Purpose:    what FUNCTION LOAD is given; generated from worker/redis/ at
 *             build time.
 * Owner:      constant.
 * Invariants: its version is CD_LIMIT_LIBRARY.
 */

#ifndef CHATDESK_IO_LIBRARY_H
#define CHATDESK_IO_LIBRARY_H

#include <stddef.h>

extern const char    chatdesk_library[];
extern const size_t  chatdesk_library_len;

#endif /* CHATDESK_IO_LIBRARY_H */
