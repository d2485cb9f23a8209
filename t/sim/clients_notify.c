/*
 * What agents do about notices: look at a chat, choose what to hear of.
 *
 * Purpose:    deeds of clients.c.
 * Owner:      struct sim.
 * Invariants: those of clients.c.
 */

#include "sim.h"


/* A device shows a conversation to an agent who looks, or nothing. */

void
sim_agent_looks(struct sim *sim)
{
    int                  tries = 8;
    struct cd_frame      frame;
    struct sim_conv     *conv = sim_pick_conv(sim);
    struct sim_session  *session = sim_pick_session(sim, 1);

    if (session == NULL) {
        return;
    }

    /* mostly what the agent's inbox has */
    while (conv != NULL && tries-- > 0
           && sim_card(sim, session->person, conv) == NULL)
    {
        conv = sim_pick_conv(sim);
    }

    sim_entry(sim, &frame, CD_T_FOCUS, session);

    if (conv != NULL && sim_chance(sim, 70)) {
        sim_put(&frame, CD_F_CONV, conv->id);
    }

    sim_log(sim, &frame);
}


void
sim_agent_wishes(struct sim *sim)
{
    struct cd_frame      frame;
    struct sim_session  *session = sim_pick_session(sim, 1);
    static const char *const  silent[] = {
        "", "", "message", "offer wait", "message offer wait", "noise"
    };

    if (session == NULL) {
        return;
    }

    sim_entry(sim, &frame, CD_T_NOTIFY_SET, session);
    sim_put(&frame, CD_F_ID, "5");
    sim_put(&frame, CD_F_SOUND, "chime");
    sim_put(&frame, CD_F_SILENT, silent[sim_below(sim, 6)]);
    cd_frame_set_uint(&frame, CD_F_VOLUME, sim_below(sim, 101));
    cd_frame_set_uint(&frame, CD_F_POPUP, sim_below(sim, 2));
    sim_send_control(sim, &frame);
}
