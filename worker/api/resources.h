/*
 * The handlers of all resources; api.h says what a handler is.
 *
 * Purpose:    prototypes for the table of routes.
 * Owner:      each handler stands in the file of its resource.
 * Invariants: a handler is in this list and in routes.c, or nowhere.
 */

#ifndef CHATDESK_API_RESOURCES_H
#define CHATDESK_API_RESOURCES_H

#include "api/api.h"

/* me.c */
enum cd_error me_get(struct api_call *call);

/* push.c */
enum cd_error push_list(struct api_call *call);
enum cd_error push_put(struct api_call *call);
enum cd_error push_delete(struct api_call *call);
enum cd_error outbox_get(struct api_call *call);

/* settings.c: the kind is the first part of the path */
enum cd_error settings_list(struct api_call *call);
enum cd_error settings_get(struct api_call *call);
enum cd_error settings_put(struct api_call *call);
enum cd_error settings_patch(struct api_call *call);
enum cd_error settings_delete(struct api_call *call);

/* config.c */
enum cd_error desk_get(struct api_call *call);
enum cd_error desk_patch(struct api_call *call);
enum cd_error config_get(struct api_call *call);
enum cd_error config_put(struct api_call *call);
enum cd_error config_patch(struct api_call *call);

/* flows.c */
enum cd_error flows_test(struct api_call *call);

/* figures.c */
enum cd_error figures_list(struct api_call *call);
enum cd_error figures_get(struct api_call *call);

/* conversations.c */
enum cd_error conversations_list(struct api_call *call);
enum cd_error conversations_get(struct api_call *call);

/* The conversation of the path, for one who may see it, or NULL; and what is
   told of it.  A look of somebody else into it goes into the audit log. */
struct conversation;
struct seat;
struct conversation *conversations_find(struct api_call *call);
struct json_object *conversations_item(const struct api_call *call,
    struct conversation *conversation);

/* Whether the caller may know that this seat is there: who watches unseen is
   seen by supervisors, and by itself. */
int conversations_shows(const struct api_call *call,
    const struct seat *seat);
void conversations_looked(struct api_call *call,
    struct conversation *conversation);

/* records.c */
enum cd_error records_list(struct api_call *call);
enum cd_error records_get(struct api_call *call);
enum cd_error records_messages(struct api_call *call);
enum cd_error records_of_conversation(struct api_call *call);

/* earlier.c */
enum cd_error earlier_list(struct api_call *call);
enum cd_error earlier_messages(struct api_call *call);

/* sources.c */
enum cd_error sources_open(struct api_call *call);
enum cd_error sources_event(struct api_call *call);
enum cd_error sources_close(struct api_call *call);

/* why.c */
enum cd_error why_get(struct api_call *call);

/* items.c */
enum cd_error items_open(struct api_call *call);
enum cd_error items_get(struct api_call *call);
enum cd_error items_cancel(struct api_call *call);

/* verbs.c */
enum cd_error verbs_accept(struct api_call *call);
enum cd_error verbs_reject(struct api_call *call);
enum cd_error verbs_end(struct api_call *call);
enum cd_error verbs_dismiss(struct api_call *call);
enum cd_error verbs_invite(struct api_call *call);
enum cd_error verbs_transfer(struct api_call *call);
enum cd_error verbs_leave(struct api_call *call);
enum cd_error verbs_wrapup(struct api_call *call);
enum cd_error verbs_monitor(struct api_call *call);
enum cd_error verbs_barge(struct api_call *call);
enum cd_error verbs_takeover(struct api_call *call);
enum cd_error verbs_hand(struct api_call *call);

/* presence.c */
enum cd_error presence_list(struct api_call *call);
enum cd_error presence_get(struct api_call *call);
enum cd_error presence_put(struct api_call *call);

/* templates.c */
enum cd_error templates_list(struct api_call *call);
enum cd_error templates_try(struct api_call *call);
enum cd_error templates_get(struct api_call *call);
enum cd_error templates_save(struct api_call *call);
enum cd_error templates_remove(struct api_call *call);
enum cd_error templates_fill(struct api_call *call);
enum cd_error my_templates_get(struct api_call *call);
enum cd_error my_templates_save(struct api_call *call);
enum cd_error my_templates_remove(struct api_call *call);

#endif /* CHATDESK_API_RESOURCES_H */
