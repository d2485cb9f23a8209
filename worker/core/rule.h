/*
 * Rules: which queue a visitor reaches, and why.
 *
 * Purpose:    one walk over a flow's rules, for the conversation that begins
 *             and for the test console alike.
 * Owner:      a route borrows from the flow.
 * Invariants: a route always has a queue; asking changes nothing but the
 *             counters of given-up matches.
 */

#ifndef CHATDESK_CORE_RULE_H
#define CHATDESK_CORE_RULE_H

#include "core/flow.h"

/* what is known of a visitor who comes */
struct visit {
    struct cd_str       page;
    struct cd_str       lang;
    struct cd_str       text;
    const struct form  *form;       /* borrows */
    uint64_t            now_ms;
};

/* why a rule holds or does not: the first condition that fails */
enum rule_verdict {
    RULE_HOLDS = 0,
    RULE_NOT_PAGE = 1,
    RULE_NOT_LANG = 2,
    RULE_NOT_FIELD = 3,
    RULE_NOT_TEXT = 4,
    RULE_GAVE_UP = 5,           /* the pattern came to its limit */
    RULE_NOT_HOURS = 6,
    RULE_NOT_ASKED = 7          /* an earlier one holds */
};

struct route {
    const struct rule *rule;        /* NULL: none holds */
    struct queue      *queue;
    unsigned           priority;
    const char        *greeting;    /* NULL for none */
    int                open;
};

const char *rule_verdict_text(enum rule_verdict verdict);

/* `verdicts` has a place for each rule, or is NULL. */
void rule_route(struct flow *flow, const struct visit *visit,
    struct route *route, enum rule_verdict *verdicts);

#endif /* CHATDESK_CORE_RULE_H */
