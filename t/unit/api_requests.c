/*
 * Unit tests of worker/api: requests given to the registered handler, with a
 * desk behind it and no Redis.
 *
 * Invariants tested: every request has exactly one answer; a path, a query or
 * a body that is not one of ours is refused with a code and a text; a role
 * that is not enough changes nothing; an Idempotency-Key is answered again,
 * survives a reload and is forgotten when there are too many.
 *
 * link: worker/api worker/core t/sim/ops.c worker/io/json_check.c
 * link: worker/io/desk_file.c worker/io/password.c worker/io/log.c
 * link: worker/io/settings.c worker/io/settings_redis.c
 * link: worker/io/settings_out.c worker/io/desk_skills.c
 * link: worker/io/config.c worker/io/document.c worker/io/desk_queues.c
 * link: worker/io/desk_profiles.c worker/io/desk_agents.c worker/io/desk_keys.c
 * link: worker/io/desk_notify.c worker/io/desk_hours.c worker/io/zone.c
 * link: worker/io/desk_flows.c worker/io/desk_form.c
 * link: worker/io/desk_attributes.c worker/io/desk_templates.c
 * link: worker/io/desk_life.c worker/io/desk_hooks.c worker/io/https_url.c
 * link: worker/io/webpush.c
 * link: worker/io/p256.c worker/io/base64url.c
 * link: -ljson-c -lmsgpackc -lcrypto -lcrypt -linih -lglib-2.0
 */

#include <setjmp.h>
#include <stdarg.h>

#include "api_fixture.h"

#include <cmocka.h>


static int
setup(void **state)
{
    *state = fixture_new();

    return 0;
}


static int
teardown(void **state)
{
    fixture_free(*state);

    return 0;
}


/* Whether the answer is an error with this code. */

static int
is_code(const struct fixture *fx, const char *code)
{
    char  begin[64];

    snprintf(begin, sizeof(begin), "{\"code\":\"%s\",\"text\":\"", code);

    return strncmp(fx->body, begin, strlen(begin)) == 0;
}


static void
test_who(void **state)
{
    struct fixture  *fx = *state;

    assert_int_equal(ask(fx, "ana", "GET me", NULL), 200);
    assert_string_equal(fx->body, "{\"by\":\"ana\",\"role\":\"agent\","
                        "\"desk\":\"demo\",\"name\":\"Ana\"}");
    assert_int_equal(ask(fx, ROBOT_KEY, "GET me", NULL), 200);
    assert_string_equal(fx->body, "{\"by\":\"key:robot\",\"role\":\"admin\","
                        "\"desk\":\"demo\"}");
    assert_int_equal(ask(fx, "nobody", "GET me", NULL), 401);
    assert_true(is_code(fx, "unauthorized"));
    assert_int_equal(ask(fx, "b0000000000000000000000000000000000000000000000"
                         "00000000000000000", "GET me", NULL), 401);
}


static void
test_paths(void **state)
{
    size_t           i;
    struct fixture  *fx = *state;
    static const char *const  none[] = {
        "GET ", "GET /", "GET me/", "GET /me", "GET ME", "GET me/me",
        "GET m\xc3\xa9", "GET presence/a b", "GET presence/a:b",
        "GET presence//ana", "GET a/b/c/d/e/f/g/h/i", "GET ../me"
    };

    for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        assert_int_equal(ask(fx, "eva", none[i], NULL), 404);
        assert_true(is_code(fx, "no_route"));
    }

    assert_int_equal(ask(fx, "eva", "DELETE me", NULL), 405);
    assert_true(is_code(fx, "bad_method"));
    assert_string_equal(fx->allow, "GET");
    assert_int_equal(ask(fx, "eva", "POST presence/ana", NULL), 405);
    assert_string_equal(fx->allow, "GET, PUT");
    assert_int_equal(ask(fx, "nobody", "GET x", NULL), 401);
}


static void
test_queries(void **state)
{
    size_t           i;
    struct fixture  *fx = *state;
    static const char *const  good[] = {
        "", "limit=1", "&&limit=500&", "x=a+b%20c", "limit", "a=%C3%A9",
        "a=\xc3\xa9"
    };
    static const char *const  bad[] = {
        "limit=0", "limit=501", "limit=-1", "limit=1x", "limit=",
        "limit=99999999999999999999", "a=%", "a=%1", "a=%0g", "a=%00",
        "a=%0a", "a=%7f", "a=%ff", "a=%c0%80", "a=%ed%a0%80",
        "a=%f4%90%80%80", "a=%c2%80", "%ff=1", "a=1&a=2", "a=%e2%82",
        "a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1&j=1&k=1&l=1&m=1&n=1&o=1&p=1&q=1"
    };
    char             request[256];

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        snprintf(request, sizeof(request), "GET presence?%s", good[i]);
        if (strcmp(good[i], "limit") == 0) {
            assert_int_equal(ask(fx, "eva", request, NULL), 400);
        } else {
            assert_int_equal(ask(fx, "eva", request, NULL), 200);
        }
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(request, sizeof(request), "GET presence?%s", bad[i]);
        assert_int_equal(ask(fx, "eva", request, NULL), 400);
        assert_true(is_code(fx, "bad_request"));
    }
}


static void
test_bodies(void **state)
{
    size_t           i;
    struct fixture  *fx = *state;
    static const char *const  bad[] = {
        "{", "[]", "null", "1", "\"x\"", "{\"state\":1}", "{}",
        "{\"state\":\"away\",\"state\":\"away\"}",
        "{\"state\":\"away\",\"more\":1}", "{\"state\":\"a\\u0000\"}",
        "{\"state\":\"\xff\"}",
        "{\"state\":[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]}"
    };
    static const char *const  states[] = {
        "{\"state\":\"asleep\"}", "{\"state\":\"offline\"}"
    };

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(ask(fx, "ana", "PUT presence/ana", bad[i]), 400);
        assert_true(is_code(fx, "bad_request"));
    }

    for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        assert_int_equal(ask(fx, "ana", "PUT presence/ana", states[i]), 404);
        assert_true(is_code(fx, "no_state"));
    }

    assert_int_equal(ask(fx, "ana", "PUT presence/ana", NULL), 400);
    assert_non_null(strstr(fx->body, "\"text\":\"the body: the document: "
                           "\\\"state\\\" is missing\""));
    assert_int_equal(ask(fx, "ana", "PUT presence/ana", bad[5]), 400);
    assert_non_null(strstr(fx->body, "\"field\":\"state\""));
    assert_int_equal(ask(fx, "ana", "PUT presence/ana",
                         "{\"state\":\"away\"}"), 200);
}


/* json-c reads "1" and takes the NUL for the end. */

static void
test_nul(void **state)
{
    struct fixture   *fx = *state;
    struct cd_frame   request;
    static const char  body[] = "1\0\"state";

    cd_frame_init(&request, CD_T_ASK);
    fixture_set(&request, CD_F_METHOD, "PUT");
    fixture_set(&request, CD_F_PATH, "presence/ana");
    fixture_set(&request, CD_F_WHO, "ana");
    cd_frame_set_str(&request, CD_F_BODY, body, sizeof(body) - 1);
    fixture_frame(fx, &request);
    assert_int_equal(fx->status, 400);
    assert_non_null(strstr(fx->body, "1:2: not JSON: a NUL byte"));
}


static void
test_roles(void **state)
{
    struct fixture  *fx = *state;

    assert_int_equal(ask(fx, "ana", "PUT presence/eva",
                         "{\"state\":\"away\"}"), 403);
    assert_int_equal(fx->ops.count, 1);         /* the answer alone */
    assert_int_equal(ask(fx, "sue", "PUT presence/eva",
                         "{\"state\":\"away\"}"), 200);
    assert_true(fx->ops.count > 1);
    assert_int_equal(ask(fx, ROBOT_KEY, "POST conversations/x/accept", NULL),
                     400);
    assert_int_equal(ask(fx, ROBOT_KEY, "POST conversations/x/accept",
                         "{\"as\":\"ana\"}"), 409);
    assert_int_equal(ask(fx, "sue", "POST conversations/x/accept",
                         "{\"as\":\"ana\"}"), 403);
    assert_int_equal(ask(fx, "ana", "POST conversations/x/end", "{}"), 404);
}


static void
test_pages(void **state)
{
    struct fixture  *fx = *state;

    assert_int_equal(ask(fx, "ana", "GET presence?limit=2", NULL), 200);
    assert_non_null(strstr(fx->body, "\"login\":\"ana\""));
    assert_non_null(strstr(fx->body, "\"login\":\"eva\""));
    assert_non_null(strstr(fx->body, "\"next\":\"eva\""));
    assert_int_equal(ask(fx, "ana", "GET presence?limit=2&cursor=eva", NULL),
                     200);
    assert_null(strstr(fx->body, "\"login\":\"eva\""));
    assert_non_null(strstr(fx->body, "\"login\":\"sue\""));
    assert_null(strstr(fx->body, "\"next\""));
    assert_int_equal(ask(fx, "ana", "GET presence?cursor=zzz", NULL), 200);
    assert_string_equal(fx->body, "{\"items\":[]}");
}


static void
test_once(void **state)
{
    size_t           i;
    char             key[32];
    const char      *why = "";
    struct fixture  *fx = *state;

    /* a refusal is an answer, and kept */
    assert_int_equal(ask_once(fx, "ana", "POST conversations/x/end", "{}",
                              "k1"), 404);
    assert_int_equal(fx->ops.count, 2);
    assert_int_equal(ask_once(fx, "ana", "POST conversations/x/end", "{}",
                              "k1"), 404);
    assert_int_equal(fx->ops.count, 1);
    assert_int_equal(ask_once(fx, "ana", "POST conversations/y/end", "{}",
                              "k1"), 409);
    assert_int_equal(ask_once(fx, "ana", "POST conversations/x/end", "",
                              "k1"), 409);
    assert_true(is_code(fx, "conflict"));

    /* not of others, not for other methods */
    assert_int_equal(ask_once(fx, "eva", "POST conversations/y/end", "{}",
                              "k1"), 404);
    assert_int_equal(ask_once(fx, "ana", "GET me", NULL, "k1"), 200);
    assert_int_equal(ask_once(fx, "ana", "POST conversations/x/end", "{}",
                              "k 1"), 400);

    /* a bound, oldest first */
    for (i = 0; i < CD_LIMIT_API_ONCE; i++) {
        snprintf(key, sizeof(key), "n%zu", i);
        fx->now++;
        assert_int_equal(ask_once(fx, "sue", "POST conversations/x/end", "{}",
                                  key), 404);
    }

    assert_int_equal(fx->ops.count, 3);         /* drop, put, answer */
    assert_int_equal(ask_once(fx, "ana", "POST conversations/y/end", "{}",
                              "k1"), 404);      /* forgotten */
    assert_int_equal(ask_once(fx, "sue", "POST conversations/y/end", "{}",
                              "n9"), 409);      /* not yet */

    fx->now += CD_LIMIT_API_ONCE_MS;
    assert_int_equal(ask_once(fx, "sue", "POST conversations/y/end", "{}",
                              "n9"), 404);

    /* what is not a record is left alone */
    assert_int_equal(api_ops.load(fx->state, "a/b", "xxxx", 4, &why), -1);
    assert_true(why[0] != '\0');
}


/* The record of a key, given to another state as a standby would do it. */

static void
test_once_loaded(void **state)
{
    char              key[64];
    size_t            i;
    const char       *why = "";
    const struct op  *op;
    struct fixture   *fx = *state;

    assert_int_equal(ask_once(fx, "ana", "POST conversations/x/end", "{}",
                              "k1"), 404);
    api_ops.close(&fx->state);
    fx->state = api_ops.open();

    for (i = 0; i < fx->ops.count; i++) {
        op = &fx->ops.list[i];

        if (op->code == CHANGE_PUT) {
            snprintf(key, sizeof(key), "%.*s", (int) op->text[1].len,
                     op->text[1].data);
            assert_int_equal(api_ops.load(fx->state, key, op->text[2].data,
                                          op->text[2].len, &why), 0);
            assert_int_equal(api_ops.load(fx->state, key, op->text[2].data,
                                          op->text[2].len, &why), -1);
        }
    }

    assert_int_equal(ask_once(fx, "ana", "POST conversations/y/end", "{}",
                              "k1"), 409);
}


int
main(void)
{
#define test(name)  cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest  tests[] = {
        test(test_who), test(test_paths), test(test_queries),
        test(test_bodies), test(test_nul), test(test_roles), test(test_pages),
        test(test_once), test(test_once_loaded)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
