/*
 * The words for what happened, from include/tbl/states.h.
 *
 * Purpose:    events, reasons and roles as the core passes them around.
 * Owner:      constant.
 * Invariants: a word that is not in the table does not compile.
 */

#ifndef CHATDESK_CORE_WORDS_H
#define CHATDESK_CORE_WORDS_H

enum event {
#define CD_PHASE(id, name, number, doc)
#define CD_PHASE_EDGE(from, to, cause)
#define CD_PRESENCE(id, name, number, takes, doc)
#define CD_EVENT(id, name, doc)  EVENT_##id,
#define CD_WHY(id, name, doc)
#include "tbl/states.h"
#undef CD_EVENT
#undef CD_WHY
    EVENTS_MAX
};

enum why {
#define CD_EVENT(id, name, doc)
#define CD_WHY(id, name, doc)    WHY_##id,
#include "tbl/states.h"
#undef CD_EVENT
#undef CD_WHY
    WHYS_MAX
};

static inline const char *
event_name(enum event event)
{
    static const char *const  names[] = {
#define CD_EVENT(id, name, doc)  #name,
#define CD_WHY(id, name, doc)
#include "tbl/states.h"
#undef CD_EVENT
#undef CD_WHY
    };

    return names[event];
}

static inline const char *
why_name(enum why why)
{
    static const char *const  names[] = {
#define CD_EVENT(id, name, doc)
#define CD_WHY(id, name, doc)    #name,
#include "tbl/states.h"
#undef CD_EVENT
#undef CD_WHY
    };

    return names[why];
}

#undef CD_PHASE
#undef CD_PHASE_EDGE
#undef CD_PRESENCE

/* who did something; the numbers stand in stored entities */
enum role {
    ROLE_NONE = 0,
    ROLE_VISITOR = 1,
    ROLE_AGENT = 2,
    ROLE_SYSTEM = 3
};

static inline const char *
role_name(enum role role)
{
    static const char *const  names[] = {
        "none", "visitor", "agent", "system"
    };

    return names[role];
}

#endif /* CHATDESK_CORE_WORDS_H */
