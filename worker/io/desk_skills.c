/*
 * Settings: the skills of an agent, a queue or a rule.
 *
 *   "skills": ["spanish", "billing"]
 *
 * Purpose:    the member that these three have.
 * Owner:      the array stands in the desk_file's keep.
 * Invariants: the desk_file's table has every skill that was read without a
 *             fault; what is missing is an empty list.
 */

#include "io/desk_skills.h"

#include <string.h>


/* One name; faults one that is in the list before. */

static const char *
skill_read(struct json_at *at, struct desk_file *file,
    const char *const *before, size_t count)
{
    size_t                 i;
    const char            *name = json_word(at, SKILL_BYTES, SKILL_MAX);
    struct skill_settings  one = { &name, 1 };

    for (i = 0; i < count; i++) {
        if (strcmp(before[i], name) == 0) {
            json_fault(at, "\"%s\" is there twice", name);
        }
    }

    if (at->fault->text[0] == '\0' && skills_learn(&file->skills, &one) != 0) {
        json_fault(at, "a desk may name %d different skills, \"%s\" is one "
                   "more", SKILLS_MAX, name);
    }

    return name;
}


void
desk_skills_read(struct json_at *item, struct desk_file *file,
    struct skill_settings *skills)
{
    size_t                    i, count = 0;
    const char              **names;
    struct json_at            at, list = json_member(item, "skills");
    static const char *const  none[SKILLS_ONE_MAX];

    if (list.value != NULL) {
        count = json_count(&list, 0, SKILLS_ONE_MAX);
    }

    names = keep_array(&file->keep, none, count, sizeof(*names));

    if (names == NULL) {
        json_fault(&list, "no memory");
        return;
    }

    for (i = 0; i < count; i++) {
        at = json_element(&list, i);
        names[i] = skill_read(&at, file, names, i);
    }

    skills->names = names;
    skills->count = count;
}
