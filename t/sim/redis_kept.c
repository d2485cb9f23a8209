/*
 * Entities that the simulator does not look into, or elsewhere: alerts,
 * focuses, wishes, templates, waits, subscriptions, the outbox.
 *
 * Purpose:    kept by kind and key, given back when a core is built.
 * Owner:      struct sim.
 * Invariants: what is dropped was there.
 */

#include "sim.h"

#include <stdio.h>
#include <stdlib.h>


void
sim_keep(char **slot, size_t *len, struct cd_str blob)
{
    free(*slot);
    *slot = malloc(blob.len + 1);
    memcpy(*slot, blob.data, blob.len);
    *len = blob.len;
}


/* Entities that are only kept. */

static struct sim_kept *
keep_find(struct sim *sim, const struct op *op)
{
    size_t  i;

    for (i = 0; i < sim->kept_count; i++) {
        if (cd_str_is(op->text[0], sim->kept[i].kind)
            && cd_str_is(op->text[1], sim->kept[i].key))
        {
            return &sim->kept[i];
        }
    }

    return NULL;
}


void
sim_keep_put(struct sim *sim, const struct op *op)
{
    struct sim_kept  *kept = keep_find(sim, op);

    if (!cd_str_is(op->text[0], "alert") && !cd_str_is(op->text[0], "focus")
        && !cd_str_is(op->text[0], "wish")
        && !cd_str_is(op->text[0], "template")
        && !cd_str_is(op->text[0], "device")
        && !cd_str_is(op->text[0], "outbox")
        && !cd_str_is(op->text[0], "waits"))
    {
        sim_fail(sim, "an entity of an unknown kind");
        return;
    }

    if (sim->fault == SIM_FAULT_LOST_ALERT && kept != NULL
        && cd_str_is(op->text[0], "alert"))
    {
        return;
    }

    if (kept == NULL) {
        sim->kept = realloc(sim->kept, (sim->kept_count + 1)
                            * sizeof(struct sim_kept));
        kept = &sim->kept[sim->kept_count++];
        memset(kept, 0, sizeof(struct sim_kept));
        kept->commit = sim->commits;
        snprintf(kept->kind, sizeof(kept->kind), "%.*s",
                 (int) op->text[0].len, op->text[0].data);
        snprintf(kept->key, sizeof(kept->key), "%.*s",
                 (int) op->text[1].len, op->text[1].data);
    }

    if (cd_str_is(op->text[0], "outbox")) {
        sim_job_put(sim, strtoull(kept->key, NULL, 10), op->text[2]);
    }

    sim->templates_changed += cd_str_is(op->text[0], "template");
    sim_keep(&kept->blob, &kept->len, op->text[2]);
}


void
sim_keep_drop(struct sim *sim, const struct op *op)
{
    struct sim_kept  *kept = keep_find(sim, op);

    if (kept == NULL) {
        sim_fail(sim, "an entity is dropped that is not there");
        return;
    }

    if (cd_str_is(op->text[0], "outbox")) {
        if (sim->fault == SIM_FAULT_LOST_TAKEN) {
            return;
        }
        sim_job_drop(sim, strtoull(kept->key, NULL, 10));

    } else if (cd_str_is(op->text[0], "device")) {
        sim_device_gone(sim, op->text[1]);
    }

    sim->templates_changed += cd_str_is(op->text[0], "template");
    free(kept->blob);
    *kept = sim->kept[--sim->kept_count];
}
