/*
 * VAPID; see vapid.h.
 *
 * Purpose:    a JSON Web Token with ES256, by OpenSSL.
 * Owner:      nothing.
 * Invariants: those of vapid.h.
 */

#include "io/vapid.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/ecdsa.h>
#include <openssl/pem.h>

#define SCHEME       "https://"
#define HEAD         "{\"typ\":\"JWT\",\"alg\":\"ES256\"}"
#define CLAIMS_MAX   700
#define SIGNATURE    (2 * P256_SECRET)
#define DER_MAX      80


int
vapid_read(struct vapid *vapid, const char *path, char *contact,
    struct fault *fault)
{
    FILE           *file = fopen(path, "r");
    unsigned char   point[P256_POINT];

    if (file == NULL) {
        fault_set(fault, "%s: %s", path, strerror(errno));
        return -1;
    }

    vapid->key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    vapid->contact = contact;
    fclose(file);

    if (vapid->key == NULL || p256_point(vapid->key, point) != 0) {
        fault_set(fault, "%s: expected a private key on P-256; see "
                  "`chatdeskctl push-key`", path);
        vapid_clear(vapid);
        return -1;
    }

    base64url_write(vapid->public, point, P256_POINT);

    return 0;
}


void
vapid_clear(struct vapid *vapid)
{
    EVP_PKEY_free(vapid->key);
    vapid->key = NULL;
}


/* r and s, side by side, of a signature in DER; 0, -1. */

static int
signature_flat(const unsigned char *der, size_t len,
    unsigned char out[SIGNATURE])
{
    int         rc;
    ECDSA_SIG  *pair = d2i_ECDSA_SIG(NULL, &der, (long) len);

    if (pair == NULL) {
        return -1;
    }

    rc = BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, P256_SECRET) > 0
         && BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + P256_SECRET,
                         P256_SECRET) > 0;
    ECDSA_SIG_free(pair);

    return rc ? 0 : -1;
}


static int
sign(EVP_PKEY *key, const char *text, size_t len,
    unsigned char out[SIGNATURE])
{
    int            rc;
    size_t         size = DER_MAX;
    EVP_MD_CTX    *ctx = EVP_MD_CTX_new();
    unsigned char  der[DER_MAX];

    rc = ctx != NULL
         && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1
         && EVP_DigestSign(ctx, der, &size, (const unsigned char *) text,
                           len) == 1
         && signature_flat(der, size, out) == 0;
    EVP_MD_CTX_free(ctx);

    return rc ? 0 : -1;
}


/* The length of the origin that an address begins with; 0 for none. */

static size_t
origin_len(const char *url)
{
    size_t  len;

    if (strncmp(url, SCHEME, strlen(SCHEME)) != 0) {
        return 0;
    }

    len = strcspn(url + strlen(SCHEME), "/?#\"\\");

    return len > 0 ? strlen(SCHEME) + len : 0;
}


int
vapid_header(const struct vapid *vapid, const char *url, uint64_t now_s,
    char out[VAPID_HEADER_MAX])
{
    int            n;
    char           claims[CLAIMS_MAX], token[VAPID_HEADER_MAX];
    size_t         len, origin = origin_len(url);
    unsigned char  signature[SIGNATURE];

    n = snprintf(claims, sizeof(claims),
                 "{\"aud\":\"%.*s\",\"exp\":%llu,\"sub\":\"%s\"}",
                 (int) origin, url,
                 (unsigned long long) (now_s + VAPID_LIFE_S),
                 vapid->contact);

    if (origin == 0 || n < 0 || (size_t) n >= sizeof(claims)) {
        return -1;
    }

    len = base64url_write(token, HEAD, strlen(HEAD));
    token[len++] = '.';
    len += base64url_write(token + len, claims, (size_t) n);

    if (sign(vapid->key, token, len, signature) != 0) {
        return -1;
    }

    token[len++] = '.';
    base64url_write(token + len, signature, SIGNATURE);
    n = snprintf(out, VAPID_HEADER_MAX, "vapid t=%s, k=%s", token,
                 vapid->public);

    return n > 0 && n < VAPID_HEADER_MAX ? 0 : -1;
}
