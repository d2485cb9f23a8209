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

/* the rows of a kind of settings, for who may read and who may write it */
#define SETTINGS(kind, reads, writes)                                         \
    { "GET", kind, reads, settings_list },                                    \
    { "GET", kind "/{id}", reads, settings_get },                             \
    { "PUT", kind "/{id}", writes, settings_put },                            \
    { "PATCH", kind "/{id}", writes, settings_patch },                        \
    { "DELETE", kind "/{id}", writes, settings_delete }

#define VERB(name, least, handler)                                            \
    { "POST", "conversations/{conv}/" name, least, handler }

const struct api_route  api_routes[] = {
    { "GET", "me", AGENT, me_get },
    { "GET", "me/push", AGENT, push_list },
    { "PUT", "me/push/{id}", AGENT, push_put },
    { "DELETE", "me/push/{id}", AGENT, push_delete },
    { "GET", "outbox", ADMIN, outbox_get },

    { "GET", "desk", AGENT, desk_get },
    { "PATCH", "desk", ADMIN, desk_patch },
    { "GET", "config", ADMIN, config_get },
    { "PUT", "config", ADMIN, config_put },
    { "PATCH", "config", ADMIN, config_patch },

    { "GET", "figures", AGENT, figures_list },
    { "GET", "queues/{id}/figures", AGENT, figures_get },
    SETTINGS("queues", AGENT, ADMIN),
    SETTINGS("profiles", AGENT, ADMIN),
    SETTINGS("agents", AGENT, ADMIN),
    SETTINGS("keys", ADMIN, ADMIN),
    SETTINGS("hours", AGENT, ADMIN),
    SETTINGS("flows", AGENT, ADMIN),
    SETTINGS("attributes", AGENT, ADMIN),
    SETTINGS("webhooks", ADMIN, ADMIN),
    { "POST", "flows/{id}/test", SUPERVISOR, flows_test },

    { "GET", "conversations", AGENT, conversations_list },
    { "GET", "conversations/{conv}", AGENT, conversations_get },
    VERB("accept", AGENT, verbs_accept),
    VERB("reject", AGENT, verbs_reject),
    VERB("end", AGENT, verbs_end),
    VERB("dismiss", AGENT, verbs_dismiss),
    VERB("invite", AGENT, verbs_invite),
    VERB("transfer", AGENT, verbs_transfer),
    VERB("leave", AGENT, verbs_leave),
    VERB("wrapup", AGENT, verbs_wrapup),
    VERB("hand", AGENT, verbs_hand),
    VERB("render", AGENT, templates_fill),
    VERB("monitor", SUPERVISOR, verbs_monitor),
    VERB("barge", SUPERVISOR, verbs_barge),
    VERB("takeover", SUPERVISOR, verbs_takeover),

    { "GET", "conversations/{conv}/records", AGENT, records_of_conversation },
    { "GET", "conversations/{conv}/earlier", AGENT, earlier_list },
    { "GET", "conversations/{conv}/earlier/{number}", AGENT,
      earlier_messages },
    { "GET", "conversations/{conv}/why", AGENT, why_get },
    { "POST", "items", SUPERVISOR, items_open },
    { "GET", "items/{id}", AGENT, items_get },
    { "POST", "items/{id}/cancel", SUPERVISOR, items_cancel },

    { "GET", "records", AGENT, records_list },
    { "POST", "records", AGENT, sources_open },
    { "GET", "records/{number}", AGENT, records_get },
    { "GET", "records/{number}/messages", AGENT, records_messages },
    { "POST", "records/{number}/events", AGENT, sources_event },
    { "POST", "records/{number}/close", AGENT, sources_close },

    { "GET", "presence", AGENT, presence_list },
    { "GET", "presence/{login}", AGENT, presence_get },
    { "PUT", "presence/{login}", AGENT, presence_put },

    { "GET", "templates", AGENT, templates_list },
    { "POST", "templates/check", AGENT, templates_try },
    { "GET", "templates/{id}", AGENT, templates_get },
    { "PUT", "templates/{id}", SUPERVISOR, templates_save },
    { "DELETE", "templates/{id}", SUPERVISOR, templates_remove },
    { "GET", "me/templates/{id}", AGENT, my_templates_get },
    { "PUT", "me/templates/{id}", AGENT, my_templates_save },
    { "DELETE", "me/templates/{id}", AGENT, my_templates_remove },

    { NULL, NULL, API_ROLE_NONE, NULL }
};
