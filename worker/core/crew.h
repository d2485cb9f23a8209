/*
 * Crews: the agents of a profile who have the same skills.
 *
 * Purpose:    whoever looks for skills asks crews, not agents: of a crew, the
 *             first free agent is as good as any.
 * Owner:      a profile owns its crews; they are made anew with other
 *             settings, after every agent has left them.
 * Invariants: the crews of a profile differ in their skills; an agent stands
 *             in its own crew's trees alone.
 */

#ifndef CHATDESK_CORE_CREW_H
#define CHATDESK_CORE_CREW_H

#include "core/queue.h"
#include "core/tree.h"

struct crew {
    RB_ENTRY(crew)      link;
    uint64_t            skills;
    struct free_agents  free[CHANNELS_MAX];
};

/* The agent has this profile and these skills; with no memory for that it has
   none, and the desk fails. */
void crew_join(struct desk *desk, struct agent *agent,
    struct profile *profile, const struct skill_settings *skills);

/* Nobody is free any more, or in a crew, until agents join again: other
   settings are being taken. */
void crews_break_up(struct desk *desk);

static inline int
crew_has(const struct crew *crew, uint64_t needed)
{
    return (crew->skills & needed) == needed;
}


/* All of a profile; nobody may be in them. */
void crews_free(struct profile *profile);

struct crew *crew_first(struct profile *profile);
struct crew *crew_next(struct crew *crew);

#endif /* CHATDESK_CORE_CREW_H */
