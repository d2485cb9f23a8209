/*
 * Which notices leave the desk; see push.h.
 *
 * Purpose:    jobs for web push and webhooks.
 * Owner:      nothing.
 * Invariants: those of push.h.
 */

#include "core/push.h"

#include "core/alert.h"
#include "core/device.h"
#include "core/outbox.h"
#include "core/state.h"
#include "core/wish.h"


/* An offer is of use while it stands. */

static uint64_t
push_until(const struct desk *desk, const struct cd_frame *notice)
{
    uint64_t  until = desk->now_ms + CD_LIMIT_OUTBOX_KEEP_MS;
    uint64_t  expires = cd_frame_uint(notice, CD_F_EXPIRES);

    return expires != 0 && expires < until ? expires : until;
}


/* To devices without a page of the desk. */

static void
push_devices(struct desk *desk, const struct agent *agent,
    const char *about, const struct cd_frame *notice)
{
    struct cd_frame       frame = *notice;
    const struct device  *device;

    if (agent->wish != NULL && !agent->wish->popup) {
        return;
    }

    if (!(agent->policy.on & NOTIFY_PUSH_TEXT)) {
        cd_frame_unset(&frame, CD_F_PREVIEW);
    }

    LIST_FOREACH(device, &agent->devices, link) {
        if (device->session_count == 0) {
            outbox_put(desk, OUTBOX_PUSH, agent->id.s, device->id.s, about,
                       &frame, push_until(desk, notice));
        }
    }
}


/* To webhooks that want this kind: that it is told, or over. */

static void
push_hooks(struct desk *desk, const struct alert *alert, const char *about,
    const struct cd_frame *notice)
{
    size_t              i;
    struct cd_frame     frame;
    const struct hook  *hook;

    for (i = 0; i < desk->hooks.count; i++) {
        hook = &desk->hooks.rows[i];

        if (hook->types & notice_bit(alert->kind)) {
            frame = *notice;

            if (!hook->preview) {
                cd_frame_unset(&frame, CD_F_PREVIEW);
            }

            outbox_put(desk, OUTBOX_HOOK, alert->agent->id.s, hook->id.s,
                       about, &frame,
                       desk->now_ms + CD_LIMIT_OUTBOX_KEEP_MS);
        }
    }
}


void
push_told(struct desk *desk, const struct alert *alert,
    const struct cd_frame *notice)
{
    char             about[ABOUT_MAX + 1];
    struct cd_frame  frame = *notice;

    alert_about(alert, about);
    frame.at_ms = desk->now_ms;
    push_devices(desk, alert->agent, about, &frame);
    push_hooks(desk, alert, about, &frame);
}


/* What the device shows of it is to go. */

static void
push_end(struct desk *desk, struct device *device, const char *about,
    const struct cd_frame *gone)
{
    if (device->session_count == 0 && device_spends(desk, device)) {
        outbox_put(desk, OUTBOX_PUSH, device->agent->id.s, device->id.s,
                   about, gone, desk->now_ms + CD_LIMIT_OUTBOX_KEEP_MS);
    }
}


void
push_over(struct desk *desk, const struct alert *alert,
    const struct cd_frame *gone)
{
    char             about[ABOUT_MAX + 1];
    const char      *kind = notice_name(alert->kind);
    struct device   *device;
    struct cd_frame  frame = *gone;

    alert_about(alert, about);
    frame.at_ms = desk->now_ms;
    cd_frame_set_str(&frame, CD_F_KIND, kind, strlen(kind));

    LIST_FOREACH(device, &alert->agent->devices, link) {
        outbox_drop(desk, OUTBOX_PUSH, alert->agent->id.s, device->id.s,
                    about);

        if (alert_was_pushed(alert, device->id.s)) {
            push_end(desk, device, about, &frame);
        }
    }

    push_hooks(desk, alert, about, &frame);
}


void
push_sent(struct desk *desk, const struct outbox_job *job)
{
    struct agent    *agent;
    struct alert    *alert;
    struct device   *device = NULL;
    struct cd_frame  frame;

    agent = agent_find(&desk->agents, str_of(job->agent));

    if (agent != NULL && job->kind == OUTBOX_PUSH && !job->over) {
        device = device_find(agent, str_of(job->target));
    }

    if (device == NULL || !device->ends) {
        return;
    }

    alert = alert_find(&desk->alerts, job->about, agent);

    if (alert != NULL && alert->shown) {
        alert_pushed(desk, alert, device->id.s);
        return;
    }

    /* it was over before it was sent */
    cd_frame_init(&frame, CD_T_NOTICE_GONE);
    cd_frame_set_str(&frame, CD_F_FEED, "inbox", 5);
    cd_frame_set_str(&frame, CD_F_ABOUT, job->about, strlen(job->about));
    frame.at_ms = desk->now_ms;
    push_end(desk, device, job->about, &frame);
}


void
push_silence(struct desk *desk, const struct agent *agent)
{
    const struct device  *device;

    LIST_FOREACH(device, &agent->devices, link) {
        outbox_forget(desk, OUTBOX_PUSH, agent->id.s, device->id.s);
    }
}
