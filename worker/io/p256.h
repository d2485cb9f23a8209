/*
 * Keys on the curve P-256, as web push uses them.
 *
 * Purpose:    OpenSSL's keys from and to the 65 bytes of a point.
 * Owner:      the caller owns what it is given, and frees it by
 *             EVP_PKEY_free().
 * Invariants: a key that was made of bytes is a point on the curve.
 */

#ifndef CHATDESK_IO_P256_H
#define CHATDESK_IO_P256_H

#include <openssl/evp.h>

#define P256_POINT   65         /* 4, x, y */
#define P256_SECRET  32

/* NULL: not a point on the curve, or no memory. */
EVP_PKEY *p256_public(const unsigned char point[P256_POINT]);
EVP_PKEY *p256_pair(const unsigned char secret[P256_SECRET],
    const unsigned char point[P256_POINT]);

/* A new pair. */
EVP_PKEY *p256_new(void);

/* The public part; 0, or -1 when the key is of another kind. */
int p256_point(EVP_PKEY *key, unsigned char point[P256_POINT]);

/* What the two have in common; 0, -1. */
int p256_agree(EVP_PKEY *own, EVP_PKEY *other,
    unsigned char secret[P256_SECRET]);

#endif /* CHATDESK_IO_P256_H */
