/*
 * Unread counts, times and preview on the cards.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    messages and marks as the cards show them, also beyond what is
 *             kept one by one.
 * Owner:      the fixture.
 * Invariants: none of its own.
 */

#include "core_fixture.h"

#include "core/unread.h"


static void
chat(struct fixture *fx)
{
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    visitor_starts(fx, "v1", "c1", NULL);
    agent_does(fx, CD_T_ACCEPT, "ana", "c1");
}


static uint64_t
unread_now(struct fixture *fx, const char *phase)
{
    return cd_frame_uint(assert_card(fx, "i:ana", "c1", phase), CD_F_UNREAD);
}


static void
test_marks(void **state)
{
    size_t           i;
    struct fixture  *fx = *state;
    const struct {
        const char *from;           /* NULL: ana marks */
        uint32_t    n;
        int         shown;          /* -1: no card is published */
    } rows[] = {
        { "v1", 5, 1 },
        { "v1", 5, -1 },            /* the same message once more */
        { "v1", 6, 2 },
        { NULL, 5, 1 },
        { NULL, 4, -1 },            /* a mark never goes down */
        { "ana", 8, 1 },            /* one's own does not count */
        { NULL, 900, 0 },           /* never beyond what there is */
        { "v1", 9, 1 },
        { NULL, 0, -1 },
        { "someone", 10, 2 },
        { NULL, 10, 0 }
    };

    chat(fx);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].from == NULL) {
            marks(fx, "ana", "c1", rows[i].n);
        } else {
            says(fx, rows[i].from[0] == 'v' ? "visitor" : "agent",
                 rows[i].from, "c1", rows[i].n, "text");
        }

        if (rows[i].shown < 0) {
            assert_null(op_find(fx, CHANGE_REGISTER, "i:ana", CD_T_CARD));
        } else {
            assert_int_equal(unread_now(fx, "active"), rows[i].shown);
        }
    }
}


/* What the visitor wrote while waiting is unread when the offer comes. */

static void
test_before_the_offer(void **state)
{
    struct fixture  *fx = *state;

    visitor_starts(fx, "v1", "c1", NULL);
    says(fx, "visitor", "v1", "c1", 4, "hello?");
    says(fx, "visitor", "v1", "c1", 5, "anybody?");
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    assert_int_equal(unread_now(fx, "offered"), 2);
    says(fx, "visitor", "v1", "c1", 6, "!");
    assert_int_equal(unread_now(fx, "offered"), 3);

    /* only members have marks */
    marks(fx, "ana", "c1", 6);
    assert_nothing(fx);
    agent_does(fx, CD_T_ACCEPT, "ana", "c1");
    assert_int_equal(unread_now(fx, "active"), 3);
}


/* Far more than is kept one by one. */

static void
test_long_chat(void **state)
{
    uint32_t         n, total = 3 * UNREAD_RECENT;
    struct fixture  *fx = *state;

    chat(fx);

    for (n = 1; n <= total; n++) {
        says(fx, n % 3 == 0 ? "agent" : "visitor", n % 3 == 0 ? "ana" : "v1",
             "c1", n, "text");
    }

    assert_int_equal(unread_now(fx, "active"), total - total / 3);

    /* amid the recent ones the count is exact again */
    marks(fx, "ana", "c1", total - 6);
    assert_int_equal(unread_now(fx, "active"), 4);
}


static void
test_bound_amid_older(void **state)
{
    uint32_t         n, total = 2 * UNREAD_RECENT;
    struct fixture  *fx = *state;

    chat(fx);

    for (n = 1; n <= total; n++) {
        says(fx, "visitor", "v1", "c1", n, "text");
    }

    /* here every number is a message of another's, so the bound is exact */
    marks(fx, "ana", "c1", 10);
    assert_int_equal(unread_now(fx, "active"), total - 10);
}


static void
test_times(void **state)
{
    struct cd_frame         entry;
    const struct cd_frame  *card;
    struct fixture         *fx = *state;

    chat(fx);
    says(fx, "visitor", "v1", "c1", 1, "question");
    says(fx, "agent", "ana", "c1", 2, "answer");

    message_make(&entry, "agent", "ana", "c1", 3, "note");
    cd_frame_set_uint(&entry, CD_F_PRIVATE, 1);
    apply(fx, &entry);
    fixture_flush(fx);

    card = assert_card(fx, "i:ana", "c1", "active");
    assert_int_equal(cd_frame_uint(card, CD_F_CLIENT_AT), 1000);
    assert_int_equal(cd_frame_uint(card, CD_F_REPLY_AT), 2000);
    assert_text(card, CD_F_PREVIEW, "note");
}


/* A burst in one batch is one card. */

static void
test_burst(void **state)
{
    uint32_t         n;
    struct cd_frame  entry;
    struct fixture  *fx = *state;

    chat(fx);

    for (n = 1; n <= 20; n++) {
        message_make(&entry, "visitor", "v1", "c1", n, "text");
        apply(fx, &entry);
    }

    fixture_flush(fx);
    assert_int_equal(unread_now(fx, "active"), 20);
}


static void
test_nobody_has_it(void **state)
{
    struct fixture  *fx = *state;

    says(fx, "visitor", "v1", "c1", 1, "text");
    assert_nothing(fx);
    marks(fx, "ana", "c1", 1);
    assert_nothing(fx);
    marks(fx, "no such agent", "c1", 1);
    assert_nothing(fx);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        FIXTURE_TEST(test_marks),
        FIXTURE_TEST(test_before_the_offer),
        FIXTURE_TEST(test_long_chat),
        FIXTURE_TEST(test_bound_amid_older),
        FIXTURE_TEST(test_times),
        FIXTURE_TEST(test_burst),
        FIXTURE_TEST(test_nobody_has_it)
    };

    return cmocka_run_group_tests_name("core_unread", tests, NULL, NULL);
}
