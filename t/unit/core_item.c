/*
 * Work items, and why an agent is or is not asked.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    an item is offered, refused, cancelled and done as a chat is;
 *             each reason of `why` by itself.
 * Owner:      the fixture.
 * Invariants: none of its own.
 *
 * proves: I10 I22
 */

#include "core_fixture.h"

#include "core/explain.h"
#include "core/item.h"


static void
item_does(struct fixture *fx, unsigned type, const char *conv,
    const char *queue, const char *link)
{
    struct cd_frame  frame;

    entry_make(&frame, type, "system", "robot", conv);

    if (type == CD_T_ITEM) {
        put(&frame, CD_F_KIND, "case");
        put(&frame, CD_F_TITLE, "A case");
        put(&frame, CD_F_LINK, link);
        put(&frame, CD_F_QUEUE, queue);
        cd_frame_set_uint(&frame, CD_F_PRIORITY, 2);
    }

    apply(fx, &frame);
    fixture_flush(fx);
}


static const char *
why_not(struct fixture *fx, const char *conv, const char *login)
{
    return explain_name(explain_agent(
        conversation_find(&fx->desk->conversations, str_of(conv)),
        agent_find(&fx->desk->agents, str_of(login)), fx->now));
}


static void
test_link(void **state)
{
    size_t  i;
    char    big[1100];
    static const struct {
        const char *link;
        int         good;
    } links[] = {
        { "https://a", 1 }, { "https://cases.example:8443/7?a=b#c", 1 },
        { "", 0 }, { "https://", 0 }, { "https:///x", 0 },
        { "https://?x", 0 }, { "http://a/", 0 }, { "HTTPS://a/", 0 },
        { "javascript:alert(1)", 0 }, { "https://a/ b", 0 },
        { "https://a/\n", 0 }, { "https://a/\xc3\xa9", 0 },
        { "https://a/\"", 0 }, { "https://a/<b>", 0 },
        { "https://ana:secret@a/", 0 }, { "https://ana@a", 0 },
        { "https://a/@b", 1 }
    };

    (void) state;

    for (i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        if (item_link_ok(str_of(links[i].link)) != links[i].good) {
            fail_msg("%s", links[i].link);
        }
    }

    memset(big, 'a', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    memcpy(big, "https://", 8);
    assert_false(item_link_ok(str_of(big)));
    big[1024] = '\0';
    assert_true(item_link_ok(str_of(big)));
}


static void
test_life(void **state)
{
    struct fixture         *fx = *state;
    const struct cd_frame  *card;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    item_does(fx, CD_T_ITEM, "i1", "sales", "https://cases.example/1");
    assert_non_null(op_find(fx, CHANGE_OPEN, "i1", 0));
    card = assert_card(fx, "i:ana", "i1", "offered");
    assert_text(card, CD_F_KIND, "case");
    assert_text(card, CD_F_NAME, "A case");
    assert_text(card, CD_F_LINK, "https://cases.example/1");
    assert_text(card, CD_F_CHANNEL, "item");
    assert_int_equal(cd_frame_uint(card, CD_F_PRIORITY), 2);
    assert_false(cd_frame_has(card, CD_F_FLOW));

    item_does(fx, CD_T_ITEM, "i1", "sales", NULL);
    assert_nothing(fx);

    ticks(fx, ACCEPT_MS);
    assert_gone(fx, "i:ana", "i1", WHY_MISSED);
    ticks(fx, CD_LIMIT_REOFFER_MS);
    agent_does(fx, CD_T_ACCEPT, "ana", "i1");
    assert_card(fx, "i:ana", "i1", "active");
    assert_int_equal(rules_deadline(fx), UINT64_MAX);   /* no janitor */
    agent_does(fx, CD_T_END, "ana", "i1");
    assert_card(fx, "i:ana", "i1", "closed");
    assert_text(frame_find(fx, CHANGE_STORED, "b:i1", CD_T_EVENT),
                CD_F_WHAT, "ended");
    agent_does(fx, CD_T_DISMISS, "ana", "i1");
    assert_gone(fx, "i:ana", "i1", WHY_DISMISSED);
}


static void
test_cancel(void **state)
{
    struct fixture  *fx = *state;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    item_does(fx, CD_T_ITEM, "i1", "sales", NULL);
    item_does(fx, CD_T_ITEM_CANCEL, "i1", NULL, NULL);
    assert_gone(fx, "i:ana", "i1", WHY_WITHDRAWN);

    item_does(fx, CD_T_ITEM, "i2", "sales", NULL);
    agent_does(fx, CD_T_ACCEPT, "ana", "i2");
    item_does(fx, CD_T_ITEM_CANCEL, "i2", NULL, NULL);
    assert_text(assert_card(fx, "i:ana", "i2", "closed"), CD_F_CLOSED_BY,
                "system");
    item_does(fx, CD_T_ITEM_CANCEL, "i2", NULL, NULL);
    assert_nothing(fx);

    visitor_starts(fx, "v1", "c1", "sales");
    item_does(fx, CD_T_ITEM_CANCEL, "c1", NULL, NULL);
    assert_refused(fx, "not_found");
    agent_does(fx, CD_T_ITEM_CANCEL, "ana", "i2");
    assert_refused(fx, "not_found");
}


static void
test_refused(void **state)
{
    struct fixture  *fx = *state;

    item_does(fx, CD_T_ITEM, "i1", "none", NULL);
    assert_refused(fx, "no_target");
    item_does(fx, CD_T_ITEM, "i1", "sales", "http://a/");
    assert_refused(fx, "bad_request");
    agent_does(fx, CD_T_ITEM, "ana", "i1");
    assert_refused(fx, "bad_request");
    assert_null(conversation_find(&fx->desk->conversations, str_of("i1")));
}


static void
test_why(void **state)
{
    struct agent    *ana;
    struct fixture  *fx = *state;

    item_does(fx, CD_T_ITEM, "i1", "sales", NULL);
    assert_string_equal(why_not(fx, "i1", "ana"), "offline");
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    assert_string_equal(why_not(fx, "i1", "ana"), "is_in");
    agent_does(fx, CD_T_REJECT, "ana", "i1");
    assert_string_equal(why_not(fx, "i1", "ana"), "refused");
    ticks(fx, CD_LIMIT_REOFFER_MS);
    agent_does(fx, CD_T_ACCEPT, "ana", "i1");

    item_does(fx, CD_T_ITEM, "i2", "sales", NULL);
    agent_does(fx, CD_T_ACCEPT, "ana", "i2");
    item_does(fx, CD_T_ITEM, "i3", "sales", NULL);
    assert_string_equal(why_not(fx, "i3", "ana"), "capacity");

    ana = agent_find(&fx->desk->agents, str_of("ana"));
    ana->profile->capacity = 5;
    ana->profile->channel_capacity[CHANNEL_ITEM] = 2;
    assert_string_equal(why_not(fx, "i3", "ana"), "channel");
    ana->profile->channel_capacity[CHANNEL_ITEM] = 3;
    assert_string_equal(why_not(fx, "i3", "ana"), "free");
    ana->profile->capacity = 2;
    agent_chooses(fx, "ana", "busy");
    assert_string_equal(why_not(fx, "i3", "ana"), "state");
    assert_true(explain_serves(ana, queue_find(&fx->desk->queues, "sales")));
    assert_false(explain_serves(agent_find(&fx->desk->agents, str_of("eva")),
                                queue_find(&fx->desk->queues, "sales")));
}


/* What the last offer went by, and whose word the queue was. */

static void
test_chosen(void **state)
{
    struct fixture       *fx = *state;
    struct conversation  *conversation;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    agent_does(fx, CD_T_ONLINE, "ben", NULL);
    fx->now += 3000;
    visitor_starts(fx, "v1", "c1", "sales");
    conversation = conversation_find(&fx->desk->conversations, str_of("c1"));
    assert_string_equal(explain_routed(conversation->routed), "visitor");
    assert_string_equal(conversation->chosen->id.s, "ana");
    assert_int_equal(conversation->choice.idle_ms, 3000);
    assert_int_equal(conversation->choice.place, 1);

    fx->now += 2000;
    agent_does(fx, CD_T_REJECT, "ana", "c1");
    assert_string_equal(conversation->chosen->id.s, "ben");
    assert_int_equal(conversation->choice.passed, 1);
    assert_int_equal(conversation->choice.waited_ms, 2000);

    item_does(fx, CD_T_ITEM, "i1", "support", NULL);
    conversation = conversation_find(&fx->desk->conversations, str_of("i1"));
    assert_string_equal(explain_routed(conversation->routed), "item");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_link),
        FIXTURE_TEST(test_life),
        FIXTURE_TEST(test_cancel),
        FIXTURE_TEST(test_refused),
        FIXTURE_TEST(test_why),
        FIXTURE_TEST(test_chosen)
    };

    return cmocka_run_group_tests_name("core_item", tests, NULL, NULL);
}
