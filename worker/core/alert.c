/*
 * Alerts, found and kept; see alert.h.
 *
 * Purpose:    the tree of alerts and the list of changed ones.
 * Owner:      the desk.
 * Invariants: those of alert.h.
 */

#include "core/alert.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/state.h"

#define KEY_MAX  (ABOUT_MAX + 1 + LOGIN_MAX)


static int
alert_compare(struct alert *a, struct alert *b)
{
    return strcmp(a->key, b->key);
}


TREE_GENERATE(alerts, alert, link, alert_compare)


/* A probe for the tree; the memory is the caller's. */

union probe {
    struct alert  alert;
    char          room[sizeof(struct alert) + KEY_MAX + 1];
};


static void
probe_set(union probe *probe, const char *about, const struct agent *agent)
{
    snprintf(probe->room + offsetof(struct alert, key), KEY_MAX + 1, "%s/%s",
             about, agent != NULL ? agent->id.s : "");
}


struct alert *
alert_find(struct alerts *alerts, const char *about,
    const struct agent *agent)
{
    union probe  probe;

    probe_set(&probe, about, agent);

    return RB_FIND(alerts, alerts, &probe.alert);
}


struct alert *
alert_first(struct alerts *alerts, const char *about)
{
    union probe    probe;
    struct alert  *alert;

    probe_set(&probe, about, NULL);
    alert = RB_NFIND(alerts, alerts, &probe.alert);

    return alert != NULL && alert->about_len == strlen(about)
           && memcmp(alert->key, about, alert->about_len) == 0
           ? alert : NULL;
}


struct alert *
alert_next(struct alert *alert)
{
    struct alert  *next = RB_NEXT(alerts, NULL, alert);

    return next != NULL && next->about_len == alert->about_len
           && memcmp(next->key, alert->key, alert->about_len) == 0
           ? next : NULL;
}


struct alert *
alerts_first(struct alerts *alerts)
{
    return RB_MIN(alerts, alerts);
}


struct alert *
alerts_from(struct alerts *alerts, const char *key)
{
    union probe  probe;

    snprintf(probe.room + offsetof(struct alert, key), KEY_MAX + 1, "%s",
             key);

    return RB_NFIND(alerts, alerts, &probe.alert);
}


struct alert *
alerts_next(struct alert *alert)
{
    return RB_NEXT(alerts, NULL, alert);
}


struct alert *
alert_get(struct desk *desk, const char *about, struct agent *agent)
{
    size_t         len;
    union probe    probe;
    struct alert  *alert = alert_find(&desk->alerts, about, agent);

    if (alert != NULL) {
        alert->over = 0;
        return alert;
    }

    probe_set(&probe, about, agent);
    len = strlen(probe.alert.key) + 1;
    alert = calloc(1, sizeof(struct alert) + len);

    if (alert == NULL) {
        desk_fail(desk);
        return NULL;
    }

    memcpy(alert->key, probe.alert.key, len);
    alert->about_len = strlen(about);
    alert->agent = agent;
    timer_init(&alert->timer, TIMER_ALERT, alert->key);
    RB_INSERT(alerts, &desk->alerts, alert);

    return alert;
}


void
alert_about(const struct alert *alert, char *out)
{
    memcpy(out, alert->key, alert->about_len);
    out[alert->about_len] = '\0';
}


int
alert_was_pushed(const struct alert *alert, const char *device)
{
    size_t       len = strlen(device);
    const char  *p = alert->pushed;

    while (p != NULL && *p != '\0') {
        if (strncmp(p, device, len) == 0 && p[len] == ' ') {
            return 1;
        }

        p = strchr(p, ' ');
        p = p != NULL ? p + 1 : NULL;
    }

    return 0;
}


int
alert_load_pushed(struct alert *alert, struct cd_str devices)
{
    if (devices.len > 0 && devices.len <= PUSHED_MAX
        && devices.data[devices.len - 1] == ' ')
    {
        alert->pushed = strndup(devices.data, devices.len);
    }

    return devices.len > 0 && alert->pushed == NULL ? -1 : 0;
}


void
alert_pushed(struct desk *desk, struct alert *alert, const char *device)
{
    char         text[2 * PUSHED_MAX + 3];
    const char  *rest = alert->pushed != NULL ? alert->pushed : "";

    if (alert_was_pushed(alert, device)) {
        return;
    }

    while (strlen(rest) + strlen(device) + 1 > PUSHED_MAX) {
        rest = strchr(rest, ' ') + 1;
    }

    snprintf(text, sizeof(text), "%s%s ", rest, device);
    free(alert->pushed);
    alert->pushed = strdup(text);

    if (alert->pushed == NULL) {
        desk_fail(desk);
    }

    alert_touch(desk, alert);
}


void
alert_hide(struct desk *desk, struct alert *alert)
{
    alert->shown = 0;
    free(alert->pushed);
    alert->pushed = NULL;
    alert_touch(desk, alert);
}


void
alert_touch(struct desk *desk, struct alert *alert)
{
    if (!alert->dirty) {
        alert->dirty = 1;
        TAILQ_INSERT_TAIL(&desk->dirty_alerts, alert, dirty_link);
    }
}


void
alert_set_timer(struct desk *desk, struct alert *alert, uint64_t at_ms)
{
    if (alert->timer.at_ms != at_ms) {
        timer_set(&desk->timers, &alert->timer, at_ms);
        alert_touch(desk, alert);
    }
}


void
alert_end(struct desk *desk, struct alert *alert)
{
    alert->over = 1;
    timer_stop(&desk->timers, &alert->timer);
    alert_touch(desk, alert);
}


void
alert_free(struct desk *desk, struct alert *alert)
{
    if (alert->dirty) {
        TAILQ_REMOVE(&desk->dirty_alerts, alert, dirty_link);
    }

    timer_stop(&desk->timers, &alert->timer);
    RB_REMOVE(alerts, &desk->alerts, alert);
    free(alert->pushed);
    free(alert);
}
