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


void
push_over(struct desk *desk, const struct alert *alert,
    const struct cd_frame *gone)
{
    char                  about[ABOUT_MAX + 1];
    const char           *kind = notice_name(alert->kind);
    struct cd_frame       frame = *gone;
    const struct device  *device;

    alert_about(alert, about);
    frame.at_ms = desk->now_ms;
    cd_frame_set_str(&frame, CD_F_KIND, kind, strlen(kind));

    LIST_FOREACH(device, &alert->agent->devices, link) {
        outbox_drop(desk, OUTBOX_PUSH, alert->agent->id.s, device->id.s,
                    about);
    }

    push_hooks(desk, alert, about, &frame);
}


void
push_silence(struct desk *desk, const struct agent *agent)
{
    const struct device  *device;

    LIST_FOREACH(device, &agent->devices, link) {
        outbox_forget(desk, OUTBOX_PUSH, agent->id.s, device->id.s);
    }
}
