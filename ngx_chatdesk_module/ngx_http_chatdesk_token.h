/*
 * Visitor tokens: who a visitor is, signed.
 *
 *     cv1.<visitor>.<born>.<renewed>.<signature>
 *
 *       visitor    22 characters, 16 random bytes in base64url
 *       born       when this identity began, ms, decimal
 *       renewed    when this token was written, ms, decimal
 *       signature  HMAC-SHA256 over "<desk>/" and all before the last dot,
 *                  base64url, 43 characters
 *
 * Purpose:    makes and checks tokens; the server keeps nothing of them.
 * Owner:      the caller owns all memory.
 * Invariants: pure but for libcrypto; a token of one desk is none at
 *             another; the signature is compared in constant time; no
 *             token is valid longer than CD_LIMIT_TOKEN_MS after it was
 *             written and CD_LIMIT_TOKEN_MAX_MS after its visitor was born.
 */

#ifndef NGX_HTTP_CHATDESK_TOKEN_H
#define NGX_HTTP_CHATDESK_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "chatdesk_wire.h"

#define NGX_HTTP_CHATDESK_ID_LEN         22

/* "cv1.", visitor, two numbers of at most 16 digits, signature, dots */
#define NGX_HTTP_CHATDESK_TOKEN_MAX      (4 + 22 + 1 + 16 + 1 + 16 + 1 + 43)


/* secrets of a location: the first signs, all verify */

typedef struct {
    struct cd_str  *secrets;
    unsigned        count;
} ngx_http_chatdesk_secrets_t;

typedef struct {
    struct cd_str   visitor;        /* borrows from the token */
    uint64_t        born_ms;
    uint64_t        renewed_ms;
} ngx_http_chatdesk_token_t;


/*
 * Writes a token of at most NGX_HTTP_CHATDESK_TOKEN_MAX bytes.  Returns its
 * length, 0 when libcrypto fails.
 */
size_t ngx_http_chatdesk_token_make(const ngx_http_chatdesk_token_t *token,
    const ngx_http_chatdesk_secrets_t *secrets, struct cd_str desk,
    char *text);

/* Returns 0 and fills *token, -1 for a token that is not valid now, or -2
   when libcrypto fails, which has no memory. */
int ngx_http_chatdesk_token_check(ngx_http_chatdesk_token_t *token,
    const ngx_http_chatdesk_secrets_t *secrets, struct cd_str desk,
    struct cd_str text, uint64_t now_ms);


#endif /* NGX_HTTP_CHATDESK_TOKEN_H */
