/*
 * Encryption of a push message for one browser: RFC 8291, with the encoding
 * aes128gcm of RFC 8188 in one record.
 *
 * Purpose:    the body of a request to a push service, which cannot read it.
 * Owner:      the caller's buffers; no state, no randomness, no I/O.
 * Invariants: the same text, salt and keys give the same body; salt and
 *             sender's key must be new for each message.
 */

#ifndef CHATDESK_IO_WEBPUSH_H
#define CHATDESK_IO_WEBPUSH_H

#include <stddef.h>

#include "io/p256.h"

#define WEBPUSH_AUTH    16
#define WEBPUSH_SALT    16
#define WEBPUSH_HEAD    (WEBPUSH_SALT + 4 + 1 + P256_POINT)
#define WEBPUSH_TAG     16
#define WEBPUSH_RECORD  4096    /* what every push service takes */

/* room for text in one record */
#define WEBPUSH_TEXT    (WEBPUSH_RECORD - WEBPUSH_HEAD - WEBPUSH_TAG - 1)

/* of a subscription */
struct webpush_keys {
    unsigned char  p256dh[P256_POINT];
    unsigned char  auth[WEBPUSH_AUTH];
};

/* From base64url; 0, or -1 when they are none: another length or form, or a
   point that is not on the curve. */
int webpush_keys_read(struct webpush_keys *keys, const char *p256dh,
    const char *auth);

/* The length of the body in `out`, which has room for WEBPUSH_RECORD bytes;
   0 when the text is too long or memory ran out. */
size_t webpush_encrypt(const struct webpush_keys *keys, EVP_PKEY *sender,
    const unsigned char salt[WEBPUSH_SALT], const void *text, size_t len,
    unsigned char *out);

#endif /* CHATDESK_IO_WEBPUSH_H */
