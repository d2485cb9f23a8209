/*
 * Unit test of the WebSocket parser: every case whole, byte by byte, and cut
 * at every position.
 *
 * Purpose:    a table of what peers send and what must come of it; memory
 *             that is bounded by what has arrived; memory that runs out.
 * Owner:      each run owns copies of its pieces, of exactly their length,
 *             so that the sanitizer sees a step beyond them.
 * Invariants: how the bytes were cut changes nothing.
 *
 * link: ngx_chatdesk_module/ngx_http_chatdesk_ws_parser.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_utf8.c
 * link: -Wl,--wrap=realloc
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ngx_http_chatdesk_ws_parser.h"

#define MAX_MESSAGE    1000
#define MAX_FRAGMENTS  4

#define FIN  0x80

struct piece {
    unsigned     first;         /* FIN, reserved bits, opcode */
    const char  *payload;
    size_t       len;           /* 0: strlen(payload) */
    unsigned     oddity;
};

enum oddity {
    UNMASKED = 1,
    LONG_16 = 2,                /* 16-bit length whatever the length */
    LONG_64 = 3,
    TOP_BIT = 4,
    HEAD_ONLY = 5               /* announces `len`, sends nothing */
};

struct case_row {
    const char   *name;
    struct piece  pieces[8];
    const char   *expected;
};

#define X10   "0123456789"
#define X100  X10 X10 X10 X10 X10 X10 X10 X10 X10 X10
#define X125  X100 X10 X10 "01234"

static const struct case_row rows[] = {
    /* messages */
    { "text", { { FIN|1, "hello", 0, 0 } }, "text:hello " },
    { "empty text", { { FIN|1, "", 0, 0 } }, "text: " },
    { "binary", { { FIN|2, "\xff\xfe", 0, 0 } }, "binary:\xff\xfe " },
    { "two in a row", { { FIN|1, "a", 0, 0 }, { FIN|1, "b", 0, 0 } },
      "text:a text:b " },
    { "text of 125", { { FIN|1, X125, 0, 0 } }, "text:" X125 " " },
    { "text of 126", { { FIN|1, X125 "x", 0, 0 } }, "text:" X125 "x " },
    { "text at the limit",
      { { FIN|1, X100 X100 X100 X100 X100 X100 X100 X100 X100 X100, 0, 0 } },
      "text:" X100 X100 X100 X100 X100 X100 X100 X100 X100 X100 " " },

    /* fragments */
    { "two fragments", { { 1, "hel", 0, 0 }, { FIN, "lo", 0, 0 } },
      "text:hello " },
    { "empty fragments",
      { { 1, "", 0, 0 }, { 0, "", 0, 0 }, { FIN, "", 0, 0 } }, "text: " },
    { "empty around full",
      { { 1, "", 0, 0 }, { 0, "mid", 0, 0 }, { FIN, "", 0, 0 } },
      "text:mid " },
    { "binary in fragments", { { 2, "\xc3", 0, 0 }, { FIN, "\x28", 0, 0 } },
      "binary:\xc3\x28 " },
    { "as many fragments as allowed",
      { { 1, "a", 0, 0 }, { 0, "b", 0, 0 }, { 0, "c", 0, 0 },
        { FIN, "d", 0, 0 } }, "text:abcd " },
    { "one fragment too many",
      { { 1, "a", 0, 0 }, { 0, "b", 0, 0 }, { 0, "c", 0, 0 },
        { 0, "d", 0, 0 }, { FIN, "e", 0, 0 } }, "fail:1009 " },
    { "fragments are counted for each message",
      { { 1, "a", 0, 0 }, { 0, "b", 0, 0 }, { FIN, "c", 0, 0 },
        { 1, "d", 0, 0 }, { FIN, "e", 0, 0 } }, "text:abc text:de " },
    { "ping between fragments",
      { { 1, "hel", 0, 0 }, { FIN|9, "ping", 0, 0 }, { FIN, "lo", 0, 0 } },
      "ping:ping text:hello " },
    { "controls between fragments",
      { { 1, "a", 0, 0 }, { FIN|9, "1", 0, 0 }, { FIN|10, X125, 0, 0 },
        { 0, "b", 0, 0 }, { FIN|9, "", 0, 0 }, { FIN, "c", 0, 0 } },
      "ping:1 pong:" X125 " ping: text:abc " },
    { "close between fragments",
      { { 1, "a", 0, 0 }, { FIN|8, "\x03\xe8", 0, 0 } }, "close:1000 " },
    { "continuation of nothing", { { FIN, "a", 0, 0 } }, "fail:1002 " },
    { "open continuation of nothing", { { 0, "a", 0, 0 } }, "fail:1002 " },
    { "text inside a message",
      { { 1, "a", 0, 0 }, { FIN|1, "b", 0, 0 } }, "fail:1002 " },
    { "binary inside a message",
      { { 1, "a", 0, 0 }, { FIN|2, "b", 0, 0 } }, "fail:1002 " },
    { "continuation after the end",
      { { 1, "a", 0, 0 }, { FIN, "b", 0, 0 }, { FIN, "c", 0, 0 } },
      "text:ab fail:1002 " },

    /* control frames */
    { "ping", { { FIN|9, "", 0, 0 } }, "ping: " },
    { "ping of 125", { { FIN|9, X125, 0, 0 } }, "ping:" X125 " " },
    { "pong nobody asked for", { { FIN|10, "x", 0, 0 } }, "pong:x " },
    { "ping of 126", { { FIN|9, X125 "x", 0, 0 } }, "fail:1002 " },
    { "ping with a long length", { { FIN|9, "x", 0, LONG_16 } },
      "fail:1002 " },
    { "ping in fragments", { { 9, "x", 0, 0 } }, "fail:1002 " },
    { "pong in fragments", { { 10, "x", 0, 0 } }, "fail:1002 " },
    { "close in fragments", { { 8, "\x03\xe8", 0, 0 } }, "fail:1002 " },

    /* header */
    { "unmasked text", { { FIN|1, "hello", 0, UNMASKED } }, "fail:1002 " },
    { "unmasked ping", { { FIN|9, "", 0, UNMASKED } }, "fail:1002 " },
    { "first reserved bit", { { FIN|0x41, "a", 0, 0 } }, "fail:1002 " },
    { "second reserved bit", { { FIN|0x21, "a", 0, 0 } }, "fail:1002 " },
    { "third reserved bit", { { FIN|0x11, "a", 0, 0 } }, "fail:1002 " },
    { "reserved bit of a ping", { { FIN|0x49, "", 0, 0 } }, "fail:1002 " },
    { "opcode 3", { { FIN|3, "", 0, 0 } }, "fail:1002 " },
    { "opcode 7", { { FIN|7, "a", 0, 0 } }, "fail:1002 " },
    { "opcode 11", { { FIN|11, "", 0, 0 } }, "fail:1002 " },
    { "opcode 15", { { FIN|15, "a", 0, 0 } }, "fail:1002 " },
    { "16-bit length for 5", { { FIN|1, "hello", 0, LONG_16 } },
      "fail:1002 " },
    { "64-bit length for 5", { { FIN|1, "hello", 0, LONG_64 } },
      "fail:1002 " },
    { "64-bit length for 65535", { { FIN|1, "", 65535, LONG_64 } },
      "fail:1002 " },
    { "top bit of the length", { { FIN|1, "", 0, TOP_BIT } }, "fail:1002 " },

    /* sizes */
    { "one byte over the limit", { { FIN|1, "", 1001, HEAD_ONLY } },
      "fail:1009 " },
    { "gigabytes announced", { { FIN|1, "", (size_t) 1 << 40, HEAD_ONLY } },
      "fail:1009 " },
    { "over the limit in fragments",
      { { 1, X100 X100 X100 X100 X100 X100 X100 X100 X100, 0, 0 },
        { FIN, "", 101, HEAD_ONLY } }, "fail:1009 " },
    { "at the limit in fragments",
      { { 1, X100 X100 X100 X100 X100 X100 X100 X100 X100, 0, 0 },
        { FIN, X100, 0, 0 } },
      "text:" X100 X100 X100 X100 X100 X100 X100 X100 X100 X100 " " },

    /* UTF-8 */
    { "two-byte character cut by fragments",
      { { 1, "\xc3", 0, 0 }, { FIN, "\xa9", 0, 0 } }, "text:\xc3\xa9 " },
    { "four bytes in four fragments",
      { { 1, "\xf0", 0, 0 }, { 0, "\x9f", 0, 0 }, { 0, "\x98", 0, 0 },
        { FIN, "\x80", 0, 0 } }, "text:\xf0\x9f\x98\x80 " },
    { "ends inside a character", { { FIN|1, "a\xc3", 0, 0 } },
      "fail:1007 " },
    { "ends inside a character, in fragments",
      { { 1, "a\xc3", 0, 0 }, { FIN, "", 0, 0 } }, "fail:1007 " },
    { "wrong byte before the end",
      { { 1, "a\xff", 0, 0 }, { FIN, "b", 0, 0 } }, "fail:1007 " },
    { "wrong continuation in the next fragment",
      { { 1, "\xc3", 0, 0 }, { 0, "\x28", 0, 0 }, { FIN, "b", 0, 0 } },
      "fail:1007 " },
    { "a new message begins with a clean slate",
      { { 1, "\xc3", 0, 0 }, { FIN, "\xa9", 0, 0 }, { FIN|1, "a", 0, 0 } },
      "text:\xc3\xa9 text:a " },
    { "surrogate", { { FIN|1, "\xed\xa0\x80", 0, 0 } }, "fail:1007 " },
    { "overlong", { { FIN|1, "\xc0\xaf", 0, 0 } }, "fail:1007 " },
    { "above U+10FFFF", { { FIN|1, "\xf4\x90\x80\x80", 0, 0 } },
      "fail:1007 " },

    /* close */
    { "close", { { FIN|8, "\x03\xe8", 0, 0 } }, "close:1000 " },
    { "close without a code", { { FIN|8, "", 0, 0 } }, "close:1005 " },
    { "close with a reason", { { FIN|8, "\x03\xe9" "bye", 0, 0 } },
      "close:1001 " },
    { "close with the longest reason",
      { { FIN|8, "\x03\xe8" X100 X10 X10 "012", 0, 0 } }, "close:1000 " },
    { "close of one byte", { { FIN|8, "\x03", 0, 0 } }, "fail:1002 " },
    { "close with a reason that is no text",
      { { FIN|8, "\x03\xe8\xff", 0, 0 } }, "fail:1007 " },
    { "close with half a character",
      { { FIN|8, "\x03\xe8\xc3", 0, 0 } }, "fail:1007 " },
    { "nothing after close",
      { { FIN|8, "\x03\xe8", 0, 0 }, { FIN|1, "a", 0, 0 },
        { FIN|9, "", 0, 0 } }, "close:1000 " },
    { "nothing after an offence",
      { { FIN|3, "", 0, 0 }, { FIN|1, "a", 0, 0 } }, "fail:1002 " },
};


/* what the parser asked for since the test began */
static size_t  largest;
static int     asked, allowed;

void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);


void *
__wrap_realloc(void *old, size_t size)
{
    largest = size > largest ? size : largest;

    return asked++ < allowed ? __real_realloc(old, size) : NULL;
}


static void
watch_memory(int most)
{
    largest = 0;
    asked = 0;
    allowed = most;
}


/* Appends one frame as the piece describes it. */

static size_t
frame_put(unsigned char *out, const struct piece *piece)
{
    size_t                i, n, len, width;
    unsigned              masked;
    static unsigned char  mask[4] = { 0x37, 0xfa, 0x21, 0x3d };

    len = piece->len ? piece->len : strlen(piece->payload);
    masked = piece->oddity == UNMASKED ? 0 : 0x80;
    width = len < 126 ? 0 : len < 65536 ? 2 : 8;

    if (piece->oddity == LONG_16) {
        width = 2;
    } else if (piece->oddity == LONG_64 || piece->oddity == TOP_BIT) {
        width = 8;
    }

    n = 0;
    out[n++] = (unsigned char) piece->first;
    out[n++] = (unsigned char)
               (masked | (width == 0 ? len : width == 2 ? 126 : 127));

    for (i = 0; i < width; i++) {
        out[n++] = (unsigned char) ((uint64_t) len >> (8 * (width - 1 - i)));
    }

    if (piece->oddity == TOP_BIT) {
        out[2] |= 0x80;
    }

    if (masked) {
        memcpy(out + n, mask, 4);
        n += 4;
    }

    for (i = 0; i < strlen(piece->payload); i++) {
        out[n++] = (unsigned char)
                   (piece->payload[i] ^ (masked ? mask[i & 3] : 0));
    }

    return n;
}


static size_t
row_bytes(const struct case_row *row, unsigned char *out)
{
    size_t  i, n = 0;

    for (i = 0; i < 8 && row->pieces[i].payload != NULL; i++) {
        n += frame_put(out + n, &row->pieces[i]);
    }

    return n;
}


/* What the parser says to these bytes, as text behind `said`. */

static size_t
feed(ngx_http_chatdesk_ws_parser_t *parser, const unsigned char *bytes,
    size_t len, char *said)
{
    size_t                        n = 0;
    const char                   *name;
    unsigned char                *copy, *pos;
    ngx_http_chatdesk_ws_event_e  event;

    copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    pos = copy;

    for ( ;; ) {
        event = ngx_http_chatdesk_ws_parser_next(parser, &pos, copy + len);

        switch (event) {
        case NGX_HTTP_CHATDESK_WS_MORE:
            assert_ptr_equal(pos, copy + len);
            free(copy);
            return n;
        case NGX_HTTP_CHATDESK_WS_CLOSE:
        case NGX_HTTP_CHATDESK_WS_FAIL:
            n += (size_t) sprintf(said + n, "%s:%u ",
                event == NGX_HTTP_CHATDESK_WS_FAIL ? "fail" : "close",
                parser->code);
            continue;
        case NGX_HTTP_CHATDESK_WS_TEXT:   name = "text"; break;
        case NGX_HTTP_CHATDESK_WS_BINARY: name = "binary"; break;
        case NGX_HTTP_CHATDESK_WS_PING:   name = "ping"; break;
        default:                          name = "pong"; break;
        }

        n += (size_t) sprintf(said + n, "%s:", name);
        if (parser->len > 0) {
            memcpy(said + n, parser->data, parser->len);
            n += parser->len;
        }
        said[n++] = ' ';
        said[n] = '\0';
    }
}


static void
init(ngx_http_chatdesk_ws_parser_t *parser)
{
    ngx_http_chatdesk_ws_parser_init(parser, MAX_MESSAGE, MAX_FRAGMENTS, 1);
}


static void
every_case_at_every_cut(void **state)
{
    char                           said[4096];
    size_t                         i, len, cut, n;
    unsigned char                  bytes[4096];
    ngx_http_chatdesk_ws_parser_t  parser;

    (void) state;
    watch_memory(1 << 30);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        len = row_bytes(&rows[i], bytes);

        for (cut = 0; cut <= len; cut++) {
            said[0] = '\0';
            init(&parser);
            n = feed(&parser, bytes, cut, said);
            feed(&parser, bytes + cut, len - cut, said + n);
            ngx_http_chatdesk_ws_parser_stop(&parser);

            if (strcmp(said, rows[i].expected) != 0) {
                fail_msg("%s, cut at %zu: %s, not %s", rows[i].name, cut,
                         said, rows[i].expected);
            }
        }
    }
}


static void
every_case_byte_by_byte(void **state)
{
    char                           said[4096];
    size_t                         i, k, len, n;
    unsigned char                  bytes[4096];
    ngx_http_chatdesk_ws_parser_t  parser;

    (void) state;
    watch_memory(1 << 30);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        len = row_bytes(&rows[i], bytes);
        said[0] = '\0';
        init(&parser);

        for (k = 0, n = 0; k < len; k++) {
            n += feed(&parser, bytes + k, 1, said + n);
        }

        ngx_http_chatdesk_ws_parser_stop(&parser);
        assert_string_equal(said, rows[i].expected);
    }

    assert_true(largest <= MAX_MESSAGE);
}


static void
offences_are_seen_at_once(void **state)
{
    char                           said[256];
    ngx_http_chatdesk_ws_parser_t  parser;

    (void) state;
    watch_memory(1 << 30);

    init(&parser);
    feed(&parser, (const unsigned char *) "\xc1", 1, said);
    assert_string_equal(said, "fail:1002 ");

    init(&parser);
    feed(&parser, (const unsigned char *) "\x81\x05", 2, said);
    assert_string_equal(said, "fail:1002 ");

    /* the third byte of a text of nine that nobody has finished */
    init(&parser);
    feed(&parser, (const unsigned char *) "\x01\x89\0\0\0\0ab\xff", 9, said);
    assert_string_equal(said, "fail:1007 ");
    ngx_http_chatdesk_ws_parser_stop(&parser);

    /* binary where only text is welcome */
    ngx_http_chatdesk_ws_parser_init(&parser, MAX_MESSAGE, MAX_FRAGMENTS, 0);
    feed(&parser, (const unsigned char *) "\x82", 1, said);
    assert_string_equal(said, "fail:1003 ");
}


static void
close_codes(void **state)
{
    char                           said[64], expected[64];
    unsigned                       code, valid;
    unsigned char                  frame[8] = { 0x88, 0x82, 0, 0, 0, 0 };
    ngx_http_chatdesk_ws_parser_t  parser;

    (void) state;

    for (code = 0; code < 65536; code++) {
        valid = (code >= 1000 && code <= 1014 && code != 1004 && code != 1005
                 && code != 1006)
                || (code >= 3000 && code < 5000);
        frame[6] = (unsigned char) (code >> 8);
        frame[7] = (unsigned char) code;

        init(&parser);
        feed(&parser, frame, sizeof(frame), said);
        sprintf(expected, valid ? "close:%u " : "fail:1002 ", code);
        assert_string_equal(said, expected);
    }
}


static void
whole_messages_are_not_copied(void **state)
{
    unsigned char                 *pos;
    unsigned char                  bytes[64];
    size_t                         len;
    const struct piece             piece = { FIN|1, "hello", 0, 0 };
    ngx_http_chatdesk_ws_parser_t  parser;

    (void) state;
    watch_memory(0);

    len = frame_put(bytes, &piece);
    pos = bytes;
    init(&parser);

    assert_int_equal(ngx_http_chatdesk_ws_parser_next(&parser, &pos,
                                                      bytes + len),
                     NGX_HTTP_CHATDESK_WS_TEXT);
    assert_ptr_equal(parser.data, bytes + len - 5);
    assert_int_equal(asked, 0);
}


static void
memory_follows_what_arrived(void **state)
{
    char                           said[64] = "";
    ngx_http_chatdesk_ws_parser_t  parser;
    static const unsigned char     head[14] = {
        0x82, 0xff, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0
    };

    (void) state;
    watch_memory(1 << 30);

    ngx_http_chatdesk_ws_parser_init(&parser, (size_t) 1 << 40, 1, 1);
    feed(&parser, head, sizeof(head), said);
    feed(&parser, (const unsigned char *) "0123456789", 10, said);

    assert_string_equal(said, "");
    assert_true(ngx_http_chatdesk_ws_parser_busy(&parser));
    assert_true(largest <= 256);
    ngx_http_chatdesk_ws_parser_stop(&parser);
}


/* Each request for memory fails in turn: this message ends, nothing else. */

static void
memory_runs_out(void **state)
{
    char                           said[2048];
    int                            most;
    size_t                         i, n, len;
    unsigned char                  bytes[2048];
    ngx_http_chatdesk_ws_parser_t  parser;
    static const struct case_row   row = { "", {
        { 1, X100 X100 X100, 0, 0 }, { FIN|9, "ping", 0, 0 },
        { 0, X100 X100 X100, 0, 0 }, { FIN, X10, 0, 0 } }, "" };

    (void) state;
    len = row_bytes(&row, bytes);

    for (most = 0; ; most++) {
        watch_memory(most);
        said[0] = '\0';
        init(&parser);

        for (i = 0, n = 0; i < len; i++) {
            n += feed(&parser, bytes + i, 1, said + n);
        }

        ngx_http_chatdesk_ws_parser_stop(&parser);

        if (asked <= most) {
            break;
        }

        assert_non_null(strstr(said, "fail:1011 "));
        assert_null(strstr(said, "text:"));
    }

    assert_true(most > 3);
    assert_non_null(strstr(said, "text:"));
}


static void
knows_when_it_is_busy(void **state)
{
    char                           said[64];
    ngx_http_chatdesk_ws_parser_t  parser;

    (void) state;
    watch_memory(1 << 30);
    init(&parser);

    assert_false(ngx_http_chatdesk_ws_parser_busy(&parser));
    feed(&parser, (const unsigned char *) "\x01", 1, said);
    assert_true(ngx_http_chatdesk_ws_parser_busy(&parser));
    feed(&parser, (const unsigned char *) "\x81\0\0\0\0a", 6, said);
    assert_true(ngx_http_chatdesk_ws_parser_busy(&parser));
    feed(&parser, (const unsigned char *) "\x89\x80\0\0\0\0", 6, said);
    assert_true(ngx_http_chatdesk_ws_parser_busy(&parser));
    feed(&parser, (const unsigned char *) "\x80\x80\0\0\0\0", 6, said);
    assert_false(ngx_http_chatdesk_ws_parser_busy(&parser));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(every_case_at_every_cut),
        cmocka_unit_test(every_case_byte_by_byte),
        cmocka_unit_test(offences_are_seen_at_once),
        cmocka_unit_test(close_codes),
        cmocka_unit_test(whole_messages_are_not_copied),
        cmocka_unit_test(memory_follows_what_arrived),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(knows_when_it_is_busy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
