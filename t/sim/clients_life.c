/*
 * What members and supervisors ask of a conversation beside its offers.
 *
 * Purpose:    invitations, transfers, wrap-up, hands, looks from outside.
 * Owner:      struct sim.
 * Invariants: those of clients.c.
 */

#include "sim.h"


/* What the verb names beside the conversation. */

void
sim_ask_more(struct sim *sim, struct cd_frame *frame)
{
    static const char *const  queues[] = { "q0", "Queue 1", "q2", "none" };
    static const char *const  dispositions[] = { "solved", "spam", "x", "" };

    switch (frame->type) {

    case CD_T_INVITE:
    case CD_T_TRANSFER:
        if (sim_chance(sim, 60)) {
            sim_put(frame, CD_F_AGENT,
                sim->agents[sim_below(sim, SIM_AGENTS)].id);
        } else {
            sim_put(frame, CD_F_QUEUE, queues[sim_below(sim, 4)]);
        }
        sim_put(frame, CD_F_NOTE, "note\nof an agent");
        break;

    case CD_T_WRAP:
        sim_put(frame, CD_F_DISPOSITION, dispositions[sim_below(sim, 3)]);
        sim_put(frame, CD_F_TAGS, "a, b");
        break;

    case CD_T_HAND:
        cd_frame_set_uint(frame, CD_F_ON, sim_chance(sim, 50));
        break;

    default:
        break;
    }
}


/* What an agent asks about some conversation. */

void
sim_agent_asks(struct sim *sim, unsigned type)
{
    int                  agent;
    struct cd_frame      frame;
    struct sim_conv     *conv = sim_pick_conv(sim);
    struct sim_session  *session = sim_pick_session(sim, 1);

    if (conv == NULL || session == NULL) {
        return;
    }

    /* mostly by somebody whose inbox has it */
    if (sim_chance(sim, 90)) {
        for (agent = 0; agent < SIM_AGENTS; agent++) {
            if (sim_card(sim, agent, conv) != NULL) {
                break;
            }
        }

        if (agent == SIM_AGENTS) {
            return;
        }

        sim_entry(sim, &frame, type, session);
        sim_put(&frame, CD_F_WHO, sim->agents[agent].id);

    } else {
        sim_entry(sim, &frame, type, session);
    }

    sim_put(&frame, CD_F_ID, "7");
    sim_put(&frame, CD_F_CONV, conv->id);
    sim_ask_more(sim, &frame);
    sim_send_control(sim, &frame);
}


/* A supervisor, who has no card of it, as a rule. */

void
sim_supervisor_asks(struct sim *sim)
{
    struct cd_frame      frame;
    struct sim_conv     *conv = sim_pick_conv(sim);
    struct sim_session  *session = sim_pick_session(sim, 1);
    static const unsigned  types[] = {
        CD_T_MONITOR, CD_T_MONITOR, CD_T_MONITOR, CD_T_BARGE, CD_T_TAKEOVER
    };

    if (conv == NULL || session == NULL) {
        return;
    }

    sim_entry(sim, &frame, types[sim_below(sim, 5)], session);
    sim_put(&frame, CD_F_ID, "6");
    sim_put(&frame, CD_F_CONV, conv->id);

    if (sim_chance(sim, 80)) {
        sim_put(&frame, CD_F_WHO, sim->agents[sim_chance(sim, 50) ? 2 : 5].id);
    }

    sim_send_control(sim, &frame);
}


/* Among members. */

void
sim_member_asks(struct sim *sim)
{
    static const unsigned  types[] = {
        CD_T_INVITE, CD_T_INVITE, CD_T_TRANSFER, CD_T_TRANSFER, CD_T_LEAVE,
        CD_T_HAND, CD_T_WRAP, CD_T_WRAP
    };

    sim_agent_asks(sim, types[sim_below(sim, 8)]);
}
