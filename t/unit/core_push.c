/*
 * What devices without a page are told, and what goes off their screens.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    the rules of push.h, one by one; the simulator has them among
 *             everything else.
 * Owner:      the fixture.
 * Invariants: none of its own.
 *
 * proves: N14
 */

#include "core_fixture.h"

#include "core/device.h"
#include "core/outbox.h"

#define ABLE    "able00000000000000000a"
#define UNABLE  "unable000000000000000b"


static void
subscribes(struct fixture *fx, const char *id, int ends)
{
    struct device_settings  settings = {
        id, id, "p256dh", "auth", { "login", 5 }, ends
    };

    assert_int_equal(desk_put_device(fx->desk, "ana", &settings, fx->now,
                                     fx->changes), CD_E_OK);
    fixture_flush(fx);
}


/* The job to a device, NULL for none. */

static const struct outbox_job *
job(const struct fixture *fx, const char *device)
{
    const struct outbox_job  *one = desk_outbox_first(fx->desk);

    while (one != NULL && strcmp(one->target, device) != 0) {
        one = desk_outbox_next(one);
    }

    return one;
}


/* One that is told, or over, and nothing else. */

static void
assert_job(const struct fixture *fx, const char *device, int over)
{
    const struct outbox_job  *one = job(fx, device);

    assert_non_null(one);
    assert_string_equal(one->about, "c1");
    assert_string_equal(one->agent, "ana");
    assert_int_equal(one->over, over);
}


/* A copy, as the shell keeps of what it has begun. */

static struct outbox_job
begun(const struct fixture *fx, const char *device)
{
    struct outbox_job  copy = *job(fx, device);

    copy.agent = "ana";
    copy.target = device;
    copy.about = "c1";
    copy.frame = NULL;

    return copy;
}


static void
lands(struct fixture *fx, const struct outbox_job *one,
    enum outbox_result result)
{
    desk_outbox_done(fx->desk, one, result, 0, fx->now, fx->changes);
    fixture_flush(fx);
}


static void
is_sent(struct fixture *fx, const char *device)
{
    struct outbox_job  one = begun(fx, device);

    lands(fx, &one, OUTBOX_SENT);
}


/* A chat of ana's, whose offer nobody was told of, and two subscriptions. */

static void
chat(struct fixture *fx)
{
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    visitor_starts(fx, "v1", "c1", NULL);
    agent_does(fx, CD_T_ACCEPT, "ana", "c1");
    subscribes(fx, ABLE, 1);
    subscribes(fx, UNABLE, 0);
}


static void
test_end(void **state)
{
    struct fixture  *fx = *state;

    chat(fx);
    says(fx, "visitor", "v1", "c1", 1, "one");
    assert_job(fx, ABLE, 0);
    assert_job(fx, UNABLE, 0);
    is_sent(fx, ABLE);
    is_sent(fx, UNABLE);
    assert_null(desk_outbox_first(fx->desk));

    says(fx, "visitor", "v1", "c1", 2, "two");
    ticks(fx, CD_LIMIT_NOTICE_MS);
    is_sent(fx, ABLE);

    /* read elsewhere: one end to the one that can take it off */
    marks(fx, "ana", "c1", 2);
    assert_job(fx, ABLE, 1);
    assert_null(job(fx, UNABLE));
    is_sent(fx, ABLE);
    assert_null(desk_outbox_first(fx->desk));
    marks(fx, "ana", "c1", 2);
    assert_null(desk_outbox_first(fx->desk));

    /* told anew in the place of an end that waits */
    ticks(fx, CD_LIMIT_NOTICE_MS);
    says(fx, "visitor", "v1", "c1", 3, "three");
    is_sent(fx, ABLE);
    marks(fx, "ana", "c1", 3);
    assert_job(fx, ABLE, 1);
    ticks(fx, CD_LIMIT_NOTICE_MS);
    says(fx, "visitor", "v1", "c1", 4, "four");
    assert_job(fx, ABLE, 0);
}


/* What was not sent needs no end, what is under way does. */

static void
test_under_way(void **state)
{
    struct fixture     *fx = *state;
    struct outbox_job   one;

    chat(fx);
    says(fx, "visitor", "v1", "c1", 1, "one");
    marks(fx, "ana", "c1", 1);
    assert_null(desk_outbox_first(fx->desk));

    ticks(fx, CD_LIMIT_NOTICE_MS);
    says(fx, "visitor", "v1", "c1", 2, "two");
    one = begun(fx, ABLE);
    marks(fx, "ana", "c1", 2);
    assert_null(desk_outbox_first(fx->desk));
    lands(fx, &one, OUTBOX_AGAIN);
    assert_null(desk_outbox_first(fx->desk));
    lands(fx, &one, OUTBOX_SENT);
    assert_job(fx, ABLE, 1);
    lands(fx, &one, OUTBOX_SENT);
    is_sent(fx, ABLE);
    assert_null(desk_outbox_first(fx->desk));

    /* under way, and told again meanwhile: it stands */
    ticks(fx, CD_LIMIT_NOTICE_MS);
    says(fx, "visitor", "v1", "c1", 3, "three");
    one = begun(fx, ABLE);
    says(fx, "visitor", "v1", "c1", 4, "four");
    ticks(fx, CD_LIMIT_NOTICE_MS);
    lands(fx, &one, OUTBOX_SENT);
    assert_job(fx, ABLE, 0);
    marks(fx, "ana", "c1", 4);
    assert_job(fx, ABLE, 1);
}


/* Tries of a job, as a worker would load it that takes over now. */

static unsigned
tries_stored(const struct fixture *fx, const char *device)
{
    char             key[24];
    size_t           i;
    unsigned         tries = 0;
    const char      *why = "";
    struct desk     *desk = desk_new();
    const struct op *op = NULL;

    snprintf(key, sizeof(key), "%llu",
             (unsigned long long) job(fx, device)->number);
    assert_int_equal(desk_configure(desk, &fixture_settings, &why), 0);

    for (i = 0; i < fx->ops.count; i++) {
        if (fx->ops.list[i].code == CHANGE_PUT
            && cd_str_is(fx->ops.list[i].text[0], "outbox")
            && cd_str_is(fx->ops.list[i].text[1], key))
        {
            op = &fx->ops.list[i];
        }
    }

    assert_non_null(op);
    assert_int_equal(desk_load(desk, "outbox", key, op->text[2].data,
                               op->text[2].len, &why), 0);
    tries = desk_outbox_first(desk)->tries;
    desk_free(&desk);

    return tries;
}


/* A try is noted also when the target rests for longer than it asks for. */

static void
test_tries(void **state)
{
    struct fixture     *fx = *state;
    struct outbox_job   one;

    chat(fx);
    says(fx, "visitor", "v1", "c1", 1, "one");
    one = begun(fx, ABLE);

    desk_outbox_done(fx->desk, &one, OUTBOX_AGAIN, 60000, fx->now,
                     fx->changes);
    fixture_flush(fx);
    assert_int_equal(tries_stored(fx, ABLE), 1);

    lands(fx, &one, OUTBOX_AGAIN);
    assert_int_equal(tries_stored(fx, ABLE), 2);
    assert_int_equal(job(fx, ABLE)->due_ms, fx->now + 60000);
}


static void
visits(struct fixture *fx)
{
    struct cd_frame  frame;

    entry_make(&frame, CD_T_PUSH_AT, "agent", "ana", NULL);
    put(&frame, CD_F_PUSH, ABLE);
    apply(fx, &frame);
    fixture_flush(fx);
}


/* So many between two visits; the page that is open takes it off itself. */

static void
test_bound(void **state)
{
    uint32_t         n;
    struct fixture  *fx = *state;

    chat(fx);

    for (n = 1; n <= CD_LIMIT_PUSH_ENDS + 2; n++) {
        says(fx, "visitor", "v1", "c1", n, "again");
        is_sent(fx, ABLE);
        marks(fx, "ana", "c1", n);

        if (n <= CD_LIMIT_PUSH_ENDS) {
            is_sent(fx, ABLE);
        }

        assert_null(job(fx, ABLE));
        ticks(fx, CD_LIMIT_NOTICE_MS);
    }

    says(fx, "visitor", "v1", "c1", n, "again");
    is_sent(fx, ABLE);
    visits(fx);
    marks(fx, "ana", "c1", n);
    assert_null(job(fx, ABLE));
    assert_int_equal(device_find(agent_find(&fx->desk->agents,
                                            str_of("ana")),
                                 str_of(ABLE))->spent, 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        FIXTURE_TEST(test_end),
        FIXTURE_TEST(test_under_way),
        FIXTURE_TEST(test_tries),
        FIXTURE_TEST(test_bound)
    };

    return cmocka_run_group_tests_name("core_push", tests, NULL, NULL);
}
