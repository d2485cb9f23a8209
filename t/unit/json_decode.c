/*
 * Unit test of what clients may send: JSON text to struct cd_frame.
 *
 * Purpose:    a table of texts, what each is refused for and which field is
 *             named; and all that a good one must carry.
 * Owner:      strings of a frame belong to the pool of support/nginx.c.
 * Invariants: a frame that is accepted has every required field; memory
 *             that runs out is told from a bad text.
 *
 * proves: X5
 *
 * link: ngx_chatdesk_module/ngx_http_chatdesk_json.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_json_node.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_json_text.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_json_value.c
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

#define SEND(rest)  "{\"t\":\"send\",\"conv\":\"c1\",\"k\":1," rest "}"
#define CHOICES(items)  SEND("\"text\":\"?\",\"choices\":[" items "]")
#define A80  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"                        \
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HELLO(rest)  "{\"t\":\"hello\",\"device\":\"d1\"," rest "}"

struct row {
    const char     *text;
    enum cd_error   error;      /* CD_E_OK: accepted */
    const char     *field;      /* NULL: none is named */
};

#define A10  "[[[[[[[[[["
#define Z10  "]]]]]]]]]]"

static const struct row rows[] = {
    /* accepted */
    { "{\"t\":\"ping\"}", CD_E_OK, NULL },
    { " {\"t\" : \"ping\" } \n", CD_E_OK, NULL },
    { SEND("\"text\":\"a\""), CD_E_OK, NULL },
    { SEND("\"text\":\"\""), CD_E_OK, NULL },
    { SEND("\"text\":\"a:{\\\"b\\\":1}\""), CD_E_OK, NULL },
    { "{\"text\":\"a\",\"k\":1,\"conv\":\"c1\",\"t\":\"send\"}", CD_E_OK,
      NULL },
    { SEND("\"text\":\"a\",\"private\":true"), CD_E_OK, NULL },
    { HELLO("\"n\":4294967295,\"era\":9007199254740991"), CD_E_OK, NULL },

    /* members that this version does not know */
    { SEND("\"text\":\"a\",\"colour\":\"red\""), CD_E_OK, NULL },
    { SEND("\"text\":\"a\",\"more\":{\"t\":\"ping\",\"k\":[1,{}]}"), CD_E_OK,
      NULL },
    { "{\"t\":\"ping\",\"x\":" A10 "[[[[[" "]]]]]" Z10 "}", CD_E_OK, NULL },

    /* not JSON, or not as RFC 8259 has it */
    { "", CD_E_BAD_REQUEST, NULL },
    { "{", CD_E_BAD_REQUEST, NULL },
    { "null", CD_E_BAD_REQUEST, NULL },
    { "[]", CD_E_BAD_REQUEST, NULL },
    { "\"ping\"", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\"} x", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\"}{\"t\":\"ping\"}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",}", CD_E_BAD_REQUEST, NULL },
    { "{'t':'ping'}", CD_E_BAD_REQUEST, NULL },
    { "{t:\"ping\"}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\"/**/}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":NaN}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":-Infinity}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":01}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":1.}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":.5}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":-}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":1e}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":1.2.3}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":tru}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":nullx}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":[1 2]}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":[1,,2]}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":[1,]}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":[\"a\":1]}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":{\"a\"}}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":{\"a\":}}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":{\"a\" 1}}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":{\"a\"::1}}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":{\"a\":1:2}}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":{1:2}}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":{[]:2}}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":{,\"a\":1}}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":[1}}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\"}}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\"},", CD_E_BAD_REQUEST, NULL },
    { "{\"t\" \"ping\"}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\" \"x\":1}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":\"\\u12g4\"}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":\"\\u12\"}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":-0.5e+10,\"y\":null,\"z\":[[],{}]}", CD_E_OK,
      NULL },
    { "{\"t\":\"ping\",\"x\":\"a\nb\"}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":\"\\x41\"}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":\"\\", CD_E_BAD_REQUEST, NULL },
    { "\xef\xbb\xbf{\"t\":\"ping\"}", CD_E_BAD_REQUEST, NULL },
    { "{\"t\":\"ping\",\"x\":" A10 "[[[[[[" "]]]]]]" Z10 "}",
      CD_E_BAD_REQUEST, NULL },

    /* twice the same member, however it is spelled and wherever it is */
    { "{\"t\":\"ping\",\"t\":\"ping\"}", CD_E_BAD_REQUEST, "t" },
    { SEND("\"text\":\"a\",\"text\":\"b\""), CD_E_BAD_REQUEST, "text" },
    { SEND("\"text\":\"a\",\"k\":2"), CD_E_BAD_REQUEST, "k" },
    { SEND("\"text\":\"a\",\"\\u006b\":2"), CD_E_BAD_REQUEST, NULL },
    { SEND("\"text\":\"a\",\"\xc3\xa4\":1,\"\\u00E4\":1"),
      CD_E_BAD_REQUEST, NULL },
    { SEND("\"text\":\"a\",\"\xc3\xa4\":1,\"\\u00c3\":1"), CD_E_OK, NULL },
    { SEND("\"text\":\"a\",\"x\":1,\"x\":1"), CD_E_BAD_REQUEST, NULL },
    { SEND("\"text\":\"a\",\"x\":{\"k\":1,\"k\":1}"), CD_E_BAD_REQUEST,
      NULL },

    /* types that are none, or not a client's */
    { "{}", CD_E_BAD_REQUEST, "t" },
    { "{\"t\":1}", CD_E_BAD_REQUEST, "t" },
    { "{\"t\":\"\"}", CD_E_BAD_REQUEST, "t" },
    { "{\"t\":\"PING\"}", CD_E_BAD_REQUEST, "t" },
    { "{\"t\":\"welcome\"}", CD_E_BAD_REQUEST, "t" },
    { "{\"t\":\"logon\"}", CD_E_BAD_REQUEST, "t" },
    { "{\"t\":\"ping\\u0000\"}", CD_E_BAD_REQUEST, "t" },

    /* missing, of another type, out of range */
    { "{\"t\":\"send\",\"k\":1,\"text\":\"a\"}", CD_E_BAD_REQUEST, "conv" },
    { SEND("\"text\":1"), CD_E_BAD_REQUEST, "text" },
    { SEND("\"text\":null"), CD_E_BAD_REQUEST, "text" },
    { SEND("\"text\":[\"a\"]"), CD_E_BAD_REQUEST, "text" },
    { SEND("\"text\":\"a\",\"private\":1"), CD_E_BAD_REQUEST, "private" },
    { SEND("\"text\":\"a\",\"private\":null"), CD_E_BAD_REQUEST, "private" },
    { SEND("\"text\":\"a\\u0000b\""), CD_E_BAD_REQUEST, "text" },
    { SEND("\"text\":\"\xff\""), CD_E_BAD_REQUEST, "text" },
    { SEND("\"text\":\"\xc0\x80\""), CD_E_BAD_REQUEST, "text" },
    { SEND("\"text\":\"\xed\xa0\x80\""), CD_E_BAD_REQUEST, "text" },
    { HELLO("\"n\":-1"), CD_E_BAD_REQUEST, "n" },
    { HELLO("\"n\":4294967296"), CD_E_BAD_REQUEST, "n" },
    { HELLO("\"n\":9223372036854775808"), CD_E_BAD_REQUEST, "n" },
    { HELLO("\"n\":99999999999999999999999"), CD_E_BAD_REQUEST, "n" },
    { HELLO("\"n\":1.0"), CD_E_BAD_REQUEST, "n" },
    { HELLO("\"n\":1e0"), CD_E_BAD_REQUEST, "n" },
    { HELLO("\"n\":\"1\""), CD_E_BAD_REQUEST, "n" },
    { HELLO("\"n\":true"), CD_E_BAD_REQUEST, "n" },
    { HELLO("\"era\":9007199254740992"), CD_E_BAD_REQUEST, "era" },
    { HELLO("\"conv\":\"\""), CD_E_BAD_REQUEST, "conv" },
    { HELLO("\"conv\":\"a/b\""), CD_E_BAD_REQUEST, "conv" },
    { HELLO("\"conv\":\"a}:x\""), CD_E_BAD_REQUEST, "conv" },
    { HELLO("\"conv\":\"a\\u0000\""), CD_E_BAD_REQUEST, "conv" },
    { HELLO("\"conv\":\"\xc3\xa4\""), CD_E_BAD_REQUEST, "conv" },
    { HELLO("\"conv\":\"12345678901234567890123\""), CD_E_BAD_REQUEST,
      "conv" },

    /* lists */
    { CHOICES("\"Yes\",\"No\""), CD_E_OK, NULL },
    { CHOICES("\"only one\""), CD_E_OK, NULL },
    { CHOICES("\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\""),
      CD_E_OK, NULL },
    { CHOICES("\"<b>bold</b>\",\"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d\""), CD_E_OK,
      NULL },
    { CHOICES(""), CD_E_BAD_REQUEST, "choices" },
    { CHOICES("\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\","
              "\"11\""), CD_E_BAD_REQUEST, "choices" },
    { CHOICES("\"a\",1"), CD_E_BAD_REQUEST, "choices" },
    { CHOICES("\"a\",null"), CD_E_BAD_REQUEST, "choices" },
    { CHOICES("\"a\",[\"b\"]"), CD_E_BAD_REQUEST, "choices" },
    { CHOICES("\"a\",\"\""), CD_E_BAD_REQUEST, "choices" },
    { CHOICES("\"a\",\" \\u200b\\u3000\""), CD_E_BAD_REQUEST, "choices" },
    { CHOICES("\"a\",\"b\\nc\""), CD_E_BAD_REQUEST, "choices" },
    { CHOICES("\"a\",\"b\\u0000c\""), CD_E_BAD_REQUEST, "choices" },
    { CHOICES("\"a\",\"b\\u2028c\""), CD_E_BAD_REQUEST, "choices" },
    { CHOICES("\"a\",\"b\\u0085c\""), CD_E_BAD_REQUEST, "choices" },
    { CHOICES("\"a\",\"\\u202ereversed\""), CD_E_BAD_REQUEST, "choices" },
    { CHOICES("\"a\",\"\\u2067isolated\""), CD_E_BAD_REQUEST, "choices" },
    { CHOICES("\"a\",\"\xff\""), CD_E_BAD_REQUEST, "choices" },
    { CHOICES("\"a\",\"" A80 "\""), CD_E_OK, NULL },
    { CHOICES("\"a\",\"" A80 "b\""), CD_E_BAD_REQUEST, "choices" },
    { SEND("\"text\":\"?\",\"choices\":\"a\""), CD_E_BAD_REQUEST, "choices" },
    { SEND("\"text\":\"?\",\"choices\":{\"0\":\"a\"}"), CD_E_BAD_REQUEST,
      "choices" },
    { SEND("\"text\":\"?\",\"picks\":\"d.1\""), CD_E_OK, NULL },
    { SEND("\"text\":\"?\",\"picks\":\"d 1\""), CD_E_BAD_REQUEST, "picks" }
};


static ngx_int_t
decode(struct cd_frame *frame, const char *text,
    ngx_http_chatdesk_json_fault_t *fault)
{
    u_char     *copy;
    size_t      len = strlen(text);
    ngx_int_t   rc;

    /* exactly as long as the text, so that a step beyond it is seen */
    copy = malloc(len ? len : 1);
    memcpy(copy, text, len);
    rc = ngx_http_chatdesk_json_decode(frame, copy, len, NULL, fault);
    free(copy);

    return rc;
}


static void
test_rows(void **state)
{
    size_t                           i;
    ngx_int_t                        rc;
    struct cd_frame                  frame;
    ngx_http_chatdesk_json_fault_t   fault;

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rc = decode(&frame, rows[i].text, &fault);

        if (rc != (rows[i].error == CD_E_OK ? NGX_OK : NGX_DECLINED)
            || fault.error != rows[i].error
            || fault.field.len != (rows[i].field ? strlen(rows[i].field) : 0)
            || (rows[i].field != NULL
                && memcmp(fault.field.data, rows[i].field, fault.field.len)))
        {
            fail_msg("%s: rc %ld, error %lu, field %.*s", rows[i].text,
                     (long) rc, (unsigned long) fault.error,
                     (int) fault.field.len, (char *) fault.field.data);
        }

        test_reset_pool();
    }
}


/* Every required field is missed, whatever the frame type. */

static void
test_required(void **state)
{
    char                             text[64], *name;
    unsigned                         type, field, missed;
    struct cd_frame                  frame;
    const struct cd_frame_row       *row;
    ngx_http_chatdesk_json_fault_t   fault;

    (void) state;

    for (type = 1; type < CD_FRAMES_MAX; type++) {
        row = cd_frame_row(type);

        if (row == NULL || row->dir != CD_DIR_C2S) {
            continue;
        }

        for (field = 1, missed = 0; field < CD_FIELDS_MAX; field++) {
            if (cd_frame_need(type, field) == CD_REQUIRED) {
                missed = field;
                break;
            }
        }

        snprintf(text, sizeof(text), "{\"t\":\"%s\"}", row->name);

        if (missed == 0) {
            assert_int_equal(decode(&frame, text, &fault), NGX_OK);
            continue;
        }

        assert_int_equal(decode(&frame, text, &fault), NGX_DECLINED);
        name = (char *) cd_field_row(missed)->name;
        assert_int_equal(fault.field.len, strlen(name));
        assert_memory_equal(fault.field.data, name, strlen(name));
    }
}


static void
test_values(void **state)
{
    struct cd_frame                  frame;
    ngx_http_chatdesk_json_fault_t   fault;

    (void) state;

    assert_int_equal(decode(&frame,
        "{\"t\":\"send\",\"conv\":\"A-_.9\",\"k\":4294967295,"
        "\"text\":\"\\u00e4\\ud83d\\ude00\\n\\\"\",\"private\":false}",
        &fault), NGX_OK);

    assert_int_equal(frame.type, CD_T_SEND);
    assert_true(cd_str_is(cd_frame_str(&frame, CD_F_CONV), "A-_.9"));
    assert_int_equal(cd_frame_uint(&frame, CD_F_K), 4294967295U);
    assert_true(cd_str_is(cd_frame_str(&frame, CD_F_TEXT),
                          "\xc3\xa4\xf0\x9f\x98\x80\n\""));
    assert_true(cd_frame_has(&frame, CD_F_PRIVATE));
    assert_int_equal(cd_frame_uint(&frame, CD_F_PRIVATE), 0);

    /* half a pair of surrogates is no character, and no fault */
    assert_int_equal(decode(&frame,
        SEND("\"text\":\"a\\ud83d\\u0041\\ude00\\b\\f\\r\\t\\/\\\\\""),
        &fault), NGX_OK);
    assert_true(cd_str_is(cd_frame_str(&frame, CD_F_TEXT),
                          "a\xef\xbf\xbd" "A\xef\xbf\xbd\b\f\r\t/\\"));

    /* a name is the same, however it is spelled */
    assert_int_equal(decode(&frame,
        "{\"\\u0074\":\"p\\u0069ng\"}", &fault), NGX_OK);
    assert_int_equal(frame.type, CD_T_PING);

    /* the items of a list, whatever they are, stay apart */
    assert_int_equal(decode(&frame,
        CHOICES("\"\\u00e4\",\"a,b\",\"\\\"\""), &fault), NGX_OK);
    assert_true(cd_str_is(cd_frame_str(&frame, CD_F_CHOICES),
                          "\xc3\xa4\na,b\n\""));

    /* fields of other frames are not taken over */
    assert_int_equal(decode(&frame,
        "{\"t\":\"ping\",\"who\":\"x\",\"role\":\"agent\",\"node\":\"n\"}",
        &fault), NGX_OK);
    assert_int_equal(frame.set[0] | frame.set[1] | frame.set[2], 0);

    test_reset_pool();
}


/* Code points are counted, not bytes. */

static void
test_longest_text(void **state)
{
    char                            *text;
    size_t                           i, head;
    struct cd_frame                  frame;
    ngx_http_chatdesk_json_fault_t   fault;

    (void) state;

    text = malloc(64 + 4 * (CD_LIMIT_TEXT + 1));
    head = (size_t) sprintf(text, "{\"t\":\"send\",\"conv\":\"c\",\"k\":7,"
                                  "\"text\":\"");

    for (i = 0; i < CD_LIMIT_TEXT; i++) {
        memcpy(text + head + 4 * i, "\xf0\x9f\x98\x80", 4);
    }

    strcpy(text + head + 4 * i, "\"}");
    assert_int_equal(decode(&frame, text, &fault), NGX_OK);
    assert_int_equal(cd_frame_str(&frame, CD_F_TEXT).len, 4 * CD_LIMIT_TEXT);

    strcpy(text + head + 4 * i, "!\"}");
    assert_int_equal(decode(&frame, text, &fault), NGX_DECLINED);
    assert_int_equal(fault.error, CD_E_TOO_LONG);

    /* what the answer has to name is there all the same */
    assert_true(cd_str_is(cd_frame_str(&frame, CD_F_CONV), "c"));
    assert_int_equal(cd_frame_uint(&frame, CD_F_K), 7);

    free(text);
    test_reset_pool();
}


/* A refused frame still says what it was about. */

static void
test_named(void **state)
{
    struct cd_frame                  frame;
    ngx_http_chatdesk_json_fault_t   fault;

    (void) state;

    assert_int_equal(decode(&frame, "{\"t\":\"fly\",\"id\":\"7\","
                            "\"conv\":\"c\",\"k\":3}", &fault), NGX_DECLINED);
    assert_true(cd_str_is(cd_frame_str(&frame, CD_F_ID), "7"));
    assert_true(cd_str_is(cd_frame_str(&frame, CD_F_CONV), "c"));
    assert_int_equal(cd_frame_uint(&frame, CD_F_K), 3);

    assert_int_equal(decode(&frame, "{\"t\":\"end\",\"conv\":5,"
                            "\"id\":\"8\"}", &fault), NGX_DECLINED);
    assert_true(cd_str_is(cd_frame_str(&frame, CD_F_ID), "8"));
    assert_false(cd_frame_has(&frame, CD_F_CONV));

    test_reset_pool();
}


static void
test_memory(void **state)
{
    struct cd_frame                  frame;
    ngx_http_chatdesk_json_fault_t   fault;

    (void) state;

    long                             allowed;

    /* the tokens, the conversation's id, the text */

    for (allowed = 0; allowed < 3; allowed++) {
        test_allow_allocations(allowed);
        assert_int_equal(decode(&frame, SEND("\"text\":\"a\""), &fault),
                         NGX_ERROR);
        test_reset_pool();
    }

    test_allow_allocations(3);
    assert_int_equal(decode(&frame, SEND("\"text\":\"a\""), &fault), NGX_OK);
    test_allow_allocations(-1);
    test_reset_pool();
}


/* As many values, and members of an object, as the limits say. */

static ngx_int_t
decode_many(const char *head, const char *each, unsigned count,
    const char *tail)
{
    char                            *text, *p;
    unsigned                         i;
    ngx_int_t                        rc;
    struct cd_frame                  frame;
    ngx_http_chatdesk_json_fault_t   fault;

    text = malloc(strlen(head) + 16 * count + strlen(tail) + 1);
    p = text + sprintf(text, "%s", head);

    for (i = 0; i < count; i++) {
        p += sprintf(p, each, i);
    }

    sprintf(p, "%s", tail);
    rc = decode(&frame, text, &fault);
    free(text);
    test_reset_pool();

    return rc;
}


static void
test_limits(void **state)
{
    (void) state;

    assert_int_equal(decode_many("{", "\"m%u\":1,", CD_LIMIT_JSON_MEMBERS - 1,
                                 "\"t\":\"ping\"}"), NGX_OK);
    assert_int_equal(decode_many("{", "\"m%u\":1,", CD_LIMIT_JSON_MEMBERS,
                                 "\"t\":\"ping\"}"), NGX_DECLINED);

    /* the object, two members, the list, its last item */

    assert_int_equal(decode_many("{\"t\":\"ping\",\"x\":[", "%u,",
                                 CD_LIMIT_JSON_VALUES - 6, "0]}"), NGX_OK);
    assert_int_equal(decode_many("{\"t\":\"ping\",\"x\":[", "%u,",
                                 CD_LIMIT_JSON_VALUES - 5, "0]}"),
                     NGX_DECLINED);
}


static void
test_fields(void **state)
{
    u_char                           good[] = "{\"login\":\"ana\","
                                              "\"password\":\"p\"}";
    u_char                           bad[] = "{\"login\":\"ana\"}";
    struct cd_frame                  frame;
    static const uint8_t             fields[] = { CD_F_LOGIN, CD_F_PASSWORD,
                                                  0 };
    ngx_http_chatdesk_json_fault_t   fault;

    (void) state;

    assert_int_equal(ngx_http_chatdesk_json_fields(&frame, fields, good,
                         sizeof(good) - 1, NULL, &fault), NGX_OK);
    assert_true(cd_str_is(cd_frame_str(&frame, CD_F_LOGIN), "ana"));
    assert_true(cd_str_is(cd_frame_str(&frame, CD_F_PASSWORD), "p"));

    assert_int_equal(ngx_http_chatdesk_json_fields(&frame, fields, bad,
                         sizeof(bad) - 1, NULL, &fault), NGX_DECLINED);
    assert_memory_equal(fault.field.data, "password", 8);

    test_reset_pool();
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_required),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_longest_text),
        cmocka_unit_test(test_named),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_fields)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
