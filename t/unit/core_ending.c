/*
 * How conversations end and leave the inbox.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    who may end; what both sides and the card are told; dismissing;
 *             what is never dismissed.
 * Owner:      the fixture.
 * Invariants: none of its own.
 */

#include "core_fixture.h"


static void
chat(struct fixture *fx)
{
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    visitor_starts(fx, "v1", "c1", NULL);
    agent_does(fx, CD_T_ACCEPT, "ana", "c1");
}


/* Whether the conversation is closed in Redis after its last frame. */

static void
assert_closed_last(const struct fixture *fx, const char *conv)
{
    size_t            i, close = 0;
    const struct op  *op;

    for (i = 0; i < fx->ops.count; i++) {
        op = &fx->ops.list[i];

        if (op->code == CHANGE_CLOSE && cd_str_is(op->text[0], conv)) {
            assert_int_equal(close, 0);
            close = i + 1;

        } else if ((op->code == CHANGE_STORED || op->code == CHANGE_REGISTER)
                   && op->text[0].data[0] != 'i')
        {
            assert_int_equal(close, 0);
        }
    }

    assert_int_not_equal(close, 0);
}


static void
test_who_may_end(void **state)
{
    size_t           i;
    struct fixture  *fx;
    const struct {
        const char *role;
        const char *who;
        const char *conv;
        const char *closed_by;      /* NULL: refused, not_found */
    } rows[] = {
        { "visitor", "v1", "c1", "visitor" },
        { "agent", "ana", "c1", "agent" },
        { "visitor", "v2", "c1", NULL },
        { "agent", "ben", "c1", NULL },
        { "agent", "nobody", "c1", NULL },
        { "visitor", "ana", "c1", NULL },
        { "agent", "v1", "c1", NULL },
        { "visitor", "v1", "c2", NULL },
        { "system", "v1", "c1", NULL }
    };

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cd_frame         entry;
        const struct cd_frame  *frame;

        fixture_teardown(state);
        fixture_setup(state);
        fx = *state;
        chat(fx);

        entry_make(&entry, CD_T_END, rows[i].role, rows[i].who, rows[i].conv);
        apply(fx, &entry);
        fixture_flush(fx);

        if (rows[i].closed_by == NULL) {
            assert_refused(fx, "not_found");
            assert_int_equal(fx->ops.count, 1);
            continue;
        }

        frame = frame_find(fx, CHANGE_STORED, "b:c1", CD_T_EVENT);
        assert_text(frame, CD_F_WHAT, "ended");
        assert_text(frame, CD_F_WHO, rows[i].who);
        frame = frame_find(fx, CHANGE_REGISTER, "b:c1", CD_T_PHASE);
        assert_text(frame, CD_F_PHASE, "closed");
        assert_text(frame, CD_F_CLOSED_BY, rows[i].closed_by);
        assert_text(assert_card(fx, "i:ana", "c1", "closed"),
                    CD_F_CLOSED_BY, rows[i].closed_by);
        frame = frame_find(fx, CHANGE_REGISTER, "i:ana", CD_T_ME);
        assert_int_equal(cd_frame_uint(frame, CD_F_ACTIVE), 0);
        assert_closed_last(fx, "c1");

        /* asked once more: nothing to do, nothing to say */
        apply(fx, &entry);
        fixture_flush(fx);
        assert_nothing(fx);
    }
}


static void
test_end_while_waiting(void **state)
{
    struct fixture  *fx = *state;

    visitor_starts(fx, "v1", "c1", NULL);
    visitor_does(fx, CD_T_END, "v1", "c1");
    assert_closed_last(fx, "c1");
    assert_non_null(op_find(fx, CHANGE_DROP, "conv", 0));

    /* nobody is offered what has ended */
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    assert_null(op_find(fx, CHANGE_REGISTER, "i:ana", CD_T_CARD));
}


/* Started and ended in one batch: no entity is ever written. */

static void
test_end_in_one_batch(void **state)
{
    struct cd_frame  entry;
    struct fixture  *fx = *state;

    entry_make(&entry, CD_T_START, "visitor", "v1", "c1");
    apply(fx, &entry);
    entry_make(&entry, CD_T_END, "visitor", "v1", "c1");
    apply(fx, &entry);
    fixture_flush(fx);
    assert_closed_last(fx, "c1");
    assert_null(op_find(fx, CHANGE_DROP, "conv", 0));
    assert_null(op_find(fx, CHANGE_PUT, "conv", 0));
}


static void
test_dismiss(void **state)
{
    struct fixture  *fx = *state;

    chat(fx);
    agent_does(fx, CD_T_DISMISS, "ana", "c1");
    assert_refused(fx, "forbidden");
    agent_does(fx, CD_T_DISMISS, "ben", "c1");
    assert_text(frame_find(fx, CHANGE_NODE, "n1", CD_T_REFUSED), CD_F_CODE,
                "not_found");

    visitor_does(fx, CD_T_END, "v1", "c1");
    visitor_does(fx, CD_T_DISMISS, "v1", "c1");
    assert_refused(fx, "not_found");

    agent_does(fx, CD_T_DISMISS, "ana", "c1");
    assert_gone(fx, "i:ana", "c1", WHY_DISMISSED);
    assert_non_null(op_find(fx, CHANGE_DROP, "conv", 0));
    assert_true(rules_deadline(fx) == UINT64_MAX);

    /* it is in nobody's inbox, as was asked for */
    agent_does(fx, CD_T_DISMISS, "ana", "c1");
    assert_nothing(fx);
}


static void
test_expires(void **state)
{
    struct fixture  *fx = *state;

    chat(fx);
    agent_does(fx, CD_T_END, "ana", "c1");
    assert_int_equal(rules_deadline(fx),
                     fx->now + CD_LIMIT_CLOSED_KEEP_MS);
    ticks(fx, CD_LIMIT_CLOSED_KEEP_MS - 1);
    assert_nothing(fx);
    ticks(fx, 1);
    assert_gone(fx, "i:ana", "c1", WHY_EXPIRED);
    assert_non_null(op_find(fx, CHANGE_DROP, "conv", 0));
}


/* A message that was accepted before the end was committed still counts. */

static void
test_last_message(void **state)
{
    const struct cd_frame  *card;
    struct fixture         *fx = *state;

    chat(fx);
    agent_does(fx, CD_T_END, "ana", "c1");
    says(fx, "visitor", "v1", "c1", 9, "one more thing");
    card = assert_card(fx, "i:ana", "c1", "closed");
    assert_int_equal(cd_frame_uint(card, CD_F_UNREAD), 1);
    assert_text(card, CD_F_PREVIEW, "one more thing");
    assert_null(op_find(fx, CHANGE_REGISTER, "b:c1", 0));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        FIXTURE_TEST(test_who_may_end),
        FIXTURE_TEST(test_end_while_waiting),
        FIXTURE_TEST(test_end_in_one_batch),
        FIXTURE_TEST(test_dismiss),
        FIXTURE_TEST(test_expires),
        FIXTURE_TEST(test_last_message)
    };

    return cmocka_run_group_tests_name("core_ending", tests, NULL, NULL);
}
