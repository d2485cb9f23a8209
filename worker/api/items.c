/*
 * /v1/items: work that is no chat, offered as chats are.
 *
 * Purpose:    makes items, shows and cancels them; what agents do with them
 *             are the verbs of conversations.
 * Owner:      nothing.
 * Invariants: an item's id is drawn here, as the core draws nothing; a POST
 *             that may come twice carries an Idempotency-Key.
 */

#include "api/audit.h"
#include "api/resources.h"

#include <openssl/rand.h>

#include "core/item.h"
#include "core/state.h"
#include "io/desk_kind.h"

#define KIND_BYTES  "abcdefghijklmnopqrstuvwxyz0123456789_-"


/* 0; -1 when there is no randomness. */

static int
item_id(char *id)
{
    size_t         i;
    unsigned char  drawn[ID_MAX];
    static const char  bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789-_";

    if (RAND_bytes(drawn, sizeof(drawn)) != 1) {
        return -1;
    }

    for (i = 0; i < ID_MAX; i++) {
        id[i] = bytes[drawn[i] & 63];
    }

    id[ID_MAX] = '\0';

    return 0;
}


static void
item_set(struct cd_frame *entry, unsigned field, const char *text)
{
    cd_frame_set_str(entry, field, text, strlen(text));
}


/* Lets the desk apply it; nobody's socket could have written it. */

static enum cd_error
item_apply(struct api_call *call, struct cd_frame *entry)
{
    entry->at_ms = call->on->now_ms;
    item_set(entry, CD_F_WHO, call->by);
    item_set(entry, CD_F_ROLE, "system");
    desk_apply(call->on->desk, entry, call->on->now_ms, call->on->changes);

    return desk_refused(call->on->desk);
}


static const char *
item_link(struct json_at *body)
{
    const char      *link;
    struct json_at   at = json_member(body, "link");

    if (at.value == NULL) {
        return "";
    }

    link = json_text(&at, cd_field_row(CD_F_LINK)->max);

    if (!item_link_ok(str_of(link))) {
        json_fault(&at, "expected an address that begins with https:// and "
                   "has nothing but printable ASCII");
    }

    return link;
}


static const char *
item_queue(struct api_call *call, struct json_at *body)
{
    const char      *id;
    struct json_at   at = json_member(body, "queue");

    id = json_word(&at, DESK_ID_BYTES, DESK_ID_MAX);

    if (queue_find(&call->on->desk->queues, id) == NULL) {
        json_fault(&at, "there is no such queue");
    }

    return id;
}


/* The entry that makes the item of the body. */

static enum cd_error
item_entry(struct api_call *call, struct cd_frame *entry)
{
    struct json_at  body = api_body(call), at;
    static const char *const  names[] = {
        "kind", "title", "queue", "?link", "?priority", NULL
    };

    json_members(&body, names);
    cd_frame_init(entry, CD_T_ITEM);
    at = json_member(&body, "kind");
    item_set(entry, CD_F_KIND, json_word(&at, KIND_BYTES,
                                         cd_field_row(CD_F_KIND)->max));
    at = json_member(&body, "title");
    item_set(entry, CD_F_TITLE, json_text(&at,
                                          cd_field_row(CD_F_TITLE)->max));
    item_set(entry, CD_F_LINK, item_link(&body));
    item_set(entry, CD_F_QUEUE, item_queue(call, &body));
    at = json_member(&body, "priority");
    cd_frame_set_uint(entry, CD_F_PRIORITY, at.value != NULL
                      ? json_whole(&at, 1, FLOW_PRIORITY_MAX)
                      : FLOW_PRIORITY);

    return api_body_fault(call);
}


static enum cd_error
item_answer(struct api_call *call, struct conversation *conversation)
{
    call->answer = conversations_item(call, conversation);

    return call->answer != NULL ? CD_E_OK : api_no_memory(call);
}


enum cd_error
items_open(struct api_call *call)
{
    char                  id[ID_MAX + 1];
    enum cd_error         error;
    struct cd_frame       entry;
    struct conversation  *conversation;

    error = item_entry(call, &entry);

    if (error != CD_E_OK) {
        return error;
    }

    if (item_id(id) != 0) {
        return CD_E_INTERNAL;
    }

    item_set(&entry, CD_F_CONV, id);
    error = item_apply(call, &entry);
    conversation = conversation_find(&call->on->desk->conversations,
                                     str_of(id));

    if (error != CD_E_OK || conversation == NULL) {
        return error != CD_E_OK ? error : CD_E_INTERNAL;
    }

    api_audit(call, "create", "item", id);
    call->status = 201;

    return item_answer(call, conversation);
}


/* The item of the path, for one who may see it; NULL for none. */

static struct conversation *
item_find(struct api_call *call)
{
    struct conversation  *conversation = conversations_find(call);

    return conversation != NULL && conversation_is_item(conversation)
           ? conversation : NULL;
}


enum cd_error
items_get(struct api_call *call)
{
    struct conversation  *conversation = item_find(call);

    if (conversation == NULL) {
        return api_refuse(call, CD_E_NOT_FOUND, NULL,
                          "There is no such item for you.");
    }

    conversations_looked(call, conversation);

    return item_answer(call, conversation);
}


enum cd_error
items_cancel(struct api_call *call)
{
    enum cd_error         error = CD_E_NOT_FOUND;
    struct cd_frame       entry;
    struct json_at        body = api_body(call);
    struct conversation  *conversation = item_find(call);
    static const char *const  names[] = { NULL };

    json_members(&body, names);

    if (api_body_fault(call) != CD_E_OK) {
        return CD_E_BAD_REQUEST;
    }

    if (conversation != NULL) {
        cd_frame_init(&entry, CD_T_ITEM_CANCEL);
        item_set(&entry, CD_F_CONV, conversation->id.s);
        error = item_apply(call, &entry);
    }

    if (error != CD_E_OK) {
        return api_refuse(call, error, NULL,
                          "There is no such item for you.");
    }

    api_audit(call, "cancel", "item", conversation->id.s);

    return item_answer(call, conversation);
}
