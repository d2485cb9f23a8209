/*
 * Objects by id: what was entered is found, what was taken out is not, and
 * walking goes in the order of entering, however large the table grows.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    the index of conversations, visitors and sessions.
 * Owner:      each test.
 * Invariants: none of its own.
 */

#include "core_fixture.h"

#include "core/index.h"

#define COUNT  5000

struct thing {
    struct index_node  node;
    struct id          id;
};

static struct thing  things[COUNT];


static void
test_index(void **state)
{
    size_t              i, found = 0;
    struct index        index;
    struct index_node  *node;

    (void) state;
    index_init(&index);
    assert_null(index_find(&index, str_of("x")));
    assert_null(index_first(&index));

    for (i = 0; i < COUNT; i++) {
        snprintf(things[i].id.s, sizeof(things[i].id.s), "id-%zu", i);
        assert_int_equal(index_add(&index, &things[i].node, things[i].id.s),
                         0);
    }

    for (i = 0; i < COUNT; i += 2) {
        index_remove(&index, &things[i].node);
    }

    for (i = 0; i < COUNT; i++) {
        node = index_find(&index, str_of(things[i].id.s));
        assert_ptr_equal(node, i % 2 ? &things[i].node : NULL);
    }

    for (node = index_first(&index); node != NULL; node = index_next(node)) {
        assert_ptr_equal(node, &things[2 * found + 1].node);
        found++;
    }

    assert_int_equal(found, COUNT / 2);
    index_free(&index);
}


/* Texts that can be no id are found by nobody and read no further. */

static void
test_strange(void **state)
{
    struct thing   thing = { .id = { "abc" } };
    struct index   index;
    struct cd_str  strange[] = {
        { "", 0 }, { "abcd", 4 }, { "ab", 2 }, { "abc\0", 4 },
        { "0123456789012345678901234567890123456789", 40 }
    };
    size_t         i;

    (void) state;
    index_init(&index);
    assert_int_equal(index_add(&index, &thing.node, thing.id.s), 0);

    for (i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
        assert_null(index_find(&index, strange[i]));
    }

    index_remove(&index, &thing.node);
    index_free(&index);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_index),
        cmocka_unit_test(test_strange)
    };

    return cmocka_run_group_tests_name("core_index", tests, NULL, NULL);
}
