/*
 * What the files of the checker share.
 *
 * Purpose:    looks at what Redis holds.
 * Owner:      struct sim.
 * Invariants: nothing here changes anything but the count of violations.
 */

#ifndef CHATDESK_SIM_CHECK_H
#define CHATDESK_SIM_CHECK_H

#include "sim.h"

int check_is(const char *a, const char *b);

/* The phase by the registers of both sides; "" when they are not sound. */
const char *check_phase(struct sim *sim, struct sim_conv *conv);

/* Offered, active and wrap-up cards in an inbox. */
unsigned check_load(const struct sim_agent *agent, unsigned *active);

/* check_assign.c: of one channel; not over its own capacity */
unsigned check_channel_load(struct sim *sim, int agent,
    enum channel channel);
void check_channels(struct sim *sim, int agent, unsigned barged);

/* Whose inbox has the offer, -1 for nobody's; until when. */
int check_offered_to(struct sim *sim, struct sim_conv *conv,
    uint64_t *expires);

void check_offer(struct sim *sim, struct sim_conv *conv);
void check_waiting(struct sim *sim, struct sim_conv *conv);
void check_fairness(struct sim *sim);
void check_notices(struct sim *sim, struct sim_conv *conv);
void check_waits(struct sim *sim);

/* templates.c */
void check_templates(struct sim *sim);

/* check_assign.c: which of two comes first in one queue */
int check_before(const struct sim_conv *a, const struct sim_conv *b);

/* check_figures.c */
void check_place(struct sim *sim, struct sim_conv *conv,
    const char *phase);
void check_figures(struct sim *sim);

/* push.c */
void check_push(struct sim *sim);

/* check_record.c */
void check_record(struct sim *sim, struct sim_conv *conv);

#endif /* CHATDESK_SIM_CHECK_H */
