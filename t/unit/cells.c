/*
 * Unit test of memory for many things of one size.
 *
 * Purpose:    cells that are got are apart, zero and whole; pages go back.
 * Owner:      the test frees every cell.
 * Invariants: one page at most stays when all cells are free.
 *
 * link: ngx_chatdesk_module/ngx_http_chatdesk_cells.c
 * link: t/unit/support/nginx.c
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ngx_http_chatdesk_cells.h"
#include "support/nginx.h"

#define MANY  3000

struct thing {
    uint64_t  words[27];
};

static ngx_http_chatdesk_cells_t  cells =
    ngx_http_chatdesk_cells(struct thing);
static ngx_log_t                  no_log;


static struct thing *
get(uint64_t mark)
{
    size_t        i;
    struct thing  *thing;

    thing = ngx_http_chatdesk_cell_get(&cells, &no_log);
    assert_non_null(thing);

    for (i = 0; i < 27; i++) {
        assert_int_equal(thing->words[i], 0);
        thing->words[i] = mark;
    }

    return thing;
}


static void
give(struct thing *thing, uint64_t mark)
{
    size_t  i;

    for (i = 0; i < 27; i++) {
        assert_int_equal(thing->words[i], mark);
    }

    ngx_http_chatdesk_cell_free(&cells, thing);
}


static void
test_apart(void **state)
{
    uint64_t             i;
    ngx_uint_t           most;
    static struct thing  *things[MANY];

    (void) state;

    for (i = 0; i < MANY; i++) {
        things[i] = get(i + 1);
    }

    most = cells.pages;
    assert_in_range(most, 2, MANY * sizeof(struct thing)
                             / NGX_HTTP_CHATDESK_CELLS_PAGE + 1);

    /* every third goes and another comes: no page more */

    for (i = 0; i < MANY; i += 3) {
        give(things[i], i + 1);
    }

    for (i = 0; i < MANY; i += 3) {
        things[i] = get(i + 1);
    }

    assert_int_equal(cells.pages, most);

    for (i = 0; i < MANY; i++) {
        give(things[(i * 7) % MANY], (i * 7) % MANY + 1);
    }

    assert_int_equal(cells.pages, 1);
}


/* What comes and goes alone does not make a page each time. */

static void
test_alone(void **state)
{
    struct thing  *first, *second;

    (void) state;

    first = get(1);
    give(first, 1);
    second = get(2);
    assert_ptr_equal(first, second);
    give(second, 2);
    assert_int_equal(cells.pages, 1);

    ngx_http_chatdesk_cell_free(&cells, NULL);
}


static void
test_memory(void **state)
{
    uint64_t             i, count;
    static struct thing  *things[MANY];

    (void) state;

    test_allow_allocations(1);

    for (count = 0; count < MANY; count++) {
        things[count] = ngx_http_chatdesk_cell_get(&cells, &no_log);

        if (things[count] == NULL) {
            break;
        }
    }

    test_allow_allocations(-1);
    assert_in_range(count, 1, MANY - 1);
    assert_non_null(get(1));

    for (i = 0; i < count; i++) {
        ngx_http_chatdesk_cell_free(&cells, things[i]);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_apart),
        cmocka_unit_test(test_alone),
        cmocka_unit_test(test_memory)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
