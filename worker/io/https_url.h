/*
 * Addresses of https that somebody else has named.
 *
 * Purpose:    whether a text is one that can be sent to.
 * Owner:      nothing.
 * Invariants: what is taken has a host and no user, no fragment, nothing
 *             that must be escaped; so it can stand in a header or in JSON.
 */

#ifndef CHATDESK_IO_HTTPS_URL_H
#define CHATDESK_IO_HTTPS_URL_H

#include <stddef.h>

int https_url(const char *text, size_t most);

#endif /* CHATDESK_IO_HTTPS_URL_H */
