/*
 * See missed.h.
 *
 * Purpose:    counts, and what follows.
 * Owner:      nothing.
 * Invariants: those of missed.h.
 */

#include "core/missed.h"

#include "core/presence.h"
#include "core/state.h"


void
missed_one(struct desk *desk, struct agent *agent)
{
    /* as if just busy: the others who are free come first */
    agent->idle_since_ms = desk->now_ms;
    agent_touch(desk, agent, 0);
    agent_refresh(desk, agent);

    if (agent->profile == NULL || agent->profile->missed_limit == 0) {
        return;
    }

    agent->missed++;

    if (agent->missed >= agent->profile->missed_limit) {
        presence_put_away(desk, agent, WHY_MISSED);
    }
}


void
missed_none(struct desk *desk, struct agent *agent)
{
    if (agent->missed != 0) {
        agent->missed = 0;
        agent_touch(desk, agent, 0);
    }
}


/* A page that is open marks what comes, and comes back by itself. */

int
missed_ends(unsigned type)
{
    return type != CD_T_ONLINE && type != CD_T_OFFLINE
           && type != CD_T_MARK_SET && type != CD_T_FOCUS
           && type != CD_T_PUSH_AT;
}
