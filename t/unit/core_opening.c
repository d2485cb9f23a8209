/*
 * How conversations begin, and many refusals of one.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    starts that come twice or make no sense; the bound of what is
 *             remembered of refusals.
 * Owner:      the fixture.
 * Invariants: none of its own.
 *
 * proves: I3
 */

#include "core_fixture.h"

#include "core/conversation.h"

#define MANY  (SEATS_MAX + 8)


static void
test_twice(void **state)
{
    struct fixture  *fx = *state;

    visitor_starts(fx, "v1", "c1", "sales");
    visitor_starts(fx, "v1", "c1", "support");
    assert_nothing(fx);

    /* numbers count conversations, not requests */
    visitor_starts(fx, "v2", "c2", "sales");
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    agent_does(fx, CD_T_REJECT, "ana", "c1");
    assert_null(op_find(fx, CHANGE_REGISTER, "i:ana", CD_T_CARD));
    says(fx, "visitor", "v2", "c2", 3, "text");
    assert_int_equal(cd_frame_uint(assert_card(fx, "i:ana", "c2", "offered"),
                                   CD_F_NUMBER), 2);
}


static void
test_junk(void **state)
{
    size_t           i;
    struct cd_frame  entry;
    struct fixture  *fx = *state;
    static const char *const  rows[][3] = {
        { "agent", "ana", "c1" },
        { "visitor", "", "c1" },
        { "visitor", "v 1", "c1" },
        { "visitor", "v1", "" },
        { "visitor", "v1", "c{1}" },
        { "visitor", "v1", "01234567890123456789012" }
    };

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        entry_make(&entry, CD_T_START, rows[i][0], rows[i][1], rows[i][2]);
        put(&entry, CD_F_SESSION, "s1");
        apply(fx, &entry);
        fixture_flush(fx);
        assert_refused(fx, "bad_request");
        assert_int_equal(fx->ops.count, 1);
    }

    /* nobody could hear the refusal of this one */
    cd_frame_init(&entry, CD_T_START);
    apply(fx, &entry);
    fixture_flush(fx);
    assert_nothing(fx);
}


/* Without a session the conversation begins all the same, with a grey dot. */

static void
test_no_session(void **state)
{
    struct cd_frame  entry;
    struct fixture  *fx = *state;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    cd_frame_init(&entry, CD_T_START);
    put(&entry, CD_F_ROLE, "visitor");
    put(&entry, CD_F_WHO, "v1");
    put(&entry, CD_F_CONV, "c1");
    apply(fx, &entry);
    fixture_flush(fx);
    assert_int_equal(cd_frame_uint(assert_card(fx, "i:ana", "c1", "offered"),
                                   CD_F_PRESENT), 0);
}


/* More agents refuse than are remembered: the first is asked again early,
   and the entity stays within its bound. */

static void
test_many_refusals(void **state)
{
    size_t                       i;
    char                         ids[MANY][16];
    const char                  *why = "";
    struct fixture              *fx = *state;
    struct agent_settings        agents[MANY];
    struct desk_settings         settings = fixture_settings;

    for (i = 0; i < MANY; i++) {
        snprintf(ids[i], sizeof(ids[i]), "a%03zu", i);
        agents[i] = (struct agent_settings) { ids[i], ids[i], "agent",
                                              "all" };
    }

    settings.agents = agents;
    settings.agent_count = MANY;
    desk_free(&fx->desk);
    fx->desk = desk_new();
    assert_int_equal(desk_configure(fx->desk, &settings, &why), 0);

    for (i = 0; i < MANY; i++) {
        agent_does(fx, CD_T_ONLINE, ids[i], NULL);
        fx->now++;
    }

    visitor_starts(fx, "v1", "c1", NULL);

    for (i = 0; i < MANY; i++) {
        char       inbox[20];
        const struct op  *put_op;

        snprintf(inbox, sizeof(inbox), "i:%s", ids[i % (SEATS_MAX + 1)]);
        assert_card(fx, inbox, "c1", "offered");
        fx->now++;
        agent_does(fx, CD_T_REJECT, ids[i % (SEATS_MAX + 1)], "c1");
        put_op = op_find(fx, CHANGE_PUT, "conv", 0);
        assert_non_null(put_op);
        assert_true(put_op->text[2].len < 8192);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        FIXTURE_TEST(test_twice),
        FIXTURE_TEST(test_junk),
        FIXTURE_TEST(test_no_session),
        FIXTURE_TEST(test_many_refusals)
    };

    return cmocka_run_group_tests_name("core_opening", tests, NULL, NULL);
}
