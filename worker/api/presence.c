/*
 * /v1/presence: the agents' states.
 *
 * Purpose:    who is there, in which state, with how many conversations;
 *             setting a state.
 * Owner:      nothing.
 * Invariants: an agent may set the own state, a supervisor anybody's.
 */

#include "api/resources.h"

#include "core/state.h"


static struct json_object *
presence_item(const struct agent *agent)
{
    struct json_object  *item = json_object_new_object();

    api_put_text(item, "login", agent->id.s);
    api_put_text(item, "name", agent->name);
    api_put_text(item, "profile", agent->profile->id.s);
    api_put_text(item, "state", agent->sessions > 0 ? agent_state_id(agent)
                                : cd_presence_name(CD_PRESENCE_OFFLINE));
    api_put_text(item, "chosen", agent_state_id(agent));
    api_put_whole(item, "capacity", agent->profile->capacity);
    api_put_whole(item, "active", agent->active);
    api_put_whole(item, "offered", agent->offered);
    api_put_whole(item, "wrapping", agent->wrapping);

    return item;
}


enum cd_error
presence_list(struct api_call *call)
{
    const char       *last = NULL;
    enum cd_error     error;
    struct agent     *agent;
    struct api_page   page;

    error = api_page_open(call, &page);
    if (error != CD_E_OK) {
        return error;
    }

    agent = agent_after(&call->on->desk->agents, page.after);

    for ( ; agent != NULL && !api_page_full(&page); agent = agent_next(agent))
    {
        last = agent->id.s;

        if (agent->profile != NULL) {
            api_page_add(&page, presence_item(agent));
        }
    }

    return api_page_close(call, &page, agent != NULL ? last : NULL);
}


/* The agent of the path, who is in the settings; NULL for none. */

static struct agent *
presence_agent(struct api_call *call)
{
    struct agent  *agent = agent_find(&call->on->desk->agents,
                                      str_of(call->param[0]));

    return agent != NULL && agent->profile != NULL ? agent : NULL;
}


enum cd_error
presence_get(struct api_call *call)
{
    struct agent  *agent = presence_agent(call);

    if (agent == NULL) {
        return api_refuse(call, CD_E_NOT_FOUND, NULL,
                          "there is no agent \"%s\"", call->param[0]);
    }

    call->answer = presence_item(agent);

    return call->answer != NULL ? CD_E_OK : api_no_memory(call);
}


enum cd_error
presence_put(struct api_call *call)
{
    const char       *state;
    enum cd_error     error;
    struct json_at    body = api_body(call), at;
    struct cd_frame   entry;
    static const char *const  names[] = { "state", NULL };

    if (strcmp(call->param[0], call->who) != 0
        && call->role < API_ROLE_SUPERVISOR)
    {
        return api_refuse(call, CD_E_FORBIDDEN, NULL,
                          "the state of others takes the role supervisor");
    }

    json_members(&body, names);
    at = json_member(&body, "state");
    state = json_text(&at, cd_field_row(CD_F_STATE)->max);
    error = api_body_fault(call);

    if (error != CD_E_OK) {
        return error;
    }

    if (presence_agent(call) == NULL) {
        return presence_get(call);
    }

    cd_frame_init(&entry, CD_T_PRESENCE);
    cd_frame_set_str(&entry, CD_F_STATE, state, strlen(state));
    error = api_verb(call, &entry, call->param[0]);

    return error == CD_E_OK ? presence_get(call) : error;
}
