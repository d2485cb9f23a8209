/*
 * Unit test of the UTF-8 check against the definition of RFC 3629.
 *
 * Purpose:    every code point, every sequence of up to three bytes, the
 *             borders of four; whole and cut.
 * Owner:      nothing to own.
 * Invariants: the reference decodes numbers and looks at ranges; it shares
 *             no idea with the code under test.
 *
 * link: ngx_chatdesk_module/ngx_http_chatdesk_utf8.c
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ngx_http_chatdesk_utf8.h"


/* Bytes of the one character at `p`; 0 when there is none. */

static size_t
reference_one(const unsigned char *p, size_t len)
{
    size_t    i, n;
    uint32_t  point;
    static const uint32_t  first[] = { 0, 0, 0x80, 0x800, 0x10000 };

    n = p[0] < 0x80 ? 1 : (p[0] & 0xe0) == 0xc0 ? 2
        : (p[0] & 0xf0) == 0xe0 ? 3 : (p[0] & 0xf8) == 0xf0 ? 4 : 0;

    if (n == 0 || n > len) {
        return 0;
    }

    point = n == 1 ? p[0] : (uint32_t) (p[0] & (0xff >> (n + 1)));

    for (i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
        point = point << 6 | (p[i] & 0x3f);
    }

    if (point < first[n] || point > 0x10ffff
        || (point >= 0xd800 && point <= 0xdfff))
    {
        return 0;
    }

    return n;
}


static int
reference(const unsigned char *p, size_t len)
{
    size_t  n;

    for ( /* void */ ; len > 0; p += n, len -= n) {
        n = reference_one(p, len);
        if (n == 0) {
            return 0;
        }
    }

    return 1;
}


/* As the parser uses it, with one cut. */

static int
check(const unsigned char *p, size_t len, size_t cut)
{
    ngx_http_chatdesk_utf8_t  utf8;

    ngx_http_chatdesk_utf8_init(&utf8);

    return ngx_http_chatdesk_utf8_feed(&utf8, p, cut) == 0
           && ngx_http_chatdesk_utf8_feed(&utf8, p + cut, len - cut) == 0
           && ngx_http_chatdesk_utf8_whole(&utf8);
}


static void
compare(const unsigned char *p, size_t len)
{
    size_t  cut;
    int     expected = reference(p, len);

    for (cut = 0; cut <= len; cut++) {
        if (check(p, len, cut) != expected) {
            fail_msg("%02x %02x %02x %02x of %zu, cut at %zu: not %d", p[0],
                     p[1], p[2], p[3], len, cut, expected);
        }
    }
}


static void
up_to_three_bytes(void **state)
{
    uint32_t       i;
    unsigned char  p[4] = { 0 };

    (void) state;

    for (i = 0; i < 0x1000000; i++) {
        p[0] = (unsigned char) (i >> 16);
        p[1] = (unsigned char) (i >> 8);
        p[2] = (unsigned char) i;

        /* the reference is asked about all; cuts only where it may matter */
        if (check(p, 3, 3) != reference(p, 3)) {
            compare(p, 3);
        }

        if (p[2] == 0) {
            compare(p, 1);
            compare(p, 2);
            compare(p, 3);
        }
    }
}


static void
borders_of_four_bytes(void **state)
{
    size_t         a, b, c, d;
    unsigned char  p[4];
    static const unsigned char  leads[] = {
        0xe0, 0xed, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff
    };
    static const unsigned char  borders[] = {
        0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff
    };

    (void) state;

    for (a = 0; a < sizeof(leads); a++) {
        for (b = 0; b < sizeof(borders); b++) {
            for (c = 0; c < sizeof(borders); c++) {
                for (d = 0; d < sizeof(borders); d++) {
                    p[0] = leads[a];
                    p[1] = borders[b];
                    p[2] = borders[c];
                    p[3] = borders[d];
                    compare(p, 4);
                }
            }
        }
    }
}


/* A wrong byte is found wherever the eight-at-a-time steps leave it. */

static void
wrong_byte_anywhere(void **state)
{
    size_t         i;
    unsigned char  text[41];

    (void) state;

    for (i = 0; i < sizeof(text); i++) {
        memset(text, 'a', sizeof(text));
        assert_true(check(text, sizeof(text), i));
        text[i] = 0x80;
        assert_false(check(text, sizeof(text), i));
        assert_false(check(text, sizeof(text), 0));
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(up_to_three_bytes),
        cmocka_unit_test(borders_of_four_bytes),
        cmocka_unit_test(wrong_byte_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
