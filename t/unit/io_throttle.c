/*
 * Unit tests of worker/io/throttle.h.
 *
 * Invariants tested: so many tries in a window and no more; a window ends;
 * keys are apart; a flood of keys keeps to its memory and neither crashes
 * nor locks the newest out.
 *
 * link: worker/io/throttle.c
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "io/throttle.h"

#define TRIES   5
#define WINDOW  60000


static uint64_t
wait_of(struct throttle *throttle, const char *key, uint64_t now)
{
    return throttle_wait_ms(throttle, key, strlen(key), now);
}


static void
count(struct throttle *throttle, const char *key, uint64_t now)
{
    throttle_count(throttle, key, strlen(key), now);
}


static void
test_window(void **state)
{
    int               i;
    struct throttle  *throttle = throttle_new(TRIES, WINDOW, 7);

    (void) state;
    assert_non_null(throttle);

    for (i = 0; i < TRIES; i++) {
        assert_int_equal(wait_of(throttle, "ana", 1000 + i), 0);
        count(throttle, "ana", 1000 + i);
    }

    assert_int_equal(wait_of(throttle, "ana", 2000), WINDOW - 1000);
    assert_int_equal(wait_of(throttle, "ana", 1000 + WINDOW - 1), 1);
    assert_int_equal(wait_of(throttle, "ana", 1000 + WINDOW), 0);
    assert_int_equal(wait_of(throttle, "ben", 2000), 0);

    /* the next window begins with the next try */
    count(throttle, "ana", 1000 + WINDOW);
    assert_int_equal(wait_of(throttle, "ana", 1000 + WINDOW), 0);

    throttle_free(&throttle);
    assert_null(throttle);
}


static void
test_forgive(void **state)
{
    int               i;
    struct throttle  *throttle = throttle_new(TRIES, WINDOW, 7);

    (void) state;

    for (i = 0; i < 3 * TRIES; i++) {
        count(throttle, "ana", 1000);
        throttle_forgive(throttle, "ana", 3, 1000);
        throttle_forgive(throttle, "nobody", 6, 1000);
        assert_int_equal(wait_of(throttle, "ana", 1000), 0);
    }

    throttle_free(&throttle);
}


static void
test_clock_set_back(void **state)
{
    int               i;
    struct throttle  *throttle = throttle_new(TRIES, WINDOW, 7);

    (void) state;

    for (i = 0; i < TRIES; i++) {
        count(throttle, "ana", 10 * WINDOW);
    }

    /* nobody waits for the hour to come round again */
    assert_int_equal(wait_of(throttle, "ana", 5 * WINDOW), 0);
    throttle_free(&throttle);
}


static void
test_flood(void **state)
{
    int               i, j;
    char              key[32];
    struct throttle  *throttle = throttle_new(TRIES, WINDOW, 7);

    (void) state;

    for (i = 0; i < 100000; i++) {
        snprintf(key, sizeof(key), "key%d", i);

        for (j = 0; j < TRIES; j++) {
            assert_int_equal(wait_of(throttle, key, (uint64_t) i), 0);
            count(throttle, key, (uint64_t) i);
        }

        assert_true(wait_of(throttle, key, (uint64_t) i) > 0);
    }

    throttle_free(&throttle);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_forgive),
        cmocka_unit_test(test_clock_set_back),
        cmocka_unit_test(test_flood),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
