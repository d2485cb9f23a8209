/*
 * base64url without padding (RFC 4648, section 5).
 *
 * Purpose:    keys of push subscriptions, and tokens for push services.
 * Owner:      the caller's buffers.
 * Invariants: one text for each value: what has padding, other characters or
 *             bits behind the last byte is refused.
 */

#ifndef CHATDESK_IO_BASE64URL_H
#define CHATDESK_IO_BASE64URL_H

#include <stddef.h>

/* bytes of the text of `len` bytes, with its end */
#define BASE64URL_SIZE(len)  (((len) * 4 + 2) / 3 + 1)

/* Writes the text and its end; its length. */
size_t base64url_write(char *out, const void *data, size_t len);

/* 0 when the text stands for exactly so many bytes, else -1. */
int base64url_read(unsigned char *out, size_t len, const char *text);

#endif /* CHATDESK_IO_BASE64URL_H */
