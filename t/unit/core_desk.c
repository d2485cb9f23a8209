/*
 * Settings that hold or do not, and logins.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    desk_configure() names what is wrong; desk_logged_on() writes
 *             the session and answers the node.
 * Owner:      the fixture.
 * Invariants: none of its own.
 */

#include "core_fixture.h"

#define KEY  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char  *one_queue[] = { "a" };
static const char  *twice[] = { "a", "a" };
static const char  *unknown[] = { "b" };


/* a queue, and a profile, in one line */
#define QUEUE(i, n, p, ms)                                                    \
    { .id = i, .name = n, .priority = p, .accept_ms = ms }
#define PROFILE(i, n, c, q, count)                                            \
    { .id = i, .name = n, .capacity = c, .queues = q, .queue_count = count }


static int
configures(const struct queue_settings *queue, const char *first,
    const struct profile_settings *profile,
    const struct agent_settings *agents, size_t agent_count)
{
    int                   rc;
    const char           *why = NULL;
    struct desk          *desk = desk_new();
    struct desk_settings  settings = {
        .name = "Shop", .default_queue = first, .queues = queue,
        .queue_count = 1, .profiles = profile, .profile_count = 1,
        .agents = agents, .agent_count = agent_count
    };

    rc = desk_configure(desk, &settings, &why);
    assert_int_equal(rc != 0, why != NULL);
    desk_free(&desk);

    return rc == 0;
}


static void
test_queues(void **state)
{
    size_t  i;
    const struct profile_settings  profile = PROFILE("p", "P", 1, one_queue, 1);
    const struct {
        struct queue_settings  queue;
        const char            *first;
        int                    holds;
    } rows[] = {
        { QUEUE("a", "A", 1, 1000), "a", 1 },
        { QUEUE("a", "A", 9, 3600000), "a", 1 },
        { QUEUE("a", "A", 0, 1000), "a", 0 },
        { QUEUE("a", "A", 10, 1000), "a", 0 },
        { QUEUE("a", "A", 1, 0), "a", 0 },
        { QUEUE("a", "A", 1, 3600001), "a", 0 },
        { QUEUE("a", "", 1, 1000), "a", 0 },
        { QUEUE("A queue", "A", 1, 1000), "A queue", 0 },
        { QUEUE("a", "A", 1, 1000), "b", 0 }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(configures(&rows[i].queue, rows[i].first, &profile,
                                    NULL, 0), rows[i].holds);
    }
}


static void
test_profiles(void **state)
{
    size_t  i;
    const struct queue_settings  queue = QUEUE("a", "A", 1, 1000);
    const struct {
        struct profile_settings  profile;
        int                      holds;
    } rows[] = {
        { PROFILE("p", "P", 0, one_queue, 1), 1 },
        { PROFILE("p", "P", 1000, one_queue, 1), 1 },
        { PROFILE("p", "P", 1, one_queue, 0), 1 },
        { PROFILE("p", "P", 1001, one_queue, 1), 0 },
        { PROFILE("p", "P", 1, twice, 2), 0 },
        { PROFILE("p", "P", 1, unknown, 1), 0 },
        { PROFILE("", "P", 1, one_queue, 1), 0 }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(configures(&queue, "a", &rows[i].profile, NULL, 0),
                         rows[i].holds);
    }
}


static void
test_agents(void **state)
{
    size_t  i;
    const struct queue_settings    queue = QUEUE("a", "A", 1, 1000);
    const struct profile_settings  profile = PROFILE("p", "P", 1, one_queue, 1);
    const struct {
        struct agent_settings  agents[2];
        int                    holds;
    } rows[] = {
        { { { "x", "X", "agent", "p" }, { "y", "Y", "admin", "p" } }, 1 },
        { { { "x", "X", "agent", "p" }, { "x", "X", "agent", "p" } }, 0 },
        { { { "x", "X", "agent", "p" }, { "Y", "Y", "agent", "p" } }, 0 },
        { { { "x", "X", "agent", "p" }, { "y", "", "agent", "p" } }, 0 },
        { { { "x", "X", "agent", "p" }, { "y", "Y", "", "p" } }, 0 },
        { { { "x", "X", "agent", "p" }, { "y", "Y", "agent", "q" } }, 0 }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(configures(&queue, "a", &profile, rows[i].agents,
                                    2), rows[i].holds);
    }
}


static void
test_configured_once(void **state)
{
    const char      *why = NULL;
    struct fixture  *fx = *state;

    assert_int_equal(desk_configure(fx->desk, &fixture_settings, &why), -1);
    assert_non_null(why);
}


static void
logs_on(struct fixture *fx, const char *login, const char *key)
{
    struct cd_frame  logon;

    cd_frame_init(&logon, CD_T_LOGON);
    put(&logon, CD_F_ID, "17");
    put(&logon, CD_F_NODE, "n1");
    put(&logon, CD_F_LOGIN, login);
    put(&logon, CD_F_PASSWORD, "sesame");
    put(&logon, CD_F_SESSION_KEY, key);
    desk_logged_on(fx->desk, &logon, fx->now, fx->changes);
    fixture_flush(fx);
}


static void
test_logged_on(void **state)
{
    struct fixture         *fx = *state;
    const struct op        *op;
    const struct cd_frame  *reply;

    logs_on(fx, "ben", KEY);
    op = op_find(fx, CHANGE_SESSION, KEY, 0);
    assert_non_null(op);
    assert_true(cd_str_is(op->text[1], "ben"));
    assert_true(cd_str_is(op->text[2], "Ben"));
    assert_true(cd_str_is(op->text[3], "supervisor"));
    assert_int_equal(op->number[4], CD_LIMIT_SESSION_MS);

    reply = frame_find(fx, CHANGE_NODE, "n1", CD_T_REPLY);
    assert_text(reply, CD_F_ID, "17");
    assert_text(reply, CD_F_WHO, "ben");
    assert_text(reply, CD_F_NAME, "Ben");
    assert_int_equal(cd_frame_uint(reply, CD_F_STATUS), 200);
    assert_int_equal(fx->ops.count, 2);
}


static void
test_logged_on_not(void **state)
{
    struct fixture         *fx = *state;
    const struct cd_frame  *reply;

    /* the account went from the settings in the meantime */
    logs_on(fx, "nobody", KEY);
    reply = frame_find(fx, CHANGE_NODE, "n1", CD_T_REPLY);
    assert_int_equal(cd_frame_uint(reply, CD_F_STATUS), 401);
    assert_text(reply, CD_F_CODE, "unauthorized");
    assert_int_equal(fx->ops.count, 1);

    logs_on(fx, "ben", "not a key");
    assert_nothing(fx);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_queues),
        cmocka_unit_test(test_profiles),
        cmocka_unit_test(test_agents),
        FIXTURE_TEST(test_configured_once),
        FIXTURE_TEST(test_logged_on),
        FIXTURE_TEST(test_logged_on_not)
    };

    return cmocka_run_group_tests_name("core_desk", tests, NULL, NULL);
}
