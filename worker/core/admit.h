/*
 * A visitor who comes: let in or not, and where to.
 *
 *   flow? --> form fits, with what is known? --> rule --> queue
 *                                                 |
 *                                  out of hours, and the flow hides?
 *
 * Purpose:    one answer for the conversation that begins and for the test
 *             console of the REST interface.
 * Owner:      the caller; what was found borrows from the flow, and from what
 *             was given.
 * Invariants: asking changes nothing but the counters of given-up matches.
 */

#ifndef CHATDESK_CORE_ADMIT_H
#define CHATDESK_CORE_ADMIT_H

#include "chatdesk_wire.h"

#include "core/conversation.h"
#include "core/form.h"
#include "core/rule.h"

struct desk;

struct admission {
    /* given */
    struct cd_str  flow_id;     /* empty: the default one */
    struct cd_str  page;
    struct cd_str  lang;
    struct cd_str  text;
    struct cd_str  answers;     /* to the form, as they travel ... */
    struct cd_str  before;      /* ... and those of an earlier start */
    struct cd_str  named;       /* queue, by the visitor's page */

    /* found */
    struct flow   *flow;        /* NULL: there is no such */
    struct form    form;        /* with what was known before */
    struct form    known;
    size_t         stale;       /* of these, the form takes no more */
    char           form_text[FORM_BYTES + 1];
    struct route   route;
    struct queue  *queue;
    enum routed    by;
    enum cd_error  error;       /* why not; CD_E_OK: let in */
    const char    *field;       /* at fault; NULL for none */
};

/* 0, or -1 when it is refused.  With `verdicts` (room for FLOW_RULES_MAX) the
   rules are asked all the same, each of them. */
int admit(struct desk *desk, struct admission *admission, uint64_t now_ms,
    enum rule_verdict *verdicts);

#endif /* CHATDESK_CORE_ADMIT_H */
