/*
 * Kinds of notices, and what somebody wants to be told of.
 *
 * Purpose:    the words of include/tbl/notices.h, and policies made of the
 *             settings of desk, profile and agent.
 * Owner:      plain values.
 * Invariants: what a narrower setting says wins over a wider one.
 */

#ifndef CHATDESK_CORE_NOTICES_H
#define CHATDESK_CORE_NOTICES_H

#include <stdint.h>

#include "core/desk.h"

enum notice {
    NOTICE_NONE = 0,
#define CD_NOTICE(id, name, number, doc)  NOTICE_##id = number,
#include "tbl/notices.h"
#undef CD_NOTICE
    NOTICES_MAX
};

/* The kind's bit among the switches of desk.h. */
static inline unsigned
notice_bit(enum notice kind)
{
    return 1u << (kind - 1);
}

static inline const char *
notice_name(enum notice kind)
{
    switch (kind) {
#define CD_NOTICE(id, name, number, doc)  case NOTICE_##id: return #name;
#include "tbl/notices.h"
#undef CD_NOTICE
    default: return "none";
    }
}

/* what holds for one agent */
struct policy {
    uint64_t interval_ms;
    unsigned on;                /* enum notify_switch */
};

#define POLICY_DEFAULT                                                        \
    { CD_LIMIT_NOTICE_MS, NOTIFY_MESSAGE | NOTIFY_OFFER | NOTIFY_WAIT         \
                          | NOTIFY_HAND | NOTIFY_PREVIEW }

static inline void
policy_narrow(struct policy *policy, const struct notify_settings *settings)
{
    if (settings->interval_ms != 0) {
        policy->interval_ms = settings->interval_ms;
    }

    policy->on = (policy->on & ~settings->said)
                 | (settings->on & settings->said);
}

#endif /* CHATDESK_CORE_NOTICES_H */
