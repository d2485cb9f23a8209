/*
 * See nginx.c: what tests may ask of its stand-ins.
 *
 * Purpose:    allocations that fail when a test wants them to.
 * Owner:      the test.
 * Invariants: pools are not told apart; a test has one at a time.
 */

#ifndef T_UNIT_SUPPORT_NGINX_H
#define T_UNIT_SUPPORT_NGINX_H

#include <ngx_config.h>
#include <ngx_core.h>

/* after so many allocations the next one fails; -1: none does */
void test_allow_allocations(long count);

/* frees what came from pools */
void test_reset_pool(void);

/* lines that were logged */
extern unsigned  test_log_lines;

#endif /* T_UNIT_SUPPORT_NGINX_H */
