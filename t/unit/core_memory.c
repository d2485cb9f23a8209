/*
 * Memory that runs out at every single allocation.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 * link: -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc
 *
 * Purpose:    the batch then fails as a whole, and nothing else happens.
 * Owner:      each run.
 * Invariants: a run with a failed allocation is either told so or was able to
 *             do without.
 */

#include "core_fixture.h"

static long  allowed = -1;      /* allocations until one fails; -1: all */
static int   failed;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);


static int
fails(void)
{
    if (allowed < 0 || allowed-- > 0) {
        return 0;
    }

    failed = 1;

    return 1;
}


void *
__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}


void *
__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}


void *
__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}


static void
batch(struct desk *desk, struct changes *changes)
{
    uint32_t         n;
    struct cd_frame  entry;

    desk_loaded(desk, T0, changes);
    entry_make(&entry, CD_T_ONLINE, "agent", "ana", NULL);
    desk_apply(desk, &entry, T0, changes);
    entry_make(&entry, CD_T_ONLINE, "agent", "not-configured", NULL);
    desk_apply(desk, &entry, T0, changes);
    entry_make(&entry, CD_T_START, "visitor", "v1", "c1");
    put(&entry, CD_F_NAME, "Vera");
    put(&entry, CD_F_EMAIL, "vera@example.org");
    desk_apply(desk, &entry, T0, changes);
    entry_make(&entry, CD_T_ACCEPT, "agent", "ana", "c1");
    desk_apply(desk, &entry, T0, changes);

    for (n = 1; n < 80; n++) {
        message_make(&entry, "visitor", "v1", "c1", n, "text");
        desk_apply(desk, &entry, T0, changes);
    }

    desk_node_gone(desk, "n1", T0, changes);
    desk_tick(desk, T0 + 10000, changes);
    desk_flush(desk, changes);
}


/* Everything from an empty process to a batch; 1 when it could be committed. */

static int
run(void)
{
    int              done = 0;
    size_t           len;
    const char      *why;
    struct desk     *desk = desk_new();
    struct changes  *changes = changes_new();

    if (desk != NULL && changes != NULL
        && desk_configure(desk, &fixture_settings, &why) == 0
        && desk_load(desk, "agent", "ben",
                     "\x98\x01\x02\x00\x00\x00\x02\xa0\xa0", 9, &why) == 0
        && desk_load_session(desk, "s-v1", "n1", 0, "v1") == 0)
    {
        batch(desk, changes);
        done = changes_data(changes, &len) != NULL;
        assert_int_equal(done, !changes_failed(changes));
    }

    desk_free(&desk);
    changes_free(&changes);

    return done;
}


static void
test_every_site(void **state)
{
    int   done;
    long  site = 0, survived = 0;

    (void) state;

    do {
        allowed = site++;
        failed = 0;
        done = run();
        allowed = -1;
        survived += done && failed;
    } while (failed);

    /* the last run failed nowhere and was done */
    assert_true(done);
    assert_true(site > 50);

    /* only shrinking a text to its length may fail without harm */
    assert_true(survived < site / 2);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_every_site)
    };

    return cmocka_run_group_tests_name("core_memory", tests, NULL, NULL);
}
