/*
 * Work items; see item.h.
 *
 * Purpose:    how they begin, and how they end from outside.
 * Owner:      nothing.
 * Invariants: those of item.h.
 */

#include "core/item.h"

#include <stdio.h>

#include "core/ending.h"
#include "core/flow_desk.h"
#include "core/presence.h"
#include "core/publish.h"
#include "core/refuse.h"
#include "core/state.h"
#include "core/text.h"

#define SCHEME  "https://"


int
item_link_ok(struct cd_str link)
{
    size_t  i, scheme = strlen(SCHEME);

    if (link.len <= scheme || link.len > cd_field_row(CD_F_LINK)->max
        || memcmp(link.data, SCHEME, scheme) != 0
        || strchr("/?#@:", link.data[scheme]) != NULL)
    {
        return 0;
    }

    /* no name and password in front of the host */
    for (i = scheme; i < link.len && strchr("/?#", link.data[i]) == NULL; i++)
    {
        if (link.data[i] == '@') {
            return 0;
        }
    }

    for (i = 0; i < link.len; i++) {
        if (link.data[i] <= 0x20 || link.data[i] >= 0x7f
            || strchr("\"<>\\^`{|}", link.data[i]) != NULL)
        {
            return 0;
        }
    }

    return 1;
}


/* By the REST interface: sockets have no such role. */

static int
item_is_asked(const struct cd_frame *entry)
{
    return cd_str_is(cd_frame_str(entry, CD_F_ROLE), role_name(ROLE_SYSTEM));
}


static int
item_fill(struct desk *desk, struct conversation *conversation,
    const struct cd_frame *entry, struct queue *queue)
{
    conversation->flow = flows_of(desk, str_of(""));
    conversation->channel = CHANNEL_ITEM;
    conversation->queue = queue;
    conversation->routed = ROUTED_BY_ITEM;
    conversation->since_ms = desk->now_ms;
    conversation->active_at_ms = desk->now_ms;

    if (cd_frame_uint(entry, CD_F_PRIORITY) >= 1) {
        conversation->priority = (uint8_t) cd_frame_uint(entry,
                                                         CD_F_PRIORITY);
    }

    return text_set(&conversation->kind, cd_frame_str(entry, CD_F_KIND),
                    cd_field_row(CD_F_KIND)->max) != 0
           || text_set(&conversation->title, cd_frame_str(entry, CD_F_TITLE),
                       cd_field_row(CD_F_TITLE)->max) != 0
           || text_set(&conversation->link, cd_frame_str(entry, CD_F_LINK),
                       cd_field_row(CD_F_LINK)->max) != 0 ? -1 : 0;
}


/* NULL for memory. */

static struct conversation *
item_make(struct desk *desk, const struct cd_frame *entry,
    const struct id *id, struct queue *queue)
{
    struct visitor       *visitor = visitor_get(desk, id);
    struct conversation  *conversation;

    if (visitor == NULL) {
        return NULL;
    }

    conversation = conversation_new(&desk->conversations, id,
                                    desk->next_number);
    if (conversation == NULL) {
        visitor_release(desk, visitor);
        return NULL;
    }

    visitor_link(visitor, conversation);

    if (item_fill(desk, conversation, entry, queue) != 0) {
        conversation_free(desk, conversation);
        return NULL;
    }

    desk->next_number++;
    desk->dirty = 1;

    return conversation;
}


/* CD_E_OK when an item can be made of it. */

static enum cd_error
item_look(struct desk *desk, const struct cd_frame *entry, struct id *id,
    struct queue **queue)
{
    struct cd_str  link = cd_frame_str(entry, CD_F_LINK);

    if (!item_is_asked(entry)
        || id_set(id, cd_frame_str(entry, CD_F_CONV)) != 0
        || cd_frame_str(entry, CD_F_KIND).len == 0
        || cd_frame_str(entry, CD_F_TITLE).len == 0
        || (link.len > 0 && !item_link_ok(link))
        || cd_frame_uint(entry, CD_F_PRIORITY) > FLOW_PRIORITY_MAX)
    {
        return CD_E_BAD_REQUEST;
    }

    *queue = queue_named(&desk->queues, cd_frame_str(entry, CD_F_QUEUE));

    return *queue != NULL ? CD_E_OK : CD_E_NO_TARGET;
}


void
item_open(struct desk *desk, const struct cd_frame *entry)
{
    char                  by[LOGIN_MAX + 1];
    struct id             id;
    struct queue         *queue = NULL;
    struct cd_str         who = cd_frame_str(entry, CD_F_WHO);
    enum cd_error         error = item_look(desk, entry, &id, &queue);
    struct conversation  *conversation;

    if (error != CD_E_OK) {
        refuse(desk, entry, error);
        return;
    }

    if (conversation_find(&desk->conversations, str_of(id.s)) != NULL) {
        return;                         /* asked twice, and it is so already */
    }

    conversation = item_make(desk, entry, &id, queue);

    if (conversation == NULL) {
        desk_fail(desk);
        return;
    }

    snprintf(by, sizeof(by), "%.*s", (int) who.len, who.data);
    changes_open(desk->changes, id.s, id.s);
    conversation_set_phase(desk, conversation, CD_PHASE_WAITING);
    conversation_touch(desk, conversation, DIRTY_VISITOR_BOTH);
    publish_event(desk, conversation, EVENT_OPENED, ROLE_SYSTEM,
                  by, NULL);
}


void
item_cancel(struct desk *desk, const struct cd_frame *entry)
{
    struct conversation  *conversation;

    conversation = conversation_find(&desk->conversations,
                                     cd_frame_str(entry, CD_F_CONV));

    if (conversation == NULL || !conversation_is_item(conversation)
        || !item_is_asked(entry))
    {
        refuse(desk, entry, CD_E_NOT_FOUND);

    } else if (!conversation_is_over(conversation)) {
        ending_by_desk(desk, conversation, WHY_CANCELLED);
    }
}
