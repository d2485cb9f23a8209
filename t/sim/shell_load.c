/*
 * A core from what Redis holds: what a worker that takes a desk over does.
 *
 * Purpose:    loads settings, entities and sessions in the order of the
 *             worker's shell.
 * Owner:      struct sim; the core is the caller's.
 * Invariants: none.
 */

#include "sim.h"

#include <string.h>


static void
feed_entities(struct sim *sim, struct desk *desk)
{
    int          failed = 0;
    size_t       i;
    const char  *why = "";

    for (i = 0; i < sim->conv_count; i++) {
        if (sim->convs[i].entity != NULL) {
            failed |= desk_load(desk, "conv", sim->convs[i].id,
                                sim->convs[i].entity,
                                sim->convs[i].entity_len, &why);
        }
    }

    for (i = 0; i < SIM_AGENTS; i++) {
        if (sim->agents[i].entity != NULL) {
            failed |= desk_load(desk, "agent", sim->agents[i].id,
                                sim->agents[i].entity,
                                sim->agents[i].entity_len, &why);
        }
    }

    if (sim->desk_entity != NULL) {
        failed |= desk_load(desk, "desk", "desk", sim->desk_entity,
                            sim->desk_entity_len, &why);
    }

    for (i = 0; i < sim->kept_count; i++) {
        if (sim->fault == SIM_FAULT_LOST_WAITS
            && strcmp(sim->kept[i].kind, "waits") == 0)
        {
            continue;
        }

        failed |= desk_load(desk, sim->kept[i].kind, sim->kept[i].key,
                            sim->kept[i].blob, sim->kept[i].len, &why);
    }

    if (failed) {
        sim_fail(sim, "entities do not load: %s", why);
    }
}


/* A new core from what Redis holds. */

struct desk *
sim_build(struct sim *sim, struct changes *changes)
{
    size_t               i;
    const char          *why = "", *who;
    struct desk         *desk = desk_new();
    struct sim_session  *session;

    if (desk_configure(desk, &sim->settings, &why) != 0) {
        sim_fail(sim, "settings do not hold: %s", why);
    }

    feed_entities(sim, desk);

    for (i = 0; i < sim->session_count; i++) {
        session = &sim->sessions[i];
        who = session->is_agent ? sim->agents[session->person].id
                                : sim->visitor_ids[session->person];

        if (session->in_hash
            && desk_load_session(desk, session->id, session->node_id,
                                 session->is_agent, who) != 0)
        {
            sim_fail(sim, "a session does not load");
        }
    }

    changes_reset(changes);
    desk_loaded(desk, sim->now_ms, changes);

    return desk;
}
