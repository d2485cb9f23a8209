/*
 * What a desk's settings say about notices; see desk_notify.h.
 *
 * Purpose:    from the document to struct notify_settings.
 * Owner:      nothing.
 * Invariants: those of desk_notify.h.
 */

#include "io/desk_notify.h"

#include "chatdesk_tables.h"

static const struct {
    const char          *name;
    enum notify_switch   bit;
} switches[] = {
    { "message", NOTIFY_MESSAGE },
    { "offer", NOTIFY_OFFER },
    { "wait", NOTIFY_WAIT },
    { "hand", NOTIFY_HAND },
    { "preview", NOTIFY_PREVIEW },
    { "push_text", NOTIFY_PUSH_TEXT }
};


void
desk_notify_read(struct json_at *item, struct notify_settings *notify)
{
    size_t          i;
    struct json_at  all = json_member(item, "notify"), at;
    static const char *const  names[] = {
        "?interval_seconds", "?message", "?offer", "?wait", "?hand",
        "?preview", "?push_text", NULL
    };

    memset(notify, 0, sizeof(*notify));

    if (all.value == NULL || json_members(&all, names) != 0) {
        return;
    }

    at = json_member(&all, "interval_seconds");

    if (at.value != NULL) {
        notify->interval_ms = 1000 * json_whole(&at, 1,
                                                CD_LIMIT_NOTICE_MAX_MS / 1000);
    }

    for (i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
        at = json_member(&all, switches[i].name);

        if (at.value != NULL) {
            notify->said |= switches[i].bit;
            notify->on |= json_flag(&at) ? switches[i].bit : 0u;
        }
    }
}
