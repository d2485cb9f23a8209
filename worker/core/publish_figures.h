/*
 * Frames of figures: queues and places in line.
 *
 * Purpose:    what agents see on the feed `queues`, and a visitor who waits
 *             on its own side.
 * Owner:      frames borrow from what they describe.
 * Invariants: only what is counted is in them, nothing about any client.
 */

#ifndef CHATDESK_CORE_PUBLISH_FIGURES_H
#define CHATDESK_CORE_PUBLISH_FIGURES_H

#include <stdint.h>

struct conversation;
struct desk;
struct queue;
struct told;

struct place {
    uint64_t place;
    int      known;             /* whether there is a range */
    uint64_t min_ms;
    uint64_t max_ms;
};

void publish_figures(struct desk *desk, const struct queue *queue,
    const struct told *told);
void publish_figures_gone(struct desk *desk, const struct queue *queue);
void publish_place(struct desk *desk,
    const struct conversation *conversation, const struct place *place);

#endif /* CHATDESK_CORE_PUBLISH_FIGURES_H */
