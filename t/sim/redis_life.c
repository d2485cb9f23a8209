/*
 * What the simulator reads out of a stored conversation, and of `me`.
 *
 * Purpose:    the open ask, who refused when, who came out of hours, who is
 *             away for idleness: what no card shows in full.
 * Owner:      struct sim.
 * Invariants: none.
 */

#include "sim.h"

#include "core/entity.h"
#include "core/entity_map.h"


/* What is asked, and the queue, out of the entity. */

static void
read_ask(struct sim *sim, struct sim_conv *conv, struct fields *fields)
{
    int             i;
    struct cd_str   queue = fields_str(fields, CONV_QUEUE);
    struct cd_str   asked = fields_str(fields, CONV_ASK_QUEUE);

    conv->ask.kind = (int) fields_uint(fields, CONV_ASK, 9, 0);
    conv->ask.source = sim_agent_find(sim, fields_str(fields,
                                                      CONV_ASK_SOURCE));
    conv->ask.target = sim_agent_find(sim, fields_str(fields,
                                                      CONV_ASK_TARGET));
    conv->ask.until_ms = fields_uint(fields, CONV_ASK_UNTIL, UINT64_MAX, 0);

    for (i = 0; i < SIM_QUEUES; i++) {
        if (cd_str_is(queue, sim->queues[i].id)) {
            conv->queue = i;
        }
    }

    conv->ask.queue = conv->queue;

    for (i = 0; i < SIM_QUEUES; i++) {
        if (cd_str_is(asked, sim->queues[i].id)) {
            conv->ask.queue = i;
        }
    }
}


/* When each agent refused, out of the entity's seats. */

void
sim_read_seats(struct sim *sim, struct sim_conv *conv)
{
    int                          agent;
    size_t                       offset = 0;
    uint32_t                     i;
    struct fields                fields, seat;
    msgpack_unpacked             result;
    const msgpack_object_array  *seats;

    memset(conv->refused_at, 0, sizeof(conv->refused_at));
    msgpack_unpacked_init(&result);

    if (msgpack_unpack_next(&result, conv->entity, conv->entity_len, &offset)
            == MSGPACK_UNPACK_SUCCESS
        && fields_map(&fields, &result.data) == 0)
    {
        read_ask(sim, conv, &fields);
        conv->offline = (int) fields_uint(&fields, CONV_OFFLINE, 1, 0);
        sim_skills_read(conv, fields_str(&fields, CONV_SKILLS));
        seats = fields_list(&fields, CONV_SEATS);

        for (i = 0; i < seats->size; i++) {
            fields_map(&seat, &seats->ptr[i]);
            agent = sim_agent_find(sim, fields_str(&seat, SEAT_AGENT));

            if (agent >= 0) {
                conv->refused_at[agent] = fields_uint(&seat, SEAT_REFUSED_AT,
                                                      UINT64_MAX, 0);
            }
        }
    }

    msgpack_unpacked_destroy(&result);
}


/* Away for doing nothing: may it be? */

void
sim_note_idle(struct sim *sim, struct sim_agent *agent,
    const struct cd_frame *frame)
{
    uint64_t  idle_ms = sim->profiles[agent->profile].idle_ms;

    if (!cd_str_is(cd_frame_str(frame, CD_F_WHY), "idle")
        || agent->state == CD_PRESENCE_AWAY)
    {
        return;
    }

    agent->state = CD_PRESENCE_AWAY;
    agent->own = NULL;

    if (idle_ms == 0 || (agent->deed_ms <= sim->now_ms
        && sim->now_ms - agent->deed_ms
           < idle_ms - idle_ms / CD_LIMIT_IDLE_STEP))
    {
        sim_fail(sim, "S19: %s is away too early", agent->id);
    }
}
