/*
 * The desk: made, configured, loaded, and told what happens.
 *
 * Purpose:    the functions of desk.h; each sets the clock and the changes of
 *             the call, lets one rule run, then assigns.
 * Owner:      a struct desk owns all of its objects.
 * Invariants: after each call no queue is stirred: nobody waits for whom an
 *             agent is free.
 */

#include "core/desk.h"

#include <stdlib.h>

#include "core/ask.h"
#include "core/assign.h"
#include "core/configure.h"
#include "core/device.h"
#include "core/ending.h"
#include "core/entity.h"
#include "core/flow_desk.h"
#include "core/flush.h"
#include "core/focus.h"
#include "core/item.h"
#include "core/lineup.h"
#include "core/member.h"
#include "core/message.h"
#include "core/notify.h"
#include "core/offer.h"
#include "core/opening.h"
#include "core/presence.h"
#include "core/presences.h"
#include "core/refuse.h"
#include "core/silence.h"
#include "core/state.h"
#include "core/watch.h"
#include "core/wish.h"
#include "core/wrapup.h"


void
desk_stir(struct desk *desk, struct queue *queue)
{
    if (!queue->stirred) {
        queue->stirred = 1;
        TAILQ_INSERT_TAIL(&desk->stirred, queue, stirred_link);
    }
}


void
desk_fail(struct desk *desk)
{
    desk->failed = 1;
}


struct desk *
desk_new(void)
{
    struct desk  *desk;

    desk = calloc(1, sizeof(struct desk));
    if (desk == NULL) {
        return NULL;
    }

    desk->scratch = malloc(CD_LIMIT_BUS_FRAME);
    if (desk->scratch == NULL) {
        free(desk);
        return NULL;
    }

    desk->next_number = 1;
    index_init(&desk->visitors);
    index_init(&desk->sessions);
    index_init(&desk->conversations);
    timer_init(&desk->hours_timer, TIMER_HOURS, "");
    TAILQ_INIT(&desk->stirred);
    TAILQ_INIT(&desk->dirty_conversations);
    TAILQ_INIT(&desk->dirty_agents);
    TAILQ_INIT(&desk->dirty_alerts);
    templates_init(&desk->templates);
    outbox_init(&desk->outbox);
    TAILQ_INIT(&desk->changed_figures);
    TAILQ_INIT(&desk->stale_figures);
    timer_init(&desk->figures_timer, TIMER_FIGURES, "");
    timer_init(&desk->place_timer, TIMER_PLACE, "");

    return desk;
}


void
desk_free(struct desk **owned)
{
    struct desk          *desk = *owned;
    struct alert         *alert;
    struct session       *session;
    struct visitor       *visitor;
    struct conversation  *conversation;

    if (desk == NULL) {
        return;
    }

    while ((conversation = conversation_first(&desk->conversations)) != NULL)
    {
        conversation_free(desk, conversation);
    }

    while ((alert = alerts_first(&desk->alerts)) != NULL) {
        alert_free(desk, alert);
    }

    focuses_free(desk);
    outbox_free(&desk->outbox);
    hooks_free(&desk->hooks);

    while ((session = session_first(&desk->sessions)) != NULL) {
        session_free(desk, session);
    }

    while ((visitor = visitor_first(&desk->visitors)) != NULL) {
        visitor_release(desk, visitor);
    }

    index_free(&desk->conversations);
    index_free(&desk->sessions);
    index_free(&desk->visitors);
    templates_free(&desk->templates);
    flows_free(&desk->flows);
    hours_free(&desk->hours);
    agents_free(&desk->agents);
    profiles_free(&desk->profiles);
    queues_free(&desk->queues);
    presences_free(desk);
    attributes_free(&desk->attributes);
    msgpack_zone_free(desk->zone);
    free(desk->scratch);
    free(desk->name);
    free(desk);
    *owned = NULL;
}


int
desk_configure(struct desk *desk, const struct desk_settings *settings,
    const char **why)
{
    if (desk->configured) {
        *why = "a desk is configured once; then it is reconfigured";
        return -1;
    }

    desk->configured = 1;

    return configure(desk, settings, why);
}


int
desk_check(const struct desk_settings *settings, const char **why)
{
    int           rc;
    struct desk  *desk = desk_new();

    if (desk == NULL) {
        *why = "out of memory";
        return -1;
    }

    rc = desk_configure(desk, settings, why);
    desk_free(&desk);

    return rc;
}


int
desk_load(struct desk *desk, const char *kind, const char *key,
    const void *blob, size_t len, const char **why)
{
    if (desk->default_queue == NULL) {
        *why = "the desk is not configured";
        return -1;
    }

    return entity_load(desk, kind, key, blob, len, why);
}


int
desk_load_session(struct desk *desk, const char *session, const char *node,
    int is_agent, const char *who)
{
    struct id        id, on, visitor_id;
    struct login     login;
    struct agent    *agent = NULL;
    struct visitor  *visitor = NULL;

    if (id_set(&id, str_of(session)) != 0 || id_set(&on, str_of(node)) != 0
        || session_find(&desk->sessions, &id) != NULL)
    {
        return -1;
    }

    if (is_agent) {
        agent = agent_find(&desk->agents, str_of(who));
        if (agent == NULL && login_set(&login, str_of(who)) == 0) {
            agent = agent_new(&desk->agents, &login);
        }

    } else if (id_set(&visitor_id, str_of(who)) == 0) {
        visitor = visitor_get(desk, &visitor_id);
    }

    if (agent == NULL && visitor == NULL) {
        return -1;
    }

    return session_new(desk, &id, &on, visitor, agent) != NULL ? 0 : -1;
}


static void
desk_leave(struct desk *desk)
{
    assign_run(desk);
    desk_close(desk);
}


int
desk_reconfigure(struct desk *desk, const struct desk_settings *settings,
    uint64_t now_ms, struct changes *changes, const char **why)
{
    int  rc;

    desk_enter(desk, now_ms, changes);
    rc = configure(desk, settings, why);
    notify_settings(desk);
    device_look_all(desk);
    hooks_look_all(desk);
    figures_anew(desk);
    desk_leave(desk);

    return rc;
}


void
desk_loaded(struct desk *desk, uint64_t now_ms, struct changes *changes)
{
    struct agent    *agent;
    struct visitor  *visitor;

    desk_enter(desk, now_ms, changes);
    msgpack_zone_free(desk->zone);
    desk->zone = NULL;
    flows_begin(desk);
    lineup(desk);
    figures_anew(desk);

    for (visitor = visitor_first(&desk->visitors); visitor != NULL;
         visitor = visitor_next(visitor))
    {
        presence_check_visitor(desk, visitor);
    }

    for (agent = agent_first(&desk->agents); agent != NULL;
         agent = agent_next(agent))
    {
        presence_check_agent(desk, agent);

        if (agent->active > 0) {
            presence_joined(desk, agent);
        }
    }

    device_look_all(desk);
    hooks_look_all(desk);
    focus_loaded(desk);
    notify_loaded(desk);
    templates_loaded(desk);
    desk_leave(desk);
}


void
desk_apply(struct desk *desk, const struct cd_frame *entry, uint64_t now_ms,
    struct changes *changes)
{
    size_t  i;
    static const struct {
        unsigned    type;
        void      (*rule)(struct desk *, const struct cd_frame *);
    } rules[] = {
        { CD_T_MESSAGE, message_note },
        { CD_T_MARK_SET, message_mark },
        { CD_T_ONLINE, presence_online },
        { CD_T_OFFLINE, presence_offline },
        { CD_T_START, opening_start },
        { CD_T_ACCEPT, offer_accept },
        { CD_T_REJECT, offer_reject },
        { CD_T_END, ending_end },
        { CD_T_DISMISS, ending_dismiss },
        { CD_T_INVITE, ask_invite },
        { CD_T_TRANSFER, ask_transfer },
        { CD_T_LEAVE, member_leaves },
        { CD_T_WRAP, wrapup_apply },
        { CD_T_MONITOR, watch_monitor },
        { CD_T_BARGE, watch_barge },
        { CD_T_TAKEOVER, watch_takeover },
        { CD_T_HAND, watch_hand },
        { CD_T_PRESENCE, presence_choose },
        { CD_T_FOCUS, focus_set },
        { CD_T_PUSH_AT, device_here },
        { CD_T_NOTIFY_SET, wish_choose },
        { CD_T_RENDER, templates_render },
        { CD_T_ITEM, item_open },
        { CD_T_ITEM_CANCEL, item_cancel }
    };

    desk_enter(desk, now_ms, changes);
    desk->refused = CD_E_OK;
    presence_deed(desk, entry);

    for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (rules[i].type == entry->type) {
            rules[i].rule(desk, entry);
            break;
        }
    }

    desk_leave(desk);
}


enum cd_error
desk_refused(const struct desk *desk)
{
    return desk->refused;
}


void
desk_node_gone(struct desk *desk, const char *name, uint64_t now_ms,
    struct changes *changes)
{
    struct id        id;
    struct node     *node;
    struct session  *session, *next;

    if (id_set(&id, str_of(name)) != 0) {
        return;
    }

    desk_enter(desk, now_ms, changes);
    node = node_find(&desk->nodes, &id);

    if (node != NULL && node_sort(node) != 0) {
        desk_fail(desk);
    }

    if (node != NULL) {
        device_left_all(desk, node);
    }

    /* the node itself goes with its last session */
    session = node != NULL ? node_first_session(node) : NULL;

    for ( ; session != NULL; session = next) {
        next = node_next_session(session);
        changes_offline(changes, session->id.s);
        presence_end(desk, session);
    }

    changes_node_gone(changes, id.s);
    desk_leave(desk);
}


void
desk_logged_on(struct desk *desk, const struct cd_frame *logon,
    uint64_t now_ms, struct changes *changes)
{
    struct id        id, node;
    struct agent    *agent;
    struct login     key;
    struct cd_frame  reply;

    if (id_set(&id, cd_frame_str(logon, CD_F_ID)) != 0
        || id_set(&node, cd_frame_str(logon, CD_F_NODE)) != 0
        || login_set(&key, cd_frame_str(logon, CD_F_SESSION_KEY)) != 0)
    {
        return;
    }

    desk_enter(desk, now_ms, changes);
    agent = agent_find(&desk->agents, cd_frame_str(logon, CD_F_LOGIN));

    cd_frame_init(&reply, CD_T_REPLY);
    cd_frame_set_str(&reply, CD_F_ID, id.s, strlen(id.s));

    if (agent == NULL || agent->profile == NULL) {
        const struct cd_error_row  *row = cd_error_row(CD_E_UNAUTHORIZED);

        cd_frame_set_uint(&reply, CD_F_STATUS, (uint64_t) row->http);
        cd_frame_set_str(&reply, CD_F_CODE, row->code, strlen(row->code));

    } else {
        changes_session(changes, key.s, agent->id.s, agent->name,
                        agent->role, CD_LIMIT_SESSION_MS);
        cd_frame_set_uint(&reply, CD_F_STATUS, 200);
        cd_frame_set_str(&reply, CD_F_WHO, agent->id.s, strlen(agent->id.s));
        cd_frame_set_str(&reply, CD_F_NAME, agent->name,
                         strlen(agent->name));
        cd_frame_set_str(&reply, CD_F_ROLE, agent->role,
                         strlen(agent->role));
    }

    changes_node(changes, node.s, &reply);
    desk_leave(desk);
}


uint64_t
desk_deadline(const struct desk *desk)
{
    struct timers  timers = desk->timers;       /* the root alone; read */
    struct timer  *timer = timer_first(&timers);

    return timer != NULL ? timer->at_ms : UINT64_MAX;
}


static void
desk_fire_conversation(struct desk *desk, struct conversation *conversation)
{
    switch (conversation->phase) {

    case CD_PHASE_WAITING:
        timer_stop(&desk->timers, &conversation->timer);
        desk_stir(desk, conversation->queue);
        break;

    case CD_PHASE_OFFERED:
        offer_take_back(desk, conversation, WHY_MISSED);
        break;

    case CD_PHASE_ACTIVE:
        ask_fire(desk, conversation);
        break;

    case CD_PHASE_WRAPUP:
        wrapup_expire(desk, conversation);
        break;

    case CD_PHASE_CLOSED:
        ending_forget(desk, conversation);
        break;

    default:
        timer_stop(&desk->timers, &conversation->timer);
    }
}


void
desk_tick(struct desk *desk, uint64_t now_ms, struct changes *changes)
{
    struct timer  *timer;

    desk_enter(desk, now_ms, changes);

    /* every rule stops its timer or sets it later than now */
    while ((timer = timer_first(&desk->timers)) != NULL
           && timer->at_ms <= now_ms)
    {
        switch (timer->kind) {

        case TIMER_VISITOR:
            presence_visitor_gone(desk, OWNER_OF(timer, struct visitor,
                                                 grace));
            break;

        case TIMER_AGENT:
            presence_agent_gone(desk, OWNER_OF(timer, struct agent, grace));
            break;

        case TIMER_IDLE:
            presence_idle(desk, OWNER_OF(timer, struct agent, idle));
            break;

        case TIMER_CONVERSATION:
            desk_fire_conversation(desk, OWNER_OF(timer, struct conversation,
                                                  timer));
            break;

        case TIMER_ALERT:
            notify_due(desk, OWNER_OF(timer, struct alert, timer));
            break;

        case TIMER_TEMPLATES:
            timer_stop(&desk->timers, timer);
            break;

        case TIMER_SILENCE:
            silence_fire(desk, OWNER_OF(timer, struct conversation,
                                           silence));
            break;

        case TIMER_HOURS:
            flows_show(desk);
            break;

        case TIMER_FIGURES:
            timer_stop(&desk->timers, timer);
            desk->figures_due = 1;
            break;

        case TIMER_PLACE:
            timer_stop(&desk->timers, timer);
            desk->place_due = 1;
            break;
        }
    }

    desk_leave(desk);
}


void
desk_flush(struct desk *desk, struct changes *changes)
{
    desk->changes = changes;
    flush_run(desk);
    desk_leave(desk);
}
