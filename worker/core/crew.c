/*
 * See crew.h.
 *
 * Purpose:    found, made, freed.
 * Owner:      the profile.
 * Invariants: those of crew.h.
 */

#include "core/crew.h"

#include <stdlib.h>

#include "core/state.h"


static int
crew_compare(struct crew *a, struct crew *b)
{
    return a->skills != b->skills ? (a->skills < b->skills ? -1 : 1) : 0;
}


TREE_GENERATE(crews, crew, link, crew_compare)


/* NULL for memory. */

static struct crew *
crew_get(struct profile *profile, uint64_t skills)
{
    struct crew  probe, *crew;

    probe.skills = skills;
    crew = RB_FIND(crews, &profile->crews, &probe);

    if (crew == NULL && (crew = calloc(1, sizeof(*crew))) != NULL) {
        crew->skills = skills;
        RB_INSERT(crews, &profile->crews, crew);
    }

    return crew;
}


void
crew_join(struct desk *desk, struct agent *agent, struct profile *profile,
    const struct skill_settings *skills)
{
    agent->crew = crew_get(profile, skills_bits(&desk->skills, skills));
    agent->profile = profile;

    if (agent->crew == NULL) {
        agent->profile = NULL;
        desk_fail(desk);
    }
}


void
crews_break_up(struct desk *desk)
{
    struct agent    *agent;
    struct profile  *profile;

    for (agent = agent_first(&desk->agents); agent != NULL;
         agent = agent_next(agent))
    {
        agent_leave_free(agent);
        agent->crew = NULL;
    }

    for (profile = profiles_first(&desk->profiles); profile != NULL;
         profile = profiles_next(profile))
    {
        crews_free(profile);
    }
}


void
crews_free(struct profile *profile)
{
    struct crew  *crew;

    while ((crew = RB_MIN(crews, &profile->crews)) != NULL) {
        RB_REMOVE(crews, &profile->crews, crew);
        free(crew);
    }
}


struct crew *
crew_first(struct profile *profile)
{
    return RB_MIN(crews, &profile->crews);
}


struct crew *
crew_next(struct crew *crew)
{
    return RB_NEXT(crews, NULL, crew);
}
