/*
 * Invitations and transfers.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    whom one may ask, what becomes of it, and who is told.
 * Owner:      each test.
 * Invariants: the visitor is never alone, and sees only who comes and goes.
 */

#include "core_fixture.h"

#define ASK_MS  CD_LIMIT_ASK_MS


static void
asks(struct fixture *fx, unsigned type, const char *who, const char *agent,
    const char *queue)
{
    struct cd_frame  frame;

    entry_make(&frame, type, "agent", who, "c1");
    put(&frame, CD_F_AGENT, agent);
    put(&frame, CD_F_QUEUE, queue);
    put(&frame, CD_F_NOTE, "a note");
    apply(fx, &frame);
    fixture_flush(fx);
}


/* Ana has c1; Ben and Eva are here. */

static void
begin(struct fixture *fx)
{
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    visitor_starts(fx, "v1", "c1", "sales");
    agent_does(fx, CD_T_ACCEPT, "ana", "c1");
    agent_does(fx, CD_T_ONLINE, "ben", NULL);
    agent_does(fx, CD_T_ONLINE, "eva", NULL);
}


static void
assert_returned(const struct fixture *fx, enum why why)
{
    const struct cd_frame  *event;

    event = frame_find(fx, CHANGE_STORED, "d:c1", CD_T_EVENT);
    assert_text(event, CD_F_WHAT, "returned");
    assert_text(event, CD_F_WHO, "ana");
    assert_text(event, CD_F_WHY, why_name(why));
    assert_null(op_find(fx, CHANGE_STORED, "b:c1", CD_T_EVENT));
}


static void
test_refused(void **state)
{
    size_t           i;
    struct fixture  *fx = *state;
    static const struct {
        const char *who;
        const char *agent;
        const char *queue;
        const char *code;
    } rows[] = {
        { "ben", "eva", NULL, "not_found" },        /* no member */
        { "ana", "nobody", NULL, "no_target" },
        { "ana", NULL, "nothing", "no_target" },
        { "ana", NULL, NULL, "no_target" },
        { "ana", "ana", NULL, "not_free" }
    };

    begin(fx);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        asks(fx, CD_T_INVITE, rows[i].who, rows[i].agent, rows[i].queue);
        assert_refused(fx, rows[i].code);
    }

    agent_chooses(fx, "ben", "busy");
    asks(fx, CD_T_TRANSFER, "ana", "ben", NULL);
    assert_refused(fx, "not_free");
}


static void
test_invited(void **state)
{
    struct fixture         *fx = *state;
    const struct cd_frame  *card;

    begin(fx);
    asks(fx, CD_T_INVITE, "ana", "ben", NULL);
    card = assert_card(fx, "i:ben", "c1", "offered");
    assert_text(card, CD_F_ASK, "invite");
    assert_text(card, CD_F_FROM, "ana");
    assert_text(card, CD_F_NOTE, "a note");
    card = assert_card(fx, "i:ana", "c1", "active");
    assert_text(card, CD_F_ASKED, "Ben");
    assert_text(frame_find(fx, CHANGE_STORED, "d:c1", CD_T_EVENT), CD_F_WHAT,
                "invited");
    assert_null(op_find(fx, CHANGE_STORED, "b:c1", CD_T_EVENT));
    assert_null(op_find(fx, CHANGE_REGISTER, "b:c1", 0));

    /* once more is not twice; another one is */
    asks(fx, CD_T_INVITE, "ana", "ben", NULL);
    assert_nothing(fx);
    asks(fx, CD_T_INVITE, "ana", "eva", NULL);
    assert_refused(fx, "ask_open");

    agent_does(fx, CD_T_ACCEPT, "ben", "c1");
    assert_text(frame_find(fx, CHANGE_STORED, "b:c1", CD_T_EVENT), CD_F_WHO,
                "ben");
    assert_non_null(op_find(fx, CHANGE_CONV_SET, "c1", 0));

    /* either may leave, not both */
    agent_does(fx, CD_T_LEAVE, "ana", "c1");
    assert_gone(fx, "i:ana", "c1", WHY_LEFT);
    assert_non_null(op_find(fx, CHANGE_CONV_UNSET, "c1", 0));
    assert_int_equal(cd_frame_uint(frame_find(fx, CHANGE_REGISTER, "b:c1",
                                              CD_T_MEMBER), CD_F_GONE), 1);
    agent_does(fx, CD_T_LEAVE, "ben", "c1");
    assert_refused(fx, "last_agent");
    agent_does(fx, CD_T_LEAVE, "ana", "c1");
    assert_refused(fx, "not_found");
}


static void
test_returned(void **state)
{
    struct fixture  *fx = *state;

    begin(fx);
    asks(fx, CD_T_TRANSFER, "ana", "ben", NULL);
    agent_does(fx, CD_T_REJECT, "ben", "c1");
    assert_gone(fx, "i:ben", "c1", WHY_REJECTED);
    assert_returned(fx, WHY_REJECTED);

    asks(fx, CD_T_TRANSFER, "ana", "ben", NULL);
    ticks(fx, ACCEPT_MS);
    assert_returned(fx, WHY_MISSED);

    asks(fx, CD_T_TRANSFER, "ana", "ben", NULL);
    agent_chooses(fx, "ben", "away");
    assert_returned(fx, WHY_WITHDRAWN);
    agent_chooses(fx, "ben", "available");

    /* the source takes it back, a stranger does not */
    asks(fx, CD_T_TRANSFER, "ana", "ben", NULL);
    agent_does(fx, CD_T_REJECT, "eva", "c1");
    assert_refused(fx, "offer_gone");
    agent_does(fx, CD_T_REJECT, "ana", "c1");
    assert_gone(fx, "i:ben", "c1", WHY_WITHDRAWN);
    assert_returned(fx, WHY_WITHDRAWN);
    assert_card(fx, "i:ana", "c1", "active");
}


static void
test_queue(void **state)
{
    struct fixture  *fx = *state;

    begin(fx);

    /* eva does not serve sales: ben; the one who refuses is not asked again
       while another one is there */
    asks(fx, CD_T_TRANSFER, "ana", NULL, "support");
    assert_card(fx, "i:ben", "c1", "offered");
    agent_does(fx, CD_T_REJECT, "ben", "c1");
    assert_card(fx, "i:eva", "c1", "offered");
    assert_null(op_find(fx, CHANGE_STORED, "d:c1", CD_T_EVENT));
    ticks(fx, ACCEPT_MS);
    assert_gone(fx, "i:eva", "c1", WHY_MISSED);
    assert_card(fx, "i:ben", "c1", "offered");

    agent_does(fx, CD_T_ACCEPT, "ben", "c1");
    assert_gone(fx, "i:ana", "c1", WHY_HANDED);
    assert_text(frame_find(fx, CHANGE_REGISTER, "b:c1", CD_T_PHASE),
                CD_F_QUEUE, "Support");
    agent_does(fx, CD_T_END, "ana", "c1");
    assert_refused(fx, "not_found");
    agent_does(fx, CD_T_END, "ben", "c1");
    assert_non_null(op_find(fx, CHANGE_CLOSE, "c1", 0));
}


static void
test_nobody(void **state)
{
    struct fixture  *fx = *state;

    begin(fx);
    agent_chooses(fx, "ben", "busy");
    agent_chooses(fx, "eva", "busy");
    asks(fx, CD_T_INVITE, "ana", NULL, "support");
    assert_int_equal(rules_deadline(fx), fx->now + ASK_MS);

    /* a free agent is asked at once, for no longer than is left */
    fx->now += ASK_MS - 5000;
    agent_chooses(fx, "eva", "available");
    assert_int_equal(cd_frame_uint(assert_card(fx, "i:eva", "c1", "offered"),
                                   CD_F_ACCEPT_MS), 5000);
    ticks(fx, 5000);
    assert_returned(fx, WHY_NOBODY);
    assert_gone(fx, "i:eva", "c1", WHY_MISSED);

    asks(fx, CD_T_INVITE, "ana", NULL, "sales");
    ticks(fx, ASK_MS);
    assert_returned(fx, WHY_NOBODY);
}


/* What ends the conversation, or the source's part in it, ends the ask. */

static void
test_ends(void **state)
{
    struct fixture  *fx = *state;

    begin(fx);
    asks(fx, CD_T_INVITE, "ana", "eva", NULL);
    agent_does(fx, CD_T_ACCEPT, "eva", "c1");
    asks(fx, CD_T_INVITE, "ana", "ben", NULL);
    agent_does(fx, CD_T_LEAVE, "ana", "c1");
    assert_gone(fx, "i:ben", "c1", WHY_WITHDRAWN);

    asks(fx, CD_T_INVITE, "eva", NULL, "sales");
    visitor_does(fx, CD_T_END, "v1", "c1");
    assert_card(fx, "i:eva", "c1", "closed");
    agent_does(fx, CD_T_ACCEPT, "ben", "c1");
    assert_refused(fx, "offer_gone");
    ticks(fx, ASK_MS);
    assert_null(op_find(fx, CHANGE_STORED, "d:c1", CD_T_EVENT));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        FIXTURE_TEST(test_refused),
        FIXTURE_TEST(test_invited),
        FIXTURE_TEST(test_returned),
        FIXTURE_TEST(test_queue),
        FIXTURE_TEST(test_nobody),
        FIXTURE_TEST(test_ends)
    };

    return cmocka_run_group_tests_name("core_ask", tests, NULL, NULL);
}
