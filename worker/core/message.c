/*
 * Messages and marks; see message.h.
 *
 * Purpose:    keeps the cards up to date.
 * Owner:      nothing.
 * Invariants: own messages never count as unread; a private message is no
 *             reply to the visitor.
 */

#include "core/message.h"

#include "core/menu.h"
#include "core/presence.h"
#include "core/reopening.h"
#include "core/state.h"
#include "core/text.h"


static uint8_t
message_writer(struct desk *desk, struct conversation *conversation,
    const struct cd_frame *entry)
{
    struct seat    *seat = NULL;
    struct agent   *agent;
    struct cd_str   from = cd_frame_str(entry, CD_F_FROM);

    if (entry_role(entry) == ROLE_VISITOR) {
        return cd_str_is(from, conversation->visitor->id.s)
               ? WRITER_VISITOR : WRITER_STRANGER;
    }

    agent = agent_find(&desk->agents, from);
    if (agent != NULL) {
        seat = seat_find(conversation, agent);
    }

    return seat != NULL && seat->reader.writer != WRITER_NOBODY
           ? seat->reader.writer : WRITER_STRANGER;
}


static void
message_count(struct conversation *conversation, uint32_t n, uint8_t writer)
{
    struct seat  *seat;

    if (unread_full(&conversation->record)) {
        TAILQ_FOREACH(seat, &conversation->seats, link) {
            unread_falls(&conversation->record, &seat->reader);
        }
    }

    unread_add(&conversation->record, n, writer);
}


/* One of the visitor was on its way when the end was decided.  Where an agent
   has ended what does not go on, it shows on the agent's card. */

static int
message_reopens(const struct conversation *conversation)
{
    return conversation_is_over(conversation)
           && (conversation->closed_by == ROLE_SYSTEM
               || (conversation->closed_by == ROLE_AGENT
                   && conversation->reopens));
}


/* Of a menu what is offered is seen, too. */

static int
message_preview(struct conversation *conversation,
    const struct cd_frame *entry)
{
    char           menu[MENU_TEXT_MAX];
    struct cd_str  text = cd_frame_str(entry, CD_F_TEXT);

    if (cd_frame_has(entry, CD_F_CHOICES)) {
        menu_text(menu, text, cd_frame_str(entry, CD_F_CHOICES));
        text = str_of(menu);
    }

    return text_set(&conversation->preview, text,
                    cd_field_row(CD_F_PREVIEW)->max);
}


void
message_note(struct desk *desk, const struct cd_frame *entry)
{
    enum role             role = entry_role(entry);
    struct conversation  *conversation;

    conversation = conversation_find(&desk->conversations,
                                     cd_frame_str(entry, CD_F_CONV));

    if (conversation == NULL || role == ROLE_NONE
        || entry->n <= conversation->record.last)
    {
        return;
    }

    if (role == ROLE_VISITOR && message_reopens(conversation)) {
        reopening_by_message(desk, conversation);
    }

    if (message_preview(conversation, entry) != 0) {
        desk_fail(desk);
        return;
    }

    message_count(conversation, entry->n,
                  message_writer(desk, conversation, entry));

    record_message(desk, conversation, role, entry);
    conversation->active_at_ms = desk->now_ms;

    if (role == ROLE_VISITOR) {
        conversation->client_at_ms = entry->at_ms;
        conversation->reminded_at_ms = 0;

    } else if (!cd_frame_uint(entry, CD_F_PRIVATE)) {
        conversation->reply_at_ms = entry->at_ms;
        conversation->reminded_at_ms = 0;
    }

    conversation_touch(desk, conversation, DIRTY_CARDS);
}


void
message_mark(struct desk *desk, const struct cd_frame *entry)
{
    uint32_t              before;
    struct seat          *seat;
    struct agent         *agent;
    struct conversation  *conversation;

    conversation = conversation_find(&desk->conversations,
                                     cd_frame_str(entry, CD_F_CONV));
    agent = agent_find(&desk->agents, cd_frame_str(entry, CD_F_WHO));

    if (conversation == NULL || agent == NULL
        || entry_role(entry) != ROLE_AGENT)
    {
        return;
    }

    seat = seat_find(conversation, agent);

    /* also of one who has left meanwhile: it may come back */
    if (seat == NULL || seat->reader.writer == WRITER_NOBODY) {
        return;
    }

    before = unread_count(&conversation->record, &seat->reader);

    if (!unread_mark(&conversation->record, &seat->reader, entry->n)) {
        return;
    }

    if (seat_has_card(seat)
        && unread_count(&conversation->record, &seat->reader) != before)
    {
        seat->card_dirty = 1;
    }

    conversation_touch(desk, conversation, 0);
}
