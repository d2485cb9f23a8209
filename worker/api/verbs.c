/*
 * /v1/conversations/{conv}/<verb>: what agents do with conversations.
 *
 * Purpose:    the entry that a socket would have written, applied at once.
 * Owner:      nothing.
 * Invariants: what a verb means, and when it is refused, is the core's; a
 *             verb that comes twice does no harm.
 */

#include "api/resources.h"


/* One entry about the conversation of the path. */

static enum cd_error
verb(struct api_call *call, unsigned type)
{
    const char       *agent;
    enum cd_error     error;
    struct cd_frame   entry;

    error = api_actor(call, API_ROLE_ADMIN, &agent);
    if (error != CD_E_OK) {
        return error;
    }

    cd_frame_init(&entry, type);
    cd_frame_set_str(&entry, CD_F_CONV, call->param[0],
                     strlen(call->param[0]));

    return api_verb(call, &entry, agent);
}


enum cd_error
verbs_accept(struct api_call *call)
{
    return verb(call, CD_T_ACCEPT);
}


enum cd_error
verbs_reject(struct api_call *call)
{
    return verb(call, CD_T_REJECT);
}


enum cd_error
verbs_end(struct api_call *call)
{
    return verb(call, CD_T_END);
}


enum cd_error
verbs_dismiss(struct api_call *call)
{
    return verb(call, CD_T_DISMISS);
}
