/*
 * Skills in the simulator: who has which, what needs which.
 *
 * Purpose:    draws them and changes them, and says, the simple way, what a
 *             conversation needs.
 * Owner:      struct sim.
 * Invariants: S30  what a rule asks for is stored with the conversation that
 *                  it routed, as long as that stays in its queue, and not
 *                  with another one
 */

#include "sim.h"

static const char *const  skill_names[SIM_SKILLS] = {
    "red", "green", "blue_1"
};

/* of the rules, as in flows.c */
const struct skill_settings  sim_rule_skills[SIM_RULES] = {
    { NULL, 0 }, { NULL, 0 }, { &skill_names[0], 1 }, { &skill_names[1], 1 }
};


static unsigned
rule_bits(size_t rule)
{
    return sim_rule_skills[rule].count == 0
           ? 0 : 1u << (sim_rule_skills[rule].names - skill_names);
}


/* The settings' form of some skills. */

static void
name_skills(unsigned bits, const char **names,
    struct skill_settings *settings)
{
    int  i;

    settings->names = names;
    settings->count = 0;

    for (i = 0; i < SIM_SKILLS; i++) {
        if (bits & 1u << i) {
            names[settings->count++] = skill_names[i];
        }
    }
}


static void
tell_agent(struct sim *sim, size_t agent)
{
    name_skills(sim->fault == SIM_FAULT_SKILL ? (1u << SIM_SKILLS) - 1
                                              : sim->agent_skills[agent],
                sim->agent_skill_names[agent],
                &sim->agent_settings[agent].skills);
}


static void
tell_queue(struct sim *sim, size_t queue)
{
    name_skills(sim->queue_skills[queue], sim->queue_skill_names[queue],
                &sim->core_queues[queue].skills);
}


static unsigned
draw(struct sim *sim, unsigned percent)
{
    int       i;
    unsigned  bits = 0;

    for (i = 0; i < SIM_SKILLS; i++) {
        bits |= (unsigned) sim_chance(sim, percent) << i;
    }

    return bits;
}


void
sim_skills_init(struct sim *sim)
{
    size_t  i;

    for (i = 0; i < SIM_AGENTS; i++) {
        sim->agent_skills[i] = draw(sim, 75);
        tell_agent(sim, i);
    }

    for (i = 0; i < SIM_QUEUES; i++) {
        sim->queue_skills[i] = draw(sim, 15);
        tell_queue(sim, i);
    }
}


/* One more or one less, of an agent or a queue. */

void
sim_skills_change(struct sim *sim)
{
    size_t    i;
    unsigned  bit = 1u << sim_below(sim, SIM_SKILLS);

    if (sim_chance(sim, 50)) {
        i = sim_below(sim, SIM_AGENTS);
        sim->agent_skills[i] ^= bit;
        tell_agent(sim, i);
        return;
    }

    i = sim_below(sim, SIM_QUEUES);
    sim->queue_skills[i] = sim->queue_skills[i] != 0
                           ? sim->queue_skills[i] & ~bit : bit;
    tell_queue(sim, i);
}


/* What the settings name at all: nothing else is needed. */

static unsigned
known(const struct sim *sim)
{
    size_t    i;
    unsigned  bits = 0;

    for (i = 0; i < SIM_AGENTS; i++) {
        bits |= sim->agent_skills[i];
    }

    for (i = 0; i < SIM_QUEUES; i++) {
        bits |= sim->queue_skills[i];
    }

    for (i = 0; i < sim->flow.rule_count; i++) {
        bits |= rule_bits(i);
    }

    return bits;
}


int
sim_skilled(const struct sim *sim, int agent, const struct sim_conv *conv)
{
    int       queue = conv->ask.kind != 0 ? conv->ask.queue : conv->queue;
    unsigned  needed = sim->queue_skills[queue];

    if (queue == conv->queue) {
        needed |= conv->skills & known(sim);
    }

    return (needed & ~sim->agent_skills[agent]) == 0;
}


void
sim_skills_read(struct sim_conv *conv, struct cd_str text)
{
    int     i;
    size_t  at, len;

    conv->skills = 0;

    for (i = 0; i < SIM_SKILLS; i++) {
        len = strlen(skill_names[i]);

        for (at = 0; at + len <= text.len; at++) {
            if (memcmp(text.data + at, skill_names[i], len) == 0) {
                conv->skills |= 1u << i;
            }
        }
    }

    if (conv->queue != conv->routed) {
        conv->rule_skills = 0;
    }
}


/* A start was routed; -1: no rule holds. */

void
sim_skills_route(struct sim_conv *conv, int rule)
{
    conv->rule_skills = rule < 0 ? 0 : rule_bits((size_t) rule);
}


void
sim_skills_check(struct sim *sim, const struct sim_conv *conv)
{
    if (sim->batch_entries != 1) {
        return;
    }

    if (conv->skills & ~conv->rule_skills) {
        sim_fail(sim, "S30: %s needs %x, its rule asks for %x", conv->id,
                 conv->skills, conv->rule_skills);
    }

    if (conv->noted && !conv->refused && conv->skills != conv->rule_skills) {
        sim_fail(sim, "S30: %s was routed without what its rule asks for",
                 conv->id);
    }
}
