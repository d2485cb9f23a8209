/*
 * A twin: a core that was built anew from what is stored.
 *
 * Purpose:    compares what the two answer to one batch.
 * Owner:      struct sim.
 * Invariants: they answer the same, but for what goes out by rounds: when the
 *             last one was is not stored.
 */

#include "sim.h"


void
sim_twin_compare(struct sim *sim)
{
    size_t            len, twin_len;
    const char       *data, *twin_data, *why;
    struct ops        ops, twin_ops;
    const struct op  *one, *other;

    desk_flush(sim->twin, sim->twin_changes);
    data = changes_data(sim->changes, &len);
    twin_data = changes_data(sim->twin_changes, &twin_len);

    if (data == NULL || twin_data == NULL
        || ops_decode(&ops, data, len, &why) != 0
        || ops_decode(&twin_ops, twin_data, twin_len, &why) != 0)
    {
        sim_fail(sim, "a batch cannot be compared");
        return;
    }

    if (!ops_same(&ops, &twin_ops, &one, &other)) {
        sim_fail(sim, "a core built anew answers otherwise");

        if (!sim->quiet) {
            sim_trace_op(one);
            sim_trace_op(other);
        }
    }

    ops_free(&ops);
    ops_free(&twin_ops);
    changes_reset(sim->twin_changes);
}
