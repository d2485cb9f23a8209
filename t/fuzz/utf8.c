/*
 * Fuzz target: UTF-8 that arrives in pieces.
 *
 * The first byte is the length of the pieces.  However the text is cut, the
 * answer is that of a decoder which looks at code points one by one.
 *
 * link: ngx_chatdesk_module/ngx_http_chatdesk_utf8.c
 */

#include <stdlib.h>
#include <string.h>

#include "ngx_http_chatdesk_utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* The length of the character at data, 0: there is none. */

static size_t
character(const uint8_t *data, size_t size)
{
    size_t    i, len;
    uint32_t  point;

    len = data[0] < 0x80 ? 1 : data[0] >> 5 == 6 ? 2
          : data[0] >> 4 == 14 ? 3 : data[0] >> 3 == 30 ? 4 : 0;

    if (len == 0 || len > size) {
        return 0;
    }

    point = len == 1 ? data[0] : data[0] & (0x7fu >> len);

    for (i = 1; i < len; i++) {
        if (data[i] >> 6 != 2) {
            return 0;
        }

        point = point << 6 | (data[i] & 0x3f);
    }

    if ((len == 2 && point < 0x80) || (len == 3 && point < 0x800)
        || (len == 4 && point < 0x10000) || point > 0x10ffff
        || (point >= 0xd800 && point <= 0xdfff))
    {
        return 0;
    }

    return len;
}


static int
is_text(const uint8_t *data, size_t size)
{
    size_t  n;

    for ( /* void */ ; size > 0; data += n, size -= n) {
        n = character(data, size);

        if (n == 0) {
            return 0;
        }
    }

    return 1;
}


static int
is_fed(const uint8_t *data, size_t size, size_t piece)
{
    int                       rc;
    size_t                    n;
    uint8_t                  *block;
    ngx_http_chatdesk_utf8_t  utf8;

    ngx_http_chatdesk_utf8_init(&utf8);

    for ( /* void */ ; size > 0; data += n, size -= n) {
        n = size < piece ? size : piece;
        block = malloc(n);

        if (block == NULL) {
            abort();
        }

        memcpy(block, data, n);
        rc = ngx_http_chatdesk_utf8_feed(&utf8, block, n);
        free(block);

        if (rc != 0) {
            return 0;
        }
    }

    return ngx_http_chatdesk_utf8_whole(&utf8);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int  text;

    if (size == 0) {
        return 0;
    }

    text = is_text(data + 1, size - 1);

    if (is_fed(data + 1, size - 1, size) != text
        || is_fed(data + 1, size - 1, 1 + data[0]) != text)
    {
        abort();
    }

    return 0;
}
