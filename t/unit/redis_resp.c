/*
 * Unit test of RESP without a socket: what commands look like, what replies
 * are refused.
 *
 * Purpose:    bounds on output, on arrays and on replies in parts.
 * Owner:      each test owns its buffer and its reader.
 * Invariants: how the bytes were cut changes nothing.
 *
 * link: ngx_chatdesk_module/ngx_http_chatdesk_resp.c
 * link: -lhiredis
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ngx_http_chatdesk_resp.h"

static int  no_memory;


void *
ngx_alloc(size_t size, ngx_log_t *log)
{
    (void) log;

    return no_memory ? NULL : malloc(size);
}


/* The two formats that are used: %ui and %uz. */

u_char *
ngx_sprintf(u_char *buf, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);

    while (*fmt != '\0') {
        if (*fmt == '%') {
            buf += sprintf((char *) buf, "%lu",
                           va_arg(args, unsigned long));
            fmt += 3;

        } else {
            *buf++ = (u_char) *fmt++;
        }
    }

    va_end(args);

    return buf;
}


static ngx_int_t
command(ngx_http_chatdesk_resp_out_t *out, const char *one, size_t len)
{
    ngx_str_t  argv[3] = { ngx_string("SET"), ngx_null_string,
                           { len, (u_char *) one } };

    return ngx_http_chatdesk_resp_command(out, 3, argv, NULL);
}


static void
test_commands(void **state)
{
    static const char             first[] =
        "*3\r\n$3\r\nSET\r\n$0\r\n\r\n$4\r\na\r\nb\r\n";
    ngx_http_chatdesk_resp_out_t  out;

    (void) state;
    memset(&out, 0, sizeof(out));

    assert_int_equal(command(&out, "a\r\nb", 4), NGX_OK);
    assert_int_equal(out.last - out.pos, sizeof(first) - 1);
    assert_memory_equal(out.pos, first, sizeof(first) - 1);

    /* what was sent is gone, what was not stays through a growth */

    ngx_http_chatdesk_resp_sent(&out, 4);
    assert_int_equal(command(&out, first, sizeof(first) - 1), NGX_OK);
    assert_memory_equal(out.pos, first + 4, sizeof(first) - 1 - 4);

    ngx_http_chatdesk_resp_sent(&out, (size_t) (out.last - out.pos));
    assert_ptr_equal(out.pos, out.last);

    ngx_http_chatdesk_resp_clear(&out);
    assert_null(out.start);
}


/* Where Redis is slow to read, what waits is moved now and then, and not for
   each command. */

static void
test_what_waits_is_seldom_moved(void **state)
{
    int                           i, moves;
    char                          text[512];
    u_char                       *start;
    ngx_http_chatdesk_resp_out_t  out;

    (void) state;
    memset(&out, 0, sizeof(out));
    memset(text, 'x', sizeof(text));

    for (i = 0; i < 2000; i++) {
        assert_int_equal(command(&out, text, sizeof(text)), NGX_OK);
    }

    moves = 0;

    for (i = 0; i < 2000; i++) {
        start = out.start;
        ngx_http_chatdesk_resp_sent(&out, sizeof(text));
        assert_int_equal(command(&out, text, sizeof(text)), NGX_OK);
        moves += out.start != start;
    }

    assert_true(moves <= 3);
    ngx_http_chatdesk_resp_clear(&out);
}


static void
test_output_is_bounded(void **state)
{
    int                           count;
    char                         *big;
    u_char                       *last;
    const size_t                  size = 1024 * 1024;
    ngx_http_chatdesk_resp_out_t  out;

    (void) state;
    memset(&out, 0, sizeof(out));

    big = calloc(1, size);
    assert_non_null(big);

    for (count = 0; command(&out, big, size) == NGX_OK; count++) {
        assert_true(out.last - out.pos <= NGX_HTTP_CHATDESK_RESP_OUT);
    }

    assert_int_equal(count, NGX_HTTP_CHATDESK_RESP_OUT / size - 1);

    /* a command that is refused leaves nothing behind */

    last = out.last;
    assert_int_equal(command(&out, big, size), NGX_BUSY);
    assert_ptr_equal(out.last, last);

    /* a buffer that was big once is not kept */

    ngx_http_chatdesk_resp_sent(&out, (size_t) (out.last - out.pos));
    assert_null(out.start);

    no_memory = 1;
    assert_int_equal(command(&out, "x", 1), NGX_ERROR);
    no_memory = 0;

    free(big);
}


/* Feeds the text in pieces of `step` bytes; the first reply, NULL when it is
   refused. */

static redisReply *
first_reply(const char *text, size_t step)
{
    size_t        pos, len, left;
    redisReply   *reply;
    redisReader  *reader;

    reader = ngx_http_chatdesk_resp_reader();
    assert_non_null(reader);

    reply = NULL;
    left = strlen(text);

    for (pos = 0; left > 0 && reply == NULL; pos += len, left -= len) {
        len = left < step ? left : step;

        assert_int_equal(redisReaderFeed(reader, text + pos, len), REDIS_OK);

        if (ngx_http_chatdesk_resp_next(reader, &reply) != NGX_OK) {
            assert_true(reader->errstr[0] != '\0');
            reply = NULL;
            break;
        }
    }

    redisReaderFree(reader);

    return reply;
}


static void
test_replies(void **state)
{
    size_t       step;
    redisReply  *reply;

    static const char  text[] =
        "*4\r\n$2\r\nok\r\n:42\r\n*0\r\n$4\r\na\r\nb\r\n";

    (void) state;

    for (step = 1; step < sizeof(text); step++) {
        reply = first_reply(text, step);

        assert_non_null(reply);
        assert_int_equal(reply->type, REDIS_REPLY_ARRAY);
        assert_int_equal(reply->elements, 4);
        assert_int_equal(reply->element[1]->integer, 42);
        assert_int_equal(reply->element[3]->len, 4);

        freeReplyObject(reply);
    }
}


static void
test_replies_that_are_refused(void **state)
{
    size_t  i;

    static const char  *texts[] = {
        "*65537\r\n", "*2147483647\r\n", "*9223372036854775807\r\n",
        "*1\r\n*65537\r\n", "$-2\r\n", "?\r\n", "HTTP/1.1 400 Bad\r\n",
        "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"
    };

    (void) state;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_null(first_reply(texts[i], 1));
        assert_null(first_reply(texts[i], 1000));
    }
}


/* A string that goes on for longer than any answer of ours. */

static void
test_reply_without_end(void **state)
{
    int           i;
    ngx_int_t     rc;
    redisReply   *reply;
    redisReader  *reader;

    static char   piece[1024 * 1024];

    (void) state;

    reader = ngx_http_chatdesk_resp_reader();
    assert_non_null(reader);
    assert_int_equal(redisReaderFeed(reader, "$536870912\r\n", 12), REDIS_OK);

    rc = NGX_OK;

    for (i = 0; i < 40 && rc == NGX_OK; i++) {
        assert_int_equal(redisReaderFeed(reader, piece, sizeof(piece)),
                         REDIS_OK);
        rc = ngx_http_chatdesk_resp_next(reader, &reply);
        assert_null(reply);
    }

    assert_int_equal(rc, NGX_ERROR);
    assert_int_equal(i, NGX_HTTP_CHATDESK_RESP_IN / sizeof(piece));
    assert_string_equal(reader->errstr, "reply too big");

    redisReaderFree(reader);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_what_waits_is_seldom_moved),
        cmocka_unit_test(test_output_is_bounded),
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_replies_that_are_refused),
        cmocka_unit_test(test_reply_without_end)
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, NULL, NULL);
}
