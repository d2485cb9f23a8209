/*
 * Unit tests of worker/io/log.h: lines.
 *
 * Invariants tested: one line whatever the text; JSON that stays JSON when
 * it is cut; the length is within the buffer.
 *
 * link: worker/io/log.c -ljson-c
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "io/log.h"


static void
test_text(void **state)
{
    char    buf[200];
    size_t  len;

    (void) state;

    len = log_text_line(buf, sizeof(buf), LOG_LEVEL_NOTICE, "demo", "owner",
                        "epoch 3");
    assert_string_equal(buf, "<5>desk demo: owner: epoch 3");
    assert_int_equal(len, strlen(buf));

    log_text_line(buf, sizeof(buf), LOG_LEVEL_ERROR, NULL, "ended", "");
    assert_string_equal(buf, "<3>ended");

    log_text_line(buf, sizeof(buf), LOG_LEVEL_ERROR, NULL, "x",
                  "a\nb\x1b[1m\x7f");
    assert_string_equal(buf, "<3>x: a b [1m ");
}


static void
test_json(void **state)
{
    char                buf[400];
    struct json_object *line, *value;

    (void) state;

    log_json_line(buf, sizeof(buf), LOG_LEVEL_WARNING, "demo", "redis_lost",
                  "a \"quote\" \\ and\na line");
    line = json_tokener_parse(buf);
    assert_non_null(line);
    assert_true(json_object_object_get_ex(line, "text", &value));
    assert_string_equal(json_object_get_string(value),
                        "a \"quote\" \\ and a line");
    assert_true(json_object_object_get_ex(line, "level", &value));
    assert_string_equal(json_object_get_string(value), "warning");
    assert_true(json_object_object_get_ex(line, "desk", &value));
    json_object_put(line);
}


/* Whatever the room, the line is within it; with room for the members it
   is whole JSON. */

static void
test_cut(void **state)
{
    char                buf[400], text[300];
    size_t              cap, len;
    struct json_object *line;

    (void) state;
    memset(text, '"', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';

    for (cap = 1; cap <= sizeof(buf); cap++) {
        memset(buf, 'x', sizeof(buf));
        len = log_json_line(buf, cap, LOG_LEVEL_INFO, "demo", "event", text);
        assert_true(len < cap);

        if (cap >= 200) {
            line = json_tokener_parse(buf);
            assert_non_null(line);
            json_object_put(line);
        }

        len = log_text_line(buf, cap, LOG_LEVEL_INFO, "demo", "event", text);
        assert_true(len < cap);
    }
}


static void
test_words(void **state)
{
    enum log_format  format = LOG_FORMAT_TEXT;

    (void) state;
    assert_int_equal(log_level_find("debug"), LOG_LEVEL_DEBUG);
    assert_int_equal(log_level_find("loud"), 0);
    assert_int_equal(log_format_find("json", &format), 0);
    assert_int_equal(format, LOG_FORMAT_JSON);
    assert_int_equal(log_format_find("xml", &format), -1);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
