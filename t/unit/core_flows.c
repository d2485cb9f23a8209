/*
 * Flows in a desk: forms, hours, rules, silence, and what goes on.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    what a start, a silence and a return give, entry by entry.
 * Owner:      the fixture, whose desk is made anew with flows.
 * Invariants: none of its own.
 *
 * proves: A2 A5 A6 A7 E6 V13 V14
 */

#include "core_fixture.h"

#include "core/conversation.h"

#define REMIND_MS   60000
#define END_MS      30000
#define JANITOR_MS  600000
#define ABSENT_MS   120000

static const struct open_interval  office[] = {
    { T0, T0 + 1000000 }, { T0 + 5000000, T0 + 6000000 }
};

static const struct hours_settings  hours[] = {
    { "office", "Office", office, 2 }
};

static const struct field_settings  fields[] = { { "topic", 1, 0, 10 } };

static const struct rule_settings  rules[] = {
    { .name = "order", .field = "topic", .value = "order", .queue = "sales",
      .priority = 1, .greeting = "Your order?" },
    { .name = "fire", .field = "topic", .value = "fire", .priority = 1 }
};

static const struct words_settings  words[] = {
    { .lang = "", .greeting = "Hello", .reminder = "There?", .ended = "Bye" },
    { .lang = "de", .greeting = "Hallo" }
};

static const struct flow_settings  flows[] = {
    { .id = "web", .name = "Web", .channel = "web", .priority = 5,
      .rules = rules, .rule_count = 2, .fields = fields, .field_count = 1,
      .words = words, .words_count = 2, .hours = "office",
      .closed = FLOW_CLOSED_MESSAGE, .append = 1, .show_display_name = 1,
      .keep_ms = 1000, .janitor_ms = JANITOR_MS,
      .absent_ms = ABSENT_MS, .remind_ms = REMIND_MS,
      .end_ms = END_MS },
    { .id = "hidden", .name = "Hidden", .channel = "web", .priority = 5,
      .words = words, .words_count = 1, .hours = "office",
      .closed = FLOW_CLOSED_HIDE, .keep_ms = 1000 }
};


static int
flows_setup(void **state)
{
    const char            *why = "";
    struct fixture        *fx;
    struct desk_settings   settings = fixture_settings;

    if (fixture_setup(state) != 0) {
        return -1;
    }

    fx = *state;
    settings.hours = hours;
    settings.hours_count = 1;
    settings.flows = flows;
    settings.flow_count = 2;
    desk_free(&fx->desk);
    fx->desk = desk_new();
    assert_int_equal(desk_configure(fx->desk, &settings, &why), 0);
    desk_loaded(fx->desk, fx->now, fx->changes);
    fixture_flush(fx);
    assert_nothing(fx);

    return 0;
}


static void
starts(struct fixture *fx, const char *who, const char *conv,
    const char *flow, const char *form, const char *answers)
{
    struct cd_frame  frame;

    entry_make(&frame, CD_T_START, "visitor", who, conv);
    put(&frame, CD_F_NAME, "Vera");
    put(&frame, CD_F_FLOW, flow);
    put(&frame, CD_F_FORM, form);
    put(&frame, CD_F_ANSWERS, answers);
    apply(fx, &frame);
    fixture_flush(fx);
}


/* Refused, and shut in Redis: no trace but that. */

static void
assert_shut(const struct fixture *fx, const char *conv, const char *code,
    const char *field)
{
    const struct cd_frame  *refused;
    const struct op        *shut = op_find(fx, CHANGE_CLOSE, conv, 0);

    assert_refused(fx, code);
    refused = frame_find(fx, CHANGE_NODE, "n1", CD_T_REFUSED);

    if (field != NULL) {
        assert_text(refused, CD_F_FIELD, field);
    } else {
        assert_false(cd_frame_has(refused, CD_F_FIELD));
    }

    assert_non_null(shut);
    assert_int_equal(shut->text[3].len, 0);
    assert_null(op_find(fx, CHANGE_PUT, "conv", 0));
}


static void
assert_remembered(const struct fixture *fx, const char *who,
    const char *answers, const char *keys)
{
    const struct op  *op = op_find(fx, CHANGE_FORM, who, 0);

    assert_non_null(op);
    assert_true(cd_str_is(op->text[1], answers));
    assert_true(cd_str_is(op->text[2], keys));
}


static void
test_form(void **state)
{
    struct fixture  *fx = *state;

    starts(fx, "v1", "c1", NULL, NULL, NULL);
    assert_shut(fx, "c1", "bad_request", "topic");
    starts(fx, "v1", "c1", NULL, "topic=x&more=y", NULL);
    assert_shut(fx, "c1", "bad_request", "more");
    starts(fx, "v1", "c1", NULL, "topic=12345678901", NULL);
    assert_shut(fx, "c1", "too_long", "topic");
    starts(fx, "v1", "c1", NULL, "%", NULL);
    assert_shut(fx, "c1", "bad_request", "form");
    starts(fx, "v1", "c1", "fax", NULL, NULL);
    assert_shut(fx, "c1", "no_flow", "flow");

    /* an answer of before that it takes no more is asked for anew */
    starts(fx, "v1", "c1", NULL, NULL, "topic=12345678901&old=1");
    assert_shut(fx, "c1", "bad_request", "topic");
    assert_remembered(fx, "v1", "old=1", "old");

    /* one that it takes will do; those of other flows stay */
    starts(fx, "v1", "c1", NULL, NULL, "topic=order&old=1");
    assert_remembered(fx, "v1", "topic=order&old=1", "topic,old");
    assert_text(frame_find(fx, CHANGE_REGISTER, "b:c1", CD_T_PHASE),
                CD_F_QUEUE, "Sales");
    assert_text(frame_find(fx, CHANGE_STORED, "b:c1", CD_T_MESSAGE),
                CD_F_TEXT, "Your order?");
}


static void
test_hours(void **state)
{
    struct fixture  *fx = *state;

    /* it closes: clients are told */
    assert_int_equal(rules_deadline(fx), T0 + 1000000);
    ticks(fx, 1000000);
    assert_int_equal(cd_frame_uint(frame_find(fx, CHANGE_FLOW, "web",
                                              CD_T_FLOW), CD_F_OPEN), 0);
    assert_int_equal(cd_frame_uint(frame_find(fx, CHANGE_FLOW, "web/de",
                                              CD_T_FLOW), CD_F_NEXT_AT),
                     T0 + 5000000);
    assert_non_null(op_find(fx, CHANGE_FLOW, "hidden", 0));

    starts(fx, "v1", "c1", "hidden", NULL, NULL);
    assert_shut(fx, "c1", "out_of_hours", NULL);

    starts(fx, "v1", "c2", NULL, "topic=x", NULL);
    assert_text(frame_find(fx, CHANGE_STORED, "b:c2", CD_T_EVENT), CD_F_WHY,
                "offline");
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    assert_int_equal(cd_frame_uint(assert_card(fx, "i:ana", "c2", "offered"),
                                   CD_F_OFFLINE), 1);
    agent_does(fx, CD_T_ACCEPT, "ana", "c2");

    /* and opens */
    ticks(fx, 4000000);
    assert_int_equal(cd_frame_uint(frame_find(fx, CHANGE_FLOW, "web",
                                              CD_T_FLOW), CD_F_OPEN), 1);
}


static void
test_priority(void **state)
{
    struct fixture  *fx = *state;

    visitor_starts(fx, "v0", "c0", NULL);       /* refused: no topic */
    starts(fx, "v1", "c1", "hidden", NULL, NULL);
    starts(fx, "v2", "c2", NULL, "topic=fire", NULL);
    agent_does(fx, CD_T_ONLINE, "eva", NULL);
    assert_card(fx, "i:eva", "c2", "offered");
}


/* A chat with ana in which she has written last. */

static void
chat(struct fixture *fx)
{
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    starts(fx, "v1", "c1", NULL, "topic=x", NULL);
    agent_does(fx, CD_T_ACCEPT, "ana", "c1");
    says(fx, "visitor", "v1", "c1", 3, "Hello");
}


static void
agent_says(struct fixture *fx, uint32_t n)
{
    struct cd_frame  frame;

    message_make(&frame, "agent", "ana", "c1", n, "Yes?");
    frame.at_ms = fx->now;
    apply(fx, &frame);
    fixture_flush(fx);
}


static void
test_silence(void **state)
{
    const struct cd_frame  *said;
    struct fixture         *fx = *state;

    chat(fx);
    ticks(fx, REMIND_MS);
    assert_null(frame_find(fx, CHANGE_STORED, "b:c1", CD_T_MESSAGE));

    agent_says(fx, 4);
    ticks(fx, REMIND_MS - 1);
    assert_null(frame_find(fx, CHANGE_STORED, "b:c1", CD_T_MESSAGE));
    ticks(fx, 1);
    said = frame_find(fx, CHANGE_STORED, "b:c1", CD_T_MESSAGE);
    assert_text(said, CD_F_TEXT, "There?");
    assert_text(said, CD_F_ROLE, "system");
    assert_text(said, CD_F_MID, "d1.1");

    ticks(fx, END_MS - 1);
    assert_null(frame_find(fx, CHANGE_STORED, "b:c1", CD_T_EVENT));
    ticks(fx, 1);
    assert_text(frame_find(fx, CHANGE_STORED, "b:c1", CD_T_MESSAGE),
                CD_F_TEXT, "Bye");
    assert_text(frame_find(fx, CHANGE_STORED, "b:c1", CD_T_EVENT), CD_F_WHY,
                "silent");
    assert_card(fx, "i:ana", "c1", "closed");
}


/* Who leaves while waiting keeps the place for the flow's time. */

static void
test_absent(void **state)
{
    struct fixture  *fx = *state;

    starts(fx, "v1", "c1", NULL, "topic=x", NULL);
    assert_text(frame_find(fx, CHANGE_REGISTER, "b:c1", CD_T_PHASE),
                CD_F_PHASE, "waiting");

    /* an absence that ends in time */
    visitor_does(fx, CD_T_OFFLINE, "v1", NULL);
    ticks(fx, CD_LIMIT_PRESENCE_GRACE_MS);
    ticks(fx, ABSENT_MS - 1);
    assert_null(frame_find(fx, CHANGE_STORED, "b:c1", CD_T_EVENT));
    visitor_does(fx, CD_T_ONLINE, "v1", NULL);
    ticks(fx, ABSENT_MS);
    assert_null(frame_find(fx, CHANGE_STORED, "b:c1", CD_T_EVENT));

    /* and one that does not */
    visitor_does(fx, CD_T_OFFLINE, "v1", NULL);
    ticks(fx, CD_LIMIT_PRESENCE_GRACE_MS);
    ticks(fx, ABSENT_MS - 1);
    assert_null(frame_find(fx, CHANGE_STORED, "b:c1", CD_T_EVENT));
    ticks(fx, 1);
    assert_text(frame_find(fx, CHANGE_STORED, "b:c1", CD_T_EVENT), CD_F_WHY,
                "gone");
}


/* A flow without words for it reminds all the same, and one without a reminder
   is none. */

static void
test_silence_words(void **state)
{
    const char                   *why = "";
    struct fixture               *fx = *state;
    struct flow_settings          flow = flows[0];
    struct desk_settings          settings = fixture_settings;
    static const struct words_settings  none[] = { { .lang = "" } };

    flow.words = none;
    flow.words_count = 1;
    settings.hours = hours;
    settings.hours_count = 1;
    settings.flows = &flow;
    settings.flow_count = 1;
    assert_int_equal(desk_reconfigure(fx->desk, &settings, fx->now,
                                      fx->changes, &why), 0);
    chat(fx);
    agent_says(fx, 4);
    ticks(fx, REMIND_MS);
    assert_text(frame_find(fx, CHANGE_STORED, "b:c1", CD_T_MESSAGE),
                CD_F_TEXT, "Are you still there?");
    ticks(fx, END_MS);
    assert_null(frame_find(fx, CHANGE_STORED, "b:c1", CD_T_MESSAGE));
    assert_text(frame_find(fx, CHANGE_STORED, "b:c1", CD_T_EVENT), CD_F_WHY,
                "silent");

    flow.remind_ms = 0;
    assert_int_equal(desk_check(&settings, &why), -1);
    assert_string_equal(why, "a flow ends silent chats without a reminder "
                             "before");
}


static void
test_janitor(void **state)
{
    struct fixture  *fx = *state;

    chat(fx);
    ticks(fx, JANITOR_MS - 1);
    assert_null(frame_find(fx, CHANGE_STORED, "b:c1", CD_T_EVENT));
    ticks(fx, 1);
    assert_text(frame_find(fx, CHANGE_STORED, "b:c1", CD_T_EVENT), CD_F_WHY,
                "inactive");

    /* a message that crosses the end is not lost */
    says(fx, "visitor", "v1", "c1", 9, "Wait!");
    assert_non_null(op_find(fx, CHANGE_REOPEN, "c1", 0));
    assert_text(frame_find(fx, CHANGE_STORED, "b:c1", CD_T_EVENT), CD_F_WHY,
                "reopened");
    assert_text(frame_find(fx, CHANGE_REGISTER, "i:ana", CD_T_CARD),
                CD_F_PREVIEW, "Wait!");
    assert_int_equal(cd_frame_uint(assert_card(fx, "i:ana", "c1", "offered"),
                                   CD_F_UNREAD), 1);
}


static void
test_again(void **state)
{
    struct fixture         *fx = *state;
    const struct cd_frame  *member;

    chat(fx);
    agent_does(fx, CD_T_END, "ana", "c1");
    assert_true(cd_str_is(op_find(fx, CHANGE_CLOSE, "c1", 0)->text[3],
                          "web"));
    agent_chooses(fx, "ana", "busy");

    starts(fx, "v1", "c1", NULL, NULL, "topic=x");
    assert_gone(fx, "i:ana", "c1", WHY_REOPENED);
    member = frame_find(fx, CHANGE_REGISTER, "b:c1", CD_T_PHASE);
    assert_text(member, CD_F_PHASE, "waiting");
    agent_does(fx, CD_T_ONLINE, "ben", NULL);
    assert_int_equal(cd_frame_uint(assert_card(fx, "i:ben", "c1", "offered"),
                                   CD_F_NUMBER), 2);
    assert_int_equal(cd_frame_uint(assert_card(fx, "i:ben", "c1", "offered"),
                                   CD_F_UNREAD), 0);

    /* somebody else's start does nothing to it */
    starts(fx, "v2", "c1", NULL, "topic=x", NULL);
    assert_nothing(fx);
}


/* Forgotten by the desk: Redis says who was in it. */

static void
test_again_forgotten(void **state)
{
    size_t            i, unset = 0, gone = 0;
    struct cd_frame   entry;
    struct fixture   *fx = *state;
    const struct op  *op;

    entry_make(&entry, CD_T_START, "visitor", "v1", "c1");
    put(&entry, CD_F_FORM, "topic=x");
    put(&entry, CD_F_MEMBERS, "ana,ex-agent");
    apply(fx, &entry);
    fixture_flush(fx);

    for (i = 0; i < fx->ops.count; i++) {
        op = &fx->ops.list[i];
        unset += op->code == CHANGE_CONV_UNSET;
        gone += op->code == CHANGE_REGISTER && op->has_frame
                && op->frame.type == CD_T_MEMBER
                && cd_frame_uint(&op->frame, CD_F_GONE);
    }

    /* membership and mark of each, and whether words pick */
    assert_int_equal(unset, 5);
    assert_int_equal(gone, 2);
    assert_text(frame_find(fx, CHANGE_STORED, "b:c1", CD_T_EVENT), CD_F_WHY,
                "reopened");
}


int
main(void)
{
#define FLOWS_TEST(f)                                                         \
    cmocka_unit_test_setup_teardown(f, flows_setup, fixture_teardown)

    const struct CMUnitTest  tests[] = {
        FLOWS_TEST(test_form),
        FLOWS_TEST(test_hours),
        FLOWS_TEST(test_priority),
        FLOWS_TEST(test_silence),
        FLOWS_TEST(test_absent),
        FLOWS_TEST(test_silence_words),
        FLOWS_TEST(test_janitor),
        FLOWS_TEST(test_again),
        FLOWS_TEST(test_again_forgotten)
    };

    return cmocka_run_group_tests_name("core_flows", tests, NULL, NULL);
}
