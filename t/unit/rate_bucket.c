/*
 * Unit test of the token bucket.
 *
 * Purpose:    the burst, the refill, the wait that a client is told.
 * Owner:      nothing to own.
 * Invariants: whoever waits as long as told is let through; nobody gets
 *             more than burst + time * rate.
 *
 * link: ngx_chatdesk_module/ngx_http_chatdesk_rate.c
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ngx_http_chatdesk_rate.h"


static void
test_burst(void **state)
{
    unsigned                             i;
    ngx_http_chatdesk_rate_t             rate = { 0, 0 };
    static ngx_http_chatdesk_rate_conf_t conf = { 10, 5 };

    (void) state;

    for (i = 0; i < 5; i++) {
        assert_int_equal(ngx_http_chatdesk_rate_take(&rate, &conf, 1000), 0);
    }

    assert_int_equal(ngx_http_chatdesk_rate_take(&rate, &conf, 1000), 100);
    assert_int_equal(ngx_http_chatdesk_rate_take(&rate, &conf, 1040), 60);
    assert_int_equal(ngx_http_chatdesk_rate_take(&rate, &conf, 1099), 1);
    assert_int_equal(ngx_http_chatdesk_rate_take(&rate, &conf, 1100), 0);
    assert_int_equal(ngx_http_chatdesk_rate_take(&rate, &conf, 1100), 100);
}


static void
test_idle(void **state)
{
    unsigned                             i, through = 0;
    ngx_http_chatdesk_rate_t             rate = { 0, 0 };
    static ngx_http_chatdesk_rate_conf_t conf = { 1, 3 };

    (void) state;

    for (i = 0; i < 10; i++) {
        through += ngx_http_chatdesk_rate_take(&rate, &conf, 5) == 0;
    }

    assert_int_equal(through, 3);

    /* a year later the burst is there again, and no more than that */
    for (i = 0, through = 0; i < 10; i++) {
        through += ngx_http_chatdesk_rate_take(&rate, &conf,
                                               31536000000ULL) == 0;
    }

    assert_int_equal(through, 3);
}


static void
test_clock_back(void **state)
{
    ngx_http_chatdesk_rate_t             rate = { 0, 0 };
    static ngx_http_chatdesk_rate_conf_t conf = { 1000, 1 };

    (void) state;

    assert_int_equal(ngx_http_chatdesk_rate_take(&rate, &conf, 5000), 0);
    assert_int_equal(ngx_http_chatdesk_rate_take(&rate, &conf, 4000), 1);
    assert_int_equal(ngx_http_chatdesk_rate_take(&rate, &conf, 4001), 0);
}


/* Over any time: at most burst + time * rate, and no less when asked often. */

static void
test_sum(void **state)
{
    uint64_t                             now;
    unsigned                             through = 0;
    ngx_http_chatdesk_rate_t             rate = { 0, 0 };
    static ngx_http_chatdesk_rate_conf_t conf = { 7, 20 };

    (void) state;

    for (now = 1; now <= 60000; now += 3) {
        through += ngx_http_chatdesk_rate_take(&rate, &conf, now) == 0;
    }

    assert_in_range(through, 20 + 60 * 7 - 1, 20 + 60 * 7);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_burst),
        cmocka_unit_test(test_idle),
        cmocka_unit_test(test_clock_back),
        cmocka_unit_test(test_sum)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
