/*
 * Forms: answers read, written and checked.
 *
 * link: worker/core -lmsgpackc
 *
 * Purpose:    what a client may send in one field, and what it may not.
 * Owner:      nothing.
 * Invariants: none of its own.
 *
 * proves: V13
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/form.h"
#include "core/id.h"

#define FIELDS  5

static const char *const  colours[] = { "red", "dark blue" };

static const struct field_settings  fields[FIELDS] = {
    { "topic", 1, 0, 10 },
    { "note", 0, 0, 5 },
    { "phone", 1, 1, 20 },
    { .key = "mail", .max = 300, .email = 1 },
    { .key = "shade", .max = 20, .choices = colours, .choice_count = 2 }
};


static void
test_decode(void **state)
{
    size_t       i;
    struct form  form;
    static const struct {
        const char *text;
        long        count;      /* -1: refused */
        const char *key;
        const char *value;
    } rows[] = {
        { "", 0, NULL, NULL },
        { "topic=order", 1, "topic", "order" },
        { "topic=two+words&note=x", 2, "topic", "two words" },
        { "topic=Z%C3%BCrich", 1, "topic", "Z\xc3\xbcrich" },
        { "topic=a%26b%3Dc", 1, "topic", "a&b=c" },
        { "topic=", 1, "topic", "" },
        { "topic=a=b", 1, "topic", "a=b" },
        { "topic=%FF", 1, "topic", "?" },
        { "topic=a%0Ab%00c", 1, "topic", "a b c" },
        { "topic=%", -1, NULL, NULL },
        { "topic=%4", -1, NULL, NULL },
        { "topic=%G0", -1, NULL, NULL },
        { "topic", -1, NULL, NULL },
        { "=x", -1, NULL, NULL },
        { "to%70ic=x", -1, NULL, NULL },
        { "a b=x", -1, NULL, NULL },
        { "topic=1&topic=2", -1, NULL, NULL },
        { "topic=1&&note=2", -1, NULL, NULL },
        { "topic=1&", 1, "topic", "1" },
        { "k12345678901234567890123456789012=x", -1, NULL, NULL }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int  rc = form_decode(&form, str_of(rows[i].text));

        assert_int_equal(rc, rows[i].count < 0 ? -1 : 0);
        assert_int_equal(form.count, rows[i].count < 0 ? 0 : rows[i].count);

        if (rows[i].key != NULL) {
            assert_string_equal(form_value(&form, rows[i].key),
                                rows[i].value);
        }
    }

    assert_null(form_value(&form, "other"));
}


static void
test_bounds(void **state)
{
    char         text[FORM_BYTES + 2], pair[16];
    int          i;
    struct form  form;

    (void) state;

    memset(text, 'x', sizeof(text));
    memcpy(text, "topic=", 6);
    text[FORM_BYTES] = '\0';
    assert_int_equal(form_decode(&form, str_of(text)), 0);
    assert_int_equal(strlen(form_value(&form, "topic")), FORM_BYTES - 6);
    text[FORM_BYTES] = 'x';
    text[FORM_BYTES + 1] = '\0';
    assert_int_equal(form_decode(&form, str_of(text)), -1);

    text[0] = '\0';
    for (i = 0; i <= FORM_FIELDS_MAX; i++) {
        assert_int_equal(form_decode(&form, str_of(text)), 0);
        snprintf(pair, sizeof(pair), "%sk%d=v", i > 0 ? "&" : "", i);
        strcat(text, pair);
    }
    assert_int_equal(form_decode(&form, str_of(text)), -1);
}


static void
test_encode(void **state)
{
    char         out[64];
    size_t       len;
    struct form  form, again;

    (void) state;

    assert_int_equal(form_decode(&form, str_of("a=x+%26&b=%C3%BC.")), 0);
    len = form_encode(&form, out, sizeof(out));
    assert_string_equal(out, "a=x+%26&b=%C3%BC.");
    assert_int_equal(len, strlen(out));
    assert_int_equal(form_decode(&again, str_of(out)), 0);
    assert_string_equal(form_value(&again, "b"), "\xc3\xbc.");

    for (len = 1; len <= 17; len++) {
        assert_int_equal(form_encode(&form, out, len), 0);
        assert_string_equal(out, "");
    }
}


static void
test_check(void **state)
{
    size_t       i;
    const char  *key;
    struct form  form;
    static const struct {
        const char      *text;
        int              open;
        enum form_fault  fault;
        const char      *key;
    } rows[] = {
        { "topic=order", 1, FORM_GOOD, NULL },
        { "topic=order", 0, FORM_MISSING, "phone" },
        { "topic=order&phone=1", 0, FORM_GOOD, NULL },
        { "topic=order&phone=1", 1, FORM_GOOD, NULL },
        { "note=x", 1, FORM_MISSING, "topic" },
        { "topic=+", 1, FORM_MISSING, "topic" },
        { "topic=", 1, FORM_MISSING, "topic" },
        { "topic=x&colour=red", 1, FORM_UNKNOWN, "colour" },
        { "topic=x&note=123456", 1, FORM_LONG, "note" },
        { "topic=x&note=%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC", 1, FORM_GOOD, NULL },
        { "topic=x&shade=dark+blue", 1, FORM_GOOD, NULL },
        { "topic=x&shade=", 1, FORM_GOOD, NULL },
        { "topic=x&shade=Red", 1, FORM_WRONG, "shade" },
        { "topic=x&shade=green", 1, FORM_WRONG, "shade" },
        { "topic=x&mail=a%40b", 1, FORM_GOOD, NULL },
        { "topic=x&mail=Zo%C3%AB%40m%C3%BC.example", 1, FORM_GOOD, NULL },
        { "topic=x&mail=", 1, FORM_GOOD, NULL },
        { "topic=x&mail=nomail", 1, FORM_WRONG, "mail" },
        { "topic=x&mail=%40b", 1, FORM_WRONG, "mail" },
        { "topic=x&mail=a%40", 1, FORM_WRONG, "mail" },
        { "topic=x&mail=a%40b%40c", 1, FORM_WRONG, "mail" },
        { "topic=x&mail=a+b%40c", 1, FORM_WRONG, "mail" },
        { "topic=x&mail=a%40b%2Cc%40d", 1, FORM_WRONG, "mail" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(form_decode(&form, str_of(rows[i].text)), 0);
        assert_int_equal(form_check(&form, fields, FIELDS, rows[i].open, &key),
                         rows[i].fault);

        if (rows[i].key != NULL) {
            assert_string_equal(key, rows[i].key);
        } else {
            assert_null(key);
        }
    }
}


/* What was asked once is not asked again. */

static void
test_merge(void **state)
{
    const char   *key;
    struct form   form, known;

    (void) state;

    assert_int_equal(form_decode(&known, str_of("topic=a&old=b&note=n")), 0);
    assert_int_equal(form_decode(&form, str_of("note=new")), 0);
    assert_int_equal(form_merge(&form, &known, fields, FIELDS), 0);
    assert_int_equal(form.count, 2);
    assert_string_equal(form_value(&form, "note"), "new");
    assert_string_equal(form_value(&form, "topic"), "a");
    assert_int_equal(form_check(&form, fields, FIELDS, 1, &key), FORM_GOOD);
}


/* What the form would not take today is asked again. */

static void
test_stale(void **state)
{
    const char   *key;
    struct form   form, known;

    (void) state;

    assert_int_equal(form_decode(&known, str_of("topic=12345678901&note=n"
                         "&shade=green&mail=x&phone=+")), 0);
    assert_int_equal(form_decode(&form, str_of("")), 0);
    assert_int_equal(form_merge(&form, &known, fields, FIELDS), 4);
    assert_int_equal(form.count, 1);
    assert_string_equal(form_value(&form, "note"), "n");
    assert_int_equal(form_check(&form, fields, FIELDS, 1, &key),
                     FORM_MISSING);
    assert_string_equal(key, "topic");
}


/* Answers to other forms stay, as many as there is room for. */

static void
test_join(void **state)
{
    char         text[FORM_BYTES + 1], long_one[FORM_BYTES + 1];
    struct form  all, form, known;

    (void) state;

    assert_int_equal(form_decode(&form, str_of("topic=b")), 0);
    assert_int_equal(form_decode(&known, str_of("topic=a&other=o&shade=green"
                         "&note=n")), 0);
    form_join(&all, &form, &known, fields, FIELDS);
    assert_true(form_encode(&all, text, sizeof(text)) > 0);
    assert_string_equal(text, "topic=b&other=o&note=n");

    memset(long_one, 'x', sizeof(long_one));
    memcpy(long_one, "first=1&other=", 14);
    strcpy(long_one + FORM_BYTES - 9, "&third=3");
    assert_int_equal(form_decode(&form, str_of("topic=0123456789")), 0);
    assert_int_equal(form_decode(&known, str_of(long_one)), 0);
    form_join(&all, &form, &known, fields, FIELDS);
    assert_true(form_encode(&all, text, sizeof(text)) > 0);
    assert_string_equal(text, "topic=0123456789&first=1&third=3");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_encode),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_stale),
        cmocka_unit_test(test_join)
    };

    return cmocka_run_group_tests_name("core_form", tests, NULL, NULL);
}
