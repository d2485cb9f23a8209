/*
 * Encryption of push messages; see webpush.h.
 *
 *   shared secret, auth --HKDF--> key material --HKDF, salt--> key, nonce
 *
 *   body: salt 16 | record size 4 | 65 | sender's point | AES-128-GCM of
 *         the text and the byte 2 | tag 16
 *
 * Purpose:    sections 3.3 and 3.4 of RFC 8291, 2.1 to 2.3 of RFC 8188.
 * Owner:      nothing.
 * Invariants: those of webpush.h; what was derived is wiped.
 */

#include "io/webpush.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "io/base64url.h"

#define HASH_LEN   32
#define KEY_LEN    16
#define NONCE_LEN  12
#define LAST       2            /* delimiter of the last record */

#define PUSH_INFO   "WebPush: info"
#define KEY_INFO    "Content-Encoding: aes128gcm"
#define NONCE_INFO  "Content-Encoding: nonce"

struct bytes {
    const void  *data;
    size_t       len;
};


int
webpush_keys_read(struct webpush_keys *keys, const char *p256dh,
    const char *auth)
{
    EVP_PKEY  *key;

    if (base64url_read(keys->p256dh, P256_POINT, p256dh) != 0
        || base64url_read(keys->auth, WEBPUSH_AUTH, auth) != 0)
    {
        return -1;
    }

    key = p256_public(keys->p256dh);
    EVP_PKEY_free(key);

    return key != NULL ? 0 : -1;
}


/* HKDF with SHA-256 (RFC 5869); 0, -1. */

static int
derive(struct bytes salt, struct bytes secret, struct bytes info,
    unsigned char *out, size_t len)
{
    int           rc;
    EVP_KDF      *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX  *ctx = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
    OSSL_PARAM    params[5];

    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
                                                 (char *) "SHA256", 0);
    params[1] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY,
                                                  (void *) secret.data,
                                                  secret.len);
    params[2] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT,
                                                  (void *) salt.data,
                                                  salt.len);
    params[3] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO,
                                                  (void *) info.data,
                                                  info.len);
    params[4] = OSSL_PARAM_construct_end();

    rc = ctx != NULL && EVP_KDF_derive(ctx, out, len, params) == 1 ? 0 : -1;
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);

    return rc;
}


/* What key and nonce are made of; 0, -1. */

static int
material(const struct webpush_keys *keys, EVP_PKEY *sender,
    const unsigned char *point, unsigned char out[HASH_LEN])
{
    int            rc = -1;
    EVP_PKEY      *receiver = p256_public(keys->p256dh);
    unsigned char  secret[P256_SECRET];
    unsigned char  info[sizeof(PUSH_INFO) + 2 * P256_POINT];

    memcpy(info, PUSH_INFO, sizeof(PUSH_INFO));
    memcpy(info + sizeof(PUSH_INFO), keys->p256dh, P256_POINT);
    memcpy(info + sizeof(PUSH_INFO) + P256_POINT, point, P256_POINT);

    if (receiver != NULL && p256_agree(sender, receiver, secret) == 0) {
        rc = derive((struct bytes) { keys->auth, WEBPUSH_AUTH },
                    (struct bytes) { secret, sizeof(secret) },
                    (struct bytes) { info, sizeof(info) }, out, HASH_LEN);
        OPENSSL_cleanse(secret, sizeof(secret));
    }

    EVP_PKEY_free(receiver);

    return rc;
}


/* AES-128-GCM of the text and its delimiter; 0, -1. */

static int
seal(const unsigned char *key, const unsigned char *nonce, const void *text,
    size_t len, unsigned char *out)
{
    int                   n, rc;
    EVP_CIPHER_CTX       *ctx = EVP_CIPHER_CTX_new();
    const unsigned char   last = LAST;

    rc = ctx != NULL
         && EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, key, nonce) == 1
         && EVP_EncryptUpdate(ctx, out, &n, text, (int) len) == 1
         && EVP_EncryptUpdate(ctx, out + len, &n, &last, 1) == 1
         && EVP_EncryptFinal_ex(ctx, out + len + 1, &n) == 1
         && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, WEBPUSH_TAG,
                                out + len + 1) == 1;
    EVP_CIPHER_CTX_free(ctx);

    return rc ? 0 : -1;
}


static void
head(unsigned char *out, const unsigned char *salt,
    const unsigned char *point)
{
    memcpy(out, salt, WEBPUSH_SALT);
    out += WEBPUSH_SALT;
    out[0] = 0;
    out[1] = 0;
    out[2] = WEBPUSH_RECORD >> 8;
    out[3] = WEBPUSH_RECORD & 255;
    out[4] = P256_POINT;
    memcpy(out + 5, point, P256_POINT);
}


size_t
webpush_encrypt(const struct webpush_keys *keys, EVP_PKEY *sender,
    const unsigned char salt[WEBPUSH_SALT], const void *text, size_t len,
    unsigned char *out)
{
    int            rc;
    unsigned char  point[P256_POINT], base[HASH_LEN];
    unsigned char  key[KEY_LEN], nonce[NONCE_LEN];
    struct bytes   from = { base, HASH_LEN }, with = { salt, WEBPUSH_SALT };

    if (len > WEBPUSH_TEXT || p256_point(sender, point) != 0
        || material(keys, sender, point, base) != 0)
    {
        return 0;
    }

    head(out, salt, point);

    /* the texts with the byte 0 at their end */
    rc = derive(with, from, (struct bytes) { KEY_INFO, sizeof(KEY_INFO) },
                key, KEY_LEN) != 0
         || derive(with, from,
                   (struct bytes) { NONCE_INFO, sizeof(NONCE_INFO) },
                   nonce, NONCE_LEN) != 0
         || seal(key, nonce, text, len, out + WEBPUSH_HEAD) != 0;

    OPENSSL_cleanse(base, sizeof(base));
    OPENSSL_cleanse(key, sizeof(key));

    return rc ? 0 : WEBPUSH_HEAD + len + 1 + WEBPUSH_TAG;
}
