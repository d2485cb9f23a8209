/*
 * Unit test of visitor tokens.
 *
 * Purpose:    what was made is accepted, for as long as it should be; and
 *             nothing else is.
 * Owner:      nothing to own.
 * Invariants: no change of a single character leaves a token valid.
 *
 * proves: X5
 *
 * link: ngx_chatdesk_module/ngx_http_chatdesk_token.c
 * link: -lcrypto -lmsgpackc
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ngx_http_chatdesk_token.h"

#define HOUR  3600000ULL
#define DAY   86400000ULL
#define NOW   1732216000000ULL

static struct cd_str  one = { "0123456789abcdef0123456789abcdef", 32 };
static struct cd_str  two[] = {
    { "fedcba9876543210fedcba9876543210", 32 },
    { "0123456789abcdef0123456789abcdef", 32 }
};
static ngx_http_chatdesk_secrets_t  old_secrets = { &one, 1 };
static ngx_http_chatdesk_secrets_t  new_secrets = { two, 2 };
static ngx_http_chatdesk_secrets_t  newest = { two, 1 };

static struct cd_str  demo = { "demo", 4 };
static struct cd_str  other = { "other", 5 };

static const char  visitor[] = "abcdefghijklmnopqrst-_";


static struct cd_str
make(char *buf, uint64_t born, uint64_t renewed)
{
    struct cd_str              text;
    ngx_http_chatdesk_token_t  token = { { visitor, 22 }, born, renewed };

    text.data = buf;
    text.len = ngx_http_chatdesk_token_make(&token, &old_secrets, demo, buf);
    assert_in_range(text.len, 1, NGX_HTTP_CHATDESK_TOKEN_MAX);

    return text;
}


static int
valid(struct cd_str text, uint64_t now)
{
    ngx_http_chatdesk_token_t  token;

    return ngx_http_chatdesk_token_check(&token, &old_secrets, demo, text,
                                         now)
           == 0;
}


static void
test_round_trip(void **state)
{
    char                       buf[NGX_HTTP_CHATDESK_TOKEN_MAX];
    struct cd_str              text;
    ngx_http_chatdesk_token_t  token;

    (void) state;

    text = make(buf, NOW - DAY, NOW);
    assert_memory_equal(text.data, "cv1.", 4);
    assert_int_equal(ngx_http_chatdesk_token_check(&token, &old_secrets, demo,
                                                   text, NOW), 0);
    assert_int_equal(token.visitor.len, 22);
    assert_memory_equal(token.visitor.data, visitor, 22);
    assert_int_equal(token.born_ms, NOW - DAY);
    assert_int_equal(token.renewed_ms, NOW);
}


static void
test_life(void **state)
{
    char  buf[NGX_HTTP_CHATDESK_TOKEN_MAX];

    (void) state;

    assert_true(valid(make(buf, NOW, NOW), NOW + DAY));
    assert_false(valid(make(buf, NOW, NOW), NOW + DAY + 1));
    assert_true(valid(make(buf, NOW - 30 * DAY, NOW), NOW));
    assert_false(valid(make(buf, NOW - 30 * DAY - 1, NOW), NOW));

    /* clocks of nodes differ a little, not a lot */
    assert_true(valid(make(buf, NOW, NOW + 60000), NOW));
    assert_false(valid(make(buf, NOW, NOW + HOUR), NOW));
    assert_false(valid(make(buf, NOW + 1, NOW), NOW));
}


/* Secrets change: the first signs, the others verify, the last goes. */

static void
test_rotation(void **state)
{
    char                       buf[NGX_HTTP_CHATDESK_TOKEN_MAX];
    struct cd_str              text;
    ngx_http_chatdesk_token_t  token;

    (void) state;

    text = make(buf, NOW, NOW);
    assert_int_equal(ngx_http_chatdesk_token_check(&token, &new_secrets, demo,
                                                   text, NOW), 0);
    assert_int_equal(ngx_http_chatdesk_token_check(&token, &newest, demo,
                                                   text, NOW), -1);
}


static void
test_other_desk(void **state)
{
    char                       buf[NGX_HTTP_CHATDESK_TOKEN_MAX];
    struct cd_str              text;
    ngx_http_chatdesk_token_t  token;

    (void) state;

    text = make(buf, NOW, NOW);
    assert_int_equal(ngx_http_chatdesk_token_check(&token, &old_secrets,
                                                   other, text, NOW), -1);
}


static void
test_changed(void **state)
{
    char           buf[NGX_HTTP_CHATDESK_TOKEN_MAX];
    char           changed[NGX_HTTP_CHATDESK_TOKEN_MAX + 1];
    size_t         i;
    struct cd_str  text, bad;

    (void) state;

    text = make(buf, NOW, NOW);
    bad.data = changed;

    for (i = 0; i < text.len; i++) {
        memcpy(changed, text.data, text.len);
        changed[i] = changed[i] == '1' ? '2' : '1';
        bad.len = text.len;
        assert_false(valid(bad, NOW));

        bad.len = i;                        /* cut off */
        assert_false(valid(bad, NOW));
    }

    memcpy(changed, text.data, text.len);
    changed[text.len] = 'A';
    bad.len = text.len + 1;
    assert_false(valid(bad, NOW));
}


static void
test_strange(void **state)
{
    size_t             i;
    struct cd_str      text;
    static const char  *texts[] = {
        "", ".", "cv1.", "cv1.....", "cv2.abcdefghijklmnopqrst-_.1.1.",
        "cv1.abcdefghijklmnopqrst/_.1.1."
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "cv1.abcdefghijklmnopqrst-_.-1.1."
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "cv1.abcdefghijklmnopqrst-_.99999999999999999.1."
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    };

    (void) state;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        text.data = texts[i];
        text.len = strlen(texts[i]);
        assert_false(valid(text, NOW));
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_life),
        cmocka_unit_test(test_rotation),
        cmocka_unit_test(test_other_desk),
        cmocka_unit_test(test_changed),
        cmocka_unit_test(test_strange)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
