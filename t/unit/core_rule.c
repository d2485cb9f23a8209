/*
 * Rules: globs, patterns within limits, hours, and which rule wins.
 *
 * link: worker/core -lmsgpackc
 *
 * Purpose:    what a rule's conditions hold for, and that none of them costs
 *             more than it may.
 * Owner:      nothing.
 * Invariants: none of its own.
 *
 * proves: A2 A4 A11 V14
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/glob.h"
#include "core/rule.h"
#include "core/skills.h"


static void
test_glob(void **state)
{
    size_t  i;
    static const struct {
        const char *pattern;
        const char *text;
        int         fits;
    } rows[] = {
        { "", "", 1 },
        { "", "a", 0 },
        { "*", "", 1 },
        { "a*", "", 0 },
        { "https://shop.example/*", "https://shop.example/cart", 1 },
        { "https://shop.example/*", "HTTPS://Shop.Example/cart", 1 },
        { "https://shop.example/*", "https://shop.example", 0 },
        { "https://shop.example/cart", "https://shop.example/cart/", 0 },
        { "*/checkout*", "https://a/b/checkout", 1 },
        { "*/checkout*", "https://a/b/check", 0 },
        { "*a*b*c", "xxaxxbxxbxxc", 1 },
        { "*a*b*c", "xxaxxbxxbxxcx", 0 },
        { "**", "anything", 1 },
        { "a?", "ab", 0 },
        { "a?", "a?", 1 }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (glob_match(rows[i].pattern, str_of(rows[i].text))
            != rows[i].fits)
        {
            fail_msg("%s, %s", rows[i].pattern, rows[i].text);
        }
    }
}


static void
test_pattern_refused(void **state)
{
    char             why[200], huge[4 * PATTERN_POINTS + 2];
    size_t           i;
    struct pattern  *pattern;
    static const char *const  rows[] = {
        "(", "[a", "a{99999}", "\\C", "(?<a>x)(?<a>y)", "\xff",
        "((((((((((((((((((((((((((((((((((x))))))))))))))))))))))))))))))))))",
        "(?:(?:(?:(?:abcdefgh){99}){99}){99})"
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        why[0] = '\0';
        pattern = pattern_new(rows[i], why, sizeof(why));
        if (pattern != NULL) {
            fail_msg("%s", rows[i]);
        }
        assert_int_not_equal(why[0], '\0');
    }

    memset(huge, 'a', sizeof(huge));
    huge[sizeof(huge) - 1] = '\0';
    assert_null(pattern_new(huge, why, sizeof(why)));
}


static void
test_pattern(void **state)
{
    char             why[200], text[4000];
    size_t           i;
    struct pattern  *pattern;
    static const struct {
        const char         *pattern;
        const char         *text;
        enum pattern_found  found;
    } rows[] = {
        { "refund", "I want a refund now", PATTERN_YES },
        { "refund", "I want a Refund now", PATTERN_NO },
        { "(?i)refund", "I want a Refund now", PATTERN_YES },
        { "^\\w+$", "Z\xc3\xbcrich", PATTERN_YES },
        { "a", "a\xff", PATTERN_NO },
        { "!", NULL, PATTERN_NO },          /* behind what is looked at */
        { "(a+)+$", NULL, PATTERN_LIMIT },
        { "^(?:(?:a|a)*)*$", NULL, PATTERN_LIMIT },
        { "^(a(?1)?b)$", NULL, PATTERN_LIMIT }
    };

    (void) state;

    memset(text, 'a', sizeof(text));
    text[PATTERN_TEXT - 1] = 'b';
    text[PATTERN_TEXT] = '!';
    text[sizeof(text) - 1] = '\0';

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pattern = pattern_new(rows[i].pattern, why, sizeof(why));
        assert_non_null(pattern);
        assert_int_equal(
            pattern_match(pattern, str_of(rows[i].text != NULL
                                          ? rows[i].text : text)),
            rows[i].found);
        pattern_free(&pattern);
    }
}


static void
test_hours(void **state)
{
    size_t            i;
    struct hours     *hours;
    struct all_hours  all = RB_INITIALIZER(&all);
    static const struct open_interval  table[] = {
        { 100, 200 }, { 300, 400 }
    };
    static const struct open_interval  bad[][2] = {
        { { 100, 100 }, { 300, 400 } },
        { { 100, 300 }, { 300, 400 } },
        { { 100, 350 }, { 300, 400 } },
        { { 300, 400 }, { 100, 200 } }
    };
    static const struct {
        uint64_t  now;
        int       open;
        uint64_t  next;
    } rows[] = {
        { 0, 0, 100 }, { 99, 0, 100 }, { 100, 1, 200 }, { 199, 1, 200 },
        { 200, 0, 300 }, { 300, 1, 400 }, { 399, 1, 400 }, { 400, 0, 0 }
    };
    struct hours_settings  settings = { "office", "Office", table, 2 };

    (void) state;

    hours = hours_new(&all, &settings);
    assert_non_null(hours);
    assert_null(hours_new(&all, &settings));
    assert_ptr_equal(hours_find(&all, "office"), hours);
    assert_null(hours_find(&all, "other"));

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(hours_open(hours, rows[i].now), rows[i].open);
        assert_int_equal(hours_next(hours, rows[i].now), rows[i].next);
    }

    for (i = 0; i < 4; i++) {
        settings.intervals = bad[i];
        assert_int_equal(hours_renew(hours, &settings), -1);
    }

    assert_int_equal(hours_open(hours, 150), 1);
    settings.count = 0;
    assert_int_equal(hours_renew(hours, &settings), 0);
    assert_int_equal(hours_open(hours, 150), 0);
    assert_int_equal(hours_next(hours, 150), 0);

    assert_int_equal(hours_open(NULL, 150), 1);
    assert_int_equal(hours_next(NULL, 150), 0);
    hours_free(&all);
}


/* A desk's worth of what flows refer to. */

struct world {
    struct queues     queues;
    struct flows      flows;
    struct all_hours  hours;
    struct queue     *support;
    struct flow      *flow;
};

static const struct rule_settings  rules[] = {
    { .name = "night", .hours = RULE_HOURS_CLOSED, .text = "urgent",
      .queue = "sales", .priority = 1 },
    { .name = "shop", .page = "https://shop/*", .lang = "pt",
      .queue = "sales", .greeting = "Ola" },
    { .name = "order", .field = "topic", .value = "order*", .priority = 2 },
    { .name = "angry", .text = "(?i)refund|\\bnever\\b", .queue = "sales" },
    { .name = "evil", .text = "(a+)+$", .queue = "sales" }
};

static const struct words_settings  words[] = {
    { .lang = "", .greeting = "Hello" },
    { .lang = "pt", .greeting = "Ola" },
    { .lang = "pt-BR", .greeting = "Oi" }
};

static const struct open_interval  office[] = { { 1000, 2000 } };


static int
world_setup(void **state)
{
    const char                   *why = "";
    struct world                 *world = calloc(1, sizeof(*world));
    static const struct skills          none;
    static const struct queue_settings  sales = { "sales", "Sales", 1, 1000 };
    static const struct queue_settings  support = {
        "support", "Support", 5, 1000
    };
    static const struct hours_settings  hours = {
        "office", "Office", office, 1
    };
    static const struct flow_settings  settings = {
        .id = "web", .name = "Web", .channel = "web", .priority = 7,
        .rules = rules, .rule_count = 5, .words = words, .words_count = 3,
        .hours = "office", .closed = FLOW_CLOSED_HIDE, .keep_ms = 1000
    };

    assert_non_null(world);
    RB_INIT(&world->queues);
    RB_INIT(&world->flows);
    RB_INIT(&world->hours);
    assert_non_null(queue_new(&world->queues, &none, &sales));
    world->support = queue_new(&world->queues, &none, &support);
    assert_non_null(hours_new(&world->hours, &hours));
    world->flow = flow_new(&world->flows, &world->queues, world->support,
                           &world->hours, &settings, &why);
    assert_non_null(world->flow);
    *state = world;

    return 0;
}


static int
world_teardown(void **state)
{
    struct world  *world = *state;

    flows_free(&world->flows);
    hours_free(&world->hours);
    queues_free(&world->queues);
    free(world);

    return 0;
}


static void
test_route(void **state)
{
    size_t                 i;
    struct form            form;
    struct visit           visit;
    struct route           route;
    struct world          *world = *state;
    enum rule_verdict      verdicts[5];
    static const struct {
        const char *page, *lang, *form, *text;
        uint64_t    now;
        const char *rule;           /* NULL: none */
        const char *queue;
        unsigned    priority;
        enum rule_verdict  verdicts[5];
    } rows[] = {
        { "", "", "", "", 1500, NULL, "support", 7,
          { RULE_NOT_HOURS, RULE_NOT_PAGE, RULE_NOT_FIELD, RULE_NOT_TEXT,
            RULE_NOT_TEXT } },
        { "", "", "", "urgent!", 900, "night", "sales", 1,
          { RULE_HOLDS, RULE_NOT_ASKED, RULE_NOT_ASKED, RULE_NOT_ASKED,
            RULE_NOT_ASKED } },
        { "https://shop/x", "PT-br", "topic=order", "", 1500, "shop",
          "sales", 7,
          { RULE_NOT_HOURS, RULE_HOLDS, RULE_NOT_ASKED, RULE_NOT_ASKED,
            RULE_NOT_ASKED } },
        { "https://shop/x", "ptx", "topic=Order+7", "", 1500, "order",
          "support", 2,
          { RULE_NOT_HOURS, RULE_NOT_LANG, RULE_HOLDS, RULE_NOT_ASKED,
            RULE_NOT_ASKED } },
        { "", "", "note=I+never", "", 1500, "angry", "sales", 7,
          { RULE_NOT_HOURS, RULE_NOT_PAGE, RULE_NOT_FIELD, RULE_HOLDS,
            RULE_NOT_ASKED } },
        { "", "", "", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", 1500, NULL,
          "support", 7,
          { RULE_NOT_HOURS, RULE_NOT_PAGE, RULE_NOT_FIELD, RULE_NOT_TEXT,
            RULE_GAVE_UP } }
    };

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(form_decode(&form, str_of(rows[i].form)), 0);
        visit = (struct visit) {
            str_of(rows[i].page), str_of(rows[i].lang), str_of(rows[i].text),
            &form, rows[i].now
        };

        rule_route(world->flow, &visit, &route, verdicts);
        assert_string_equal(route.queue->id.s, rows[i].queue);
        assert_int_equal(route.priority, rows[i].priority);
        assert_int_equal(route.rule != NULL, rows[i].rule != NULL);
        assert_memory_equal(verdicts, rows[i].verdicts, sizeof(verdicts));

        if (route.rule != NULL) {
            assert_string_equal(route.rule->settings->name, rows[i].rule);
        }

        rule_route(world->flow, &visit, &route, NULL);
        assert_string_equal(route.queue->id.s, rows[i].queue);
    }

    assert_true(world->flow->rules[4].limits > 0);
    assert_int_equal(world->flow->rules[3].limits, 0);
}


static void
test_words(void **state)
{
    struct world  *world = *state;

    assert_string_equal(flow_words(world->flow, NULL)->greeting, "Hello");
    assert_string_equal(flow_words(world->flow, "de")->greeting, "Hello");
    assert_string_equal(flow_words(world->flow, "pt")->greeting, "Ola");
    assert_string_equal(flow_words(world->flow, "pt-PT")->greeting, "Ola");
    assert_string_equal(flow_words(world->flow, "pt-BR")->greeting, "Oi");
}


static void
test_refused(void **state)
{
    size_t         i;
    const char    *why;
    struct world  *world = *state;
    static const struct rule_settings  bad_queue[] = { { .queue = "x" } };
    static const struct rule_settings  bad_text[] = { { .text = "(" } };
    static const struct rule_settings  bad_priority[] = {
        { .priority = 10 }
    };
    struct flow_settings  good = *flow_builtin(1), rows[8];

    assert_null(flow_builtin(2));

    for (i = 0; i < 8; i++) {
        rows[i] = good;
    }

    rows[0].id = "web";
    rows[1].id = "a b";
    rows[2].queue = "x";
    rows[3].hours = "x";
    rows[4].priority = 0;
    rows[5].rules = bad_queue;
    rows[5].rule_count = 1;
    rows[6].rules = bad_text;
    rows[6].rule_count = 1;
    rows[7].rules = bad_priority;
    rows[7].rule_count = 1;

    for (i = 0; i < 8; i++) {
        why = "";
        assert_null(flow_new(&world->flows, &world->queues, world->support,
                             &world->hours, &rows[i], &why));
        assert_int_not_equal(why[0], '\0');
    }

    assert_non_null(flow_new(&world->flows, &world->queues, world->support,
                             &world->hours, &good, &why));
    assert_non_null(flow_find(&world->flows, str_of("sms")));
    assert_ptr_equal(flow_find(&world->flows, str_of("sms"))->queue,
                     world->support);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_glob),
        cmocka_unit_test(test_pattern_refused),
        cmocka_unit_test(test_pattern),
        cmocka_unit_test(test_hours),
        cmocka_unit_test_setup_teardown(test_route, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(test_words, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(test_refused, world_setup,
                                        world_teardown)
    };

    return cmocka_run_group_tests_name("core_rule", tests, NULL, NULL);
}
