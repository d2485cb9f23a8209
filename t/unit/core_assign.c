/*
 * Who is offered what.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    ability, capacity, order of conversations, choice of agents.
 * Owner:      the fixture.
 * Invariants: none of its own.
 *
 * proves: I1 I22
 */

#include "core_fixture.h"


/* A conversation of "support" comes; who gets it, with one agent prepared? */

static void
test_able(void **state)
{
    size_t           i;
    struct fixture  *fx = *state;
    char             conv[16], visitor[16], sides[24];
    const struct {
        const char *agent;
        const char *chooses;        /* NULL: nothing */
        const char *queue;
        int         online;
        int         offered;
    } rows[] = {
        { "ana", NULL, "support", 0, 0 },
        { "ana", NULL, "support", 1, 1 },
        { "ana", "busy", "support", 1, 0 },
        { "ana", "away", "support", 1, 0 },
        { "ana", "available", "support", 1, 1 },
        { "ana", NULL, "sales", 1, 1 },
        { "eva", NULL, "sales", 1, 0 },         /* not in her profile */
        { "eva", NULL, "Support", 1, 1 },       /* by the queue's name */
        { "eva", NULL, "no such queue", 1, 1 }  /* the default one */
    };

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fixture_teardown(state);
        fixture_setup(state);
        fx = *state;
        snprintf(conv, sizeof(conv), "c%zu", i);
        snprintf(visitor, sizeof(visitor), "v%zu", i);

        if (rows[i].online) {
            agent_does(fx, CD_T_ONLINE, rows[i].agent, NULL);
        }

        if (rows[i].chooses != NULL) {
            agent_chooses(fx, rows[i].agent, rows[i].chooses);
        }

        visitor_starts(fx, visitor, conv, rows[i].queue);
        snprintf(sides, sizeof(sides), "b:%s", conv);
        assert_text(frame_find(fx, CHANGE_REGISTER, sides, CD_T_PHASE),
                    CD_F_PHASE, rows[i].offered ? "offered" : "waiting");
    }
}


static void
test_capacity(void **state)
{
    struct fixture  *fx = *state;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    visitor_starts(fx, "v1", "c1", NULL);
    assert_card(fx, "i:ana", "c1", "offered");
    visitor_starts(fx, "v2", "c2", NULL);
    assert_card(fx, "i:ana", "c2", "offered");
    agent_does(fx, CD_T_ACCEPT, "ana", "c1");

    /* one active and one offered are two */
    visitor_starts(fx, "v3", "c3", NULL);
    assert_null(op_find(fx, CHANGE_REGISTER, "i:ana", CD_T_CARD));

    /* an end frees a place at once, without another event */
    agent_does(fx, CD_T_ACCEPT, "ana", "c2");
    visitor_does(fx, CD_T_END, "v1", "c1");
    assert_text(frame_find(fx, CHANGE_REGISTER, "b:c3", CD_T_PHASE),
                CD_F_PHASE, "offered");
}


/* Queues' priorities, then the order of arrival. */

static void
test_order(void **state)
{
    struct fixture  *fx = *state;

    visitor_starts(fx, "v1", "c1", "support");
    fx->now -= 60000;               /* a clock put back changes nothing */
    visitor_starts(fx, "v2", "c2", "support");
    visitor_starts(fx, "v3", "c3", "sales");

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    assert_non_null(op_find(fx, CHANGE_REGISTER, "b:c3", CD_T_PHASE));
    assert_non_null(op_find(fx, CHANGE_REGISTER, "b:c1", CD_T_PHASE));
    assert_null(op_find(fx, CHANGE_REGISTER, "b:c2", CD_T_PHASE));
}


static void
test_least_loaded(void **state)
{
    struct fixture  *fx = *state;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    visitor_starts(fx, "v1", "c1", NULL);
    assert_card(fx, "i:ana", "c1", "offered");
    fx->now += 1000;
    agent_does(fx, CD_T_ONLINE, "ben", NULL);

    visitor_starts(fx, "v2", "c2", NULL);
    assert_card(fx, "i:ben", "c2", "offered");
}


static void
test_longest_idle(void **state)
{
    struct fixture  *fx = *state;

    agent_does(fx, CD_T_ONLINE, "ben", NULL);
    fx->now += 1000;
    agent_does(fx, CD_T_ONLINE, "ana", NULL);

    visitor_starts(fx, "v1", "c1", NULL);
    assert_card(fx, "i:ben", "c1", "offered");
    agent_does(fx, CD_T_ACCEPT, "ben", "c1");
    fx->now += 1000;
    agent_does(fx, CD_T_END, "ben", "c1");

    /* ben has just ended a chat; ana is idle for longer */
    visitor_starts(fx, "v2", "c2", NULL);
    assert_card(fx, "i:ana", "c2", "offered");

    /* and now ben has less to do */
    visitor_starts(fx, "v3", "c3", NULL);
    assert_card(fx, "i:ben", "c3", "offered");
}


static void
test_equal_agents(void **state)
{
    struct fixture  *fx = *state;

    agent_does(fx, CD_T_ONLINE, "ben", NULL);
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    visitor_starts(fx, "v1", "c1", NULL);
    assert_card(fx, "i:ana", "c1", "offered");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        FIXTURE_TEST(test_able),
        FIXTURE_TEST(test_capacity),
        FIXTURE_TEST(test_order),
        FIXTURE_TEST(test_least_loaded),
        FIXTURE_TEST(test_longest_idle),
        FIXTURE_TEST(test_equal_agents)
    };

    return cmocka_run_group_tests_name("core_assign", tests, NULL, NULL);
}
