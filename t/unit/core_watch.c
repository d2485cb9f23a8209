/*
 * Supervisors and the raised hand; wrap-up; agents who vanish, miss or idle.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    who may look, who may come in, and what stays of an agent.
 * Owner:      each test.
 * Invariants: nothing of one who watches is published on a side.
 */

#include "core_fixture.h"

#define WRAPUP_MS  30000
#define IDLE_MS    80000


/* Ana has c1; ben is a supervisor. */

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
test_rank(void **state)
{
    size_t           i;
    struct fixture  *fx = *state;
    static const unsigned  verbs[] = {
        CD_T_MONITOR, CD_T_BARGE, CD_T_TAKEOVER
    };

    begin(fx);

    for (i = 0; i < 3; i++) {
        agent_does(fx, verbs[i], "eva", "c1");
        assert_refused(fx, "forbidden");
        agent_does(fx, verbs[i], "ben", "c9");
        assert_refused(fx, "not_found");
        visitor_does(fx, verbs[i], "v1", "c1");
        assert_refused(fx, "forbidden");
    }

    visitor_does(fx, CD_T_END, "v1", "c1");
    agent_does(fx, CD_T_MONITOR, "ben", "c1");
    assert_refused(fx, "closed");
}


static void
test_monitor(void **state)
{
    struct fixture         *fx = *state;
    const struct op        *op;
    const struct cd_frame  *card;

    begin(fx);
    agent_does(fx, CD_T_MONITOR, "ben", "c1");
    op = op_find(fx, CHANGE_CONV_SET, "c1", 0);
    assert_non_null(op);
    assert_true(cd_str_is(op->text[2], "o"));
    assert_non_null(op_find(fx, CHANGE_AUDIT, "ben", 0));
    card = assert_card(fx, "i:ben", "c1", "active");
    assert_text(card, CD_F_SEAT, "observer");
    assert_null(op_find(fx, CHANGE_REGISTER, "b:c1", 0));
    assert_null(op_find(fx, CHANGE_STORED, "b:c1", 0));
    assert_null(op_find(fx, CHANGE_STORED, "d:c1", 0));
    assert_null(op_find(fx, CHANGE_REGISTER, "i:ben", CD_T_ME));

    /* twice is once; no member, so no end */
    agent_does(fx, CD_T_MONITOR, "ben", "c1");
    assert_nothing(fx);
    agent_does(fx, CD_T_END, "ben", "c1");
    assert_refused(fx, "not_found");
    agent_does(fx, CD_T_DISMISS, "ben", "c1");
    assert_refused(fx, "not_found");

    visitor_does(fx, CD_T_END, "v1", "c1");
    assert_gone(fx, "i:ben", "c1", WHY_OVER);
    assert_non_null(op_find(fx, CHANGE_CONV_UNSET, "c1", 0));
}


static void
test_takeover(void **state)
{
    struct fixture   *fx = *state;
    const struct op  *op;

    begin(fx);
    agent_does(fx, CD_T_BARGE, "ben", "c1");
    assert_non_null(op_find(fx, CHANGE_AUDIT, "ben", 0));
    assert_text(frame_find(fx, CHANGE_STORED, "b:c1", CD_T_EVENT), CD_F_WHO,
                "ben");
    agent_does(fx, CD_T_TAKEOVER, "ben", "c1");
    assert_gone(fx, "i:ana", "c1", WHY_TAKEN);
    op = op_find(fx, CHANGE_AUDIT, "ben", 0);
    assert_non_null(op);
    assert_true(cd_str_is(op->text[1], "takeover"));

    /* there is nobody left to take it from */
    agent_does(fx, CD_T_TAKEOVER, "ben", "c1");
    assert_nothing(fx);
    agent_does(fx, CD_T_END, "ben", "c1");
    assert_card(fx, "i:ben", "c1", "closed");

    agent_chooses(fx, "ana", "away");
    agent_chooses(fx, "ben", "away");
    visitor_starts(fx, "v2", "c2", "sales");
    agent_does(fx, CD_T_TAKEOVER, "ben", "c2");
    assert_refused(fx, "not_active");
}


static void
test_hand(void **state)
{
    struct cd_frame  frame;
    struct fixture  *fx = *state;

    begin(fx);
    entry_make(&frame, CD_T_HAND, "agent", "ana", "c1");
    cd_frame_set_uint(&frame, CD_F_ON, 1);
    apply(fx, &frame);
    fixture_flush(fx);
    assert_int_equal(cd_frame_uint(assert_card(fx, "i:ana", "c1", "active"),
                                   CD_F_HAND), 1);
    assert_text(frame_find(fx, CHANGE_STORED, "d:c1", CD_T_EVENT), CD_F_WHAT,
                "hand_up");
    assert_null(op_find(fx, CHANGE_STORED, "b:c1", 0));
    apply(fx, &frame);
    fixture_flush(fx);
    assert_nothing(fx);
    agent_does(fx, CD_T_HAND, "eva", "c1");
    assert_refused(fx, "not_found");
}


/* The desk of the fixture with other rules. */

static void
configure(struct fixture *fx, struct desk_settings *settings)
{
    const char  *why = "";

    desk_free(&fx->desk);
    fx->desk = desk_new();

    if (desk_configure(fx->desk, settings, &why) != 0) {
        fail_msg("%s", why);
    }
}


static void
test_wrapup(void **state)
{
    struct cd_frame         frame;
    struct fixture         *fx = *state;
    const struct cd_frame  *card;
    struct queue_settings   queues[2];
    struct desk_settings    settings = fixture_settings;
    static const struct disposition_settings  list[] = {
        { "solved", "Solved" }, { "spam", "No chat" }
    };

    memcpy(queues, fixture_queues, sizeof(queues));
    queues[0].wrapup_ms = WRAPUP_MS;
    queues[0].dispositions = list;
    queues[0].disposition_count = 2;
    settings.queues = queues;
    configure(fx, &settings);

    begin(fx);
    visitor_does(fx, CD_T_END, "v1", "c1");
    card = assert_card(fx, "i:ana", "c1", "wrapup");
    assert_int_equal(cd_frame_uint(card, CD_F_EXPIRES), fx->now + WRAPUP_MS);
    assert_text(card, CD_F_DISPOSITIONS, "solved=Solved, spam=No chat");
    assert_text(frame_find(fx, CHANGE_REGISTER, "b:c1", CD_T_PHASE),
                CD_F_PHASE, "closed");
    assert_non_null(op_find(fx, CHANGE_CLOSE, "c1", 0));

    entry_make(&frame, CD_T_WRAP, "agent", "ana", "c1");
    put(&frame, CD_F_DISPOSITION, "sol");
    apply(fx, &frame);
    fixture_flush(fx);
    assert_refused(fx, "not_listed");
    put(&frame, CD_F_DISPOSITION, "spam");
    put(&frame, CD_F_TAGS, "a, b");
    apply(fx, &frame);
    fixture_flush(fx);
    card = assert_card(fx, "i:ana", "c1", "closed");
    assert_text(card, CD_F_DISPOSITION, "spam");
    assert_text(card, CD_F_TAGS, "a, b");
    assert_null(op_find(fx, CHANGE_REGISTER, "b:c1", 0));

    agent_does(fx, CD_T_DISMISS, "ana", "c1");
    assert_gone(fx, "i:ana", "c1", WHY_DISMISSED);

    /* the time runs out; the card stays until it can no longer be read */
    visitor_starts(fx, "v2", "c2", "sales");
    agent_does(fx, CD_T_ACCEPT, "ana", "c2");
    agent_does(fx, CD_T_END, "ana", "c2");
    assert_card(fx, "i:ana", "c2", "wrapup");
    ticks(fx, WRAPUP_MS);
    assert_card(fx, "i:ana", "c2", "closed");
    ticks(fx, CD_LIMIT_CLOSED_KEEP_MS - WRAPUP_MS);
    assert_gone(fx, "i:ana", "c2", WHY_EXPIRED);
}


/* Ana vanishes: offers go at once, chats after the second grace. */

static void
test_vanished(void **state)
{
    struct fixture  *fx = *state;

    begin(fx);
    agent_chooses(fx, "ben", "busy");
    agent_does(fx, CD_T_OFFLINE, "ana", NULL);
    ticks(fx, CD_LIMIT_PRESENCE_GRACE_MS);
    assert_null(op_find(fx, CHANGE_UNREGISTER, "i:ana", CD_T_CARD_GONE));

    /* back in time: nothing is lost */
    fx->now += CD_LIMIT_GRACE_MS - 1;
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    ticks(fx, CD_LIMIT_GRACE_MS);
    assert_null(op_find(fx, CHANGE_UNREGISTER, "i:ana", CD_T_CARD_GONE));

    agent_does(fx, CD_T_OFFLINE, "ana", NULL);
    ticks(fx, CD_LIMIT_PRESENCE_GRACE_MS);
    visitor_starts(fx, "v2", "c2", "sales");
    ticks(fx, CD_LIMIT_GRACE_MS);
    assert_gone(fx, "i:ana", "c1", WHY_LOST);
    assert_text(frame_find(fx, CHANGE_REGISTER, "b:c1", CD_T_PHASE),
                CD_F_PHASE, "waiting");

    /* at its old place: before c2 */
    agent_chooses(fx, "ben", "available");
    agent_does(fx, CD_T_REJECT, "ben", "c2");
    agent_does(fx, CD_T_ACCEPT, "ben", "c1");
    assert_card(fx, "i:ben", "c1", "active");
}


/* Another agent stays: only the one who vanished leaves. */

static void
test_vanished_from_two(void **state)
{
    struct fixture  *fx = *state;

    begin(fx);
    agent_does(fx, CD_T_BARGE, "ben", "c1");
    agent_does(fx, CD_T_OFFLINE, "ana", NULL);
    ticks(fx, CD_LIMIT_PRESENCE_GRACE_MS);
    ticks(fx, CD_LIMIT_GRACE_MS);
    assert_gone(fx, "i:ana", "c1", WHY_LOST);
    assert_null(op_find(fx, CHANGE_REGISTER, "b:c1", CD_T_PHASE));
}


static void
test_missed_and_idle(void **state)
{
    struct fixture           *fx = *state;
    struct profile_settings   profiles[2];
    struct desk_settings      settings = fixture_settings;

    memcpy(profiles, fixture_profiles, sizeof(profiles));
    profiles[0].missed_limit = 2;
    profiles[0].idle_ms = IDLE_MS;
    settings.profiles = profiles;
    configure(fx, &settings);

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    visitor_starts(fx, "v1", "c1", "sales");
    ticks(fx, ACCEPT_MS);
    assert_null(op_find(fx, CHANGE_REGISTER, "i:ana", CD_T_ME));
    ticks(fx, CD_LIMIT_REOFFER_MS);
    ticks(fx, ACCEPT_MS);
    assert_text(frame_find(fx, CHANGE_REGISTER, "i:ana", CD_T_ME), CD_F_WHY,
                "missed");
    agent_chooses(fx, "ana", "available");
    assert_false(cd_frame_has(frame_find(fx, CHANGE_REGISTER, "i:ana",
                                         CD_T_ME), CD_F_WHY));

    /* a deed moves the time on */
    ticks(fx, CD_LIMIT_REOFFER_MS);
    agent_does(fx, CD_T_ACCEPT, "ana", "c1");
    fx->now += IDLE_MS / 2;
    says(fx, "agent", "ana", "c1", 9, "still here");
    ticks(fx, IDLE_MS - 1);
    assert_null(op_find(fx, CHANGE_REGISTER, "i:ana", CD_T_ME));
    ticks(fx, 1);
    assert_text(frame_find(fx, CHANGE_REGISTER, "i:ana", CD_T_ME), CD_F_WHY,
                "idle");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        FIXTURE_TEST(test_rank),
        FIXTURE_TEST(test_monitor),
        FIXTURE_TEST(test_takeover),
        FIXTURE_TEST(test_hand),
        FIXTURE_TEST(test_wrapup),
        FIXTURE_TEST(test_vanished),
        FIXTURE_TEST(test_vanished_from_two),
        FIXTURE_TEST(test_missed_and_idle)
    };

    return cmocka_run_group_tests_name("core_watch", tests, NULL, NULL);
}
