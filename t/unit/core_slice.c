/*
 * One chat from its start to its end, through every operation of the commit.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    start, offer, accept, message, mark, end, dismiss, as one path.
 * Owner:      the fixture.
 * Invariants: none of its own.
 */

#include "core_fixture.h"


static void
test_whole_chat(void **state)
{
    struct fixture         *fx = *state;
    const struct op        *op;
    const struct cd_frame  *frame;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    frame = frame_find(fx, CHANGE_REGISTER, "i:ana", CD_T_ME);
    assert_text(frame, CD_F_STATE, "available");
    assert_text(frame, CD_F_QUEUES, "Sales, Support");
    assert_int_equal(cd_frame_uint(frame, CD_F_CAPACITY), 2);

    visitor_starts(fx, "v1", "c1", NULL);
    assert_text(frame_find(fx, CHANGE_STORED, "b:c1", CD_T_EVENT),
                CD_F_WHAT, "opened");
    assert_text(frame_find(fx, CHANGE_REGISTER, "b:c1", CD_T_MEMBER),
                CD_F_NAME, "Vera");
    assert_text(frame_find(fx, CHANGE_REGISTER, "b:c1", CD_T_PHASE),
                CD_F_PHASE, "offered");
    frame = assert_card(fx, "i:ana", "c1", "offered");
    assert_int_equal(cd_frame_uint(frame, CD_F_NUMBER), 1);
    assert_int_equal(cd_frame_uint(frame, CD_F_EXPIRES), T0 + ACCEPT_MS);
    assert_int_equal(cd_frame_uint(frame, CD_F_ACCEPT_MS), ACCEPT_MS);
    assert_int_equal(cd_frame_uint(frame, CD_F_PRESENT), 1);
    assert_non_null(op_find(fx, CHANGE_PUT, "conv", 0));
    assert_non_null(op_find(fx, CHANGE_PUT, "desk", 0));

    agent_does(fx, CD_T_ACCEPT, "ana", "c1");
    op = op_find(fx, CHANGE_CONV_SET, "c1", 0);
    assert_non_null(op);
    assert_true(cd_str_is(op->text[1], "m:ana"));
    assert_true(cd_str_is(op->text[2], "a"));
    frame = frame_find(fx, CHANGE_STORED, "b:c1", CD_T_EVENT);
    assert_text(frame, CD_F_WHAT, "joined");
    assert_text(frame, CD_F_NAME, "Ana Lima");
    assert_text(frame_find(fx, CHANGE_REGISTER, "b:c1", CD_T_MEMBER),
                CD_F_WHO, "ana");
    assert_text(frame_find(fx, CHANGE_REGISTER, "b:c1", CD_T_PHASE),
                CD_F_PHASE, "active");
    assert_card(fx, "i:ana", "c1", "active");
    frame = frame_find(fx, CHANGE_REGISTER, "i:ana", CD_T_ME);
    assert_int_equal(cd_frame_uint(frame, CD_F_ACTIVE), 1);

    says(fx, "visitor", "v1", "c1", 5, "Good\nmorning");
    frame = assert_card(fx, "i:ana", "c1", "active");
    assert_int_equal(cd_frame_uint(frame, CD_F_UNREAD), 1);
    assert_int_equal(cd_frame_uint(frame, CD_F_CLIENT_AT), 5000);
    assert_text(frame, CD_F_PREVIEW, "Good morning");

    marks(fx, "ana", "c1", 5);
    frame = assert_card(fx, "i:ana", "c1", "active");
    assert_int_equal(cd_frame_uint(frame, CD_F_UNREAD), 0);

    says(fx, "agent", "ana", "c1", 7, "Hello");
    frame = assert_card(fx, "i:ana", "c1", "active");
    assert_int_equal(cd_frame_uint(frame, CD_F_UNREAD), 0);
    assert_int_equal(cd_frame_uint(frame, CD_F_REPLY_AT), 7000);

    visitor_does(fx, CD_T_END, "v1", "c1");
    frame = frame_find(fx, CHANGE_STORED, "b:c1", CD_T_EVENT);
    assert_text(frame, CD_F_WHAT, "ended");
    assert_text(frame, CD_F_ROLE, "visitor");
    frame = assert_card(fx, "i:ana", "c1", "closed");
    assert_text(frame, CD_F_CLOSED_BY, "visitor");
    op = op_find(fx, CHANGE_CLOSE, "c1", 0);
    assert_true(cd_str_is(op->text[1], "v1"));
    assert_int_equal(op->number[2], CD_LIMIT_CLOSED_KEEP_MS);

    agent_does(fx, CD_T_DISMISS, "ana", "c1");
    assert_gone(fx, "i:ana", "c1", WHY_DISMISSED);
    assert_non_null(op_find(fx, CHANGE_DROP, "conv", 0));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        FIXTURE_TEST(test_whole_chat)
    };

    return cmocka_run_group_tests_name("core_slice", tests, NULL, NULL);
}
