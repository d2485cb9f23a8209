/*
 * Paths, queries and routes of the REST interface.
 *
 * link: worker/api/route.c worker/api/path.c t/unit/support/api_stubs.c
 *
 * Purpose:    every form of a path and of a query that is taken or refused.
 * Owner:      a call on the stack.
 * Invariants: nothing is allocated, so that nothing can be left.
 */

