/*
 * See skills.h.
 *
 * Purpose:    names to bits and back.
 * Owner:      nothing.
 * Invariants: those of skills.h.
 */

#include "core/skills.h"

#include <string.h>


/* Where the name stands; `count` when it is not there. */

static size_t
skills_find(const struct skills *skills, const char *name, size_t len)
{
    size_t  i;

    for (i = 0; i < skills->count; i++) {
        if (strlen(skills->names[i]) == len
            && memcmp(skills->names[i], name, len) == 0)
        {
            break;
        }
    }

    return i;
}


static uint64_t
skills_bit(const struct skills *skills, const char *name, size_t len)
{
    size_t  i = skills_find(skills, name, len);

    return i < skills->count ? UINT64_C(1) << i : 0;
}


uint64_t
skills_bits(const struct skills *skills,
    const struct skill_settings *settings)
{
    size_t    i;
    uint64_t  bits = 0;

    for (i = 0; i < settings->count; i++) {
        bits |= skills_bit(skills, settings->names[i],
                           strlen(settings->names[i]));
    }

    return bits;
}


uint64_t
skills_bits_of(const struct skills *skills, const char *text)
{
    size_t    len;
    uint64_t  bits = 0;

    while (text != NULL && *text != '\0') {
        len = strcspn(text, " ");
        bits |= skills_bit(skills, text, len);
        text += len + strspn(text + len, " ");
    }

    return bits;
}


int
skills_learn(struct skills *skills, const struct skill_settings *settings)
{
    size_t       i, len;
    const char  *name;

    if (settings->count > SKILLS_ONE_MAX) {
        return -1;
    }

    for (i = 0; i < settings->count; i++) {
        name = settings->names[i];
        len = strlen(name);

        if (len < 1 || len > SKILL_MAX
            || strspn(name, SKILL_BYTES) != len)
        {
            return -1;
        }

        if (skills_find(skills, name, len) < skills->count) {
            continue;
        }

        if (skills->count == SKILLS_MAX) {
            return -1;
        }

        memcpy(skills->names[skills->count++], name, len + 1);
    }

    return 0;
}


static int
skills_plan_flow(struct skills *skills, const struct flow_settings *flow)
{
    size_t  i;

    for (i = 0; i < flow->rule_count; i++) {
        if (skills_learn(skills, &flow->rules[i].skills) != 0) {
            return -1;
        }
    }

    return 0;
}


int
skills_plan(struct skills *skills, const struct desk_settings *settings,
    const char **why)
{
    int     rc = 0;
    size_t  i;

    skills->count = 0;

    for (i = 0; i < settings->queue_count; i++) {
        rc |= skills_learn(skills, &settings->queues[i].skills);
    }

    for (i = 0; i < settings->agent_count; i++) {
        rc |= skills_learn(skills, &settings->agents[i].skills);
    }

    for (i = 0; i < settings->flow_count; i++) {
        rc |= skills_plan_flow(skills, &settings->flows[i]);
    }

    if (rc != 0) {
        *why = "a skill's name is not valid, or there are too many skills";
    }

    return rc;
}


void
skills_text(const struct skill_settings *settings, char *out)
{
    size_t  i, len = 0, size;

    for (i = 0; i < settings->count && i < SKILLS_ONE_MAX; i++) {
        size = strlen(settings->names[i]);

        if (i > 0) {
            out[len++] = ' ';
        }

        memcpy(out + len, settings->names[i], size);
        len += size;
    }

    out[len] = '\0';
}


const char *
skills_name(const struct skills *skills, uint64_t bits, size_t i)
{
    size_t  bit;

    for (bit = 0; bit < skills->count; bit++) {
        if (bits & UINT64_C(1) << bit && i-- == 0) {
            return skills->names[bit];
        }
    }

    return NULL;
}
