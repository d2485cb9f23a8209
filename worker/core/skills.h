/*
 * Skills: what agents can do and conversations need.
 *
 * Purpose:    the names that the settings have, each with a bit of its own,
 *             so that "has all that is needed" is one AND.
 * Owner:      the desk owns one table; it is made anew with other settings.
 * Invariants: at most SKILLS_MAX names, all different; a bit means a
 *             skill only as long as its table is the desk's, so what is kept
 *             of skills is their names.
 */

#ifndef CHATDESK_CORE_SKILLS_H
#define CHATDESK_CORE_SKILLS_H

#include <stddef.h>
#include <stdint.h>

#include "core/desk.h"

#define SKILL_BYTES  "abcdefghijklmnopqrstuvwxyz0123456789_-"

/* CD_LIMIT_SKILLS, _SKILLS_OF_ONE and _SKILL, for arrays */
#define SKILLS_MAX       64
#define SKILLS_ONE_MAX   32
#define SKILL_MAX        32

/* several, with a space between each two */
#define SKILLS_TEXT_MAX  (SKILLS_ONE_MAX * (SKILL_MAX + 1))

struct skills {
    size_t  count;
    char    names[SKILLS_MAX][SKILL_MAX + 1];
};

/* The bits of the names that the table has; the others are nobody's and are
   not needed either. */
uint64_t skills_bits(const struct skills *skills,
    const struct skill_settings *settings);
uint64_t skills_bits_of(const struct skills *skills, const char *text);

/* Adds names that are not there yet.  0; -1 for one that is not valid, or for
   more than the table has room for. */
int skills_learn(struct skills *skills,
    const struct skill_settings *settings);

/* All names of a desk's settings, checked; -1 with *why a constant. */
int skills_plan(struct skills *skills, const struct desk_settings *settings,
    const char **why);

/* The names as one text, in `out`, of SKILLS_TEXT_MAX bytes. */
void skills_text(const struct skill_settings *settings, char *out);

/* The i-th name of those that the bits stand for; NULL at the end. */
const char *skills_name(const struct skills *skills, uint64_t bits,
    size_t i);

#endif /* CHATDESK_CORE_SKILLS_H */
