/*
 * See explain.h.
 *
 * Purpose:    the checks of agent_able() and assign_choose(), one by one.
 * Owner:      nothing.
 * Invariants: those of explain.h.
 */

#include "core/explain.h"

#include "core/crew.h"
#include "core/needs.h"
#include "core/offer.h"
#include "core/state.h"


int
explain_serves(const struct agent *agent, const struct queue *queue)
{
    size_t                 i;
    const struct profile  *profile = agent->profile;

    for (i = 0; profile != NULL && i < profile->queue_count; i++) {
        if (profile->queues[i] == queue) {
            return 1;
        }
    }

    return 0;
}


/* What agent_able() says no for. */

static enum passed
explain_able(const struct agent *agent, enum channel channel)
{
    unsigned                       limit;
    static const struct profile    nothing;
    const struct profile          *profile = agent->profile;

    if (agent_able(agent, channel)) {
        return PASSED_NOT;
    }

    if (agent->sessions == 0) {
        return PASSED_OFFLINE;
    }

    if (!(agent_takes(agent) & (1u << channel))) {
        return PASSED_STATE;
    }

    profile = profile != NULL ? profile : &nothing;
    limit = profile->channel_capacity[channel];

    return agent->offered + agent->active + agent->wrapping
           < profile->capacity && limit != 0 ? PASSED_CHANNEL
                                             : PASSED_CAPACITY;
}


enum passed
explain_agent(struct conversation *conversation, const struct agent *agent,
    uint64_t now_ms)
{
    enum passed          passed;
    const struct seat   *seat = seat_find(conversation, agent);
    const struct queue  *queue = conversation->line;

    if (seat != NULL && seat->state != SEAT_NONE) {
        return PASSED_IS_IN;
    }

    if (agent->crew != NULL && queue != NULL
        && !crew_has(agent->crew, needs_of(conversation, queue)))
    {
        return PASSED_SKILL;
    }

    passed = explain_able(agent, conversation->channel);

    if (passed == PASSED_NOT && seat != NULL && seat->refused_at_ms != 0
        && offer_again_at(seat) > now_ms)
    {
        passed = PASSED_REFUSED;
    }

    return passed;
}


const char *
explain_name(enum passed passed)
{
    static const char *const  names[PASSED_MAX] = {
        "free", "offline", "state", "capacity", "channel", "refused", "is_in",
        "skill"
    };

    return names[passed];
}


const char *
explain_routed(unsigned routed)
{
    static const char *const  names[ROUTED_MAX] = {
        "flow", "rule", "visitor", "item", "transfer", "desk"
    };

    return names[routed];
}
