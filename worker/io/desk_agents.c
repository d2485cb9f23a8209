/*
 * Settings: agents, and the hashes of their passwords.
 *
 *   {"login": "ana", "name": "Ana Lima", "role": "agent",
 *    "profile": "front", "password_hash": "$y$..."}
 *
 * Purpose:    the list "agents".
 * Owner:      the arrays are the desk_file's.
 * Invariants: those of io/desk_kind.h; hashes[i] is that of the agent at i.
 */

#include "io/desk_kind.h"

#include <stdlib.h>

#include "chatdesk_tables.h"

#include "io/desk_notify.h"
#include "io/desk_skills.h"
#include "io/password.h"


static int
agents_open(struct desk_file *file, size_t count)
{
    file->settings.agents = desk_rows(count, sizeof(struct agent_settings));
    file->hashes = desk_rows(count, sizeof(*file->hashes));

    if (file->settings.agents == NULL || file->hashes == NULL) {
        return -1;
    }

    file->settings.agent_count = count;

    return 0;
}


static void
agents_item(struct json_at *item, const char *id, struct desk_file *file,
    size_t i)
{
    struct json_at          at;
    struct agent_settings  *agent;
    static const char *const  names[] = {
        "login", "name", "role", "profile", "password_hash", "?notify",
        "?skills", NULL
    };

    agent = (struct agent_settings *) &file->settings.agents[i];
    json_members(item, names);
    agent->id = id;
    at = json_member(item, "name");
    agent->name = json_text(&at, cd_field_row(CD_F_NAME)->max);
    agent->role = desk_role(item);
    at = json_member(item, "profile");
    agent->profile = desk_refer(&at, file, DESK_PROFILES, "profile");
    at = json_member(item, "password_hash");
    file->hashes[i] = json_text(&at, PASSWORD_HASH_MAX);

    if (!password_is_hash(file->hashes[i])) {
        json_fault(&at, "expected what `chatdesk-worker hash-password` "
                   "prints");
    }

    desk_notify_read(item, &agent->notify);
    desk_skills_read(item, file, &agent->skills);
}


static void
agents_close(struct desk_file *file)
{
    free((void *) file->settings.agents);
    free(file->hashes);
}


const struct desk_kind  desk_kind_agents = {
    "agents", "login", DESK_LOGIN_BYTES, 0, 0, 20000,
    agents_open, agents_item, agents_close, NULL
};
