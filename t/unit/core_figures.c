/*
 * Lines and waits: places, counts and percentiles against a plain recount.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    standing.h and waits.h by themselves, with many random steps.
 * Owner:      each test.
 * Invariants: none of its own.
 *
 * proves: I9 V15
 */

#include "core_fixture.h"

#include "core/conversation.h"
#include "core/standing.h"
#include "core/waits.h"

#define COUNT   200
#define MINUTE  60000


static unsigned
draw(unsigned n)
{
    static uint64_t  state = 1;

    state = state * 6364136223846793005u + 1442695040888963407u;

    return (unsigned) (state >> 33) % n;
}


static void
check_line(struct standing *standing, struct conversation *all,
    const int *in)
{
    size_t    i, j, count = 0, place;
    uint64_t  oldest = 0;

    for (i = 0; i < COUNT; i++) {
        if (!in[i]) {
            continue;
        }

        count++;

        if (oldest == 0 || all[i].queued_at_ms < oldest) {
            oldest = all[i].queued_at_ms;
        }

        for (j = 0, place = 1; j < i; j++) {
            place += (size_t) in[j];
        }

        assert_int_equal(standing_place(&all[i]), place);
        assert_ptr_equal(standing_at(standing, place), &all[i]);
    }

    assert_int_equal(standing_count(standing), count);
    assert_null(standing_at(standing, 0));
    assert_null(standing_at(standing, count + 1));
    assert_int_equal(standing_oldest(standing), oldest);
}


static void
test_standing(void **state)
{
    int                         step, at, in[COUNT] = { 0 };
    struct standing             standing;
    static struct conversation  all[COUNT];

    (void) state;
    standing_init(&standing);

    for (at = 0; at < COUNT; at++) {
        all[at].number = (uint64_t) at + 1;
        all[at].queued_at_ms = 1000 + draw(100000);
    }

    for (step = 0; step < 3000; step++) {
        at = (int) draw(COUNT);

        if (in[at]) {
            standing_remove(&standing, &all[at]);
        } else {
            standing_insert(&standing, &all[at]);
        }

        in[at] = !in[at];

        if (step % 10 == 0) {
            check_line(&standing, all, in);
        }
    }
}


static int
compare(const void *a, const void *b)
{
    uint64_t  x = *(const uint64_t *) a, y = *(const uint64_t *) b;

    return x < y ? -1 : x > y;
}


static void
assert_near(uint64_t found, uint64_t exact)
{
    uint64_t  off = found > exact ? found - exact : exact - found;

    if (off > 64 && off * 16 > exact) {
        fail_msg("%llu is too far from %llu", (unsigned long long) found,
                 (unsigned long long) exact);
    }
}


/* Percentiles are as exact as they are said to be, from 0 to 20 hours. */

static void
test_percentiles(void **state)
{
    size_t            i, round;
    uint64_t          waits_ms[1000], total, in_time;
    struct waits_sum  sum;

    (void) state;

    for (round = 1; round < 27; round++) {
        struct waits  waits = { 0 };

        for (i = 0, total = 0, in_time = 0; i < 1000; i++) {
            waits_ms[i] = draw(1u << round);
            total += waits_ms[i];
            in_time += waits_ms[i] <= 5000;
            waits_answered(&waits, T0 + (i % 20) * MINUTE, waits_ms[i], 5000);
        }

        qsort(waits_ms, 1000, sizeof(waits_ms[0]), compare);
        waits_add_up(&waits, T0 + 20 * MINUTE, &sum);
        assert_int_equal(sum.answered, 1000);
        assert_int_equal(sum.average_ms, total / 1000);
        assert_int_equal(sum.level, in_time / 10);
        assert_near(sum.p50_ms, waits_ms[499]);
        assert_near(sum.p90_ms, waits_ms[899]);
    }
}


/* What is older than the window counts no more; who gives up counts for the
   service level alone, and only after the limit. */

static void
test_window(void **state)
{
    struct waits      waits = { 0 };
    struct waits_sum  sum;

    (void) state;
    waits_add_up(&waits, T0, &sum);
    assert_int_equal(sum.answered, 0);
    assert_int_equal(sum.has_level, 0);

    waits_answered(&waits, T0, 1000, 5000);
    waits_answered(&waits, T0 + 10 * MINUTE, 9000, 5000);
    waits_lost(&waits, T0 + 10 * MINUTE, 1000, 5000);
    waits_lost(&waits, T0 + 10 * MINUTE, 6000, 5000);
    waits_add_up(&waits, T0 + 10 * MINUTE, &sum);
    assert_int_equal(sum.answered, 2);
    assert_int_equal(sum.average_ms, 5000);
    assert_int_equal(sum.level, 33);

    waits_add_up(&waits, T0 + 31 * MINUTE, &sum);
    assert_int_equal(sum.answered, 1);
    assert_int_equal(sum.average_ms, 9000);
    assert_true(waits_any(&waits, T0 + 31 * MINUTE));
    assert_false(waits_any(&waits, T0 + 50 * MINUTE));

    /* a clock that was put back does not see what is to come */
    waits_add_up(&waits, T0 + 5 * MINUTE, &sum);
    assert_int_equal(sum.answered, 1);
    assert_int_equal(sum.average_ms, 1000);
}


/* At most once a second, only when something changed. */

static void
test_pace(void **state)
{
    struct fixture         *fx = *state;
    const struct cd_frame  *frame;

    ticks(fx, 1000);            /* every queue is told once */
    visitor_starts(fx, "v1", "c1", "support");
    assert_null(frame_find(fx, CHANGE_REGISTER, "g:queues", CD_T_FIGURES));
    visitor_starts(fx, "v2", "c2", "support");

    ticks(fx, 500);
    assert_null(frame_find(fx, CHANGE_REGISTER, "g:queues", CD_T_FIGURES));
    ticks(fx, 500);
    frame = frame_find(fx, CHANGE_REGISTER, "g:queues", CD_T_FIGURES);
    assert_text(frame, CD_F_QUEUE_ID, "support");
    assert_int_equal(cd_frame_uint(frame, CD_F_WAITING), 2);
    assert_int_equal(cd_frame_uint(frame, CD_F_SINCE), T0 + 1000);

    ticks(fx, 1000);
    assert_null(frame_find(fx, CHANGE_REGISTER, "g:queues", CD_T_FIGURES));
}


/* Nothing before five answers; then places times what one takes, from two
   thirds to one and a half of it, in whole half minutes. */

static void
test_expected(void **state)
{
    int                     i;
    char                    conv[16], visitor[16];
    struct fixture         *fx = *state;
    const struct cd_frame  *frame;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);

    for (i = 0; i < 6; i++) {
        snprintf(conv, sizeof(conv), "c%d", i);
        snprintf(visitor, sizeof(visitor), "v%d", i);
        visitor_starts(fx, visitor, conv, "support");
        agent_does(fx, CD_T_ACCEPT, "ana", conv);
        agent_does(fx, CD_T_END, "ana", conv);
    }

    agent_chooses(fx, "ana", "busy");
    ticks(fx, 1000);
    visitor_starts(fx, "v8", "c8", "support");
    frame = frame_find(fx, CHANGE_REGISTER, "v:c8", CD_T_PLACE);
    assert_int_equal(cd_frame_uint(frame, CD_F_PLACE), 1);
    /* six in a minute: ten seconds each */
    assert_true(cd_frame_has(frame, CD_F_WAIT_MIN));
    assert_int_equal(cd_frame_uint(frame, CD_F_WAIT_MIN), 0);
    assert_int_equal(cd_frame_uint(frame, CD_F_WAIT_MAX), 30000);

    visitor_starts(fx, "v9", "c9", "sales");
    frame = frame_find(fx, CHANGE_REGISTER, "v:c9", CD_T_PLACE);
    assert_false(cd_frame_has(frame, CD_F_WAIT_MIN));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_standing),
        cmocka_unit_test(test_percentiles),
        cmocka_unit_test(test_window),
        FIXTURE_TEST(test_pace),
        FIXTURE_TEST(test_expected)
    };

    return cmocka_run_group_tests_name("core_figures", tests, NULL, NULL);
}
