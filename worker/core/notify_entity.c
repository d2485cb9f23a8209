/*
 * Alerts, focuses and wishes as entities; see notify_entity.h.
 *
 * Purpose:    packs into the desk's scratch buffer, reads what entity_load.c
 *             has bounded.
 * Owner:      nothing; what is made belongs to the desk.
 * Invariants: those of notify_entity.h.
 */

#include "core/notify_entity.h"

#include "core/alert.h"
#include "core/entity.h"
#include "core/focus.h"
#include "core/state.h"
#include "core/wish.h"

enum alert_field {
    ALERT_KIND = 1, ALERT_SHOWN, ALERT_TOP, ALERT_COUNT, ALERT_TOLD,
    ALERT_MARK, ALERT_TIMER, ALERT_PUSHED
};

enum focus_field { FOCUS_AGENT = 1, FOCUS_CONV };
enum wish_field { WISH_SOUND = 1, WISH_VOLUME, WISH_SILENT, WISH_POPUP };


void
entity_put_focus(struct desk *desk, const struct focus *focus)
{
    struct map      map;
    struct map_out  to;

    map_out_init(&to, desk->scratch, CD_LIMIT_BUS_FRAME);
    map = map_open(&to);
    map_text(&to, &map, FOCUS_AGENT, focus->agent->id.s);
    map_text(&to, &map, FOCUS_CONV, focus->conv.s);
    entity_end(desk, &to, &map, ENTITY_FOCUS, focus->session.s);
}


void
entity_put_wish(struct desk *desk, const struct agent *agent)
{
    char            silent[WISH_SILENT_MAX];
    struct map      map;
    struct map_out  to;

    wish_silent(agent->wish, silent);
    map_out_init(&to, desk->scratch, CD_LIMIT_BUS_FRAME);
    map = map_open(&to);
    map_text(&to, &map, WISH_SOUND, agent->wish->sound);
    map_uint(&to, &map, WISH_VOLUME, agent->wish->volume);
    map_text(&to, &map, WISH_SILENT, silent);
    map_uint(&to, &map, WISH_POPUP, agent->wish->popup != 0);
    entity_end(desk, &to, &map, ENTITY_WISH, agent->id.s);
}


static void
entity_put_alert(struct desk *desk, const struct alert *alert)
{
    struct map      map;
    struct map_out  to;

    map_out_init(&to, desk->scratch, CD_LIMIT_BUS_FRAME);
    map = map_open(&to);
    map_uint(&to, &map, ALERT_KIND, alert->kind);
    map_uint(&to, &map, ALERT_SHOWN, alert->shown);
    map_uint(&to, &map, ALERT_TOP, alert->top);
    map_uint(&to, &map, ALERT_COUNT, alert->count);
    map_uint(&to, &map, ALERT_TOLD, alert->told_ms);
    map_uint(&to, &map, ALERT_MARK, alert->mark);
    map_uint(&to, &map, ALERT_TIMER, alert->timer.at_ms);
    map_text(&to, &map, ALERT_PUSHED, alert->pushed);
    entity_end(desk, &to, &map, ENTITY_ALERT, alert->key);
}


void
entity_flush_alerts(struct desk *desk)
{
    struct alert  *alert;

    while ((alert = TAILQ_FIRST(&desk->dirty_alerts)) != NULL) {
        TAILQ_REMOVE(&desk->dirty_alerts, alert, dirty_link);
        alert->dirty = 0;

        if (!alert->over) {
            entity_put_alert(desk, alert);
            alert->stored = 1;
            continue;
        }

        if (alert->stored) {
            changes_drop(desk->changes, ENTITY_ALERT, alert->key);
        }

        alert_free(desk, alert);
    }
}


/* -- reading -- */

/* The agent of a key, which may be one that has left the settings. */

static struct agent *
load_person(struct desk *desk, const char *id)
{
    struct login   login;
    struct agent  *agent = agent_find(&desk->agents, str_of(id));

    if (agent == NULL && login_set(&login, str_of(id)) == 0) {
        agent = agent_new(&desk->agents, &login);
    }

    return agent;
}


int
notify_load_alert(struct desk *desk, const char *key, struct fields *fields)
{
    char           about[ABOUT_MAX + 1];
    uint64_t       timer;
    const char    *slash = strchr(key, '/');
    struct agent  *agent = NULL;
    struct alert  *alert;

    if (slash == NULL || slash == key || slash - key > ABOUT_MAX) {
        return -1;
    }

    memcpy(about, key, (size_t) (slash - key));
    about[slash - key] = '\0';

    if (slash[1] != '\0' && (agent = load_person(desk, slash + 1)) == NULL) {
        return -1;
    }

    if (alert_find(&desk->alerts, about, agent) != NULL
        || (alert = alert_get(desk, about, agent)) == NULL)
    {
        return -1;
    }

    alert->stored = 1;
    alert->kind = (enum notice) fields_uint(fields, ALERT_KIND,
                                            NOTICES_MAX - 1, 0);
    alert->shown = fields_uint(fields, ALERT_SHOWN, 1, 0) != 0;
    alert->top = (uint32_t) fields_uint(fields, ALERT_TOP, UINT32_MAX, 0);
    alert->count = (uint32_t) fields_uint(fields, ALERT_COUNT, UINT32_MAX, 0);
    alert->told_ms = fields_uint(fields, ALERT_TOLD, UINT64_MAX, 0);
    alert->mark = fields_uint(fields, ALERT_MARK, UINT64_MAX, 0);
    timer = fields_uint(fields, ALERT_TIMER, UINT64_MAX, 0);
    timer_set(&desk->timers, &alert->timer, timer);

    return alert_load_pushed(alert, fields_str(fields, ALERT_PUSHED));
}


int
notify_load_wish(struct desk *desk, const char *key, struct fields *fields)
{
    struct cd_str  sound = fields_str(fields, WISH_SOUND);
    struct cd_str  silent = fields_str(fields, WISH_SILENT);
    struct agent  *agent = load_person(desk, key);

    return agent != NULL && agent->wish == NULL
           ? wish_set(agent, sound,
                      (unsigned) fields_uint(fields, WISH_VOLUME, 100, 0),
                      silent, fields_uint(fields, WISH_POPUP, 1, 0) != 0)
           : -1;
}


int
notify_load_focus(struct desk *desk, const char *key, struct fields *fields)
{
    return focus_load(desk, key, fields_str(fields, FOCUS_AGENT),
                      fields_str(fields, FOCUS_CONV));
}
