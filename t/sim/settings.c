/*
 * Settings that change while the desk runs.
 *
 * Purpose:    one small change, told to the core, its twin and the books at
 *             once, as an administrator would make it between two batches.
 * Owner:      struct sim.
 * Invariants: settings hold after every change; a capacity is never less than
 *             what an agent has already, as what is over it is not judged.
 */

#include "sim.h"

#include "check.h"

#define CAPACITY_MAX  6


static void
change_priority(struct sim *sim)
{
    size_t  q = sim_below(sim, SIM_QUEUES);

    sim->queues[q].priority = 1 + (unsigned) sim_below(sim, 2);
    sim->core_queues[q].priority = sim->queues[q].priority;
}


/* Another queue for a profile, or one less. */

static void
change_serves(struct sim *sim)
{
    int                       p = (int) sim_below(sim, SIM_PROFILES), q;
    struct profile_settings  *profile = &sim->profiles[p];

    q = (int) sim_below(sim, SIM_QUEUES);
    sim->serves[p][q] = !sim->serves[p][q];
    profile->queue_count = 0;

    for (q = 0; q < SIM_QUEUES; q++) {
        if (sim->serves[p][q]) {
            sim->profile_queues[p][profile->queue_count++]
                = sim->queues[q].id;
        }
    }

    sim->core_profiles[p].queue_count = profile->queue_count;
}


static void
change_capacity(struct sim *sim)
{
    size_t  p = sim_below(sim, SIM_PROFILES);

    if (sim->profiles[p].capacity < CAPACITY_MAX) {
        sim->profiles[p].capacity++;
        sim->core_profiles[p].capacity++;
    }
}


/* Whether a profile has room for what the agent holds. */

static int
has_room(struct sim *sim, int agent, const struct profile_settings *profile)
{
    int       channel;
    unsigned  active, limit;

    for (channel = 0; channel < CHANNELS_MAX; channel++) {
        limit = profile->channel_capacity[channel];

        if (limit != 0 && check_channel_load(sim, agent,
                                             (enum channel) channel) > limit)
        {
            return 0;
        }
    }

    return check_load(&sim->agents[agent], &active) <= profile->capacity;
}


/* Another channel for a profile or a presence state, or one less. */

static void
change_channels(struct sim *sim)
{
    size_t                    p = sim_below(sim, SIM_PROFILES);
    struct profile_settings  *profile = &sim->profiles[p];

    if (sim_chance(sim, 50)) {
        sim->presences[1].takes = sim_below(sim, 8);
        return;
    }

    profile->channels = sim_below(sim, 8);
    sim->core_profiles[p].channels = profile->channels;
}


static void
change_profile(struct sim *sim)
{
    size_t             a = sim_below(sim, SIM_AGENTS);
    size_t             p = sim_below(sim, SIM_PROFILES);
    struct sim_agent  *agent = &sim->agents[a];

    if (has_room(sim, (int) a, &sim->profiles[p])) {
        agent->profile = (int) p;
        sim->agent_settings[a].profile = sim->profiles[p].id;
    }
}


static void
change_take(struct sim *sim, struct desk *desk, struct changes *changes)
{
    const char  *why = "";

    if (sim->fault == SIM_FAULT_SETTINGS) {
        return;
    }

    if (desk_reconfigure(desk, &sim->settings, sim->now_ms, changes, &why)
        != 0)
    {
        sim_fail(sim, "settings are refused: %s", why);
    }
}


void
sim_settings_change(struct sim *sim)
{
    switch (sim_below(sim, 7)) {

    case 0:
        change_priority(sim);
        break;

    case 1:
        change_serves(sim);
        break;

    case 2:
        change_capacity(sim);
        break;

    case 3:
        sim_flows_draw(sim);
        break;

    case 4:
        change_channels(sim);
        break;

    case 5:
        sim_skills_change(sim);
        break;

    default:
        change_profile(sim);
    }

    change_take(sim, sim->desk, sim->changes);

    if (sim->twin != NULL) {
        change_take(sim, sim->twin, sim->twin_changes);
    }

    sim_templates_change(sim);
}
