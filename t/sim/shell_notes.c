/*
 * What applied entries mean for the simulator's own books on agents.
 *
 * Purpose:    states, deeds, what is known.
 * Owner:      struct sim.
 * Invariants: none.
 */

#include "sim.h"


void
sim_note_presence(struct sim *sim, const struct cd_frame *frame)
{
    int            agent = sim_agent_find(sim, cd_frame_str(frame, CD_F_WHO));
    unsigned       i;
    struct cd_str  state = cd_frame_str(frame, CD_F_STATE);

    if (agent < 0 || !cd_str_is(cd_frame_str(frame, CD_F_ROLE), "agent")) {
        return;
    }

    for (i = CD_PRESENCE_AVAILABLE; i < CD_PRESENCES_MAX; i++) {
        if (cd_str_is(state, cd_presence_name(i))) {
            sim->agents[agent].state = (enum cd_presence) i;
            sim->agents[agent].own = NULL;
        }
    }

    for (i = 0; i < SIM_PRESENCES; i++) {
        if (cd_str_is(state, sim->presences[i].id)) {
            sim->agents[agent].own = &sim->presences[i];
            sim->agents[agent].state = CD_PRESENCE_BUSY;
        }
    }
}


/* Who becomes a member knows what was written before; a conversation that goes
   on in this batch begins without members. */

void
sim_note_known(struct sim_conv *conv, int agent)
{
    if ((conv->member[agent] != SIM_MEMBER || conv->noted)
        && conv->applied > 0)
    {
        conv->known[agent] = conv->messages[conv->applied - 1].n;
    }
}


/* A message opened it in this very batch: who is a member now was made one
   after that, and the entries do not show when. */

void
sim_joined(const struct sim *sim, struct sim_conv *conv, int agent)
{
    if (conv->reopened == sim->commits && conv->applied > 0) {
        conv->known[agent] = conv->messages[conv->applied - 1].n;
    }
}


/* An agent has done something. */

void
sim_note_deed(struct sim *sim, const struct cd_frame *frame)
{
    int  agent;

    agent = sim_agent_find(sim, cd_frame_str(frame,
                                             frame->type == CD_T_MESSAGE
                                             ? CD_F_FROM : CD_F_WHO));

    if (agent >= 0 && frame->type != CD_T_OFFLINE
        && cd_str_is(cd_frame_str(frame, CD_F_ROLE), "agent"))
    {
        sim->agents[agent].deed_ms = sim->now_ms;
    }
}


/* The log is applied to its end, no deadline lies behind, and no hours have
   flipped that, by a clock set back, have not. */

int
sim_at_rest(const struct sim *sim)
{
    return sim->log_applied == sim->log_count
           && desk_deadline(sim->desk) > sim->now_ms
           && sim->now_ms >= sim->top_ms;
}
