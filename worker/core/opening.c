/*
 * How a conversation begins; see opening.h.
 *
 * Purpose:    from the entry to a conversation that waits in its queue.
 * Owner:      nothing.
 * Invariants: what the visitor typed is bounded and on one line before it is
 *             kept.
 */

#include "core/opening.h"

#include "core/presence.h"
#include "core/publish.h"
#include "core/refuse.h"
#include "core/state.h"
#include "core/text.h"


static int
opening_form(struct conversation *conversation, const struct cd_frame *entry)
{
    size_t     i;
    struct {
        unsigned    field;
        char      **slot;
    } form[] = {
        { CD_F_NAME, &conversation->name },
        { CD_F_EMAIL, &conversation->email },
        { CD_F_PAGE, &conversation->page },
        { CD_F_TITLE, &conversation->title },
        { CD_F_LANG, &conversation->lang }
    };

    for (i = 0; i < sizeof(form) / sizeof(form[0]); i++) {
        if (text_set(form[i].slot, cd_frame_str(entry, form[i].field),
                     cd_field_row(form[i].field)->max)
            != 0)
        {
            return -1;
        }
    }

    return 0;
}


static struct queue *
opening_queue(struct desk *desk, const struct cd_frame *entry)
{
    struct queue  *queue;

    queue = queue_named(&desk->queues, cd_frame_str(entry, CD_F_QUEUE));

    return queue != NULL ? queue : desk->default_queue;
}


static struct conversation *
opening_make(struct desk *desk, const struct cd_frame *entry,
    const struct id *id, const struct id *who)
{
    struct visitor       *visitor;
    struct conversation  *conversation;

    visitor = visitor_get(desk, who);
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

    if (opening_form(conversation, entry) != 0) {
        conversation_free(desk, conversation);
        return NULL;
    }

    desk->next_number++;
    desk->dirty = 1;
    conversation->queue = opening_queue(desk, entry);
    conversation->since_ms = desk->now_ms;

    return conversation;
}


void
opening_start(struct desk *desk, const struct cd_frame *entry)
{
    struct id             id, who;
    struct cd_str         conv = cd_frame_str(entry, CD_F_CONV);
    struct conversation  *conversation;

    if (entry_role(entry) != ROLE_VISITOR
        || id_set(&who, cd_frame_str(entry, CD_F_WHO)) != 0
        || id_set(&id, conv) != 0)
    {
        refuse(desk, entry, CD_E_BAD_REQUEST);
        return;
    }

    presence_begin(desk, entry);

    if (conversation_find(&desk->conversations, conv) != NULL) {
        return;
    }

    conversation = opening_make(desk, entry, &id, &who);
    if (conversation == NULL) {
        desk_fail(desk);
        return;
    }

    conversation_set_phase(desk, conversation, CD_PHASE_WAITING);
    conversation_touch(desk, conversation, DIRTY_VISITOR_BOTH);
    publish_event(desk, conversation, EVENT_OPENED, ROLE_VISITOR, who.s,
                  conversation->name);
}
