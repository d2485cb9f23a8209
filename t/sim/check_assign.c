/*
 * The invariants of offers and assignment: S4, S5, S6, S12 of check.c.
 *
 * Purpose:    who waits, who is asked, in which order, for how long.
 * Owner:      struct sim.
 * Invariants: S6 is judged only where one thing happened at a time; within a
 *             larger batch the order cannot be seen from outside.
 */

#include "check.h"


/* Whether the agent's state takes such work, and the profile has it. */

static int
takes(struct sim *sim, int agent, enum channel channel)
{
    const struct sim_agent  *a = &sim->agents[agent];
    unsigned                 bit = 1u << channel;
    unsigned                 has = sim->profiles[a->profile].channels;

    if (has != 0 && !(has & bit)) {
        return 0;
    }

    return a->own != NULL ? (a->own->takes & bit) != 0
                          : cd_presence_takes(a->state);
}


/* What an agent has of one channel, as check_load() counts. */

unsigned
check_channel_load(struct sim *sim, int agent, enum channel channel)
{
    size_t                i;
    unsigned              load = 0;
    struct sim_register  *card;

    for (i = 0; i < sim->conv_count; i++) {
        if (sim_channel(&sim->convs[i]) != channel) {
            continue;
        }

        card = sim_card(sim, agent, &sim->convs[i]);
        load += card != NULL && !cd_frame_has(&card->frame, CD_F_SEAT)
                && !sim_card_is(card, "closed");
    }

    return load;
}


/* The channel's own capacity leaves room for one more. */

static int
has_room(struct sim *sim, int agent, enum channel channel)
{
    unsigned  limit;

    limit = sim->profiles[sim->agents[agent].profile]
                .channel_capacity[channel];

    return limit == 0 || check_channel_load(sim, agent, channel) < limit;
}


void
check_channels(struct sim *sim, int agent, unsigned barged)
{
    int                        channel;
    unsigned                   load, limit;
    const struct sim_agent    *a = &sim->agents[agent];

    for (channel = 0; channel < CHANNELS_MAX; channel++) {
        load = check_channel_load(sim, agent, (enum channel) channel);
        limit = sim->profiles[a->profile].channel_capacity[channel];

        if (limit != 0 && load > limit + barged) {
            sim_fail(sim, "S3: %s has %u of %u %s", a->id, load, limit,
                     channel_name((enum channel) channel));
        }
    }
}


/* Online, in a state that takes such offers, not full, with the skills. */

static int
able(struct sim *sim, int agent, const struct sim_conv *conv)
{
    unsigned                 active;
    enum channel             channel = sim_channel(conv);
    const struct sim_agent  *a = &sim->agents[agent];

    return a->person.sessions > 0 && takes(sim, agent, channel)
           && sim_skilled(sim, agent, conv)
           && check_load(a, &active) < sim->profiles[a->profile].capacity
           && has_room(sim, agent, channel);
}


static int
serves(struct sim *sim, int agent, const struct sim_conv *conv)
{
    return sim->serves[sim->agents[agent].profile]
                      [conv->ask.kind != 0 ? conv->ask.queue : conv->queue];
}


/* An agent is asked by name, whatever its queues and refusals. */

static int
by_name(const struct sim_conv *conv)
{
    return conv->ask.kind != 0 && conv->ask.target >= 0;
}


/* How long an offer that is made now stands. */

static uint64_t
offer_time(struct sim *sim, const struct sim_conv *conv)
{
    uint64_t  left, time;

    time = sim->queues[conv->ask.kind != 0 ? conv->ask.queue
                                           : conv->queue].accept_ms;
    left = conv->ask.until_ms - sim->now_ms;

    return conv->ask.kind != 0 && !by_name(conv) && left < time ? left
                                                                : time;
}


/* S4: the offer that stands, and when it was made. */

int
check_offered_to(struct sim *sim, struct sim_conv *conv, uint64_t *expires)
{
    int                   agent;
    struct sim_register  *card;

    for (agent = 0; agent < SIM_AGENTS; agent++) {
        card = sim_card(sim, agent, conv);

        if (card != NULL && sim_card_is(card, "offered")
            && !cd_frame_has(&card->frame, CD_F_SEAT))
        {
            *expires = cd_frame_uint(&card->frame, CD_F_EXPIRES);
            return agent;
        }
    }

    *expires = 0;

    return -1;
}


static int
newly_offered(struct sim *sim, struct sim_conv *conv)
{
    uint64_t  expires;
    int       agent = check_offered_to(sim, conv, &expires);

    return agent >= 0 && (agent != conv->was_offered
                          || expires != conv->was_expires) ? agent : -1;
}


void
check_offer(struct sim *sim, struct sim_conv *conv)
{
    uint64_t  expires;
    int       agent = check_offered_to(sim, conv, &expires);

    if (agent < 0) {
        return;
    }

    if (newly_offered(sim, conv) >= 0) {
        if (conv->refused_seen[agent] != 0 && !by_name(conv)
            && conv->refused_seen[agent] + CD_LIMIT_REOFFER_MS > sim->now_ms)
        {
            sim_fail(sim, "S12: %s is asked about %s again too early",
                     sim->agents[agent].id, conv->id);
        }

        if (expires != sim->now_ms + offer_time(sim, conv)) {
            sim_fail(sim, "S4: %s is offered for another time", conv->id);
        }

    } else if (sim->batch_ticked && expires <= sim->now_ms) {
        sim_fail(sim, "S4: the offer of %s should have ended", conv->id);
    }

    if ((!(serves(sim, agent, conv) && sim_skilled(sim, agent, conv))
         && !by_name(conv))
        || !takes(sim, agent, sim_channel(conv))
        || !sim->agents[agent].person.present)
    {
        sim_fail(sim, "S4: %s is offered to %s, who cannot take it",
                 conv->id, sim->agents[agent].id);
    }
}


/* May an agent be asked?  That a refusal has worn off is noticed by a tick. */

static int
askable(struct sim *sim, const struct sim_conv *conv, int agent)
{
    return conv->member[agent] == SIM_STRANGER
           && (conv->refused_at[agent] == 0 || (sim->batch_ticked
               && conv->refused_at[agent] + CD_LIMIT_REOFFER_MS
                  <= sim->now_ms));
}


void
check_waiting(struct sim *sim, struct sim_conv *conv)
{
    int  agent;

    for (agent = 0; agent < SIM_AGENTS; agent++) {
        if (serves(sim, agent, conv) && askable(sim, conv, agent)
            && able(sim, agent, conv))
        {
            sim_fail(sim, "S5: %s waits though %s is free", conv->id,
                     sim->agents[agent].id);
        }
    }
}


int
check_before(const struct sim_conv *a, const struct sim_conv *b)
{
    return a->priority != b->priority ? a->priority < b->priority
                                      : a->number < b->number;
}


/* S6 can be seen when one thing happened. */

static int
goes_before(struct sim *sim, const struct sim_conv *a,
    const struct sim_conv *b)
{
    unsigned  first = sim->queues[a->queue].priority;
    unsigned  second = sim->queues[b->queue].priority;

    if (first != second) {
        return first < second;
    }

    return check_before(a, b);
}


/* Whether the agent, who was offered `conv`, could have had this one. */

static int
could(struct sim *sim, int agent, const struct sim_conv *other,
    const struct sim_conv *conv)
{
    enum channel  channel = sim_channel(other);

    return takes(sim, agent, channel) && sim_skilled(sim, agent, other)
           && (channel == sim_channel(conv) || has_room(sim, agent, channel));
}


static void
check_order(struct sim *sim, struct sim_conv *conv, int agent)
{
    size_t            i;
    struct sim_conv  *other;

    for (i = 0; i < sim->conv_count; i++) {
        other = &sim->convs[i];

        if (other->number != 0 && other->open && check_is(other->was, "waiting")
            && check_is(check_phase(sim, other), "waiting")
            && goes_before(sim, other, conv) && serves(sim, agent, other)
            && askable(sim, other, agent) && could(sim, agent, other, conv))
        {
            sim_fail(sim, "S6: %s was offered to %s before %s", conv->id,
                     sim->agents[agent].id, other->id);
        }
    }
}


static void
check_choice(struct sim *sim, struct sim_conv *conv, int agent)
{
    int       other;
    unsigned  active, load = check_load(&sim->agents[agent], &active);

    for (other = 0; other < SIM_AGENTS; other++) {
        if (other == agent || !serves(sim, other, conv)
            || !able(sim, other, conv)
            || conv->refused_at[other] != 0
            || conv->member[other] != SIM_STRANGER)
        {
            continue;
        }

        if (conv->refused_at[agent] != 0) {
            sim_fail(sim, "S6: %s had refused %s, %s had not",
                     sim->agents[agent].id, conv->id, sim->agents[other].id);
        }

        if (check_load(&sim->agents[other], &active) + 1 < load) {
            sim_fail(sim, "S6: %s went to %s, %s had less", conv->id,
                     sim->agents[agent].id, sim->agents[other].id);
        }
    }
}


void
check_fairness(struct sim *sim)
{
    int               agent, last = -1;
    size_t            i, offers = 0;
    struct sim_conv  *conv = NULL;

    if (sim->batch_entries + (size_t) sim->batch_ticked > 1) {
        return;
    }

    for (i = 0; i < sim->conv_count; i++) {
        agent = newly_offered(sim, &sim->convs[i]);

        if (agent >= 0 && sim->convs[i].ask.kind != 0) {
            offers += 2;                /* an ask has an order of its own */

        } else if (agent >= 0) {
            check_order(sim, &sim->convs[i], agent);
            offers++;
            conv = &sim->convs[i];
            last = agent;
        }
    }

    if (offers == 1) {
        check_choice(sim, conv, last);
    }
}
