/*
 * Agents and the order of the free ones; see agent.h.
 *
 * Purpose:    find, able or not, keep the crew's tree of free agents.
 * Owner:      the desk.
 * Invariants: those of agent.h.
 */

#include "core/agent.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/conversation.h"
#include "core/crew.h"
#include "core/state.h"


static int
agent_compare(struct agent *a, struct agent *b)
{
    return strcmp(a->id.s, b->id.s);
}


/* Least loaded first, then longest idle; the id makes it one order. */

static int
agent_order(const struct agent *a, const struct agent *b)
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
free_compare(struct free_agent *a, struct free_agent *b)
{
    return agent_order(a->agent, b->agent);
}


static int
seat_compare(struct seat *a, struct seat *b)
{
    return conversation_order(a->conversation, b->conversation);
}


TREE_GENERATE(agent_seats, seat, agent_link, seat_compare)
TREE_GENERATE(agents, agent, link, agent_compare)
TREE_GENERATE(free_agents, free_agent, link, free_compare)


struct agent *
agent_new(struct agents *agents, const struct login *id)
{
    unsigned       channel;
    struct agent  *agent;

    agent = calloc(1, sizeof(struct agent));
    if (agent == NULL) {
        return NULL;
    }

    agent->id = *id;
    agent->state = CD_PRESENCE_AVAILABLE;
    agent->why = WHYS_MAX;
    RB_INIT(&agent->seats);
    LIST_INIT(&agent->devices);
    LIST_INIT(&agent->focuses);
    timer_init(&agent->grace, TIMER_AGENT, agent->id.s);
    timer_init(&agent->idle, TIMER_IDLE, agent->id.s);

    for (channel = 0; channel < CHANNELS_MAX; channel++) {
        agent->free[channel].agent = agent;
    }

    RB_INSERT(agents, agents, agent);

    return agent;
}


void
agents_free(struct agents *agents)
{
    struct agent  *agent;

    while ((agent = RB_MIN(agents, agents)) != NULL) {
        RB_REMOVE(agents, agents, agent);
        devices_free(agent);
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


unsigned
agent_takes(const struct agent *agent)
{
    unsigned  channels = agent->profile != NULL ? agent->profile->channels
                                                : CHANNELS_ALL;

    if (agent->own != NULL) {
        return agent->own->takes & channels;
    }

    return cd_presence_takes(agent->state) ? channels : 0;
}


const char *
agent_state_id(const struct agent *agent)
{
    return agent->own != NULL ? agent->own->id.s
                              : cd_presence_name(agent->state);
}


int
agent_able(const struct agent *agent, enum channel channel)
{
    unsigned               limit;
    const struct profile  *profile = agent->profile;

    if (profile == NULL || agent->sessions == 0
        || !(agent_takes(agent) & (1u << channel))
        || agent->offered + agent->active + agent->wrapping
           >= profile->capacity)
    {
        return 0;
    }

    limit = profile->channel_capacity[channel];

    return limit == 0 || agent->loads[channel] < limit;
}


static void
agent_stir(struct desk *desk, struct agent *agent)
{
    size_t  i;

    for (i = 0; i < agent->profile->queue_count; i++) {
        desk_stir(desk, agent->profile->queues[i]);
    }
}


void
agent_leave_free(struct agent *agent)
{
    unsigned  channel;

    for (channel = 0; channel < CHANNELS_MAX; channel++) {
        if (agent->in_free & (1u << channel)) {
            RB_REMOVE(free_agents, &agent->crew->free[channel],
                      &agent->free[channel]);
            agent->profile->free[channel]--;
        }
    }

    agent->in_free = 0;
}


void
agent_refresh(struct desk *desk, struct agent *agent)
{
    unsigned  channel, was = agent->in_free;

    agent_leave_free(agent);
    agent->free_load = agent->offered + agent->active + agent->wrapping;
    agent->free_since_ms = agent->idle_since_ms;

    for (channel = 0; channel < CHANNELS_MAX; channel++) {
        if (agent_able(agent, (enum channel) channel)) {
            RB_INSERT(free_agents, &agent->crew->free[channel],
                      &agent->free[channel]);
            agent->profile->free[channel]++;
            agent->in_free |= 1u << channel;
        }
    }

    if (agent->in_free & ~was) {
        agent_stir(desk, agent);
    }
}


static struct agent *
agent_of_free(struct free_agent *entry)
{
    return entry != NULL ? entry->agent : NULL;
}


struct agent *
agent_first_free(struct crew *crew, enum channel channel)
{
    return agent_of_free(RB_MIN(free_agents, &crew->free[channel]));
}


struct agent *
agent_next_free(struct agent *agent, enum channel channel)
{
    return agent_of_free(RB_NEXT(free_agents, NULL, &agent->free[channel]));
}


int
agent_before(struct agent *a, struct agent *b)
{
    return agent_order(a, b) < 0;
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
