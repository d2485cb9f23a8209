/*
 * Fuzz target: visitor tokens.
 *
 * No bytes pass that were not signed, and none are read beyond the input.
 *
 * link: ngx_chatdesk_module/ngx_http_chatdesk_token.c
 * link: -lcrypto -lmsgpackc
 */

#include <stdlib.h>
#include <string.h>

#include "ngx_http_chatdesk_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cd_str         secret = {
        "0123456789abcdef0123456789abcdef", 32
    };
    ngx_http_chatdesk_secrets_t  secrets = { &secret, 1 };
    ngx_http_chatdesk_token_t    token;
    struct cd_str                desk = { "demo", 4 }, text;
    char                         made[NGX_HTTP_CHATDESK_TOKEN_MAX];

    text.data = (const char *) data;
    text.len = size;

    if (ngx_http_chatdesk_token_check(&token, &secrets, desk, text,
                                      1732216000000ULL)
        != 0)
    {
        return 0;
    }

    /* what passes is what would be made of its parts */
    if (ngx_http_chatdesk_token_make(&token, &secrets, desk, made) != size
        || memcmp(made, data, size) != 0)
    {
        abort();
    }

    return 0;
}
