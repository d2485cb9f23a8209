/*
 * The member "skills" of agents, queues and rules.
 *
 * Purpose:    one parser for the three.
 * Owner:      the desk_file.
 * Invariants: those of desk_skills.c.
 */

#ifndef CHATDESK_IO_DESK_SKILLS_H
#define CHATDESK_IO_DESK_SKILLS_H

#include "io/desk_file.h"
#include "io/json_check.h"

void desk_skills_read(struct json_at *item, struct desk_file *file,
    struct skill_settings *skills);

#endif /* CHATDESK_IO_DESK_SKILLS_H */
