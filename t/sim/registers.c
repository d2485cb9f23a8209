/*
 * Registers of the simulator's feeds.
 *
 * Purpose:    found by type and key, set, removed.
 * Owner:      a struct sim_feed owns its registers.
 * Invariants: each change takes a number of the feed.
 */

#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


struct sim_register *
sim_register_find(struct sim_feed *feed, unsigned type, const char *key)
{
    size_t  i;

    for (i = 0; i < feed->count; i++) {
        if (feed->registers[i].type == type
            && strcmp(feed->registers[i].key, key) == 0)
        {
            return &feed->registers[i];
        }
    }

    return NULL;
}


void
sim_feed_free(struct sim_feed *feed)
{
    size_t  i;

    for (i = 0; i < feed->count; i++) {
        free(feed->registers[i].envelope);
    }

    free(feed->registers);
    memset(feed, 0, sizeof(struct sim_feed));
}


void
sim_register_set(struct sim *sim, struct sim_feed *feed, const char *key,
    const struct op *op)
{
    size_t                len = CD_WIRE_HEAD + op->text[3].len;
    struct sim_register  *reg;

    feed->head++;
    reg = sim_register_find(feed, op->frame.type, key);

    if (reg == NULL) {
        feed->registers = realloc(feed->registers, (feed->count + 1)
                                  * sizeof(struct sim_register));
        reg = &feed->registers[feed->count++];
        memset(reg, 0, sizeof(struct sim_register));
        reg->type = op->frame.type;
        snprintf(reg->key, sizeof(reg->key), "%s", key);
    }

    free(reg->envelope);
    reg->envelope = malloc(len);
    memcpy(reg->envelope, op->envelope, len);
    reg->commit = sim->commits;

    if (cd_frame_decode(&reg->frame, reg->envelope, len) != 0) {
        sim_fail(sim, "a register does not decode");
    }
}


void
sim_register_remove(struct sim_feed *feed, struct sim_register *reg)
{
    free(reg->envelope);
    *reg = feed->registers[--feed->count];
    feed->head++;
}
