/*
 * The life of an offer.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    accepted, rejected, missed, withdrawn; who is asked next; what
 *             a late answer gets.
 * Owner:      the fixture.
 * Invariants: none of its own.
 *
 * proves: I3
 */

#include "core_fixture.h"


static void
test_reject_goes_to_another(void **state)
{
    struct fixture  *fx = *state;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    agent_does(fx, CD_T_ONLINE, "ben", NULL);
    visitor_starts(fx, "v1", "c1", NULL);
    assert_card(fx, "i:ana", "c1", "offered");

    agent_does(fx, CD_T_REJECT, "ana", "c1");
    assert_gone(fx, "i:ana", "c1", WHY_REJECTED);
    assert_card(fx, "i:ben", "c1", "offered");
}


/* The only agent is asked again, but not at once. */

static void
test_reject_alone(void **state)
{
    struct fixture  *fx = *state;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    visitor_starts(fx, "v1", "c1", NULL);
    agent_does(fx, CD_T_REJECT, "ana", "c1");
    assert_gone(fx, "i:ana", "c1", WHY_REJECTED);
    assert_int_equal(rules_deadline(fx), fx->now + CD_LIMIT_REOFFER_MS);

    /* others who come later are not held up by it */
    visitor_starts(fx, "v2", "c2", NULL);
    assert_card(fx, "i:ana", "c2", "offered");

    ticks(fx, CD_LIMIT_REOFFER_MS - 1);
    assert_nothing(fx);
    ticks(fx, 1);
    assert_card(fx, "i:ana", "c1", "offered");
}


/* Somebody who has not refused goes before the one who may be asked again. */

static void
test_fresh_goes_first(void **state)
{
    struct fixture  *fx = *state;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    visitor_starts(fx, "v1", "c1", NULL);
    agent_does(fx, CD_T_REJECT, "ana", "c1");
    fx->now += CD_LIMIT_REOFFER_MS;
    agent_does(fx, CD_T_ONLINE, "ben", NULL);
    assert_card(fx, "i:ben", "c1", "offered");
}


/* A conversation that comes back goes before those who came after it. */

static void
test_old_place(void **state)
{
    struct fixture  *fx = *state;

    agent_does(fx, CD_T_ONLINE, "eva", NULL);
    visitor_starts(fx, "v1", "c1", "support");
    visitor_starts(fx, "v2", "c2", "support");
    agent_does(fx, CD_T_REJECT, "eva", "c1");
    assert_text(frame_find(fx, CHANGE_REGISTER, "b:c2", CD_T_PHASE),
                CD_F_PHASE, "offered");
    visitor_starts(fx, "v3", "c3", "support");

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    assert_text(frame_find(fx, CHANGE_REGISTER, "b:c1", CD_T_PHASE),
                CD_F_PHASE, "offered");
}


static void
test_missed(void **state)
{
    struct fixture  *fx = *state;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    visitor_starts(fx, "v1", "c1", NULL);
    assert_int_equal(rules_deadline(fx), fx->now + ACCEPT_MS);
    ticks(fx, ACCEPT_MS - 1);
    assert_nothing(fx);

    agent_does(fx, CD_T_ONLINE, "ben", NULL);
    ticks(fx, 1);
    assert_gone(fx, "i:ana", "c1", WHY_MISSED);
    assert_card(fx, "i:ben", "c1", "offered");

    agent_does(fx, CD_T_ACCEPT, "ana", "c1");
    assert_refused(fx, "offer_gone");
}


/* A tick may come late: the answer that arrived before it counts. */

static void
test_late_tick(void **state)
{
    struct fixture  *fx = *state;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    visitor_starts(fx, "v1", "c1", NULL);
    fx->now += 10 * ACCEPT_MS;
    agent_does(fx, CD_T_ACCEPT, "ana", "c1");
    assert_card(fx, "i:ana", "c1", "active");
    ticks(fx, 0);
    assert_nothing(fx);
}


static void
test_withdrawn(void **state)
{
    size_t             i;
    struct fixture    *fx;
    static const char *const  words[] = { "busy", "away" };

    for (i = 0; i < 2; i++) {
        fixture_teardown(state);
        fixture_setup(state);
        fx = *state;
        agent_does(fx, CD_T_ONLINE, "ana", NULL);
        visitor_starts(fx, "v1", "c1", NULL);
        agent_chooses(fx, "ana", words[i]);
        assert_gone(fx, "i:ana", "c1", WHY_WITHDRAWN);

        /* it is no refusal */
        agent_chooses(fx, "ana", "available");
        assert_card(fx, "i:ana", "c1", "offered");
    }
}


static void
test_visitor_ends_offer(void **state)
{
    struct fixture  *fx = *state;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    visitor_starts(fx, "v1", "c1", NULL);
    visitor_does(fx, CD_T_END, "v1", "c1");
    assert_gone(fx, "i:ana", "c1", WHY_WITHDRAWN);
    assert_non_null(op_find(fx, CHANGE_CLOSE, "c1", 0));
    assert_non_null(op_find(fx, CHANGE_DROP, "conv", 0));
    assert_true(rules_deadline(fx) > fx->now + 3600000);
}


/* Answers that are not the offered agent's, or come twice. */

static void
test_answers(void **state)
{
    size_t           i;
    struct fixture  *fx = *state;
    const struct {
        unsigned    type;
        const char *who;
        const char *conv;
        const char *refused;        /* NULL: nothing is answered */
    } rows[] = {
        { CD_T_ACCEPT, "ben", "c1", "offer_gone" },
        { CD_T_REJECT, "ben", "c1", "offer_gone" },
        { CD_T_ACCEPT, "ana", "c9", "offer_gone" },
        { CD_T_REJECT, "ana", "c9", "offer_gone" },
        { CD_T_ACCEPT, "nobody", "c1", "offer_gone" },
        { CD_T_ACCEPT, "NOT AN ID", "c1", "offer_gone" },
        { CD_T_ACCEPT, "ana", "not/an/id", "offer_gone" }
    };

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    visitor_starts(fx, "v1", "c1", NULL);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cd_frame  entry;

        entry_make(&entry, rows[i].type, "agent", rows[i].who, rows[i].conv);
        put(&entry, CD_F_SESSION, "s-someone");
        apply(fx, &entry);
        fixture_flush(fx);
        assert_refused(fx, rows[i].refused);
        assert_int_equal(fx->ops.count, 1);
    }

    /* a visitor's answer is nobody's */
    visitor_does(fx, CD_T_ACCEPT, "ana", "c1");
    assert_refused(fx, "offer_gone");

    agent_does(fx, CD_T_ACCEPT, "ana", "c1");
    assert_card(fx, "i:ana", "c1", "active");
    agent_does(fx, CD_T_ACCEPT, "ana", "c1");
    assert_nothing(fx);
    agent_does(fx, CD_T_REJECT, "ana", "c1");
    assert_refused(fx, "offer_gone");
}


/* One batch, one card: what came and went within it is not shown. */

static void
test_coalesced(void **state)
{
    struct cd_frame  entry;
    struct fixture  *fx = *state;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    agent_does(fx, CD_T_ONLINE, "ben", NULL);

    entry_make(&entry, CD_T_START, "visitor", "v1", "c1");
    apply(fx, &entry);
    entry_make(&entry, CD_T_REJECT, "agent", "ana", "c1");
    apply(fx, &entry);
    fixture_flush(fx);

    assert_card(fx, "i:ben", "c1", "offered");
    assert_null(op_find(fx, CHANGE_UNREGISTER, "i:ana", 0));
    assert_null(op_find(fx, CHANGE_REGISTER, "i:ana", CD_T_CARD));
    assert_text(frame_find(fx, CHANGE_REGISTER, "b:c1", CD_T_PHASE),
                CD_F_PHASE, "offered");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        FIXTURE_TEST(test_reject_goes_to_another),
        FIXTURE_TEST(test_reject_alone),
        FIXTURE_TEST(test_fresh_goes_first),
        FIXTURE_TEST(test_old_place),
        FIXTURE_TEST(test_missed),
        FIXTURE_TEST(test_late_tick),
        FIXTURE_TEST(test_withdrawn),
        FIXTURE_TEST(test_visitor_ends_offer),
        FIXTURE_TEST(test_answers),
        FIXTURE_TEST(test_coalesced)
    };

    return cmocka_run_group_tests_name("core_offer", tests, NULL, NULL);
}
