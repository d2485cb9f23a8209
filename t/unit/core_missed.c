/*
 * Offers that are let pass, agents who vanish without grace, presence states
 * that the settings lose.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    what makes an agent away, or the last to be asked.
 * Owner:      the fixture.
 * Invariants: none of its own.
 *
 * proves: I21 I22 A10
 */

#include "core_fixture.h"


static void
configure(struct fixture *fx, const struct desk_settings *settings)
{
    const char  *why = "";

    if (desk_reconfigure(fx->desk, settings, fx->now, fx->changes, &why)
        != 0)
    {
        fail_msg("%s", why);
    }

    fixture_flush(fx);
}


static const struct agent *
agent_of(const struct fixture *fx, const char *who)
{
    return agent_find(&fx->desk->agents, str_of(who));
}


/* Who misses an offer is asked after the others who are free. */

static void
test_order(void **state)
{
    struct fixture  *fx = *state;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    fx->now += 1000;
    agent_does(fx, CD_T_ONLINE, "ben", NULL);
    visitor_starts(fx, "v1", "c1", "sales");
    assert_card(fx, "i:ana", "c1", "offered");
    ticks(fx, ACCEPT_MS);
    assert_card(fx, "i:ben", "c1", "offered");
    assert_int_equal(agent_of(fx, "ana")->idle_since_ms, fx->now);
    agent_does(fx, CD_T_REJECT, "ben", "c1");

    /* ana has been here for longer, but missed one since */
    visitor_starts(fx, "v2", "c2", "sales");
    assert_card(fx, "i:ben", "c2", "offered");
}


/* Three in a row; whatever the agent does itself begins the count anew, what
   its page does does not. */

static void
test_row(void **state)
{
    int                      i;
    struct fixture          *fx = *state;
    struct profile_settings  profiles[2];
    struct desk_settings     settings = fixture_settings;

    memcpy(profiles, fixture_profiles, sizeof(profiles));
    profiles[0].missed_limit = 3;
    settings.profiles = profiles;
    configure(fx, &settings);
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    visitor_starts(fx, "v1", "c1", "sales");

    for (i = 1; i <= 2; i++) {
        ticks(fx, ACCEPT_MS);
        assert_int_equal(agent_of(fx, "ana")->missed, i);
        marks(fx, "ana", "c1", 1);
        ticks(fx, CD_LIMIT_REOFFER_MS);
    }

    agent_does(fx, CD_T_HAND, "ana", "c1");
    assert_int_equal(agent_of(fx, "ana")->missed, 0);

    for (i = 1; i <= 3; i++) {
        assert_int_equal(agent_of(fx, "ana")->state, CD_PRESENCE_AVAILABLE);
        ticks(fx, ACCEPT_MS);
        ticks(fx, CD_LIMIT_REOFFER_MS);
    }

    assert_int_equal(agent_of(fx, "ana")->state, CD_PRESENCE_AWAY);
    assert_int_equal(agent_of(fx, "ana")->why, WHY_MISSED);

    /* 0: never */
    profiles[0].missed_limit = 0;
    configure(fx, &settings);
    agent_chooses(fx, "ana", "available");

    for (i = 0; i < 6; i++) {
        ticks(fx, ACCEPT_MS);
        ticks(fx, CD_LIMIT_REOFFER_MS);
    }

    assert_int_equal(agent_of(fx, "ana")->state, CD_PRESENCE_AVAILABLE);
}


/* No grace: as soon as the dot turns grey. */

static void
test_no_grace(void **state)
{
    struct fixture        *fx = *state;
    struct desk_settings   settings = fixture_settings;

    settings.grace_ms = 0;
    configure(fx, &settings);
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    visitor_starts(fx, "v1", "c1", "sales");
    agent_does(fx, CD_T_ACCEPT, "ana", "c1");
    agent_does(fx, CD_T_OFFLINE, "ana", NULL);
    ticks(fx, CD_LIMIT_PRESENCE_GRACE_MS - 1);
    assert_int_equal(agent_of(fx, "ana")->active, 1);
    ticks(fx, 1);
    ticks(fx, 0);
    assert_int_equal(agent_of(fx, "ana")->active, 0);
    assert_int_equal(conversation_find(&fx->desk->conversations,
                                       str_of("c1"))->phase,
                     CD_PHASE_WAITING);
}


/* The settings lose the state that an agent is in. */

static void
test_state_gone(void **state)
{
    char                      blob[1024];
    const char               *why = "";
    struct op                 kept;
    struct desk              *desk = desk_new();
    struct fixture           *fx = *state;
    struct desk_settings      settings = fixture_settings;
    struct presence_settings  chats = { "chats", "Chats alone", 1 };

    settings.presences = &chats;
    settings.presence_count = 1;
    configure(fx, &settings);
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    agent_chooses(fx, "ana", "chats");
    kept = *op_find(fx, CHANGE_PUT, "agent", 0);
    assert_true(kept.text[2].len < sizeof(blob));
    memcpy(blob, kept.text[2].data, kept.text[2].len);

    configure(fx, &fixture_settings);
    assert_text(frame_find(fx, CHANGE_REGISTER, "i:ana", CD_T_ME),
                CD_F_STATE, "away");
    assert_text(frame_find(fx, CHANGE_REGISTER, "i:ana", CD_T_ME), CD_F_WHY,
                "state_gone");
    visitor_starts(fx, "v1", "c1", "sales");
    assert_null(op_find(fx, CHANGE_REGISTER, "i:ana", CD_T_CARD));
    agent_chooses(fx, "ana", "available");
    assert_false(cd_frame_has(frame_find(fx, CHANGE_REGISTER, "i:ana",
                                         CD_T_ME), CD_F_WHY));
    assert_card(fx, "i:ana", "c1", "offered");

    /* lost while nobody owned the desk */
    assert_int_equal(desk_configure(desk, &fixture_settings, &why), 0);
    assert_int_equal(desk_load(desk, "agent", "ana", blob, kept.text[2].len,
                               &why), 0);
    desk_loaded(desk, fx->now, fx->changes);
    assert_int_equal(agent_find(&desk->agents, str_of("ana"))->state,
                     CD_PRESENCE_AWAY);
    assert_int_equal(agent_find(&desk->agents, str_of("ana"))->why,
                     WHY_STATE_GONE);
    changes_reset(fx->changes);
    desk_free(&desk);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        FIXTURE_TEST(test_order),
        FIXTURE_TEST(test_row),
        FIXTURE_TEST(test_no_grace),
        FIXTURE_TEST(test_state_gone)
    };

    return cmocka_run_group_tests_name("core_missed", tests, NULL, NULL);
}
