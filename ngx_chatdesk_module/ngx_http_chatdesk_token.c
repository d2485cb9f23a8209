/*
 * Visitor tokens: made, parsed and checked.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_token.h.
 */

#include "ngx_http_chatdesk_token.h"

#include <stdio.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>


#define NGX_HTTP_CHATDESK_SIGNATURE_LEN  43

/* one digit more would pass 9007199254740991 */
#define NGX_HTTP_CHATDESK_DIGITS         16


/* 43 characters of base64url; 0 or -1 */

static int
ngx_http_chatdesk_token_sign(const struct cd_str *secret, struct cd_str desk,
    const char *text, size_t len, char *signature)
{
    char           padded[45];      /* 44 and the zero of EVP_EncodeBlock */
    char           signed_text[33 + NGX_HTTP_CHATDESK_TOKEN_MAX];
    unsigned       i, size;
    unsigned char  mac[EVP_MAX_MD_SIZE];

    if (desk.len > 32 || len > NGX_HTTP_CHATDESK_TOKEN_MAX) {
        return -1;
    }

    memcpy(signed_text, desk.data, desk.len);
    signed_text[desk.len] = '/';
    memcpy(signed_text + desk.len + 1, text, len);

    if (HMAC(EVP_sha256(), secret->data, (int) secret->len,
             (unsigned char *) signed_text, desk.len + 1 + len, mac, &size)
            == NULL
        || size != 32)
    {
        /* or nginx finds it when it next asks what TLS has met */
        ERR_clear_error();
        return -1;
    }

    EVP_EncodeBlock((unsigned char *) padded, mac, 32);

    for (i = 0; i < NGX_HTTP_CHATDESK_SIGNATURE_LEN; i++) {
        signature[i] = (padded[i] == '+') ? '-'
                       : (padded[i] == '/') ? '_' : padded[i];
    }

    return 0;
}


size_t
ngx_http_chatdesk_token_make(const ngx_http_chatdesk_token_t *token,
    const ngx_http_chatdesk_secrets_t *secrets, struct cd_str desk,
    char *text)
{
    int   len;
    char  head[NGX_HTTP_CHATDESK_TOKEN_MAX + 1];

    len = snprintf(head, sizeof(head), "cv1.%.*s.%llu.%llu",
                   (int) token->visitor.len, token->visitor.data,
                   (unsigned long long) token->born_ms,
                   (unsigned long long) token->renewed_ms);

    if (len < 0
        || len + 1 + NGX_HTTP_CHATDESK_SIGNATURE_LEN
           > NGX_HTTP_CHATDESK_TOKEN_MAX)
    {
        return 0;
    }

    memcpy(text, head, (size_t) len);
    text[len] = '.';

    if (ngx_http_chatdesk_token_sign(&secrets->secrets[0], desk, head,
                                     (size_t) len, text + len + 1)
        != 0)
    {
        return 0;
    }

    return (size_t) len + 1 + NGX_HTTP_CHATDESK_SIGNATURE_LEN;
}


static int
ngx_http_chatdesk_token_id(const char *p)
{
    unsigned  i;

    for (i = 0; i < NGX_HTTP_CHATDESK_ID_LEN; i++) {
        if (!((p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z')
              || (p[i] >= '0' && p[i] <= '9') || p[i] == '-' || p[i] == '_'))
        {
            return 0;
        }
    }

    return 1;
}


/* Decimal digits up to a dot; the position after the dot, or NULL. */

static const char *
ngx_http_chatdesk_token_number(const char *p, const char *end,
    uint64_t *number)
{
    const char  *start = p;

    *number = 0;

    while (p < end && *p >= '0' && *p <= '9'
           && p - start < NGX_HTTP_CHATDESK_DIGITS)
    {
        *number = *number * 10 + (uint64_t) (*p++ - '0');
    }

    if (p == start || p == end || *p != '.') {
        return NULL;
    }

    return p + 1;
}


/* The parts of a token; the position of its signature, or NULL. */

static const char *
ngx_http_chatdesk_token_parse(ngx_http_chatdesk_token_t *token,
    struct cd_str text)
{
    const char  *p, *end;

    p = text.data;
    end = p + text.len;

    if (text.len > NGX_HTTP_CHATDESK_TOKEN_MAX
        || text.len < 4 + NGX_HTTP_CHATDESK_ID_LEN + 1
        || memcmp(p, "cv1.", 4) != 0
        || !ngx_http_chatdesk_token_id(p + 4)
        || p[4 + NGX_HTTP_CHATDESK_ID_LEN] != '.')
    {
        return NULL;
    }

    token->visitor.data = p + 4;
    token->visitor.len = NGX_HTTP_CHATDESK_ID_LEN;

    p = ngx_http_chatdesk_token_number(p + 4 + NGX_HTTP_CHATDESK_ID_LEN + 1,
                                       end, &token->born_ms);
    if (p != NULL) {
        p = ngx_http_chatdesk_token_number(p, end, &token->renewed_ms);
    }

    if (p == NULL || end - p != NGX_HTTP_CHATDESK_SIGNATURE_LEN) {
        return NULL;
    }

    return p;
}


/* Whether one of the secrets made the signature; tries all of them.  -1: it
   cannot be told. */

static int
ngx_http_chatdesk_token_signed(const ngx_http_chatdesk_secrets_t *secrets,
    struct cd_str desk, struct cd_str text, const char *signature)
{
    int       found = 0, failed = 0;
    char      expected[NGX_HTTP_CHATDESK_SIGNATURE_LEN];
    size_t    len;
    unsigned  i;

    len = (size_t) (signature - text.data) - 1;

    for (i = 0; i < secrets->count; i++) {
        if (ngx_http_chatdesk_token_sign(&secrets->secrets[i], desk,
                                         text.data, len, expected)
            != 0)
        {
            failed = 1;

        } else if (CRYPTO_memcmp(expected, signature,
                                 NGX_HTTP_CHATDESK_SIGNATURE_LEN)
                   == 0)
        {
            found = 1;
        }
    }

    return found ? 1 : failed ? -1 : 0;
}


int
ngx_http_chatdesk_token_check(ngx_http_chatdesk_token_t *token,
    const ngx_http_chatdesk_secrets_t *secrets, struct cd_str desk,
    struct cd_str text, uint64_t now_ms)
{
    int          made;
    const char  *signature;

    signature = ngx_http_chatdesk_token_parse(token, text);

    if (signature == NULL) {
        return -1;
    }

    made = ngx_http_chatdesk_token_signed(secrets, desk, text, signature);

    if (made != 1) {
        return (made == 0) ? -1 : -2;
    }

    if (token->born_ms > token->renewed_ms
        || token->renewed_ms > now_ms + CD_LIMIT_TOKEN_SKEW_MS
        || token->renewed_ms + CD_LIMIT_TOKEN_MS < now_ms
        || token->born_ms + CD_LIMIT_TOKEN_MAX_MS < now_ms)
    {
        return -1;
    }

    return 0;
}
