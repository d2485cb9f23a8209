/*
 * Settings that change while the desk runs.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    desk_reconfigure(): what stays, what goes, what is told.
 * Owner:      the fixture.
 * Invariants: settings that do not hold change nothing.
 */

#include "core_fixture.h"

static const char  *sales_queue[] = { "sales" };


/* Takes settings over; the rest as in the fixture. */

static int
takes(struct fixture *fx, const struct desk_settings *settings)
{
    int          rc;
    const char  *why = NULL;

    rc = desk_reconfigure(fx->desk, settings, fx->now, fx->changes, &why);
    assert_int_equal(rc != 0, why != NULL);
    fixture_flush(fx);

    return rc == 0;
}


static void
test_nothing(void **state)
{
    struct fixture  *fx = *state;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    assert_true(takes(fx, &fixture_settings));
    assert_nothing(fx);
}


static void
test_refused(void **state)
{
    struct fixture         *fx = *state;
    struct agent_settings   agents[] = {
        { "ana", "Ana", "agent", "all" }, { "ana", "Ana", "agent", "all" }
    };
    struct desk_settings    settings = fixture_settings;
    const char             *why = NULL;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    settings.agents = agents;
    settings.agent_count = 2;
    assert_false(takes(fx, &settings));
    assert_nothing(fx);

    settings.agent_count = 1;
    settings.default_queue = "none";
    assert_false(takes(fx, &settings));

    settings.default_queue = "sales";
    settings.queue_count = 1;               /* a profile names the other */
    assert_false(takes(fx, &settings));
    assert_nothing(fx);

    /* what is found before a desk is there is found the same */
    assert_int_equal(desk_check(&settings, &why), -1);
    assert_int_equal(desk_check(&fixture_settings, &why), 0);

    /* ben is still there */
    agent_does(fx, CD_T_ONLINE, "ben", NULL);
    visitor_starts(fx, "vera", "c1", NULL);
    assert_card(fx, "i:ana", "c1", "offered");
}


/* A queue that is gone: who waits there goes to the default queue. */

static void
test_queue_gone(void **state)
{
    struct fixture           *fx = *state;
    struct profile_settings   profiles[] = {
        { "all", "Everything", 2, sales_queue, 1 },
        { "solo", "Solo", 1, sales_queue, 1 }
    };
    struct desk_settings      settings = fixture_settings;

    visitor_starts(fx, "vera", "c1", "support");
    visitor_starts(fx, "vito", "c2", "sales");
    settings.queue_count = 1;
    settings.default_queue = "sales";
    settings.profiles = profiles;
    assert_true(takes(fx, &settings));
    assert_text(frame_find(fx, CHANGE_REGISTER, "b:c1", CD_T_PHASE),
                CD_F_QUEUE, "Sales");
    assert_null(frame_find(fx, CHANGE_REGISTER, "b:c2", CD_T_PHASE));

    /* its figures go, and both are counted where they are now */
    assert_text(frame_find(fx, CHANGE_UNREGISTER, "g:queues",
                           CD_T_FIGURES_GONE), CD_F_QUEUE_ID, "support");
    ticks(fx, CD_LIMIT_FIGURES_MS);
    assert_int_equal(cd_frame_uint(frame_find(fx, CHANGE_REGISTER, "g:queues",
                                              CD_T_FIGURES), CD_F_WAITING),
                     2);

    /* the first to come is the first to be served */
    agent_does(fx, CD_T_ONLINE, "eva", NULL);
    assert_card(fx, "i:eva", "c1", "offered");
}


/* An offer of a queue that the agent has no more goes back; what was
   accepted stays. */

static void
test_profile(void **state)
{
    struct fixture          *fx = *state;
    struct agent_settings    agents[] = {
        { "ana", "Ana Lima", "agent", "all" },
        { "eva", "Eva", "agent", "sales" }
    };
    struct profile_settings  profiles[] = {
        { "all", "Everything", 2, both_queues, 2 },
        { "sales", "Sales team", 1, sales_queue, 1 }
    };
    struct desk_settings     settings = fixture_settings;

    agent_does(fx, CD_T_ONLINE, "eva", NULL);
    visitor_starts(fx, "vera", "c1", "support");
    assert_card(fx, "i:eva", "c1", "offered");

    settings.agents = agents;
    settings.agent_count = 2;
    settings.profiles = profiles;
    assert_true(takes(fx, &settings));
    assert_gone(fx, "i:eva", "c1", WHY_WITHDRAWN);
    assert_text(frame_find(fx, CHANGE_REGISTER, "i:eva", CD_T_ME),
                CD_F_PROFILE, "Sales team");

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    assert_card(fx, "i:ana", "c1", "offered");
    agent_does(fx, CD_T_ACCEPT, "ana", "c1");
    assert_card(fx, "i:ana", "c1", "active");

    /* ana leaves the settings; the conversation is still hers */
    settings.agents = &agents[1];
    settings.agent_count = 1;
    assert_true(takes(fx, &settings));
    assert_null(op_find(fx, CHANGE_UNREGISTER, "i:ana", CD_T_CARD_GONE));
    visitor_starts(fx, "vito", "c2", "sales");
    assert_card(fx, "i:eva", "c2", "offered");

    /* and comes back */
    settings.agents = agents;
    settings.agent_count = 2;
    assert_true(takes(fx, &settings));
    agent_does(fx, CD_T_END, "ana", "c1");
    assert_card(fx, "i:ana", "c1", "closed");
}


/* More capacity: who waits is offered at once. */

static void
test_capacity(void **state)
{
    struct fixture           *fx = *state;
    struct profile_settings   profiles[] = {
        { "all", "Everything", 2, both_queues, 2 },
        { "solo", "Solo", 2, support_queue, 1 }
    };
    struct desk_settings      settings = fixture_settings;
    const struct cd_frame    *me;

    agent_does(fx, CD_T_ONLINE, "eva", NULL);
    visitor_starts(fx, "vera", "c1", NULL);
    visitor_starts(fx, "vito", "c2", NULL);
    assert_null(frame_find(fx, CHANGE_REGISTER, "i:eva", CD_T_CARD));

    settings.profiles = profiles;
    assert_true(takes(fx, &settings));
    assert_card(fx, "i:eva", "c2", "offered");
    me = frame_find(fx, CHANGE_REGISTER, "i:eva", CD_T_ME);
    assert_int_equal(cd_frame_uint(me, CD_F_CAPACITY), 2);

    /* and less again takes nothing away */
    assert_true(takes(fx, &fixture_settings));
    assert_null(op_find(fx, CHANGE_UNREGISTER, "i:eva", CD_T_CARD_GONE));
    agent_does(fx, CD_T_ACCEPT, "eva", "c2");
    assert_card(fx, "i:eva", "c2", "active");
}


/* A profile without the channel, a state that takes another one: offers go
   back at once, and `me` says so. */

static void
test_channels(void **state)
{
    struct fixture            *fx = *state;
    struct profile_settings    profiles[] = {
        { "all", "Everything", 2, both_queues, 2 },
        { "solo", "Solo", 1, support_queue, 1,
          .channels = 1u << CHANNEL_MESSAGING }
    };
    struct presence_settings   presences[] = {
        { "shift", "On shift", 1u << CHANNEL_CHAT }
    };
    struct desk_settings       settings = fixture_settings;
    const struct cd_frame     *me;

    agent_does(fx, CD_T_ONLINE, "eva", NULL);
    visitor_starts(fx, "vera", "c1", NULL);
    assert_card(fx, "i:eva", "c1", "offered");

    settings.profiles = profiles;
    assert_true(takes(fx, &settings));
    assert_gone(fx, "i:eva", "c1", WHY_WITHDRAWN);
    me = frame_find(fx, CHANGE_REGISTER, "i:eva", CD_T_ME);
    assert_text(me, CD_F_TAKES, "messaging");
    assert_text(me, CD_F_CHANNELS, "messaging");

    /* a state that takes other channels than before, by the same name */
    settings = fixture_settings;
    settings.presences = presences;
    settings.presence_count = 1;
    assert_true(takes(fx, &settings));
    assert_card(fx, "i:eva", "c1", "offered");
    agent_chooses(fx, "eva", "shift");
    presences[0].takes = 1u << CHANNEL_ITEM;
    assert_true(takes(fx, &settings));
    assert_gone(fx, "i:eva", "c1", WHY_WITHDRAWN);
    assert_text(frame_find(fx, CHANGE_REGISTER, "i:eva", CD_T_ME),
                CD_F_TAKES, "item");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        FIXTURE_TEST(test_nothing), FIXTURE_TEST(test_refused),
        FIXTURE_TEST(test_queue_gone), FIXTURE_TEST(test_profile),
        FIXTURE_TEST(test_capacity), FIXTURE_TEST(test_channels)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
