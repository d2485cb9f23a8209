/*
 * The table of routes; see route.h.
 *
 * Purpose:    one row for each request of the REST interface.
 * Owner:      constant.
 * Invariants: those of route.h; docs/openapi.yaml has the same rows.
 */

#include "api/resources.h"
#include "api/route.h"

#define AGENT       API_ROLE_AGENT
#define SUPERVISOR  API_ROLE_SUPERVISOR
#define ADMIN       API_ROLE_ADMIN

const struct api_route  api_routes[] = {
    { "GET", "me", AGENT, me_get },

    { "GET", "conversations", AGENT, conversations_list },
    { "GET", "conversations/{conv}", AGENT, conversations_get },
    { "POST", "conversations/{conv}/accept", AGENT, verbs_accept },
    { "POST", "conversations/{conv}/reject", AGENT, verbs_reject },
    { "POST", "conversations/{conv}/end", AGENT, verbs_end },
    { "POST", "conversations/{conv}/dismiss", AGENT, verbs_dismiss },

    { "GET", "presence", AGENT, presence_list },
    { "GET", "presence/{login}", AGENT, presence_get },
    { "PUT", "presence/{login}", AGENT, presence_put },

    { NULL, NULL, API_ROLE_NONE, NULL }
};
