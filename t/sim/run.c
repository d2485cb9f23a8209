/*
 * One run of the simulator: a desk from a seed.
 *
 * Purpose:    draws the settings, lets clients and shell take turns, reports
 *             the first violation.
 * Owner:      struct sim.
 * Invariants: a run stops at its first violation: what comes after would
 *             only repeat it.
 */

#include "sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define START_MS  1700000000000


void
sim_fail(struct sim *sim, const char *format, ...)
{
    va_list  args;

    if (sim->violations++ > 0 || sim->quiet) {
        return;
    }

    printf("seed %llu, step %llu: ", (unsigned long long) sim->seed,
           (unsigned long long) sim->step);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
}


static void
draw_queues(struct sim *sim)
{
    int                      i;
    static const char *const  ids[] = { "q0", "q1", "q2" };
    static const char *const  names[] = { "Queue 0", "Queue 1", "Queue 2" };
    static const struct disposition_settings  dispositions[] = {
        { "solved", "Solved" }, { "spam", "No chat" }
    };

    for (i = 0; i < SIM_QUEUES; i++) {
        sim->queues[i].id = ids[i];
        sim->queues[i].name = names[i];
        sim->queues[i].priority = 1 + sim_below(sim, 2);
        sim->queues[i].accept_ms = 1000 + sim_below(sim, 30) * 1000;
        sim->queues[i].wait_alert_ms = sim_below(sim, 4) * 15000;
        sim->queues[i].wrapup_ms = sim_chance(sim, 50)
                                   ? 1000 + sim_below(sim, 20) * 1000 : 0;
        sim->queues[i].dispositions = dispositions;
        sim->queues[i].disposition_count = 2;
        sim->core_queues[i] = sim->queues[i];

        if (sim->fault == SIM_FAULT_WRAPUP
            && sim->queues[i].wrapup_ms != 0)
        {
            sim->core_queues[i].wrapup_ms += 1000;
        }

        if (sim->fault == SIM_FAULT_ACCEPT_MS) {
            sim->core_queues[i].accept_ms += 1000;
        }
    }
}


static void
draw_profiles(struct sim *sim)
{
    int                        i, q;
    struct profile_settings   *profile;
    static const char *const   ids[] = { "p0", "p1", "p2" };

    for (i = 0; i < SIM_PROFILES; i++) {
        profile = &sim->profiles[i];
        profile->id = ids[i];
        profile->name = ids[i];
        profile->capacity = sim_below(sim, 4);
        profile->queues = sim->profile_queues[i];
        profile->missed_limit = sim_chance(sim, 30);
        profile->idle_ms = sim_chance(sim, 30) ? 60000 : 0;
        profile->channels = sim_chance(sim, 70) ? 0 : 1 + sim_below(sim, 7);
        profile->channel_capacity[CHANNEL_CHAT] = sim_below(sim, 3);
        profile->channel_capacity[CHANNEL_MESSAGING] = sim_below(sim, 3);
        profile->channel_capacity[CHANNEL_ITEM] = sim_below(sim, 3);

        for (q = 0; q < SIM_QUEUES; q++) {
            sim->serves[i][q] = sim_chance(sim, 70);

            if (sim->serves[i][q]) {
                sim->profile_queues[i][profile->queue_count++]
                    = sim->queues[q].id;
            }
        }

        sim->core_profiles[i] = *profile;

        if (sim->fault == SIM_FAULT_CAPACITY) {
            sim->core_profiles[i].capacity++;
        }
        if (sim->fault == SIM_FAULT_CHANNEL) {
            memset(sim->core_profiles[i].channel_capacity, 0,
                   sizeof(profile->channel_capacity));
        }
    }
}


static void
draw_agents(struct sim *sim)
{
    int                       i;
    static const char *const  profiles[] = { "p0", "p1", "p2" };

    for (i = 0; i < SIM_AGENTS; i++) {
        snprintf(sim->agents[i].id, sizeof(sim->agents[i].id), "agent.%d", i);
        sim->agents[i].profile = (int) sim_below(sim, SIM_PROFILES);
        sim->agents[i].state = CD_PRESENCE_AVAILABLE;
        sim->agent_settings[i].id = sim->agents[i].id;
        sim->agent_settings[i].name = sim->agents[i].id;
        sim->agent_settings[i].role = i % 3 == 2 ? "supervisor" : "agent";
        sim->agent_settings[i].profile = profiles[sim->agents[i].profile];
    }
}


static void
draw_settings(struct sim *sim)
{
    draw_queues(sim);
    draw_profiles(sim);
    draw_agents(sim);
    sim_skills_init(sim);

    sim->presences[0].id = "lunch";
    sim->presences[0].name = "At lunch";
    sim->presences[1].id = "chats";
    sim->presences[1].name = "Chats alone";
    sim->presences[1].takes = 1u << CHANNEL_CHAT;
    sim->presences[2].id = "post";
    sim->presences[2].name = "Messages alone";
    sim->presences[2].takes = 1u << CHANNEL_MESSAGING;
    sim->settings.presences = sim->presences;
    sim->settings.presence_count = SIM_PRESENCES;
    sim->settings.grace_ms = SIM_GRACE_MS;
    sim->settings.name = "Desk";
    sim->settings.default_queue = "q1";
    sim->settings.queues = sim->core_queues;
    sim->settings.queue_count = SIM_QUEUES;
    sim->settings.profiles = sim->core_profiles;
    sim->settings.profile_count = SIM_PROFILES;
    sim->settings.agents = sim->agent_settings;
    sim->settings.agent_count = SIM_AGENTS;
    sim->hook.id = "h0";
    sim->hook.types = NOTIFY_MESSAGE | NOTIFY_OFFER | NOTIFY_WAIT
                      | NOTIFY_HAND;
    sim->settings.hooks = &sim->hook;
    sim->settings.hook_count = 1;
    sim->interval_ms = 1000 + sim_below(sim, 30) * 1000;
    sim->settings.notify.interval_ms = sim->fault == SIM_FAULT_INTERVAL
                                       ? sim->interval_ms / 2
                                       : sim->interval_ms;
}


struct sim *
sim_new(uint64_t seed, enum sim_fault fault, int quiet)
{
    struct sim  *sim = calloc(1, sizeof(struct sim));

    sim->seed = seed;
    sim->rng.state = seed;
    sim->fault = fault;
    sim->quiet = quiet;
    sim->now_ms = START_MS;
    sim->next_number = 1;
    sim->sessions = calloc(SIM_SESSIONS, sizeof(struct sim_session));
    sim->convs = calloc(SIM_CONVS, sizeof(struct sim_conv));

    draw_settings(sim);
    sim_flows_init(sim);
    sim_clients_init(sim);
    sim_shell_init(sim);

    return sim;
}


void
sim_free(struct sim **owned)
{
    size_t       i;
    struct sim  *sim = *owned;

    for (i = 0; i < sim->conv_count; i++) {
        sim_feed_free(&sim->convs[i].side_v);
        sim_feed_free(&sim->convs[i].side_d);
        free(sim->convs[i].messages);
        free(sim->convs[i].entity);
    }

    for (i = 0; i < SIM_AGENTS; i++) {
        sim_feed_free(&sim->agents[i].inbox);
        free(sim->agents[i].entity);
    }

    for (i = 0; i < sim->kept_count; i++) {
        free(sim->kept[i].blob);
    }

    for (i = 0; i < sim->log_count; i++) {
        free(sim->log[i].envelope);
    }

    for (i = 0; i < SIM_LATE; i++) {
        free(sim->late[i].envelope);
    }

    sim_feed_free(&sim->group);
    desk_free(&sim->desk);
    desk_free(&sim->twin);
    changes_free(&sim->changes);
    changes_free(&sim->twin_changes);
    free(sim->log);
    free(sim->kept);
    free(sim->jobs);
    free(sim->screens);
    free(sim->desk_entity);
    free(sim->convs);
    free(sim->sessions);
    free(sim);
    *owned = NULL;
}


void
sim_run(struct sim *sim, uint64_t events)
{
    /* a run also ends when it has used up its conversations */
    while (sim->events < events && sim->violations == 0
           && sim->step < 20 * events)
    {
        sim->step++;
        sim_client_step(sim);

        if (sim_chance(sim, 40)) {
            sim_shell_step(sim);
        }
    }

    sim_shell_drain(sim);
}
