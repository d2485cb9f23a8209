/*
 * Work items in the simulator.
 *
 * Purpose:    makes and cancels items; everything else that happens to them
 *             are the moves and invariants of chats.
 * Owner:      struct sim.
 * Invariants: an item is a conversation whose client is never there.
 */

#include "sim.h"

#include <stdio.h>


int
sim_is_item(const struct sim_conv *conv)
{
    return conv->visitor == SIM_VISITORS;
}


const char *
sim_client_id(struct sim *sim, const struct sim_conv *conv)
{
    return sim_is_item(conv) ? conv->id : sim->visitor_ids[conv->visitor];
}


static void
item_entry(struct sim *sim, struct cd_frame *frame, unsigned type,
    const struct sim_conv *conv)
{
    cd_frame_init(frame, type);
    frame->at_ms = sim->now_ms;
    sim_put(frame, CD_F_CONV, conv->id);
    sim_put(frame, CD_F_WHO, "key:robot");
    sim_put(frame, CD_F_ROLE, "system");
}


static void
item_opens(struct sim *sim)
{
    struct cd_frame   frame;
    struct sim_conv  *conv;
    static const char *const  queues[] = { "q0", "q1", "q2", "none" };

    if (sim->conv_count == SIM_CONVS) {
        return;
    }

    conv = &sim->convs[sim->conv_count++];
    memset(conv, 0, sizeof(struct sim_conv));
    snprintf(conv->id, sizeof(conv->id), "i%06llu",
             (unsigned long long) sim->ids++);
    conv->visitor = SIM_VISITORS;
    conv->was_offered = -1;

    item_entry(sim, &frame, CD_T_ITEM, conv);
    sim_put(&frame, CD_F_KIND, "case");
    sim_put(&frame, CD_F_TITLE, "A case\nto be solved");
    sim_put(&frame, CD_F_LINK, sim_chance(sim, 95)
                               ? "https://cases.example/7" : "javascript:1");
    sim_put(&frame, CD_F_QUEUE, queues[sim_below(sim, 4)]);
    cd_frame_set_uint(&frame, CD_F_PRIORITY, 4 + sim_below(sim, 3));
    sim_log(sim, &frame);

    if (sim_chance(sim, 10)) {
        sim_log(sim, &frame);
    }
}


static void
item_is_cancelled(struct sim *sim)
{
    struct cd_frame   frame;
    struct sim_conv  *conv = sim_pick_conv(sim);

    if (conv != NULL) {
        item_entry(sim, &frame, CD_T_ITEM_CANCEL, conv);
        sim_send_control(sim, &frame);
    }
}


void
sim_item_step(struct sim *sim)
{
    if (sim_chance(sim, 75)) {
        item_opens(sim);
    } else {
        item_is_cancelled(sim);
    }
}


/* One was applied: what must have come of it. */

void
sim_item_note(struct sim *sim, struct sim_conv *conv,
    const struct cd_frame *frame)
{
    struct cd_str  queue = cd_frame_str(frame, CD_F_QUEUE);
    struct cd_str  link = cd_frame_str(frame, CD_F_LINK);

    if (conv->started_ms != 0) {
        return;
    }

    conv->refused = cd_str_is(queue, "none")
                    || cd_str_is(link, "javascript:1");
    conv->started_ms = sim->now_ms;
    conv->since_ms = sim->now_ms;
    conv->active_ms = sim->now_ms;

    if (!conv->refused) {
        conv->noted = 1;
        conv->queued_ms = sim->now_ms;
        conv->routed = queue.data[1] - '0';
        conv->priority = (unsigned) cd_frame_uint(frame, CD_F_PRIORITY);
    }
}


void
sim_item_opened(struct sim *sim, const struct op *op)
{
    struct sim_conv  *conv = sim_conv_find(sim, op->text[0]);

    if (conv == NULL || !sim_is_item(conv) || conv->open || conv->closes > 0
        || !cd_str_is(op->text[1], conv->id))
    {
        sim_fail(sim, "an item opens that there is not");
        return;
    }

    conv->open = 1;
}
