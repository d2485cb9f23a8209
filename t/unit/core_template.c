/*
 * Texts with variables: what is refused and where, what is filled in.
 *
 * link: worker/core/template.c worker/core/text.c -lmsgpackc
 *
 * Purpose:    a table of texts with their results or faults; hostile texts
 *             and values come out harmless.
 * Owner:      each test frees what it parsed.
 * Invariants: none of its own.
 *
 * proves: P13 X5
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/template.h"

struct values {
    const char *name;           /* of the client; NULL for none */
    const char *custom;         /* of every key */
};


static struct cd_str
str(const char *text)
{
    struct cd_str  s = { text != NULL ? text : "",
                         text != NULL ? strlen(text) : 0 };

    return s;
}


static struct cd_str
value_of(void *context, enum variable variable, struct cd_str key)
{
    struct values  *values = context;

    if (variable == VARIABLE_CUSTOM) {
        return str(key.data[0] == 'x' ? "" : values->custom);
    }

    return variable == VARIABLE_CLIENT_NAME ? str(values->name)
           : variable == VARIABLE_AGENT_NAME ? str("Ana") : str("");
}


/* Parses a copy that is exactly as long as the text. */

static struct template_text *
parse(const char *text, size_t len, struct template_fault *fault)
{
    char                  *copy = malloc(len > 0 ? len : 1);
    struct cd_str          s = { copy, len };
    struct template_text  *parsed;

    memcpy(copy, text, len);
    parsed = template_parse(s, fault);
    free(copy);

    return parsed;
}


static void
test_filled(void **state)
{
    size_t                 i;
    char                   out[TEMPLATE_RESULT_MAX];
    struct template_text  *text;
    struct template_fault  fault;
    struct values          bob = { "Bob", "gold" }, nobody = { NULL, NULL };
    const struct {
        const char    *text;
        struct values *values;
        const char    *out;
    } rows[] = {
        { "plain", &bob, "plain" },
        { "two\nlines\tand more", &bob, "two\nlines\tand more" },
        { "{{client.name}}", &bob, "Bob" },
        { "{{client.name}}", &nobody, "" },
        { "Hi {{client.name|there}}!", &bob, "Hi Bob!" },
        { "Hi {{client.name|there}}!", &nobody, "Hi there!" },
        { "Hi {{ client.name | dear customer }}!", &nobody,
          "Hi dear customer!" },
        { "{{client.name|}}.", &nobody, "." },
        { "{{client.name|a|b}}", &nobody, "a|b" },
        { "{{custom.plan}} {{custom.x}}{{custom.x|none}}", &bob,
          "gold none" },
        { "{{agent.name}}{{agent.name}}", &bob, "AnaAna" },
        { "\\{{client.name}}", &bob, "{{client.name}}" },
        { "\\\\ \\n { } }} {x}", &bob, "\\\\ \\n { } }} {x}" },
        { "a\\{{b{{client.name}}", &bob, "a{{bBob" },
        { "\xe2\x82\xac {{client.name|\xe2\x82\xac}}", &nobody,
          "\xe2\x82\xac \xe2\x82\xac" },
        { "<b>{{client.name}}</b>", &bob, "<b>Bob</b>" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        text = parse(rows[i].text, strlen(rows[i].text), &fault);

        if (text == NULL) {
            fail_msg("%s: %s", rows[i].text, fault.why);
        }

        assert_int_equal(template_render(text, value_of, rows[i].values, out),
                         strlen(rows[i].out));
        assert_string_equal(out, rows[i].out);
        assert_true(cd_str_is(template_source(text), rows[i].text));
        template_text_free(&text);
        assert_null(text);
    }
}


static void
test_refused(void **state)
{
    size_t                 i;
    struct template_fault  fault;
    const struct {
        const char *text;
        unsigned    line;
        unsigned    column;
        const char *why;        /* part of it */
    } rows[] = {
        { "", 1, 1, "empty" },
        { "{{", 1, 1, "without" },
        { "a\nbc {{client.name", 2, 4, "without" },
        { "{{client.name\n}}", 1, 1, "without" },
        { "{{client.name}", 1, 1, "without" },
        { "{{}}", 1, 1, "no such" },
        { "{{ }}", 1, 1, "no such" },
        { "{{client}}", 1, 1, "no such" },
        { "{{client.names}}", 1, 1, "no such" },
        { "{{Client.Name}}", 1, 1, "no such" },
        { "\xe2\x82\xac\xe2\x82\xac{{client.password|x}}", 1, 3, "no such" },
        { "{{custom.}}", 1, 1, "no such" },
        { "{{custom.A}}", 1, 1, "no such" },
        { "{{custom.a b}}", 1, 1, "no such" },
        { "{{custom.a23456789012345678901234567890123}}", 1, 1, "no such" },
        { "{{client.name|{{agent.name}}}}", 1, 15, "another" },
        { "{{{client.name}}}", 1, 3, "another" },
        { "{{client.{name}}", 1, 10, "another" },
        { "x\x01", 1, 2, "control" },
        { "x\r\n", 1, 2, "control" },
        { "x\n\xc2\x85", 2, 1, "control" },
        { "\xe2\x80\xa8", 1, 1, "control" },
        { "ab\xe2\x80\xae" "cd", 1, 3, "direction" },
        { "\xe2\x81\xa6", 1, 1, "direction" },
        { "{{client.name|\xe2\x80\xae}}", 1, 15, "direction" },
        { "a\xff", 1, 2, "UTF-8" },
        { "\xed\xa0\x80", 1, 1, "UTF-8" },
        { "\xe2\x82", 1, 1, "UTF-8" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_null(parse(rows[i].text, strlen(rows[i].text), &fault));

        if (fault.line != rows[i].line || fault.column != rows[i].column
            || strstr(fault.why, rows[i].why) == NULL)
        {
            fail_msg("%s: %u:%u %s", rows[i].text, fault.line, fault.column,
                     fault.why);
        }
    }

    assert_null(parse("a\0b", 3, &fault));
    assert_int_equal(fault.column, 2);
}


/* Bounds: of the text, of its variables, of what they become. */

static void
test_bounds(void **state)
{
    size_t                 i, len = 0;
    char                  *big = malloc(1 << 20), *name = malloc(1 << 20);
    char                   out[TEMPLATE_RESULT_MAX];
    struct values          values = { name, NULL };
    struct template_text  *text;
    struct template_fault  fault;

    (void) state;

    memset(big, '{', 1 << 20);
    assert_null(parse(big, 1 << 20, &fault));
    assert_non_null(strstr(fault.why, "too long"));

    memset(big, 'a', 1 << 20);
    assert_null(parse(big, CD_LIMIT_TEMPLATE_TEXT + 1, &fault));
    text = parse(big, CD_LIMIT_TEMPLATE_TEXT, &fault);
    assert_non_null(text);
    template_text_free(&text);

    for (i = 0; i < CD_LIMIT_TEMPLATE_VARIABLES; i++) {
        memcpy(big + len, "{{client.name}}", 15);
        len += 15;
    }

    text = parse(big, len, &fault);
    assert_non_null(text);

    /* a name of a megabyte, of four bytes each */
    for (i = 0; i + 4 < 1 << 20; i += 4) {
        memcpy(name + i, "\xf0\x9f\x98\x80", 4);
    }

    name[i] = '\0';
    len = template_render(text, value_of, &values, out);
    assert_int_equal(len, 4 * CD_LIMIT_TEXT);
    template_text_free(&text);

    memcpy(big + 15 * CD_LIMIT_TEMPLATE_VARIABLES, "\\{{", 3);
    assert_null(parse(big, 15 * CD_LIMIT_TEMPLATE_VARIABLES + 3, &fault));
    assert_non_null(strstr(fault.why, "too many"));
    assert_int_equal(fault.column, 15 * CD_LIMIT_TEMPLATE_VARIABLES + 1);

    free(big);
    free(name);
}


/* A value is text, whatever it looks like. */

static void
test_hostile_values(void **state)
{
    size_t                 i;
    char                   out[TEMPLATE_RESULT_MAX];
    struct template_text  *text;
    struct template_fault  fault;
    const struct {
        const char *name;
        const char *out;
    } rows[] = {
        { "{{agent.name}}", "[{{agent.name}}]" },
        { "\\{{", "[\\{{]" },
        { "}}{{client.name|x}}", "[}}{{client.name|x}}]" },
        { "<img src=x onerror=alert(1)>", "[<img src=x onerror=alert(1)>]" },
        { "a\r\nb\x1b[31m", "[a  b [31m]" },
        { "\xe2\x80\xae" "evil\xe2\x80\xac", "[evil]" },
        { "\xe2\x81\xa7x\xe2\x81\xa9", "[x]" },
        { "\xe2\x80\xae", "[default]" },    /* nothing is left */
        { "\xff\xc0\xaf", "[???]" },
        { "\xc2\x9b" "31m", "[ 31m]" },
        { "%s%n", "[%s%n]" }
    };

    (void) state;
    text = parse("[{{client.name|default}}]", 25, &fault);
    assert_non_null(text);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct values  values = { rows[i].name, NULL };

        template_render(text, value_of, &values, out);
        assert_string_equal(out, rows[i].out);
    }

    template_text_free(&text);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_filled),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_hostile_values)
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests_name("core_template", tests, NULL, NULL);
}
