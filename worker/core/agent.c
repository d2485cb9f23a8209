/*
 * Agents and the order of the free ones; see agent.h.
 *
 * Purpose:    find, able or not, keep the profile's tree of free agents.
 * Owner:      the desk.
 * Invariants: those of agent.h.
 */

#include "core/agent.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/conversation.h"
#include "core/state.h"


static int
agent_compare(struct agent *a, struct agent *b)
{
    return strcmp(a->id.s, b->id.s);
}


/* Least loaded first, then longest idle; the id makes it one order. */

static int
free_compare(struct agent *a, struct agent *b)
{
    if (a->free_load != b->free_load) {
        return a->free_load < b->free_load ? -1 : 1;
    }

    if (a->free_since_ms != b->free_since_ms) {
        return a->free_since_ms < b->free_since_ms ? -1 : 1;
    }

    return strcmp(a->id.s, b->id.s);
}


static int
seat_compare(struct seat *a, struct seat *b)
{
    return conversation_order(a->conversation, b->conversation);
}


TREE_GENERATE(agent_seats, seat, agent_link, seat_compare)
TREE_GENERATE(agents, agent, link, agent_compare)
TREE_GENERATE(free_agents, agent, free_link, free_compare)


struct agent *
agent_new(struct agents *agents, const struct login *id)
{
    struct agent  *agent;

    agent = calloc(1, sizeof(struct agent));
    if (agent == NULL) {
        return NULL;
    }

    agent->id = *id;
    agent->state = CD_PRESENCE_AVAILABLE;
    RB_INIT(&agent->seats);
    LIST_INIT(&agent->focuses);
    timer_init(&agent->grace, TIMER_AGENT, agent->id.s);
    RB_INSERT(agents, agents, agent);

    return agent;
}


void
agents_free(struct agents *agents)
{
    struct agent  *agent;

    while ((agent = RB_MIN(agents, agents)) != NULL) {
        RB_REMOVE(agents, agents, agent);
        free(agent->name);
        free(agent->role);
        free(agent->wish);
        free(agent);
    }
}


struct agent *
agent_find(struct agents *agents, struct cd_str id)
{
    struct agent  probe;

    if (login_set(&probe.id, id) != 0) {
        return NULL;
    }

    return RB_FIND(agents, agents, &probe);
}


struct agent *
agent_first(struct agents *agents)
{
    return RB_MIN(agents, agents);
}


struct agent *
agent_after(struct agents *agents, const char *id)
{
    struct agent  probe, *agent;

    snprintf(probe.id.s, sizeof(probe.id.s), "%s", id);
    agent = RB_NFIND(agents, agents, &probe);

    return agent != NULL && strcmp(agent->id.s, id) == 0 ? agent_next(agent)
                                                         : agent;
}


struct agent *
agent_next(struct agent *agent)
{
    return RB_NEXT(agents, NULL, agent);
}


int
agent_able(const struct agent *agent)
{
    return agent->profile != NULL && agent->sessions > 0
           && cd_presence_takes(agent->state)
           && agent->offered + agent->active < agent->profile->capacity;
}


void
agent_refresh(struct desk *desk, struct agent *agent)
{
    int     was_free = agent->in_free;
    size_t  i;

    if (agent->in_free) {
        RB_REMOVE(free_agents, &agent->profile->free, agent);
        agent->in_free = 0;
    }

    if (!agent_able(agent)) {
        return;
    }

    agent->free_load = agent->offered + agent->active;
    agent->free_since_ms = agent->idle_since_ms;
    RB_INSERT(free_agents, &agent->profile->free, agent);
    agent->in_free = 1;

    if (!was_free) {
        for (i = 0; i < agent->profile->queue_count; i++) {
            desk_stir(desk, agent->profile->queues[i]);
        }
    }
}


struct agent *
agent_first_free(struct profile *profile)
{
    return RB_MIN(free_agents, &profile->free);
}


struct agent *
agent_next_free(struct agent *agent)
{
    return RB_NEXT(free_agents, NULL, agent);
}


int
agent_before(struct agent *a, struct agent *b)
{
    return free_compare(a, b) < 0;
}


struct seat *
agent_first_seat(struct agent *agent)
{
    return RB_MIN(agent_seats, &agent->seats);
}


struct seat *
agent_next_seat(struct seat *seat)
{
    return RB_NEXT(agent_seats, NULL, seat);
}


void
agent_add_seat(struct agent *agent, struct seat *seat)
{
    RB_INSERT(agent_seats, &agent->seats, seat);
}


void
agent_remove_seat(struct agent *agent, struct seat *seat)
{
    RB_REMOVE(agent_seats, &agent->seats, seat);
}


void
agent_touch(struct desk *desk, struct agent *agent, int me)
{
    if (!agent->dirty) {
        agent->dirty = 1;
        TAILQ_INSERT_TAIL(&desk->dirty_agents, agent, dirty_link);
    }

    agent->me_dirty |= me;
}
