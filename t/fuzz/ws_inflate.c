/*
 * Fuzz target: packed messages.
 *
 * Whatever the bytes, no more than the bound comes out; what comes out can
 * be packed again with either window, and is then the same.
 *
 * link: ngx_chatdesk_module/ngx_http_chatdesk_ws_zip.c
 * link: -lz
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ngx_http_chatdesk_ws_zip.h"

#define MAX_MESSAGE  20000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void
check_again(ngx_http_chatdesk_ws_zip_t *zip, unsigned bits)
{
    size_t          len, n;
    unsigned char  *message, packed[MAX_MESSAGE + 64];

    len = zip->len;
    message = malloc(len ? len : 1);

    if (message == NULL) {
        abort();
    }

    memcpy(message, zip->data, len);
    n = ngx_http_chatdesk_ws_deflate(zip, bits, message, len, packed,
                                     sizeof(packed));

    if (n > 0
        && (ngx_http_chatdesk_ws_inflate(zip, packed, n, MAX_MESSAGE)
            != NGX_HTTP_CHATDESK_WS_ZIP_OK || zip->len != len
            || memcmp(zip->data, message, len) != 0))
    {
        abort();
    }

    free(message);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static ngx_http_chatdesk_ws_zip_t  zip;

    if (ngx_http_chatdesk_ws_inflate(&zip, data, size, MAX_MESSAGE)
        != NGX_HTTP_CHATDESK_WS_ZIP_OK)
    {
        return 0;
    }

    if (zip.len > MAX_MESSAGE) {
        abort();
    }

    check_again(&zip, NGX_HTTP_CHATDESK_WS_ZIP_SMALL);
    check_again(&zip, NGX_HTTP_CHATDESK_WS_ZIP_LARGE);

    return 0;
}
