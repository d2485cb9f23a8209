/*
 * A desk's flows; see flow_desk.h.
 *
 * Purpose:    configuration, and the frames that visitors get before they
 *             start.
 * Owner:      the desk.
 * Invariants: those of flow_desk.h.
 */

#include "core/flow_desk.h"

#include <stdio.h>

#include "core/silence.h"
#include "core/state.h"

#define FLOW_FIELD  (LOGIN_MAX + 1 + 35 + 1)


int
flows_plan(struct flow_plan *plan, struct queues *queues,
    const struct desk_settings *settings, const char **why)
{
    size_t                       i;
    struct queue                *usual;
    const struct flow_settings  *builtin;

    usual = queue_find(queues, settings->default_queue);

    for (i = 0; i < settings->hours_count; i++) {
        if (hours_new(&plan->hours, &settings->hours[i]) == NULL) {
            *why = "the id of hours is not valid or used twice, or their "
                   "intervals are not in order";
            return -1;
        }
    }

    for (i = 0; i < settings->flow_count; i++) {
        if (flow_new(&plan->flows, queues, usual, &plan->hours,
                     &settings->flows[i], why)
            == NULL)
        {
            return -1;
        }
    }

    for (i = 0; (builtin = flow_builtin(i)) != NULL; i++) {
        if (flow_find(&plan->flows, str_of(builtin->id)) == NULL
            && flow_new(&plan->flows, queues, usual, &plan->hours, builtin,
                        why)
               == NULL)
        {
            return -1;
        }
    }

    return 0;
}


void
flows_plan_free(struct flow_plan *plan)
{
    flows_free(&plan->flows);
    hours_free(&plan->hours);
}


/* A conversation has the flow of its id, with what that says by now. */

static void
flows_move(struct desk *desk, struct conversation *conversation)
{
    struct flow  *old = conversation->flow;

    conversation->flow = flows_of(desk, str_of(old->id.s));

    if (conversation->flow->settings.show_display_name
        != old->settings.show_display_name)
    {
        conversation_touch(desk, conversation, DIRTY_CARDS);
    }

    silence_set(desk, conversation);
}


void
flows_take(struct desk *desk, struct flow_plan *plan)
{
    struct flow          *flow;
    struct flow_plan      old = { desk->flows, desk->hours };
    struct conversation  *conversation;

    desk->flows = plan->flows;
    desk->hours = plan->hours;
    *plan = old;

    for (flow = flow_first(&desk->flows); flow != NULL;
         flow = flow_next(flow))
    {
        flow_retarget(flow);
    }

    for (conversation = conversation_first(&desk->conversations);
         conversation != NULL;
         conversation = conversation_next(conversation))
    {
        flows_move(desk, conversation);
    }

    if (desk->changes != NULL) {
        flows_show(desk);
    }
}


struct flow *
flows_of(struct desk *desk, struct cd_str id)
{
    struct flow  *flow = flow_find(&desk->flows, id);

    return flow != NULL ? flow : flow_find(&desk->flows,
                                           str_of(FLOW_DEFAULT));
}


static void
flows_arm(struct desk *desk)
{
    uint64_t      at, first = 0;
    struct flow  *flow;

    for (flow = flow_first(&desk->flows); flow != NULL;
         flow = flow_next(flow))
    {
        at = hours_next(flow->hours, desk->now_ms);

        if (at != 0 && (first == 0 || at < first)) {
            first = at;
        }
    }

    timer_set(&desk->timers, &desk->hours_timer, first);
}


static void
set_text(struct cd_frame *frame, unsigned field, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        cd_frame_set_str(frame, field, text, strlen(text));
    }
}


/* One flow in one language, for this field of `flows`. */

static void
flow_frame(const struct desk *desk, const struct flow *flow,
    const struct words_settings *words, char *field, struct cd_frame *frame)
{
    uint64_t                     next = hours_next(flow->hours, desk->now_ms);
    const struct flow_settings  *settings = &flow->settings;
    const struct words_settings *any = flow_words(flow, NULL);

    snprintf(field, FLOW_FIELD, "%s%s%s", flow->id.s,
             words->lang[0] != '\0' ? "/" : "", words->lang);
    cd_frame_init(frame, CD_T_FLOW);
    set_text(frame, CD_F_FLOW, flow->id.s);
    set_text(frame, CD_F_NAME, settings->name);
    cd_frame_set_uint(frame, CD_F_OPEN, flow->shown_open != 0);

    if (next != 0) {
        cd_frame_set_uint(frame, CD_F_NEXT_AT, next);
    }

    set_text(frame, CD_F_CLOSED, settings->closed == FLOW_CLOSED_HIDE
                                 ? "hide" : "message");
    cd_frame_set_uint(frame, CD_F_APPEND, settings->append != 0);
    set_text(frame, CD_F_GREETING, words->greeting != NULL
                                   ? words->greeting : any->greeting);
    set_text(frame, CD_F_TEXT, words->offline != NULL
                               ? words->offline : any->offline);
    set_text(frame, CD_F_FIELDS, words->form != NULL
                                 ? words->form : any->form);
}


/* Calls for each flow in each of its languages. */

static void
flows_each(struct desk *desk,
    void (*each)(struct desk *desk, const char *field,
                 const struct cd_frame *frame))
{
    char             field[FLOW_FIELD];
    size_t           i;
    struct flow     *flow;
    struct cd_frame  frame;

    for (flow = flow_first(&desk->flows); flow != NULL;
         flow = flow_next(flow))
    {
        for (i = 0; i < flow->settings.words_count; i++) {
            flow_frame(desk, flow, &flow->settings.words[i], field, &frame);
            each(desk, field, &frame);
        }
    }
}


/* FNV-1a over everything that is shown. */

static void
flows_hash(struct desk *desk, const char *field,
    const struct cd_frame *frame)
{
    size_t  i, len;

    len = cd_frame_encode(frame, desk->scratch, CD_LIMIT_BUS_FRAME);

    for (i = 0; i < len + strlen(field); i++) {
        desk->flows_hash ^= (unsigned char) (i < len ? desk->scratch[i]
                                                     : field[i - len]);
        desk->flows_hash *= 1099511628211u;
    }
}


static void
flows_put(struct desk *desk, const char *field,
    const struct cd_frame *frame)
{
    changes_flow(desk->changes, field, frame);
}


void
flows_begin(struct desk *desk)
{
    struct flow  *flow;

    for (flow = flow_first(&desk->flows); flow != NULL;
         flow = flow_next(flow))
    {
        flow->shown_open = hours_open(flow->hours, desk->now_ms);
    }

    flows_arm(desk);
    desk->flows_hash = 14695981039346656037u;
    flows_each(desk, flows_hash);
}


static void
flows_tell(struct desk *desk)
{
    changes_flows_clear(desk->changes);
    flows_each(desk, flows_put);
}


void
flows_show(struct desk *desk)
{
    uint64_t  shown = desk->flows_hash;

    flows_begin(desk);

    if (desk->flows_hash != shown) {
        flows_tell(desk);
    }
}


int
flows_ask_for(struct desk *desk, struct cd_str key)
{
    size_t        i;
    struct flow  *flow;

    for (flow = flow_first(&desk->flows); flow != NULL;
         flow = flow_next(flow))
    {
        for (i = 0; i < flow->settings.field_count; i++) {
            if (cd_str_is(key, flow->settings.fields[i].key)) {
                return 1;
            }
        }
    }

    return 0;
}


const char *
flow_client_name(const struct conversation *conversation)
{
    if (conversation_is_item(conversation)) {
        return conversation->title;
    }

    return conversation->flow->settings.show_display_name
           ? conversation->name : NULL;
}


void
flow_fill_card(struct cd_frame *frame,
    const struct conversation *conversation)
{
    cd_frame_set_uint(frame, CD_F_PRIORITY, conversation->priority);

    if (conversation_is_item(conversation)) {
        set_text(frame, CD_F_KIND, conversation->kind);
        set_text(frame, CD_F_LINK, conversation->link);
        return;
    }

    set_text(frame, CD_F_FLOW, conversation->flow->id.s);
    set_text(frame, CD_F_FORM, conversation->form);
    cd_frame_set_uint(frame, CD_F_SHOW_NAME,
                      conversation->flow->settings.show_display_name != 0);

    if (conversation->offline) {
        cd_frame_set_uint(frame, CD_F_OFFLINE, 1);
    }
}


void
desk_show_flows(struct desk *desk, uint64_t now_ms, struct changes *changes)
{
    desk_enter(desk, now_ms, changes);
    flows_tell(desk);
    desk_close(desk);
}


int
desk_renew_hours(struct desk *desk, const struct desk_settings *settings,
    uint64_t now_ms, struct changes *changes)
{
    size_t         i;
    struct hours  *hours;

    for (i = 0; i < settings->hours_count; i++) {
        hours = hours_find(&desk->hours, settings->hours[i].id);

        if (hours != NULL && hours_renew(hours, &settings->hours[i]) != 0) {
            return -1;
        }
    }

    desk_enter(desk, now_ms, changes);
    flows_show(desk);
    desk_close(desk);

    return 0;
}
