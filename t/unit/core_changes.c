/*
 * The operations of a commit, packed and taken apart again.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    each operation as docs/bus.md describes it; the error sticks.
 * Owner:      each test.
 * Invariants: none of its own.
 */

#include "core_fixture.h"


static void
test_every_operation(void **state)
{
    size_t           i, len;
    const char      *why = "", *data;
    struct ops       ops;
    struct changes  *changes = changes_new();
    struct cd_frame  frame;

    (void) state;
    cd_frame_init(&frame, CD_T_TYPING);
    put(&frame, CD_F_CONV, "c1");
    cd_frame_set_uint(&frame, CD_F_ON, 1);

    changes_put(changes, "kind", "key", "\0\xff", 2);
    changes_drop(changes, "kind", "key");
    changes_conv_set(changes, "c1", "m:ana", "a");
    changes_conv_unset(changes, "c1", "m:ana");
    changes_stored(changes, "b:c1", &frame);
    changes_register(changes, "d:c1", "key", &frame);
    changes_unregister(changes, "i:ana", CD_T_CARD, "c1", &frame);
    changes_passing(changes, "v:c1", &frame);
    changes_node(changes, "n1", &frame);
    changes_close(changes, "c1", "v1", 5, "");
    changes_session(changes, "key", "ana", "Ana", "agent", 7);
    changes_dead(changes, "1-0", "why", "\x01", 1);
    changes_offline(changes, "s1");
    changes_node_gone(changes, "n1");

    assert_int_equal(changes_count(changes), 14);
    data = changes_data(changes, &len);
    assert_int_equal(ops_decode(&ops, data, len, &why), 0);
    assert_int_equal(ops.count, 14);

    for (i = 0; i < ops.count; i++) {
        assert_int_equal(ops.list[i].code, i + 1);

        if (ops.list[i].has_frame) {
            assert_int_equal(ops.list[i].frame.type, CD_T_TYPING);
            assert_text(&ops.list[i].frame, CD_F_CONV, "c1");
        }
    }

    assert_int_equal(ops.list[0].text[2].len, 2);
    assert_int_equal(ops.list[6].number[1], CD_T_CARD);
    ops_free(&ops);
    changes_free(&changes);
    assert_null(changes);
}


static void
test_grows(void **state)
{
    size_t           i, len;
    char            *blob = calloc(1, 5000);
    const char      *why = "", *data;
    struct ops       ops;
    struct changes  *changes = changes_new();

    (void) state;

    for (i = 0; i < 200; i++) {
        changes_put(changes, "conv", "c1", blob, 5000);
    }

    data = changes_data(changes, &len);
    assert_true(len > 200 * 5000);
    assert_int_equal(ops_decode(&ops, data, len, &why), 0);
    assert_int_equal(ops.count, 200);
    ops_free(&ops);

    changes_reset(changes);
    assert_int_equal(changes_count(changes), 0);
    data = changes_data(changes, &len);
    assert_int_equal(ops_decode(&ops, data, len, &why), 0);
    assert_int_equal(ops.count, 0);
    ops_free(&ops);
    free(blob);
    changes_free(&changes);
}


static void
test_sticks(void **state)
{
    size_t           len;
    char            *text = calloc(1, CD_LIMIT_BUS_FRAME + 1);
    struct cd_frame  frame;
    struct changes  *changes = changes_new();

    (void) state;
    cd_frame_init(&frame, CD_T_MESSAGE);
    cd_frame_set_str(&frame, CD_F_TEXT, text, CD_LIMIT_BUS_FRAME + 1);
    changes_stored(changes, "b:c1", &frame);
    changes_offline(changes, "s1");
    assert_true(changes_failed(changes));
    assert_null(changes_data(changes, &len));

    changes_reset(changes);
    assert_false(changes_failed(changes));
    changes_fail(changes);
    assert_null(changes_data(changes, &len));
    free(text);
    changes_free(&changes);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_every_operation),
        cmocka_unit_test(test_grows),
        cmocka_unit_test(test_sticks)
    };

    return cmocka_run_group_tests_name("core_changes", tests, NULL, NULL);
}
