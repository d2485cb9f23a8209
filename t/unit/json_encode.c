/*
 * Unit test of what clients get: struct cd_frame to JSON text.
 *
 * Purpose:    the exact texts, what must never be in them, and windows.
 * Owner:      each test releases its buffers.
 * Invariants: what the bus alone may know is not shown; a text is valid
 *             UTF-8 whatever came from the bus.
 *
 * link: ngx_chatdesk_module/ngx_http_chatdesk_json_encode.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_buf.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_utf8.c
 * link: t/unit/support/nginx.c
 * link: -lmsgpackc
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ngx_http_chatdesk_json.h"
#include "support/nginx.h"

static ngx_log_t  no_log;


static void
set(struct cd_frame *frame, unsigned field, const char *text)
{
    cd_frame_set_str(frame, field, text, strlen(text));
}


static void
check(ngx_http_chatdesk_buf_t *buf, const char *expected)
{
    size_t  len;

    assert_non_null(buf);
    len = (size_t) (buf->last - buf->payload);

    if (len != strlen(expected) || memcmp(buf->payload, expected, len) != 0) {
        fail_msg("%.*s\n   instead of\n%s", (int) len, (char *) buf->payload,
                 expected);
    }

    /* sealed: one final text frame without a mask */
    assert_int_equal(buf->pos[0], 0x81);
    assert_true(buf->pos < buf->payload);

    ngx_http_chatdesk_buf_release(&buf);
}


static void
test_message(void **state)
{
    struct cd_frame  frame;

    (void) state;

    cd_frame_init(&frame, CD_T_MESSAGE);
    frame.n = 4294967295U;
    frame.v = 0;
    frame.at_ms = 1732216000456ULL;
    set(&frame, CD_F_CONV, "c");
    set(&frame, CD_F_MID, "d.1");
    set(&frame, CD_F_FROM, "ana");
    set(&frame, CD_F_ROLE, "agent");
    set(&frame, CD_F_TEXT, "\"\\\n\x01\xc3\xa4</script>");
    cd_frame_set_uint(&frame, CD_F_PRIVATE, 1);

    check(ngx_http_chatdesk_json_encode(&frame, NULL, &no_log),
          "{\"t\":\"message\",\"conv\":\"c\",\"n\":4294967295,\"v\":0,"
          "\"at\":1732216000456,\"mid\":\"d.1\","
          "\"text\":\"\\\"\\\\\\n\\u0001\xc3\xa4</script>\","
          "\"private\":true,\"from\":\"ana\",\"role\":\"agent\"}");
}


static void
test_list(void **state)
{
    struct cd_frame  frame;

    (void) state;

    cd_frame_init(&frame, CD_T_MESSAGE);
    frame.n = 1;
    frame.v = 1;
    frame.at_ms = 2;
    set(&frame, CD_F_CONV, "c");
    set(&frame, CD_F_MID, "d.1");
    set(&frame, CD_F_FROM, "ana");
    set(&frame, CD_F_ROLE, "agent");
    set(&frame, CD_F_TEXT, "?");
    set(&frame, CD_F_CHOICES, "</script>\n\"a\", b\n\xff");

    check(ngx_http_chatdesk_json_encode(&frame, NULL, &no_log),
          "{\"t\":\"message\",\"conv\":\"c\",\"n\":1,\"v\":1,\"at\":2,"
          "\"mid\":\"d.1\",\"text\":\"?\",\"from\":\"ana\","
          "\"role\":\"agent\","
          "\"choices\":[\"</script>\",\"\\\"a\\\", b\",\"?\"]}");
}


/* Fields of the bus, of other frames and of nobody. */

static void
test_hidden(void **state)
{
    struct cd_frame  frame;

    (void) state;

    cd_frame_init(&frame, CD_T_ACK);
    set(&frame, CD_F_RE, "7");
    set(&frame, CD_F_NODE, "node");
    set(&frame, CD_F_SESSION_KEY, "key");
    set(&frame, CD_F_PASSWORD, "secret");
    set(&frame, CD_F_ADDRESS, "10.0.0.1");
    set(&frame, CD_F_SESSION, "s");
    cd_frame_set_uint(&frame, CD_F_STATUS, 200);

    check(ngx_http_chatdesk_json_encode(&frame, NULL, &no_log),
          "{\"t\":\"ack\",\"re\":\"7\"}");

    frame.type = CD_T_LOGON;
    check(ngx_http_chatdesk_json_encode(&frame, NULL, &no_log),
          "{\"t\":\"logon\"}");
}


static void
test_bad_utf8(void **state)
{
    struct cd_frame  frame;

    (void) state;

    cd_frame_init(&frame, CD_T_ERROR);
    set(&frame, CD_F_CODE, "busy");
    set(&frame, CD_F_TEXT, "a\xff\"\xc3");

    check(ngx_http_chatdesk_json_encode(&frame, NULL, &no_log),
          "{\"t\":\"error\",\"text\":\"a?\\\"?\",\"code\":\"busy\"}");
}


/* One byte among others that need nothing: strings are looked at eight bytes
   at a time, so each byte is tried in each place. */

static void
test_every_byte(void **state)
{
    char             text[18], expected[128], shown[8];
    size_t           len, at;
    unsigned         byte;
    struct cd_frame  frame;

    (void) state;

    for (byte = 1; byte < 256; byte++) {
        snprintf(shown, sizeof(shown), byte < 0x20 ? "\\u%04X" : "%c",
                 byte < 0x80 ? byte : '?');

        if (byte == '"' || byte == '\\') {
            snprintf(shown, sizeof(shown), "\\%c", byte);

        } else if (strchr("\b\f\n\r\t", (int) byte) != NULL) {
            continue;                       /* test_message() has one */
        }

        for (len = 1; len < sizeof(text); len++) {
            for (at = 0; at < len; at++) {
                memset(text, '~', len);
                text[len] = '\0';
                text[at] = (char) byte;

                cd_frame_init(&frame, CD_T_ERROR);
                set(&frame, CD_F_CODE, "busy");
                set(&frame, CD_F_TEXT, text);
                snprintf(expected, sizeof(expected), "{\"t\":\"error\","
                         "\"text\":\"%.*s%s%s\",\"code\":\"busy\"}",
                         (int) at, text, shown, text + at + 1);

                check(ngx_http_chatdesk_json_encode(&frame, NULL, &no_log),
                      expected);
            }
        }
    }
}


static void
test_feed(void **state)
{
    ngx_str_t        inbox = ngx_string("inbox");
    struct cd_frame  frame;

    (void) state;

    cd_frame_init(&frame, CD_T_CARD_GONE);
    frame.n = 5;
    set(&frame, CD_F_FEED, "overridden");
    set(&frame, CD_F_CONV, "c");
    set(&frame, CD_F_WHY, "missed");

    check(ngx_http_chatdesk_json_encode(&frame, &inbox, &no_log),
          "{\"t\":\"card_gone\",\"feed\":\"inbox\",\"conv\":\"c\",\"n\":5,"
          "\"why\":\"missed\"}");
}


static ngx_str_t
envelope(struct cd_frame *frame)
{
    ngx_str_t  text;

    text.data = malloc(512);
    text.len = cd_frame_encode(frame, (char *) text.data, 512);
    assert_true(text.len > 0);

    return text;
}


static void
test_window(void **state)
{
    ngx_str_t        inbox = ngx_string("inbox"), conv = ngx_string("c");
    ngx_str_t        envelopes[4];
    unsigned         i;
    struct cd_frame  frame;

    (void) state;

    check(ngx_http_chatdesk_json_window(&conv, 9007199254740991ULL, 0, 1,
                                        NULL, 0, &no_log),
          "{\"t\":\"window\",\"feed\":\"c\",\"era\":9007199254740991,"
          "\"head\":0,\"reset\":true,\"frames\":[]}");

    cd_frame_init(&frame, CD_T_KICK);       /* not for a client */
    set(&frame, CD_F_SESSION_KEY, "key");
    envelopes[0] = envelope(&frame);

    cd_frame_init(&frame, CD_T_CARD_GONE);
    frame.n = 2;
    set(&frame, CD_F_CONV, "c");
    set(&frame, CD_F_WHY, "missed");
    envelopes[1] = envelope(&frame);

    envelopes[2] = envelope(&frame);        /* cut off */
    envelopes[2].len -= 1;

    cd_frame_init(&frame, CD_T_TYPING);     /* has no feed of its own */
    set(&frame, CD_F_CONV, "c");
    set(&frame, CD_F_WHO, "w");
    set(&frame, CD_F_ROLE, "visitor");
    cd_frame_set_uint(&frame, CD_F_ON, 0);
    envelopes[3] = envelope(&frame);

    no_log.log_level = NGX_LOG_ERR;
    test_log_lines = 0;

    check(ngx_http_chatdesk_json_window(&inbox, 1, 2, 0, envelopes, 4,
                                        &no_log),
          "{\"t\":\"window\",\"feed\":\"inbox\",\"era\":1,\"head\":2,"
          "\"reset\":false,\"frames\":["
          "{\"t\":\"card_gone\",\"feed\":\"inbox\",\"conv\":\"c\",\"n\":2,"
          "\"why\":\"missed\"},"
          "{\"t\":\"typing\",\"conv\":\"c\",\"who\":\"w\","
          "\"role\":\"visitor\",\"on\":false}]}");

    assert_int_equal(test_log_lines, 1);

    for (i = 0; i < 4; i++) {
        free(envelopes[i].data);
    }
}


static void
test_memory(void **state)
{
    ngx_str_t        conv = ngx_string("c");
    struct cd_frame  frame;

    (void) state;

    cd_frame_init(&frame, CD_T_PONG);
    test_allow_allocations(0);
    assert_null(ngx_http_chatdesk_json_encode(&frame, NULL, &no_log));
    assert_null(ngx_http_chatdesk_json_window(&conv, 1, 1, 0, NULL, 0,
                                              &no_log));
    test_allow_allocations(-1);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_message),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_hidden),
        cmocka_unit_test(test_bad_utf8),
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_feed),
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_memory)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
