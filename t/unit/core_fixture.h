/*
 * A small desk for the tests of the core's rules.
 *
 * Purpose:    settings, entries in one line each, and look-ups in what the
 *             core answered.
 * Owner:      one struct fixture for each test.
 * Invariants: every batch is flushed and decoded as Redis would see it; a
 *             batch that does not decode fails the test.
 *
 * Queues: sales (priority 1), support (priority 5, the default).
 * Agents: ana, ben (both queues, capacity 2; ben supervises, sales tells of
 * long waits), eva (support, capacity 1; short interval, no previews).
 */

#ifndef CHATDESK_CORE_FIXTURE_H
#define CHATDESK_CORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/desk.h"
#include "core/state.h"
#include "core/words.h"

#include "../sim/ops.h"

#define ACCEPT_MS        20000
#define WAIT_ALERT_MS    60000
#define NOTICE_SHORT_MS  3000
#define T0               1000000

struct fixture {
    struct desk     *desk;
    struct changes  *changes;
    struct ops       ops;           /* of the last batch */
    uint64_t         now;
};

static const struct queue_settings  fixture_queues[] = {
    { .id = "sales", .name = "Sales", .priority = 1,
      .accept_ms = ACCEPT_MS, .wait_alert_ms = WAIT_ALERT_MS },
    { .id = "support", .name = "Support", .priority = 5,
      .accept_ms = ACCEPT_MS }
};

static const char  *both_queues[] = { "sales", "support" };
static const char  *support_queue[] = { "support" };

static const struct profile_settings  fixture_profiles[] = {
    { .id = "all", .name = "Everything", .capacity = 2,
      .queues = both_queues, .queue_count = 2 },
    { .id = "solo", .name = "Solo", .capacity = 1,
      .queues = support_queue, .queue_count = 1 }
};

static const struct agent_settings  fixture_agents[] = {
    { "ana", "Ana Lima", "agent", "all" },
    { "ben", "Ben", "supervisor", "all" },
    { "eva", "Eva", "agent", "solo",
      { NOTICE_SHORT_MS, NOTIFY_PREVIEW, 0 } }
};

static const struct desk_settings  fixture_settings = {
    .name = "Shop", .default_queue = "support",
    .queues = fixture_queues, .queue_count = 2,
    .profiles = fixture_profiles, .profile_count = 2,
    .agents = fixture_agents, .agent_count = 3, .grace_ms = 60000
};


static inline void
fixture_flush(struct fixture *fx)
{
    size_t       len;
    const char  *data, *why = "";

    desk_flush(fx->desk, fx->changes);
    data = changes_data(fx->changes, &len);
    assert_non_null(data);

    ops_free(&fx->ops);
    if (ops_decode(&fx->ops, data, len, &why) != 0) {
        fail_msg("%s", why);
    }

    changes_reset(fx->changes);
}


static inline int
fixture_setup(void **state)
{
    const char      *why = "";
    struct fixture  *fx = calloc(1, sizeof(struct fixture));

    assert_non_null(fx);
    fx->now = T0;
    fx->desk = desk_new();
    fx->changes = changes_new();
    assert_int_equal(desk_configure(fx->desk, &fixture_settings, &why), 0);
    desk_loaded(fx->desk, fx->now, fx->changes);
    fixture_flush(fx);
    assert_int_equal(fx->ops.count, 0);
    *state = fx;

    return 0;
}


static inline int
fixture_teardown(void **state)
{
    struct fixture  *fx = *state;

    ops_free(&fx->ops);
    desk_free(&fx->desk);
    changes_free(&fx->changes);
    free(fx);

    return 0;
}


#define FIXTURE_TEST(f)                                                       \
    cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)


static inline void
put(struct cd_frame *frame, unsigned field, const char *text)
{
    if (text != NULL) {
        cd_frame_set_str(frame, field, text, strlen(text));
    }
}


/* A control entry; the session of a person is "s-<who>" on node "n1". */

static inline void
entry_make(struct cd_frame *frame, unsigned type, const char *role,
    const char *who, const char *conv)
{
    static char  session[80];

    snprintf(session, sizeof(session), "s-%s", who);
    cd_frame_init(frame, type);
    put(frame, CD_F_ID, "r1");
    put(frame, CD_F_ROLE, role);
    put(frame, CD_F_WHO, who);
    put(frame, CD_F_CONV, conv);
    put(frame, CD_F_SESSION, session);
    put(frame, CD_F_NODE, "n1");
}


/* Without a flush: for what several entries of one batch give together. */

static inline void
apply(struct fixture *fx, const struct cd_frame *frame)
{
    desk_apply(fx->desk, frame, fx->now, fx->changes);
}


static inline void
agent_does(struct fixture *fx, unsigned type, const char *who,
    const char *conv)
{
    struct cd_frame  frame;

    entry_make(&frame, type, "agent", who, conv);
    apply(fx, &frame);
    fixture_flush(fx);
}


static inline void
visitor_does(struct fixture *fx, unsigned type, const char *who,
    const char *conv)
{
    struct cd_frame  frame;

    entry_make(&frame, type, "visitor", who, conv);
    apply(fx, &frame);
    fixture_flush(fx);
}


static inline void
visitor_starts(struct fixture *fx, const char *who, const char *conv,
    const char *queue)
{
    struct cd_frame  frame;

    entry_make(&frame, CD_T_START, "visitor", who, conv);
    put(&frame, CD_F_NAME, "Vera");
    put(&frame, CD_F_QUEUE, queue);
    apply(fx, &frame);
    fixture_flush(fx);
}


static inline void
agent_chooses(struct fixture *fx, const char *who, const char *presence)
{
    struct cd_frame  frame;

    entry_make(&frame, CD_T_PRESENCE, "agent", who, NULL);
    put(&frame, CD_F_STATE, presence);
    apply(fx, &frame);
    fixture_flush(fx);
}


static inline void
message_make(struct cd_frame *frame, const char *role, const char *from,
    const char *conv, uint32_t n, const char *text)
{
    cd_frame_init(frame, CD_T_MESSAGE);
    put(frame, CD_F_CONV, conv);
    put(frame, CD_F_ROLE, role);
    put(frame, CD_F_FROM, from);
    put(frame, CD_F_TEXT, text);
    frame->n = n;
    frame->v = n;
    frame->at_ms = n * 1000;
}


static inline void
says(struct fixture *fx, const char *role, const char *from,
    const char *conv, uint32_t n, const char *text)
{
    struct cd_frame  frame;

    message_make(&frame, role, from, conv, n, text);
    apply(fx, &frame);
    fixture_flush(fx);
}


static inline void
marks(struct fixture *fx, const char *who, const char *conv, uint32_t n)
{
    struct cd_frame  frame;

    entry_make(&frame, CD_T_MARK_SET, "agent", who, conv);
    frame.n = n;
    apply(fx, &frame);
    fixture_flush(fx);
}


static inline void
ticks(struct fixture *fx, uint64_t ms)
{
    fx->now += ms;
    desk_tick(fx->desk, fx->now, fx->changes);
    fixture_flush(fx);
}


/* When a rule wakes the desk, the rounds of figures and places aside: those
   end here. */

static inline uint64_t
rules_deadline(struct fixture *fx)
{
    timer_stop(&fx->desk->timers, &fx->desk->figures_timer);
    timer_stop(&fx->desk->timers, &fx->desk->place_timer);

    return desk_deadline(fx->desk);
}


/* The only operation of the last batch with this code, feed (or first
   element) and, for frames, type; NULL for none. */

static inline const struct op *
op_find(const struct fixture *fx, enum change_op code, const char *first,
    unsigned type)
{
    size_t            i;
    const struct op  *op, *found = NULL;

    for (i = 0; i < fx->ops.count; i++) {
        op = &fx->ops.list[i];

        if (op->code == code && cd_str_is(op->text[0], first)
            && (type == 0 || (op->has_frame && op->frame.type == type)))
        {
            assert_null(found);
            found = op;
        }
    }

    return found;
}


static inline const struct cd_frame *
frame_find(const struct fixture *fx, enum change_op code, const char *first,
    unsigned type)
{
    const struct op  *op = op_find(fx, code, first, type);

    return op != NULL ? &op->frame : NULL;
}


static inline void
assert_text(const struct cd_frame *frame, unsigned field, const char *text)
{
    struct cd_str  found;

    assert_non_null(frame);
    found = cd_frame_str(frame, field);
    assert_int_equal(found.len, strlen(text));
    assert_memory_equal(found.data, text, found.len);
}


/* The card that the last batch put into an inbox, by its phase. */

static inline const struct cd_frame *
assert_card(const struct fixture *fx, const char *inbox, const char *conv,
    const char *phase)
{
    const struct cd_frame  *card;

    card = frame_find(fx, CHANGE_REGISTER, inbox, CD_T_CARD);
    assert_text(card, CD_F_CONV, conv);
    assert_text(card, CD_F_PHASE, phase);

    return card;
}


static inline void
assert_gone(const struct fixture *fx, const char *inbox, const char *conv,
    enum why why)
{
    const struct cd_frame  *gone;

    gone = frame_find(fx, CHANGE_UNREGISTER, inbox, CD_T_CARD_GONE);
    assert_text(gone, CD_F_CONV, conv);
    assert_text(gone, CD_F_WHY, why_name(why));
}


static inline void
assert_refused(const struct fixture *fx, const char *code)
{
    assert_text(frame_find(fx, CHANGE_NODE, "n1", CD_T_REFUSED), CD_F_CODE,
                code);
}


/* But for what goes out by rounds. */

static inline void
assert_nothing(const struct fixture *fx)
{
    size_t            i;
    const struct op  *op;

    for (i = 0; i < fx->ops.count; i++) {
        op = &fx->ops.list[i];
        assert_true(op->code == CHANGE_REGISTER
                    && (op->frame.type == CD_T_FIGURES
                        || op->frame.type == CD_T_PLACE));
    }
}

#endif /* CHATDESK_CORE_FIXTURE_H */
