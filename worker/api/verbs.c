/*
 * /v1/conversations/{conv}/<verb>: what agents do with conversations.
 *
 * Purpose:    the entry that a socket would have written, applied at once.
 * Owner:      nothing.
 * Invariants: the body of a verb has the fields that include/tbl/frames.h
 *             gives its frame; what a verb means, and when it is refused, is
 *             the core's; a verb that comes twice does no harm.
 */

#include "api/resources.h"

#include <stdio.h>

#include "io/desk_kind.h"

#define FIELDS_MAX  8           /* of one verb, beside id and conv */
#define NAME_BYTES  32


/* Fields that come from the body. */

static int
verb_has(unsigned type, unsigned field)
{
    return field != CD_F_ID && field != CD_F_CONV
           && cd_frame_need(type, field) != CD_ABSENT;
}


/* The names that the body may have, as json_members() takes them. */

static void
verb_names(unsigned type, char names[][NAME_BYTES], const char **list)
{
    unsigned  field, count = 0;

    list[count++] = "?as";

    for (field = 1; field < CD_FIELDS_MAX && count <= FIELDS_MAX; field++) {
        if (verb_has(type, field)) {
            snprintf(names[count], NAME_BYTES, "%s%s",
                     cd_frame_need(type, field) == CD_REQUIRED ? "" : "?",
                     cd_field_row(field)->name);
            list[count] = names[count];
            count++;
        }
    }

    list[count] = NULL;
}


static void
verb_field(struct json_at *body, struct cd_frame *entry, unsigned field)
{
    const char                 *text;
    struct json_at              at;
    const struct cd_field_row  *row = cd_field_row(field);

    at = json_member(body, row->name);

    if (at.value == NULL) {
        return;
    }

    switch (row->type) {

    case CD_TYPE_BOOL:
        cd_frame_set_uint(entry, field, json_flag(&at) != 0);
        return;

    case CD_TYPE_UINT:
        cd_frame_set_uint(entry, field, json_whole(&at, 0, row->max));
        return;

    case CD_TYPE_TOKEN:
        text = json_word(&at, DESK_ID_BYTES, row->max);
        break;

    default:
        text = json_text(&at, row->max);
    }

    cd_frame_set_str(entry, field, text, strlen(text));
}


/* One entry about the conversation of the path. */

static enum cd_error
verb(struct api_call *call, unsigned type)
{
    char              names[FIELDS_MAX + 1][NAME_BYTES];
    unsigned          field;
    const char       *agent, *list[FIELDS_MAX + 2];
    enum cd_error     error;
    struct json_at    body = api_body(call);
    struct cd_frame   entry;

    verb_names(type, names, list);
    json_members(&body, list);
    cd_frame_init(&entry, type);
    cd_frame_set_str(&entry, CD_F_CONV, call->param[0],
                     strlen(call->param[0]));

    for (field = 1; field < CD_FIELDS_MAX; field++) {
        if (verb_has(type, field)) {
            verb_field(&body, &entry, field);
        }
    }

    error = api_body_fault(call);

    if (error == CD_E_OK) {
        error = api_actor(call, API_ROLE_ADMIN, &agent);
    }

    return error == CD_E_OK ? api_verb(call, &entry, agent) : error;
}


#define VERB(name, type)                                                      \
    enum cd_error                                                             \
    verbs_##name(struct api_call *call)                                       \
    {                                                                         \
        return verb(call, type);                                              \
    }

VERB(accept, CD_T_ACCEPT)
VERB(reject, CD_T_REJECT)
VERB(end, CD_T_END)
VERB(dismiss, CD_T_DISMISS)
VERB(invite, CD_T_INVITE)
VERB(transfer, CD_T_TRANSFER)
VERB(leave, CD_T_LEAVE)
VERB(wrapup, CD_T_WRAP)
VERB(monitor, CD_T_MONITOR)
VERB(barge, CD_T_BARGE)
VERB(takeover, CD_T_TAKEOVER)
VERB(hand, CD_T_HAND)
