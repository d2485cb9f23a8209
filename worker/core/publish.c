/*
 * Frames from the state; see publish.h.
 *
 * Purpose:    one function for each frame type.
 * Owner:      nothing.
 * Invariants: optional fields are left out when there is nothing to say.
 */

#include "core/publish.h"

#include <stdio.h>

#include "core/ask.h"
#include "core/flow_desk.h"
#include "core/state.h"

#define FEED_NAME  (2 + LOGIN_MAX + 1)
#define INBOX      "inbox"
#define DESK       "desk"           /* the sender of what the desk says */


static void
set_text(struct cd_frame *frame, unsigned field, const char *text)
{
    if (text != NULL) {
        cd_frame_set_str(frame, field, text, strlen(text));
    }
}


static void
feed_name(char *out, char kind, const char *id)
{
    snprintf(out, FEED_NAME, "%c:%s", kind, id);
}


static void
event_fill(struct cd_frame *frame, const struct conversation *conversation,
    enum event event, enum role role, const char *who, const char *name)
{
    cd_frame_init(frame, CD_T_EVENT);
    set_text(frame, CD_F_CONV, conversation->id.s);
    set_text(frame, CD_F_WHAT, event_name(event));
    set_text(frame, CD_F_WHO, who);
    set_text(frame, CD_F_ROLE, role_name(role));
    set_text(frame, CD_F_NAME, name);
}


void
publish_event(struct desk *desk, struct conversation *conversation,
    enum event event, enum role role, const char *who, const char *name)
{
    char             feed[FEED_NAME];
    struct cd_frame  frame;

    event_fill(&frame, conversation, event, role, who, name);
    feed_name(feed, 'b', conversation->id.s);
    changes_stored(desk->changes, feed, &frame);
    record_event(desk, conversation, event, role, who, name, NULL);
}


void
publish_event_why(struct desk *desk, struct conversation *conversation,
    enum event event, enum role role, const char *who, const char *name,
    enum why why)
{
    char             feed[FEED_NAME];
    struct cd_frame  frame;

    event_fill(&frame, conversation, event, role, who, name);
    set_text(&frame, CD_F_WHY, why_name(why));
    feed_name(feed, 'b', conversation->id.s);
    changes_stored(desk->changes, feed, &frame);
    record_event(desk, conversation, event, role, who, name, why_name(why));
}


void
publish_left(struct desk *desk, struct conversation *conversation,
    const struct agent *agent, enum why why)
{
    char             feed[FEED_NAME];
    struct cd_frame  frame;

    event_fill(&frame, conversation, EVENT_LEFT, ROLE_AGENT, agent->id.s,
               agent->name);
    feed_name(feed, 'b', conversation->id.s);
    changes_stored(desk->changes, feed, &frame);
    record_event(desk, conversation, EVENT_LEFT, ROLE_AGENT, agent->id.s,
                 agent->name, why_name(why));
}


/* Its id: no device's, for a device has 22 characters; unique, for no two
   interactions have the same number. */

void
publish_say(struct desk *desk, struct conversation *conversation,
    const char *text)
{
    char             feed[FEED_NAME], mid[40];
    struct cd_frame  frame;

    conversation->said++;
    snprintf(mid, sizeof(mid), "d%llu.%u",
             (unsigned long long) conversation->number, conversation->said);

    cd_frame_init(&frame, CD_T_MESSAGE);
    set_text(&frame, CD_F_CONV, conversation->id.s);
    set_text(&frame, CD_F_MID, mid);
    set_text(&frame, CD_F_FROM, DESK);
    set_text(&frame, CD_F_ROLE, role_name(ROLE_SYSTEM));
    set_text(&frame, CD_F_NAME, desk->name);
    set_text(&frame, CD_F_TEXT, text);

    feed_name(feed, 'b', conversation->id.s);
    changes_stored(desk->changes, feed, &frame);
    conversation_touch(desk, conversation, 0);
}


static void
event_begin(struct cd_frame *frame, const struct conversation *conversation,
    enum event event, const char *who, const char *name)
{
    cd_frame_init(frame, CD_T_EVENT);
    set_text(frame, CD_F_CONV, conversation->id.s);
    set_text(frame, CD_F_WHAT, event_name(event));
    set_text(frame, CD_F_WHO, who);
    set_text(frame, CD_F_ROLE, role_name(ROLE_AGENT));
    set_text(frame, CD_F_NAME, name);
}


void
publish_desk_event(struct desk *desk, struct conversation *conversation,
    enum event event, const struct agent *agent)
{
    char             feed[FEED_NAME];
    struct cd_frame  frame;

    event_begin(&frame, conversation, event, agent->id.s, agent->name);
    feed_name(feed, 'd', conversation->id.s);
    changes_stored(desk->changes, feed, &frame);
    record_event(desk, conversation, event, ROLE_AGENT, agent->id.s,
                 agent->name, NULL);
}


void
publish_ask(struct desk *desk, struct conversation *conversation,
    enum event event, const char *who, const char *name, enum why why)
{
    char             feed[FEED_NAME];
    struct cd_frame  frame;

    event_begin(&frame, conversation, event, who, name);
    set_text(&frame, CD_F_FROM, conversation->ask->source->id.s);

    if (why != WHYS_MAX) {
        set_text(&frame, CD_F_WHY, why_name(why));
    } else {
        set_text(&frame, CD_F_NOTE, conversation->ask->note);
    }

    feed_name(feed, 'd', conversation->id.s);
    changes_stored(desk->changes, feed, &frame);
    record_ask(desk, conversation, event, who, name, why);
}


void
publish_phase(struct desk *desk, struct conversation *conversation)
{
    char             feed[FEED_NAME];
    struct cd_frame  frame;

    cd_frame_init(&frame, CD_T_PHASE);
    set_text(&frame, CD_F_CONV, conversation->id.s);
    set_text(&frame, CD_F_PHASE,
             cd_phase_name(conversation_is_over(conversation)
                           ? CD_PHASE_CLOSED : conversation->phase));
    set_text(&frame, CD_F_QUEUE, conversation->queue->name);

    if (conversation_is_over(conversation)) {
        set_text(&frame, CD_F_CLOSED_BY, role_name(conversation->closed_by));
    }

    feed_name(feed, 'b', conversation->id.s);
    changes_register(desk->changes, feed, "phase", &frame);
}


void
publish_visitor(struct desk *desk, struct conversation *conversation,
    int both_sides)
{
    char             feed[FEED_NAME];
    struct cd_frame  frame;
    struct visitor  *visitor = conversation->visitor;

    cd_frame_init(&frame, CD_T_MEMBER);
    set_text(&frame, CD_F_CONV, conversation->id.s);
    set_text(&frame, CD_F_WHO, visitor->id.s);
    set_text(&frame, CD_F_ROLE, role_name(ROLE_VISITOR));
    set_text(&frame, CD_F_NAME, flow_client_name(conversation));
    cd_frame_set_uint(&frame, CD_F_PRESENT, visitor->present != 0);

    feed_name(feed, both_sides ? 'b' : 'd', conversation->id.s);
    changes_register(desk->changes, feed, visitor->id.s, &frame);
}


void
publish_member(struct desk *desk, struct seat *seat)
{
    char             feed[FEED_NAME];
    struct agent    *agent = seat->agent;
    struct cd_frame  frame;

    cd_frame_init(&frame, CD_T_MEMBER);
    set_text(&frame, CD_F_CONV, seat->conversation->id.s);
    set_text(&frame, CD_F_WHO, agent->id.s);
    set_text(&frame, CD_F_ROLE, role_name(ROLE_AGENT));
    set_text(&frame, CD_F_NAME, agent->name);
    cd_frame_set_uint(&frame, CD_F_PRESENT, agent->present != 0);

    if (!seat_is_members(seat)) {
        cd_frame_set_uint(&frame, CD_F_GONE, 1);
    }

    feed_name(feed, 'b', seat->conversation->id.s);
    changes_register(desk->changes, feed, agent->id.s, &frame);
}


/* "chat, item" */

static void
set_channels(struct cd_frame *frame, unsigned field, char *text, size_t cap,
    unsigned channels)
{
    int       len = 0;
    unsigned  channel;

    text[0] = '\0';

    for (channel = 0; channel < CHANNELS_MAX; channel++) {
        if (channels & (1u << channel)) {
            len += snprintf(text + len, cap - (size_t) len, "%s%s",
                            len > 0 ? ", " : "",
                            channel_name((enum channel) channel));
        }
    }

    set_text(frame, field, text);
}


void
publish_member_gone(struct desk *desk, struct conversation *conversation,
    struct cd_str who)
{
    char             feed[FEED_NAME];
    struct login     login;
    struct agent    *agent = agent_find(&desk->agents, who);
    struct cd_frame  frame;

    if (login_set(&login, who) != 0) {
        return;
    }

    cd_frame_init(&frame, CD_T_MEMBER);
    set_text(&frame, CD_F_CONV, conversation->id.s);
    set_text(&frame, CD_F_WHO, login.s);
    set_text(&frame, CD_F_ROLE, role_name(ROLE_AGENT));
    set_text(&frame, CD_F_NAME, agent != NULL ? agent->name : NULL);
    cd_frame_set_uint(&frame, CD_F_PRESENT, 0);
    cd_frame_set_uint(&frame, CD_F_GONE, 1);

    feed_name(feed, 'b', conversation->id.s);
    changes_register(desk->changes, feed, login.s, &frame);
}


void
publish_me(struct desk *desk, struct agent *agent)
{
    char             feed[FEED_NAME], takes[64], channels[64];
    struct cd_str    buttons;
    struct cd_frame  frame;
    struct profile  *profile = agent->profile;

    cd_frame_init(&frame, CD_T_ME);
    set_text(&frame, CD_F_FEED, INBOX);
    set_text(&frame, CD_F_STATE, agent->present
                                 ? agent_state_id(agent)
                                 : cd_presence_name(CD_PRESENCE_OFFLINE));
    cd_frame_set_uint(&frame, CD_F_CAPACITY,
                      profile != NULL ? profile->capacity : 0);
    cd_frame_set_uint(&frame, CD_F_ACTIVE, agent->active);

    if (profile != NULL) {
        set_text(&frame, CD_F_PROFILE, profile->name);
        set_text(&frame, CD_F_QUEUES, profile->queues_text);
        set_text(&frame, CD_F_QUEUE_IDS, profile->queue_ids);
        buttons = rights_buttons(agent);
        cd_frame_set_str(&frame, CD_F_BUTTONS, buttons.data, buttons.len);
        set_channels(&frame, CD_F_CHANNELS, channels, sizeof(channels),
                     profile->channels);
    }

    if (agent->why != WHYS_MAX) {
        set_text(&frame, CD_F_WHY, why_name(agent->why));
    }

    cd_frame_set_uint(&frame, CD_F_WRAPUPS, agent->wrapping);
    set_text(&frame, CD_F_STATES, desk->presences_text);
    set_channels(&frame, CD_F_TAKES, takes, sizeof(takes),
                 agent->present ? agent_takes(agent) : 0);

    feed_name(feed, 'i', agent->id.s);
    changes_register(desk->changes, feed, "me", &frame);
}


void
publish_templates(struct desk *desk, const struct agent *agent)
{
    char             feed[FEED_NAME];
    struct cd_frame  frame;

    cd_frame_init(&frame, CD_T_TEMPLATES);
    set_text(&frame, CD_F_FEED, INBOX);
    cd_frame_set_uint(&frame, CD_F_REVISION, desk->templates.revision);

    feed_name(feed, 'i', agent->id.s);
    changes_register(desk->changes, feed, "templates", &frame);
}


/* What the visitor told about itself. */

static void
card_client(struct cd_frame *frame, const struct conversation *conversation)
{
    set_text(frame, CD_F_WHO, conversation->visitor->id.s);
    set_text(frame, CD_F_NAME, flow_client_name(conversation));
    set_text(frame, CD_F_EMAIL, conversation->email);
    set_text(frame, CD_F_PAGE, conversation->page);
    set_text(frame, CD_F_TITLE, conversation->title);
    set_text(frame, CD_F_LANG, conversation->lang);
}


/* What this agent is to do with it, and until when. */

static void
card_state(struct cd_frame *frame, const struct seat *seat)
{
    enum cd_phase               phase = seat->conversation->phase;
    const struct conversation  *conversation = seat->conversation;

    if (seat->state == SEAT_OFFERED) {
        phase = CD_PHASE_OFFERED;
        cd_frame_set_uint(frame, CD_F_EXPIRES, conversation->timer.at_ms);
        cd_frame_set_uint(frame, CD_F_ACCEPT_MS, conversation->accept_ms);

    } else if (seat->state == SEAT_WRAPUP) {
        cd_frame_set_uint(frame, CD_F_EXPIRES, conversation->timer.at_ms);
        set_text(frame, CD_F_DISPOSITIONS, conversation->queue->dispositions);

    } else if (seat->state == SEAT_CLOSED) {
        phase = CD_PHASE_CLOSED;

    } else if (seat->state == SEAT_OBSERVER) {
        set_text(frame, CD_F_SEAT, "observer");
    }

    set_text(frame, CD_F_PHASE, cd_phase_name(phase));

    if (conversation_is_over(conversation)) {
        set_text(frame, CD_F_CLOSED_BY, role_name(conversation->closed_by));
    }
}


/* The ask, for the one who is asked and for the one who asks. */

static void
card_ask(struct cd_frame *frame, const struct seat *seat)
{
    const struct ask  *ask = seat->conversation->ask;

    if (ask == NULL
        || (seat->state != SEAT_OFFERED && seat->agent != ask->source))
    {
        return;
    }

    set_text(frame, CD_F_ASK, ask_name(ask->kind));
    set_text(frame, CD_F_ASKED, ask_target_name(ask));
    set_text(frame, CD_F_FROM, ask->source->id.s);
    set_text(frame, CD_F_NOTE, ask->note);
}


static void
card_wrapup(struct cd_frame *frame, const struct conversation *conversation)
{
    set_text(frame, CD_F_DISPOSITION, conversation->outcome.disposition);
    set_text(frame, CD_F_TAGS, conversation->outcome.tags);

    if (conversation->outcome.note != NULL) {
        set_text(frame, CD_F_NOTE, conversation->outcome.note);
    }
}


static void
card_fill(struct cd_frame *frame, const struct seat *seat)
{
    const struct conversation  *conversation = seat->conversation;

    cd_frame_init(frame, CD_T_CARD);
    set_text(frame, CD_F_FEED, INBOX);
    set_text(frame, CD_F_CONV, conversation->id.s);
    cd_frame_set_uint(frame, CD_F_NUMBER, conversation->number);
    set_text(frame, CD_F_QUEUE, conversation->queue->name);
    set_text(frame, CD_F_CHANNEL, channel_name(conversation->channel));
    card_client(frame, conversation);
    flow_fill_card(frame, conversation);
    cd_frame_set_uint(frame, CD_F_SINCE, conversation->since_ms);
    cd_frame_set_uint(frame, CD_F_PRESENT,
                      conversation->visitor->present != 0);
    cd_frame_set_uint(frame, CD_F_UNREAD, seat->state == SEAT_OBSERVER ? 0
                      : unread_count(&conversation->record, &seat->reader));
    cd_frame_set_uint(frame, CD_F_CLIENT_AT, conversation->client_at_ms);
    cd_frame_set_uint(frame, CD_F_REPLY_AT, conversation->reply_at_ms);
    set_text(frame, CD_F_PREVIEW, conversation->preview);
    card_wrapup(frame, conversation);
    card_state(frame, seat);
    card_ask(frame, seat);

    if (conversation->hand) {
        cd_frame_set_uint(frame, CD_F_HAND, 1);
    }
}


void
publish_card(struct desk *desk, struct seat *seat)
{
    char             feed[FEED_NAME];
    const char      *conv = seat->conversation->id.s;
    struct cd_frame  frame;

    feed_name(feed, 'i', seat->agent->id.s);

    if (seat_has_card(seat)) {
        card_fill(&frame, seat);
        changes_register(desk->changes, feed, conv, &frame);
        seat->card_shown = 1;
        return;
    }

    if (!seat->card_shown) {
        return;
    }

    cd_frame_init(&frame, CD_T_CARD_GONE);
    set_text(&frame, CD_F_FEED, INBOX);
    set_text(&frame, CD_F_CONV, conv);
    set_text(&frame, CD_F_WHY, why_name(seat->why));
    changes_unregister(desk->changes, feed, CD_T_CARD, conv, &frame);
    seat->card_shown = 0;
}
