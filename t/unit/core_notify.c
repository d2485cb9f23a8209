/*
 * When an agent is told, and when that is over.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    the rules of notify.h and notify_queue.c, one by one; the
 *             simulator has them together.
 * Owner:      the fixture.
 * Invariants: none of its own.
 */

#include "core_fixture.h"

#include "core/state.h"

#define INTERVAL_MS  CD_LIMIT_NOTICE_MS
#define JANITOR_MS   86400000ull     /* of the built-in flow */


static const struct cd_frame *
notice(const struct fixture *fx, const char *inbox)
{
    return frame_find(fx, CHANGE_REGISTER, inbox, CD_T_NOTICE);
}


static const struct cd_frame *
gone(const struct fixture *fx, const char *inbox)
{
    return frame_find(fx, CHANGE_UNREGISTER, inbox, CD_T_NOTICE_GONE);
}


static void
looks(struct fixture *fx, const char *who, const char *conv)
{
    agent_does(fx, CD_T_FOCUS, who, conv);
}


/* Sets what `who` wants to hear nothing of. */

static void
silences(struct fixture *fx, const char *who, const char *kinds)
{
    struct cd_frame  frame;

    entry_make(&frame, CD_T_NOTIFY_SET, "agent", who, NULL);
    put(&frame, CD_F_SOUND, "chime");
    put(&frame, CD_F_SILENT, kinds);
    cd_frame_set_uint(&frame, CD_F_VOLUME, 60);
    cd_frame_set_uint(&frame, CD_F_POPUP, 1);
    apply(fx, &frame);
    fixture_flush(fx);
}


static void
chat(struct fixture *fx, const char *who)
{
    char  inbox[16];

    snprintf(inbox, sizeof(inbox), "i:%s", who);
    agent_does(fx, CD_T_ONLINE, who, NULL);
    visitor_starts(fx, "v1", "c1", NULL);
    assert_text(notice(fx, inbox), CD_F_KIND, "offer");
    assert_text(notice(fx, inbox), CD_F_CONV, "c1");
    assert_text(notice(fx, inbox), CD_F_NAME, "Vera");
    assert_int_equal(cd_frame_uint(notice(fx, inbox), CD_F_EXPIRES),
                     fx->now + ACCEPT_MS);
    agent_does(fx, CD_T_ACCEPT, who, "c1");
    assert_text(gone(fx, inbox), CD_F_ABOUT, "c1");
    assert_null(notice(fx, inbox));
}


/* A burst: the first at once, then one an interval with the newest. */

static void
test_burst(void **state)
{
    uint32_t         n;
    struct fixture  *fx = *state;

    chat(fx, "ana");
    says(fx, "visitor", "v1", "c1", 1, "one");
    assert_text(notice(fx, "i:ana"), CD_F_KIND, "message");
    assert_text(notice(fx, "i:ana"), CD_F_PREVIEW, "one");
    assert_int_equal(cd_frame_uint(notice(fx, "i:ana"), CD_F_COUNT), 1);

    for (n = 2; n <= 20; n++) {
        fx->now += 100;
        says(fx, "visitor", "v1", "c1", n, n == 20 ? "twenty" : "more");
        assert_null(notice(fx, "i:ana"));
    }

    assert_int_equal(rules_deadline(fx), T0 + INTERVAL_MS);
    fx->now = T0;
    ticks(fx, INTERVAL_MS);
    assert_text(notice(fx, "i:ana"), CD_F_PREVIEW, "twenty");
    assert_int_equal(cd_frame_uint(notice(fx, "i:ana"), CD_F_COUNT), 20);

    /* nothing new: nothing more */
    assert_true(rules_deadline(fx) > fx->now + JANITOR_MS / 2);
}


/* What is read, also on another device, is over; and counts as told. */

static void
test_read(void **state)
{
    struct fixture  *fx = *state;

    chat(fx, "ana");
    says(fx, "visitor", "v1", "c1", 1, "one");
    says(fx, "visitor", "v1", "c1", 2, "two");
    marks(fx, "ana", "c1", 1);
    assert_null(gone(fx, "i:ana"));
    marks(fx, "ana", "c1", 2);
    assert_non_null(gone(fx, "i:ana"));

    /* the next one within the interval waits for it */
    fx->now += 1000;
    says(fx, "visitor", "v1", "c1", 3, "three");
    assert_null(notice(fx, "i:ana"));
    ticks(fx, INTERVAL_MS - 1000);
    assert_text(notice(fx, "i:ana"), CD_F_PREVIEW, "three");
    assert_int_equal(cd_frame_uint(notice(fx, "i:ana"), CD_F_COUNT), 1);

    /* read before its time: it never comes */
    says(fx, "visitor", "v1", "c1", 4, "four");
    marks(fx, "ana", "c1", 4);
    ticks(fx, INTERVAL_MS);
    assert_null(notice(fx, "i:ana"));
    assert_true(rules_deadline(fx) > fx->now + JANITOR_MS / 2);
}


/* Of one batch the end counts: a glance away, and what is written then. */

static void
test_batch(void **state)
{
    struct cd_frame  frame;
    struct fixture  *fx = *state;

    chat(fx, "ana");
    looks(fx, "ana", "c1");
    says(fx, "visitor", "v1", "c1", 1, "one");
    assert_null(notice(fx, "i:ana"));

    entry_make(&frame, CD_T_FOCUS, "agent", "ana", NULL);
    apply(fx, &frame);
    message_make(&frame, "visitor", "v1", "c1", 2, "two");
    apply(fx, &frame);
    fixture_flush(fx);
    assert_text(notice(fx, "i:ana"), CD_F_PREVIEW, "two");
    assert_int_equal(cd_frame_uint(notice(fx, "i:ana"), CD_F_COUNT), 2);

    /* away and back again: nothing was missed */
    looks(fx, "ana", "c1");
    says(fx, "visitor", "v1", "c1", 3, "three");
    ticks(fx, INTERVAL_MS);
    entry_make(&frame, CD_T_FOCUS, "agent", "ana", NULL);
    apply(fx, &frame);
    entry_make(&frame, CD_T_FOCUS, "agent", "ana", "c1");
    apply(fx, &frame);
    fixture_flush(fx);
    assert_null(notice(fx, "i:ana"));
}


/* Settings that tell less take back what stands. */

static void
test_narrower(void **state)
{
    const char             *why = "";
    struct agent_settings   agents[3];
    struct desk_settings    settings = fixture_settings;
    struct fixture         *fx = *state;

    memcpy(agents, fixture_agents, sizeof(agents));
    settings.agents = agents;
    agents[0].notify.said = NOTIFY_PREVIEW;
    chat(fx, "ana");
    says(fx, "visitor", "v1", "c1", 1, "a secret");
    assert_non_null(notice(fx, "i:ana"));

    assert_int_equal(desk_reconfigure(fx->desk, &settings, fx->now,
                                      fx->changes, &why), 0);
    fixture_flush(fx);
    assert_non_null(gone(fx, "i:ana"));
    assert_null(notice(fx, "i:ana"));

    ticks(fx, INTERVAL_MS);
    says(fx, "visitor", "v1", "c1", 2, "another");
    assert_non_null(notice(fx, "i:ana"));
    assert_false(cd_frame_has(notice(fx, "i:ana"), CD_F_PREVIEW));
}


static void
test_own(void **state)
{
    struct fixture  *fx = *state;

    chat(fx, "ana");
    says(fx, "agent", "ana", "c1", 1, "mine");
    assert_null(notice(fx, "i:ana"));
    says(fx, "visitor", "v1", "c1", 2, "theirs");
    assert_non_null(notice(fx, "i:ana"));

    /* an answer says that it was seen */
    says(fx, "agent", "ana", "c1", 3, "answer");
    assert_non_null(gone(fx, "i:ana"));
}


/* In focus on one device: silence on all; out of it: at once. */

static void
test_focus(void **state)
{
    struct fixture  *fx = *state;

    chat(fx, "ana");
    looks(fx, "ana", "c1");
    says(fx, "visitor", "v1", "c1", 1, "one");
    assert_null(notice(fx, "i:ana"));
    looks(fx, "ana", NULL);
    assert_text(notice(fx, "i:ana"), CD_F_PREVIEW, "one");
    looks(fx, "ana", "c1");
    assert_non_null(gone(fx, "i:ana"));

    /* known once is known */
    looks(fx, "ana", "c2");
    assert_null(notice(fx, "i:ana"));

    /* a device that goes away looks at nothing any more */
    looks(fx, "ana", "c1");
    says(fx, "visitor", "v1", "c1", 2, "two");
    assert_null(notice(fx, "i:ana"));
    fx->now += INTERVAL_MS;
    agent_does(fx, CD_T_OFFLINE, "ana", NULL);
    assert_text(notice(fx, "i:ana"), CD_F_PREVIEW, "two");

    /* nor does one that nobody knows */
    looks(fx, "nobody", "c1");
    assert_nothing(fx);
}


static void
test_before_accept(void **state)
{
    struct fixture  *fx = *state;

    visitor_starts(fx, "v1", "c1", NULL);
    says(fx, "visitor", "v1", "c1", 1, "hello?");
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    assert_int_equal(cd_frame_uint(notice(fx, "i:ana"), CD_F_COUNT), 1);
    agent_does(fx, CD_T_ACCEPT, "ana", "c1");
    assert_null(notice(fx, "i:ana"));
    says(fx, "visitor", "v1", "c1", 2, "good");
    assert_int_equal(cd_frame_uint(notice(fx, "i:ana"), CD_F_COUNT), 2);
}


/* What is said last is told, also when the visitor ends at once. */

static void
test_ended(void **state)
{
    struct fixture  *fx = *state;

    chat(fx, "ana");
    says(fx, "visitor", "v1", "c1", 1, "one");
    says(fx, "visitor", "v1", "c1", 2, "call me at noon");
    visitor_does(fx, CD_T_END, "v1", "c1");
    ticks(fx, INTERVAL_MS);
    assert_text(notice(fx, "i:ana"), CD_F_PREVIEW, "call me at noon");
    agent_does(fx, CD_T_DISMISS, "ana", "c1");
    assert_non_null(gone(fx, "i:ana"));
}


static void
test_offer_ends(void **state)
{
    struct fixture  *fx = *state;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    visitor_starts(fx, "v1", "c1", NULL);
    assert_non_null(notice(fx, "i:ana"));
    agent_does(fx, CD_T_REJECT, "ana", "c1");
    assert_non_null(gone(fx, "i:ana"));
}


/* eva: an interval of her own, no previews. */

static void
test_policy(void **state)
{
    struct fixture  *fx = *state;

    chat(fx, "eva");
    says(fx, "visitor", "v1", "c1", 1, "one");
    assert_int_equal(cd_frame_has(notice(fx, "i:eva"), CD_F_PREVIEW), 0);
    says(fx, "visitor", "v1", "c1", 2, "two");
    assert_int_equal(rules_deadline(fx), T0 + NOTICE_SHORT_MS);
}


static void
test_silence(void **state)
{
    struct fixture  *fx = *state;

    chat(fx, "ana");
    says(fx, "visitor", "v1", "c1", 1, "one");
    silences(fx, "ana", "message");
    assert_text(frame_find(fx, CHANGE_REGISTER, "i:ana", CD_T_NOTIFY),
                CD_F_SILENT, "message");
    assert_non_null(gone(fx, "i:ana"));
    fx->now += INTERVAL_MS;
    says(fx, "visitor", "v1", "c1", 2, "two");
    assert_null(notice(fx, "i:ana"));
    silences(fx, "ana", "");
    assert_text(notice(fx, "i:ana"), CD_F_PREVIEW, "two");

    silences(fx, "ana", "message noise");
    assert_refused(fx, "bad_request");
    silences(fx, "nobody", "");
    assert_refused(fx, "forbidden");
}


/* sales tells of waits after a minute; ben supervises, ana does not. */

static void
test_waits(void **state)
{
    struct fixture  *fx = *state;

    visitor_starts(fx, "v1", "c1", "sales");
    ticks(fx, WAIT_ALERT_MS - 1);
    assert_null(notice(fx, "i:ben"));
    ticks(fx, 1);
    assert_text(notice(fx, "i:ben"), CD_F_KIND, "wait");
    assert_text(notice(fx, "i:ben"), CD_F_ABOUT, "queue.sales");
    assert_int_equal(cd_frame_uint(notice(fx, "i:ben"), CD_F_COUNT), 1);
    assert_int_equal(cd_frame_uint(notice(fx, "i:ben"), CD_F_SINCE), T0);
    assert_null(notice(fx, "i:ana"));

    /* one more, within the interval of the notice before */
    visitor_starts(fx, "v2", "c2", "sales");
    visitor_starts(fx, "v3", "c3", "support");
    ticks(fx, WAIT_ALERT_MS);
    assert_int_equal(cd_frame_uint(notice(fx, "i:ben"), CD_F_COUNT), 2);
    visitor_does(fx, CD_T_END, "v1", "c1");
    assert_null(gone(fx, "i:ben"));
    silences(fx, "ben", "wait");
    assert_non_null(gone(fx, "i:ben"));
    silences(fx, "ben", "");
    visitor_does(fx, CD_T_END, "v2", "c2");
    assert_null(notice(fx, "i:ben"));
    ticks(fx, INTERVAL_MS);
    assert_null(notice(fx, "i:ben"));
    assert_null(op_find(fx, CHANGE_REGISTER, "i:ana", CD_T_NOTICE));
}


static void
hand(struct fixture *fx, int on)
{
    struct cd_frame  frame;

    entry_make(&frame, CD_T_HAND, "agent", "ana", "c1");
    cd_frame_set_uint(&frame, CD_F_ON, (uint64_t) on);
    apply(fx, &frame);
    fixture_flush(fx);
}


/* A supervisor of the queue is told of a hand, at most once an interval, as
   long as it is up and the supervisor is not there. */

static void
test_hand(void **state)
{
    struct fixture  *fx = *state;

    chat(fx, "ana");
    agent_does(fx, CD_T_ONLINE, "ben", NULL);
    hand(fx, 1);
    assert_text(notice(fx, "i:ben"), CD_F_KIND, "hand");
    assert_text(notice(fx, "i:ben"), CD_F_ABOUT, "hand.c1");
    assert_text(notice(fx, "i:ben"), CD_F_CONV, "c1");
    assert_null(notice(fx, "i:ana"));
    hand(fx, 0);
    assert_non_null(gone(fx, "i:ben"));

    /* at once again */
    hand(fx, 1);
    assert_null(notice(fx, "i:ben"));
    ticks(fx, INTERVAL_MS);
    assert_non_null(notice(fx, "i:ben"));

    /* the supervisor has come, and goes */
    agent_does(fx, CD_T_MONITOR, "ben", "c1");
    assert_non_null(gone(fx, "i:ben"));
    agent_does(fx, CD_T_LEAVE, "ben", "c1");
    assert_null(notice(fx, "i:ben"));

    /* down for long: at once */
    hand(fx, 0);
    ticks(fx, INTERVAL_MS);
    hand(fx, 1);
    assert_non_null(notice(fx, "i:ben"));

    /* the end ends it, and nothing is kept of it */
    visitor_does(fx, CD_T_END, "v1", "c1");
    assert_non_null(gone(fx, "i:ben"));
    ticks(fx, INTERVAL_MS);
    assert_null(alert_find(&fx->desk->alerts, "hand.c1", NULL));
}


static void
test_hand_silenced(void **state)
{
    struct fixture  *fx = *state;

    chat(fx, "ana");
    hand(fx, 1);
    silences(fx, "ben", "hand");
    assert_non_null(gone(fx, "i:ben"));
    hand(fx, 0);
    ticks(fx, INTERVAL_MS);
    hand(fx, 1);
    assert_null(notice(fx, "i:ben"));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        FIXTURE_TEST(test_burst),
        FIXTURE_TEST(test_read),
        FIXTURE_TEST(test_batch),
        FIXTURE_TEST(test_narrower),
        FIXTURE_TEST(test_own),
        FIXTURE_TEST(test_focus),
        FIXTURE_TEST(test_before_accept),
        FIXTURE_TEST(test_ended),
        FIXTURE_TEST(test_offer_ends),
        FIXTURE_TEST(test_policy),
        FIXTURE_TEST(test_silence),
        FIXTURE_TEST(test_waits),
        FIXTURE_TEST(test_hand),
        FIXTURE_TEST(test_hand_silenced)
    };

    return cmocka_run_group_tests_name("core_notify", tests, NULL, NULL);
}
