/*
 * /v1/me: who asks.
 *
 * Purpose:    lets a client see what its login or key is worth.
 * Owner:      nothing.
 * Invariants: nothing is changed.
 */

#include "api/resources.h"

#include "core/state.h"


enum cd_error
me_get(struct api_call *call)
{
    const struct agent  *agent;

    if (api_answer(call) == NULL) {
        return api_no_memory(call);
    }

    agent = call->who[0] != '\0' ? agent_find(&call->on->desk->agents,
                                              str_of(call->who)) : NULL;

    api_put_text(call->answer, "by", call->by);
    api_put_text(call->answer, "role", api_role_name(call->role));
    api_put_text(call->answer, "desk", call->on->name);
    api_put_text(call->answer, "name", agent != NULL ? agent->name : NULL);

    return CD_E_OK;
}
