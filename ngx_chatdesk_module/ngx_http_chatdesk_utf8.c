/*
 * UTF-8 that arrives in pieces.
 *
 * Purpose:    see the header.
 * Owner:      the caller.
 * Invariants: `left` counts continuation bytes; the first of them has bounds
 *             that depend on the lead byte (RFC 3629, section 4), all others
 *             have 80..BF.
 */

#include <string.h>

#include "ngx_http_chatdesk_utf8.h"


void
ngx_http_chatdesk_utf8_init(ngx_http_chatdesk_utf8_t *utf8)
{
    utf8->left = 0;
    utf8->low = 0x80;
    utf8->high = 0xbf;
}


/* How many of the bytes at `p` are ASCII, eight at a time. */

static size_t
ngx_http_chatdesk_utf8_ascii(const unsigned char *p, size_t len)
{
    size_t    n;
    uint64_t  word;

    for (n = 0; len - n >= sizeof(word); n += sizeof(word)) {
        memcpy(&word, p + n, sizeof(word));

        if (word & 0x8080808080808080ULL) {
            break;
        }
    }

    return n;
}


/* What must follow a lead byte; -1 when it is none. */

static int
ngx_http_chatdesk_utf8_lead(ngx_http_chatdesk_utf8_t *utf8, unsigned char c)
{
    utf8->low = 0x80;
    utf8->high = 0xbf;

    if (c >= 0xc2 && c <= 0xdf) {
        utf8->left = 1;
        return 0;
    }

    if (c >= 0xe0 && c <= 0xef) {
        utf8->left = 2;

        if (c == 0xe0) {
            utf8->low = 0xa0;           /* overlong below U+0800 */

        } else if (c == 0xed) {
            utf8->high = 0x9f;          /* surrogates */
        }

        return 0;
    }

    if (c >= 0xf0 && c <= 0xf4) {
        utf8->left = 3;

        if (c == 0xf0) {
            utf8->low = 0x90;           /* overlong below U+10000 */

        } else if (c == 0xf4) {
            utf8->high = 0x8f;          /* above U+10FFFF */
        }

        return 0;
    }

    return -1;
}


int
ngx_http_chatdesk_utf8_feed(ngx_http_chatdesk_utf8_t *utf8,
    const unsigned char *data, size_t len)
{
    size_t         i;
    unsigned char  c;

    i = 0;

    while (i < len) {

        if (utf8->left == 0) {
            i += ngx_http_chatdesk_utf8_ascii(data + i, len - i);

            if (i == len) {
                return 0;
            }
        }

        c = data[i++];

        if (utf8->left > 0) {
            if (c < utf8->low || c > utf8->high) {
                return -1;
            }

            utf8->left--;
            utf8->low = 0x80;
            utf8->high = 0xbf;

        } else if (c >= 0x80 && ngx_http_chatdesk_utf8_lead(utf8, c) != 0) {
            return -1;
        }
    }

    return 0;
}


int
ngx_http_chatdesk_utf8_whole(const ngx_http_chatdesk_utf8_t *utf8)
{
    return utf8->left == 0;
}


int
ngx_http_chatdesk_utf8_blank(uint32_t c)
{
    return c <= 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0xad || c == 0x1680
           || (c >= 0x2000 && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f)
           || (c >= 0x205f && c <= 0x206f) || c == 0x3000 || c == 0x3164
           || c == 0x2800 || c == 0xfeff;
}
