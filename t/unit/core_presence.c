/*
 * Who is there.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    sessions, the grace, nodes that go, the state that an agent
 *             chooses, and what the others see of it.
 * Owner:      the fixture.
 * Invariants: none of its own.
 */

#include "core_fixture.h"

#define GRACE  CD_LIMIT_PRESENCE_GRACE_MS


/* One chat between v1 and ana, accepted. */

static void
chat(struct fixture *fx)
{
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    visitor_starts(fx, "v1", "c1", NULL);
    agent_does(fx, CD_T_ACCEPT, "ana", "c1");
}


static void
session_does(struct fixture *fx, unsigned type, const char *role,
    const char *who, const char *session, const char *node)
{
    struct cd_frame  entry;

    entry_make(&entry, type, role, who, NULL);
    put(&entry, CD_F_SESSION, session);
    put(&entry, CD_F_NODE, node);
    apply(fx, &entry);
    fixture_flush(fx);
}


static void
assert_visitor(struct fixture *fx, uint64_t present)
{
    const struct cd_frame  *frame;

    frame = frame_find(fx, CHANGE_REGISTER, "d:c1", CD_T_MEMBER);
    assert_text(frame, CD_F_WHO, "v1");
    assert_int_equal(cd_frame_uint(frame, CD_F_PRESENT), present);

    /* the visitor's own side has no use for it */
    assert_null(op_find(fx, CHANGE_REGISTER, "b:c1", CD_T_MEMBER));
    assert_null(op_find(fx, CHANGE_REGISTER, "v:c1", CD_T_MEMBER));

    frame = assert_card(fx, "i:ana", "c1", "active");
    assert_int_equal(cd_frame_uint(frame, CD_F_PRESENT), present);
}


static void
test_visitor_dot(void **state)
{
    struct fixture  *fx = *state;

    chat(fx);
    visitor_does(fx, CD_T_OFFLINE, "v1", NULL);
    assert_null(op_find(fx, CHANGE_REGISTER, "d:c1", 0));
    assert_int_equal(rules_deadline(fx), fx->now + GRACE);

    ticks(fx, GRACE - 1);
    assert_nothing(fx);
    ticks(fx, 1);
    assert_visitor(fx, 0);

    visitor_does(fx, CD_T_ONLINE, "v1", "c1");
    assert_visitor(fx, 1);
}


/* A reload of the page within the grace is seen by nobody. */

static void
test_flapping(void **state)
{
    struct fixture  *fx = *state;

    chat(fx);
    visitor_does(fx, CD_T_OFFLINE, "v1", NULL);
    fx->now += GRACE - 1;
    session_does(fx, CD_T_ONLINE, "visitor", "v1", "s2", "n1");
    assert_null(op_find(fx, CHANGE_REGISTER, "d:c1", 0));
    ticks(fx, GRACE);
    assert_nothing(fx);
}


static void
test_two_sessions(void **state)
{
    struct fixture  *fx = *state;

    chat(fx);
    session_does(fx, CD_T_ONLINE, "visitor", "v1", "s2", "n1");
    session_does(fx, CD_T_ONLINE, "visitor", "v1", "s2", "n1");
    visitor_does(fx, CD_T_OFFLINE, "v1", NULL);
    assert_nothing(fx);
    visitor_does(fx, CD_T_OFFLINE, "v1", NULL);
    assert_nothing(fx);

    session_does(fx, CD_T_OFFLINE, "visitor", "v1", "s2", "n1");
    ticks(fx, GRACE);
    assert_visitor(fx, 0);
}


static void
test_node_gone(void **state)
{
    struct fixture  *fx = *state;

    chat(fx);
    session_does(fx, CD_T_ONLINE, "visitor", "v1", "s2", "n2");
    session_does(fx, CD_T_ONLINE, "visitor", "v2", "s3", "n2");

    desk_node_gone(fx->desk, "n2", fx->now, fx->changes);
    fixture_flush(fx);
    assert_non_null(op_find(fx, CHANGE_OFFLINE, "s2", 0));
    assert_non_null(op_find(fx, CHANGE_OFFLINE, "s3", 0));
    assert_non_null(op_find(fx, CHANGE_NODE_GONE, "n2", 0));
    ticks(fx, GRACE);
    assert_nothing(fx);             /* v1 has a session on n1 */

    desk_node_gone(fx->desk, "n1", fx->now, fx->changes);
    fixture_flush(fx);
    assert_non_null(op_find(fx, CHANGE_OFFLINE, "s-v1", 0));
    assert_non_null(op_find(fx, CHANGE_OFFLINE, "s-ana", 0));
    ticks(fx, GRACE);
    assert_text(frame_find(fx, CHANGE_REGISTER, "d:c1", CD_T_MEMBER),
                CD_F_WHO, "v1");

    /* a node of which nothing is known goes from Redis all the same */
    desk_node_gone(fx->desk, "n9", fx->now, fx->changes);
    fixture_flush(fx);
    assert_non_null(op_find(fx, CHANGE_NODE_GONE, "n9", 0));
    assert_int_equal(fx->ops.count, 1);
}


/* An agent who goes keeps the chats; offers go back after the grace. */

static void
test_agent_goes(void **state)
{
    struct fixture         *fx = *state;
    const struct cd_frame  *frame;

    chat(fx);
    visitor_starts(fx, "v2", "c2", NULL);
    assert_card(fx, "i:ana", "c2", "offered");
    agent_does(fx, CD_T_OFFLINE, "ana", NULL);

    /* no new offers from now on */
    visitor_starts(fx, "v3", "c3", NULL);
    assert_null(op_find(fx, CHANGE_REGISTER, "i:ana", CD_T_CARD));

    ticks(fx, GRACE);
    assert_gone(fx, "i:ana", "c2", WHY_WITHDRAWN);
    frame = frame_find(fx, CHANGE_REGISTER, "b:c1", CD_T_MEMBER);
    assert_text(frame, CD_F_WHO, "ana");
    assert_int_equal(cd_frame_uint(frame, CD_F_PRESENT), 0);
    frame = frame_find(fx, CHANGE_REGISTER, "i:ana", CD_T_ME);
    assert_text(frame, CD_F_STATE, "offline");
    assert_int_equal(cd_frame_uint(frame, CD_F_ACTIVE), 1);

    /* back: one place is left, the oldest takes it */
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    assert_card(fx, "i:ana", "c2", "offered");
    frame = frame_find(fx, CHANGE_REGISTER, "b:c1", CD_T_MEMBER);
    assert_int_equal(cd_frame_uint(frame, CD_F_PRESENT), 1);
}


static void
test_choose(void **state)
{
    size_t           i;
    struct cd_frame  entry;
    struct fixture  *fx = *state;
    const struct {
        const char *role;
        const char *who;
        const char *chooses;
        const char *refused;        /* NULL: taken */
    } rows[] = {
        { "agent", "ana", "busy", NULL },
        { "agent", "ana", "away", NULL },
        { "agent", "ana", "available", NULL },
        { "agent", "ana", "offline", "no_state" },
        { "agent", "ana", "asleep", "no_state" },
        { "agent", "ana", "", "no_state" },
        { "agent", "nobody", "busy", "forbidden" },
        { "visitor", "ana", "busy", "forbidden" }
    };

    agent_does(fx, CD_T_ONLINE, "ana", NULL);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        entry_make(&entry, CD_T_PRESENCE, rows[i].role, rows[i].who, NULL);
        put(&entry, CD_F_STATE, rows[i].chooses);
        apply(fx, &entry);
        fixture_flush(fx);

        if (rows[i].refused != NULL) {
            assert_refused(fx, rows[i].refused);
            assert_int_equal(fx->ops.count, 1);
            continue;
        }

        assert_text(frame_find(fx, CHANGE_REGISTER, "i:ana", CD_T_ME),
                    CD_F_STATE, rows[i].chooses);
    }
}


/* The choice outlives a sign-out. */

static void
test_choice_is_kept(void **state)
{
    struct fixture  *fx = *state;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    agent_chooses(fx, "ana", "busy");
    agent_does(fx, CD_T_OFFLINE, "ana", NULL);
    ticks(fx, GRACE);
    assert_text(frame_find(fx, CHANGE_REGISTER, "i:ana", CD_T_ME),
                CD_F_STATE, "offline");
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    assert_text(frame_find(fx, CHANGE_REGISTER, "i:ana", CD_T_ME),
                CD_F_STATE, "busy");
}


/* A session's id that comes back as somebody else's is the newer one's. */

static void
test_session_changes_hands(void **state)
{
    struct fixture  *fx = *state;

    chat(fx);
    session_does(fx, CD_T_ONLINE, "visitor", "v2", "s-v1", "n1");
    ticks(fx, GRACE);
    assert_visitor(fx, 0);
    session_does(fx, CD_T_ONLINE, "visitor", "v1", "s-v1", "n3");
    assert_visitor(fx, 1);
}


static void
test_junk(void **state)
{
    size_t             i;
    struct fixture    *fx = *state;
    static const char *const  rows[][4] = {
        { "visitor", "v1", "", "n1" },
        { "visitor", "v1", "s1", "" },
        { "visitor", "", "s1", "n1" },
        { "visitor", "v1", "s1", "n:1" },
        { "visitor", "v1", "0123456789012345678901x", "n1" },
        { "visitor", "UPPER.case", "s1", "n1" },
        { "agent", "Not A Login", "s1", "n1" },
        { "robot", "v1", "s1", "n1" },
        { "", "v1", "s1", "n1" }
    };

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        session_does(fx, CD_T_ONLINE, rows[i][0], rows[i][1], rows[i][2],
                     rows[i][3]);
        assert_nothing(fx);
        session_does(fx, CD_T_OFFLINE, rows[i][0], rows[i][1], rows[i][2],
                     rows[i][3]);
        assert_nothing(fx);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        FIXTURE_TEST(test_visitor_dot),
        FIXTURE_TEST(test_flapping),
        FIXTURE_TEST(test_two_sessions),
        FIXTURE_TEST(test_node_gone),
        FIXTURE_TEST(test_agent_goes),
        FIXTURE_TEST(test_choose),
        FIXTURE_TEST(test_choice_is_kept),
        FIXTURE_TEST(test_session_changes_hands),
        FIXTURE_TEST(test_junk)
    };

    return cmocka_run_group_tests_name("core_presence", tests, NULL, NULL);
}
