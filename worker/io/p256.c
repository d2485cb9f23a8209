/*
 * Keys on P-256; see p256.h.
 *
 * Purpose:    the few calls of OpenSSL that this takes.
 * Owner:      nothing.
 * Invariants: those of p256.h.
 */

#include "io/p256.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#define CURVE  "P-256"


static EVP_PKEY *
key_build(OSSL_PARAM *params, int selection)
{
    EVP_PKEY      *key = NULL;
    EVP_PKEY_CTX  *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);

    if (ctx == NULL || params == NULL || EVP_PKEY_fromdata_init(ctx) != 1
        || EVP_PKEY_fromdata(ctx, &key, selection, params) != 1)
    {
        key = NULL;
    }

    EVP_PKEY_CTX_free(ctx);

    return key;
}


/* Whether the point is one of the curve, and not its zero. */

static int
key_holds(EVP_PKEY *key)
{
    int            holds;
    EVP_PKEY_CTX  *ctx = EVP_PKEY_CTX_new(key, NULL);

    holds = ctx != NULL && EVP_PKEY_public_check(ctx) == 1;
    EVP_PKEY_CTX_free(ctx);

    return holds;
}


/* `secret` may be NULL. */

static EVP_PKEY *
key_make(const unsigned char *secret, const unsigned char *point)
{
    BIGNUM          *number = NULL;
    EVP_PKEY        *key = NULL;
    OSSL_PARAM      *params = NULL;
    OSSL_PARAM_BLD  *build = OSSL_PARAM_BLD_new();

    if (secret != NULL) {
        number = BN_secure_new();
        number = number != NULL
                 ? BN_bin2bn(secret, P256_SECRET, number) : NULL;
    }

    if (build != NULL && (secret == NULL || number != NULL)
        && OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME,
                                           CURVE, 0) == 1
        && OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY,
                                            point, P256_POINT) == 1
        && (number == NULL
            || OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY,
                                      number) == 1))
    {
        params = OSSL_PARAM_BLD_to_param(build);
        key = key_build(params, secret != NULL ? EVP_PKEY_KEYPAIR
                                               : EVP_PKEY_PUBLIC_KEY);
    }

    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    BN_clear_free(number);

    if (key != NULL && !key_holds(key)) {
        EVP_PKEY_free(key);
        key = NULL;
    }

    return key;
}


EVP_PKEY *
p256_public(const unsigned char point[P256_POINT])
{
    return point[0] == POINT_CONVERSION_UNCOMPRESSED ? key_make(NULL, point)
                                                     : NULL;
}


EVP_PKEY *
p256_pair(const unsigned char secret[P256_SECRET],
    const unsigned char point[P256_POINT])
{
    return key_make(secret, point);
}


EVP_PKEY *
p256_new(void)
{
    return EVP_EC_gen(CURVE);
}


int
p256_point(EVP_PKEY *key, unsigned char point[P256_POINT])
{
    char    curve[32] = "";
    size_t  len = 0;

    return EVP_PKEY_is_a(key, "EC")
           && EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME,
                                             curve, sizeof(curve), NULL) == 1
           && strcmp(curve, "prime256v1") == 0
           && EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY,
                                              point, P256_POINT, &len) == 1
           && len == P256_POINT
           && point[0] == POINT_CONVERSION_UNCOMPRESSED ? 0 : -1;
}


int
p256_agree(EVP_PKEY *own, EVP_PKEY *other, unsigned char secret[P256_SECRET])
{
    int            rc;
    size_t         len = P256_SECRET;
    EVP_PKEY_CTX  *ctx = EVP_PKEY_CTX_new(own, NULL);

    rc = ctx != NULL && EVP_PKEY_derive_init(ctx) == 1
         && EVP_PKEY_derive_set_peer(ctx, other) == 1
         && EVP_PKEY_derive(ctx, secret, &len) == 1 && len == P256_SECRET;
    EVP_PKEY_CTX_free(ctx);

    return rc ? 0 : -1;
}
