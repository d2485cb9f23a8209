/*
 * Interaction records; see record.h.
 *
 * Purpose:    says what happened, in entries for the changes.
 * Owner:      packs into the desk's scratch buffer.
 * Invariants: those of record.h.
 */

#include "core/record.h"

#include "core/ask.h"
#include "core/changes_record.h"
#include "core/explain.h"
#include "core/flow_desk.h"
#include "core/menu.h"
#include "core/record_entry.h"
#include "core/state.h"
#include "core/text.h"

#define MID_MAX  34             /* of the field `mid` */


/* A token as text; cut when it is longer than a frame may have it. */

static void
token_copy(char *out, size_t size, struct cd_str token)
{
    size_t  len = token.len < size ? token.len : size - 1;

    memcpy(out, token.data, len);
    out[len] = '\0';
}


static void
entry_begin(struct desk *desk, struct entry *entry, const char *what)
{
    entry_open(entry, desk->now_ms, what);
}


/* Into the record of this number. */

static void
entry_into(struct desk *desk, uint64_t number, const struct entry *entry)
{
    size_t  len = entry_pack(entry, desk->scratch, CD_LIMIT_BUS_FRAME);

    if (len == 0) {
        desk_fail(desk);
        return;
    }

    changes_record(desk->changes, number, desk->scratch, len);
}


static void
entry_end(struct desk *desk, const struct conversation *conversation,
    const struct entry *entry)
{
    entry_into(desk, conversation->number, entry);
}


static void
record_begin(struct desk *desk, struct conversation *conversation,
    const char *who, const char *why)
{
    struct entry  entry;

    memset(&conversation->counts, 0, sizeof(conversation->counts));
    entry_begin(desk, &entry, "started");
    entry_text(&entry, "why", why);
    entry_uint(&entry, "number", conversation->number);
    entry_text(&entry, "conv", conversation->id.s);
    entry_text(&entry, "queue", conversation->queue->id.s);
    entry_text(&entry, "routed", explain_routed(conversation->routed));
    entry_text(&entry, "rule", conversation->rule);

    if (conversation_is_item(conversation)) {
        entry_text(&entry, "source", "item");
        entry_text(&entry, "kind", conversation->kind);
        entry_text(&entry, "link", conversation->link);
        entry_text(&entry, "by", who);

    } else {
        entry_text(&entry, "source", "chat");
        entry_text(&entry, "flow", conversation->flow->id.s);
        entry_text(&entry, "form", conversation->form);
        entry_text(&entry, "visitor", conversation->visitor->id.s);
        entry_text(&entry, "name", flow_client_name(conversation));
    }

    entry_text(&entry, "email", conversation->email);
    entry_text(&entry, "page", conversation->page);
    entry_text(&entry, "title", conversation->title);
    entry_text(&entry, "lang", conversation->lang);
    entry_end(desk, conversation, &entry);
}


void
record_offer(struct desk *desk, struct conversation *conversation,
    const struct agent *agent, const struct choice *choice)
{
    struct entry          entry;
    const struct ask     *ask = conversation->ask;
    const struct queue   *queue = ask != NULL && ask->queue != NULL
                                  ? ask->queue : conversation->queue;

    entry_begin(desk, &entry, "offered");
    entry_text(&entry, "agent", agent->id.s);
    entry_text(&entry, "queue", queue->id.s);
    entry_uint(&entry, "priority", queue->priority);

    if (ask != NULL) {
        entry_text(&entry, "ask", ask_name(ask->kind));
        entry_text(&entry, "from", ask->source->id.s);
    }

    if (choice->place != 0) {
        entry_uint(&entry, "waited_ms", choice->waited_ms);
        entry_uint(&entry, "place", choice->place);
    }

    entry_uint(&entry, "load", choice->load);
    entry_uint(&entry, "idle_ms", choice->idle_ms);
    entry_uint(&entry, "passed", choice->passed);

    if (choice->again) {
        entry_uint(&entry, "again", 1);
    }

    entry_end(desk, conversation, &entry);
}


void
record_answer(struct desk *desk, struct conversation *conversation,
    const struct agent *agent, enum why why)
{
    struct entry  entry;

    entry_begin(desk, &entry, why_name(why));
    entry_text(&entry, "agent", agent->id.s);
    entry_end(desk, conversation, &entry);
}


void
record_open(struct desk *desk, struct conversation *conversation,
    const struct agent *agent)
{
    changes_recorded(desk->changes, conversation->number, agent->id.s,
                     conversation->id.s, conversation_is_item(conversation)
                     ? "" : conversation->visitor->id.s);
}


void
record_wrapup(struct desk *desk, uint64_t number, const struct agent *agent,
    const struct outcome *outcome)
{
    struct entry  entry;

    entry_begin(desk, &entry, "wrapup");
    entry_text(&entry, "agent", agent->id.s);
    entry_text(&entry, "disposition", outcome->disposition);
    entry_text(&entry, "tags", outcome->tags);
    entry_text(&entry, "note", outcome->note);
    entry_into(desk, number, &entry);
}


/* At its end a conversation's messages are counted. */

static void
entry_counts(struct entry *entry, const struct conversation *conversation)
{
    entry_uint(entry, "from_visitor", conversation->counts.visitor);
    entry_uint(entry, "from_agents", conversation->counts.agents);
    entry_uint(entry, "notes", conversation->counts.notes);
}


void
record_event(struct desk *desk, struct conversation *conversation,
    enum event event, enum role role, const char *who, const char *name,
    const char *why)
{
    struct entry  entry;

    if (event == EVENT_OPENED) {
        record_begin(desk, conversation, who, why);
        return;
    }

    entry_begin(desk, &entry, event_name(event));
    entry_text(&entry, "who", who);
    entry_text(&entry, "role", role_name(role));
    entry_text(&entry, "name", name);
    entry_text(&entry, "why", why);

    if (event == EVENT_ENDED) {
        entry_counts(&entry, conversation);
    }

    entry_end(desk, conversation, &entry);
}


void
record_ask(struct desk *desk, struct conversation *conversation,
    enum event event, const char *who, const char *name, enum why why)
{
    struct entry       entry;
    const struct ask  *ask = conversation->ask;

    entry_begin(desk, &entry, event_name(event));
    entry_text(&entry, "who", who);
    entry_text(&entry, "role", role_name(ROLE_AGENT));
    entry_text(&entry, "name", name);
    entry_text(&entry, "ask", ask_name(ask->kind));
    entry_text(&entry, "from", ask->source->id.s);

    if (ask->queue != NULL) {
        entry_text(&entry, "queue", ask->queue->id.s);
    }

    if (why != WHYS_MAX) {
        entry_text(&entry, "why", why_name(why));
    } else {
        entry_text(&entry, "note", ask->note);
    }

    entry_end(desk, conversation, &entry);
}


/* Choices are offered, as they are read where there are no menus. */

static void
record_menu(struct desk *desk, struct conversation *conversation,
    const struct cd_frame *message)
{
    char          agent[LOGIN_MAX + 1], mid[MID_MAX + 1];
    char          text[MENU_TEXT_MAX];
    struct entry  entry;

    menu_text(text, cd_frame_str(message, CD_F_TEXT),
              cd_frame_str(message, CD_F_CHOICES));
    token_copy(mid, sizeof(mid), cd_frame_str(message, CD_F_MID));
    token_copy(agent, sizeof(agent), cd_frame_str(message, CD_F_FROM));
    entry_begin(desk, &entry, "menu");
    entry_text(&entry, "agent", agent);
    entry_text(&entry, "mid", mid);
    entry_text(&entry, "text", text);
    entry_end(desk, conversation, &entry);
}


/* One was picked: that settles the menu. */

static void
record_pick(struct desk *desk, struct conversation *conversation,
    const struct cd_frame *message)
{
    char           mid[MID_MAX + 1], text[4 * CD_LIMIT_LIST_ITEM + 1];
    struct entry   entry;

    token_copy(mid, sizeof(mid), cd_frame_str(message, CD_F_PICKS));
    text_line(text, cd_frame_str(message, CD_F_TEXT), CD_LIMIT_LIST_ITEM);
    entry_begin(desk, &entry, "picked");
    entry_text(&entry, "mid", mid);
    entry_text(&entry, "text", text);
    entry_end(desk, conversation, &entry);
}


void
record_message(struct desk *desk, struct conversation *conversation,
    enum role role, const struct cd_frame *message)
{
    int             is_note = cd_frame_uint(message, CD_F_PRIVATE) != 0;
    struct counts  *counts = &conversation->counts;

    counts->visitor += role == ROLE_VISITOR;
    counts->notes += role == ROLE_AGENT && is_note;
    counts->agents += role == ROLE_AGENT && !is_note;

    if (cd_frame_has(message, CD_F_CHOICES)
        && counts->menus++ < CD_LIMIT_MENUS)
    {
        record_menu(desk, conversation, message);
    }

    if (cd_frame_has(message, CD_F_PICKS)
        && counts->picks++ < CD_LIMIT_MENUS)
    {
        record_pick(desk, conversation, message);
    }
}


uint64_t
record_number(struct desk *desk)
{
    desk->dirty = 1;

    return desk->next_number++;
}
