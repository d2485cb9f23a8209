/*
 * Who sends a push message: VAPID, RFC 8292.
 *
 * Purpose:    the key pair of an installation, and a signed token for one
 *             push service.
 * Owner:      a struct vapid owns its key.
 * Invariants: a token names one origin and ends after VAPID_LIFE_S.
 */

#ifndef CHATDESK_IO_VAPID_H
#define CHATDESK_IO_VAPID_H

#include <stdint.h>

#include "io/base64url.h"
#include "io/p256.h"
#include "io/settings.h"

#define VAPID_LIFE_S      43200         /* at most a day */
#define VAPID_HEADER_MAX  2048
#define VAPID_PUBLIC      BASE64URL_SIZE(P256_POINT)

struct vapid {
    EVP_PKEY  *key;                     /* owns */
    char      *contact;                 /* borrows; mailto: or https: */
    char       public[VAPID_PUBLIC];    /* for browsers */
};

/* From a PEM file; 0, or -1 with *fault set. */
int vapid_read(struct vapid *vapid, const char *path, char *contact,
    struct fault *fault);
void vapid_clear(struct vapid *vapid);

/* The value of the header Authorization for this address; 0, or -1 when it
   is none or memory ran out. */
int vapid_header(const struct vapid *vapid, const char *url, uint64_t now_s,
    char out[VAPID_HEADER_MAX]);

#endif /* CHATDESK_IO_VAPID_H */
