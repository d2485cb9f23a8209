/*
 * Interaction records: what is written, and when a record is open.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    entries of a whole conversation, in their order.
 * Owner:      the fixture.
 * Invariants: none of its own.
 *
 * proves: R1 R2 I22
 */

#include "core_fixture.h"

#define TRAIL  512


/* "started offered(load=0) ..." of the last batch, appended. */

static void
trail_add(const struct fixture *fx, char *trail, const char *field)
{
    size_t             i, offset;
    uint32_t           j;
    msgpack_unpacked   entry;
    msgpack_object_kv *pair;

    for (i = 0; i < fx->ops.count; i++) {
        if (fx->ops.list[i].code != CHANGE_RECORD) {
            continue;
        }

        offset = 0;
        msgpack_unpacked_init(&entry);
        assert_int_equal(
            msgpack_unpack_next(&entry, fx->ops.list[i].text[1].data,
                                fx->ops.list[i].text[1].len, &offset),
            MSGPACK_UNPACK_SUCCESS);

        for (j = 0; j < entry.data.via.map.size; j++) {
            pair = &entry.data.via.map.ptr[j];

            if (pair->key.via.str.size == strlen(field)
                && memcmp(pair->key.via.str.ptr, field, strlen(field)) == 0)
            {
                if (pair->val.type == MSGPACK_OBJECT_STR) {
                    sprintf(trail + strlen(trail), "%.*s ",
                            (int) pair->val.via.str.size,
                            pair->val.via.str.ptr);
                } else {
                    sprintf(trail + strlen(trail), "%llu ",
                            (unsigned long long) pair->val.via.u64);
                }
            }
        }

        msgpack_unpacked_destroy(&entry);
    }
}


static void
test_trail(void **state)
{
    char             what[TRAIL] = "", first[TRAIL] = "";
    struct fixture  *fx = *state;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    agent_does(fx, CD_T_ONLINE, "ben", NULL);
    visitor_starts(fx, "v1", "c1", "sales");
    trail_add(fx, what, "what");
    trail_add(fx, first, "name");
    trail_add(fx, first, "queue");
    assert_null(op_find(fx, CHANGE_RECORDED, "", 0));
    agent_does(fx, CD_T_REJECT, "ana", "c1");
    trail_add(fx, what, "what");
    ticks(fx, ACCEPT_MS);
    trail_add(fx, what, "what");
    ticks(fx, CD_LIMIT_REOFFER_MS);
    trail_add(fx, what, "what");
    agent_does(fx, CD_T_ACCEPT, "ana", "c1");
    trail_add(fx, what, "what");
    says(fx, "visitor", "v1", "c1", 7, "hello");
    says(fx, "agent", "ana", "c1", 8, "hello");
    agent_does(fx, CD_T_END, "ana", "c1");
    trail_add(fx, what, "what");
    trail_add(fx, first, "from_visitor");

    assert_string_equal(first, "Vera sales sales 1 ");
    assert_string_equal(what, "started offered rejected offered missed "
                              "offered accepted joined ended ");
}


/* Accepting opens it, for the one who accepts and by its client. */

static void
test_open(void **state)
{
    size_t            i, found = 0;
    const struct op  *op;
    struct fixture   *fx = *state;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    visitor_starts(fx, "v1", "c1", NULL);
    agent_does(fx, CD_T_ACCEPT, "ana", "c1");

    for (i = 0; i < fx->ops.count; i++) {
        op = &fx->ops.list[i];

        if (op->code == CHANGE_RECORDED) {
            assert_int_equal(op->number[0], 1);
            assert_true(cd_str_is(op->text[1], "ana"));
            assert_true(cd_str_is(op->text[3], "v1"));
            found++;
        }
    }

    assert_int_equal(found, 1);
}


/* The reason of an offer can be read: who had less, who had refused. */

static void
test_why(void **state)
{
    char             load[TRAIL] = "", passed[TRAIL] = "", idle[TRAIL] = "";
    char             again[TRAIL] = "";
    struct fixture  *fx = *state;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    fx->now += 5000;
    visitor_starts(fx, "v1", "c1", NULL);
    trail_add(fx, load, "load");
    trail_add(fx, idle, "idle_ms");
    visitor_starts(fx, "v2", "c2", NULL);
    trail_add(fx, load, "load");
    agent_does(fx, CD_T_ONLINE, "ben", NULL);
    agent_does(fx, CD_T_REJECT, "ana", "c2");
    trail_add(fx, passed, "passed");
    agent_does(fx, CD_T_REJECT, "ben", "c2");
    ticks(fx, CD_LIMIT_REOFFER_MS);
    trail_add(fx, again, "again");

    assert_string_equal(load, "0 1 ");
    assert_string_equal(idle, "5000 ");
    assert_string_equal(passed, "1 ");
    assert_string_equal(again, "1 ");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        FIXTURE_TEST(test_trail),
        FIXTURE_TEST(test_open),
        FIXTURE_TEST(test_why)
    };

    return cmocka_run_group_tests_name("core_record", tests, NULL, NULL);
}
