/*
 * Callers and their roles; see who.h.
 *
 * Purpose:    from the hash of a key, or a login, to a role; and whom a verb
 *             acts for.
 * Owner:      nothing.
 * Invariants: those of who.h.
 */

#include "api/who.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "core/state.h"

static const char *const  role_names[] = {
    "none", "agent", "supervisor", "admin"
};


const char *
api_role_name(enum api_role role)
{
    return role_names[role];
}


enum api_role
api_role_named(const char *name)
{
    unsigned  role;

    for (role = API_ROLE_ADMIN; role > API_ROLE_NONE; role--) {
        if (strcmp(name, role_names[role]) == 0) {
            break;
        }
    }

    return (enum api_role) role;
}


/* The key with this hash; NULL for none. */

static const struct key_settings *
key_find(const struct desk_file *file, struct cd_str hash)
{
    size_t  i;

    for (i = 0; i < file->key_count; i++) {
        if (strlen(file->keys[i].hash) == hash.len
            && CRYPTO_memcmp(file->keys[i].hash, hash.data, hash.len) == 0)
        {
            return &file->keys[i];
        }
    }

    return NULL;
}


enum cd_error
api_who(struct api_call *call)
{
    struct cd_str               who = cd_frame_str(call->ask, CD_F_WHO);
    const struct agent         *agent;
    const struct key_settings  *key;

    if (who.len > 0) {
        agent = agent_find(&call->on->desk->agents, who);

        if (agent == NULL || agent->role == NULL) {
            return CD_E_UNAUTHORIZED;
        }

        snprintf(call->who, sizeof(call->who), "%s", agent->id.s);
        snprintf(call->by, sizeof(call->by), "%s", agent->id.s);
        call->role = api_role_named(agent->role);

    } else {
        key = key_find(config_file(call->on->config), cd_frame_str(call->ask,
                                                    CD_F_KEY_HASH));
        if (key == NULL) {
            return CD_E_UNAUTHORIZED;
        }

        snprintf(call->by, sizeof(call->by), "key:%s", key->id);
        call->role = api_role_named(key->role);
    }

    return call->role != API_ROLE_NONE ? CD_E_OK : CD_E_UNAUTHORIZED;
}


enum cd_error
api_actor(struct api_call *call, enum api_role least, const char **agent)
{
    struct json_object  *value = NULL;

    *agent = call->who;

    if (json_object_is_type(call->body, json_type_object)
        && json_object_object_get_ex(call->body, "as", &value))
    {
        if (!json_object_is_type(value, json_type_string)
            || agent_find(&call->on->desk->agents,
                          str_of(json_object_get_string(value))) == NULL)
        {
            return api_refuse(call, CD_E_BAD_REQUEST, "as",
                              "as: expected the login of an agent");
        }

        *agent = json_object_get_string(value);
    }

    if ((*agent)[0] == '\0') {
        return api_refuse(call, CD_E_BAD_REQUEST, "as",
                          "as: an API key must say for whom it acts");
    }

    if (strcmp(*agent, call->who) != 0 && call->role < least) {
        return api_refuse(call, CD_E_FORBIDDEN, "as",
                          "as: acting for others takes the role %s",
                          api_role_name(least));
    }

    return CD_E_OK;
}
