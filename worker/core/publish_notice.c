/*
 * Notices, and an agent's choices about them, as frames of the inbox.
 *
 * Purpose:    what publish.h says of them.
 * Owner:      nothing.
 * Invariants: those of publish.h; no preview goes out where the policy says
 *             so.
 */

#include "core/publish.h"

#include <stdio.h>

#include "core/alert.h"
#include "core/flow_desk.h"
#include "core/push.h"
#include "core/state.h"
#include "core/wish.h"

#define FEED_NAME  (2 + LOGIN_MAX + 1)
#define INBOX      "inbox"


static void
set_text(struct cd_frame *frame, unsigned field, const char *text)
{
    if (text != NULL) {
        cd_frame_set_str(frame, field, text, strlen(text));
    }
}


static void
inbox_name(char *out, const struct agent *agent)
{
    snprintf(out, FEED_NAME, "i:%s", agent->id.s);
}


static void
notice_begin(struct cd_frame *frame, const struct alert *alert,
    unsigned type, char *about)
{
    alert_about(alert, about);
    cd_frame_init(frame, type);
    set_text(frame, CD_F_FEED, INBOX);
    set_text(frame, CD_F_ABOUT, about);
}


void
publish_notice(struct desk *desk, const struct seat *seat,
    const struct alert *alert)
{
    char                        feed[FEED_NAME], about[ABOUT_MAX + 1];
    struct cd_frame             frame;
    const struct conversation  *conversation = seat->conversation;

    notice_begin(&frame, alert, CD_T_NOTICE, about);
    set_text(&frame, CD_F_KIND, notice_name(alert->kind));
    set_text(&frame, CD_F_CONV, conversation->id.s);
    set_text(&frame, CD_F_QUEUE, conversation->queue->name);
    set_text(&frame, CD_F_NAME, flow_client_name(conversation));
    cd_frame_set_uint(&frame, CD_F_COUNT, alert->count);

    if (seat->agent->policy.on & NOTIFY_PREVIEW) {
        set_text(&frame, CD_F_PREVIEW, conversation->preview);
    }

    if (alert->kind == NOTICE_OFFER) {
        cd_frame_set_uint(&frame, CD_F_EXPIRES, alert->mark);
    }

    inbox_name(feed, seat->agent);
    changes_register(desk->changes, feed, about, &frame);
    push_told(desk, alert, &frame);
}


void
publish_wait(struct desk *desk, const struct queue *queue,
    const struct alert *alert, uint64_t since_ms)
{
    char             feed[FEED_NAME], about[ABOUT_MAX + 1];
    struct cd_frame  frame;

    notice_begin(&frame, alert, CD_T_NOTICE, about);
    set_text(&frame, CD_F_KIND, notice_name(NOTICE_WAIT));
    set_text(&frame, CD_F_QUEUE, queue->name);
    cd_frame_set_uint(&frame, CD_F_COUNT, alert->count);
    cd_frame_set_uint(&frame, CD_F_SINCE, since_ms);

    inbox_name(feed, alert->agent);
    changes_register(desk->changes, feed, about, &frame);
    push_told(desk, alert, &frame);
}


void
publish_hand(struct desk *desk, const struct conversation *conversation,
    const struct alert *alert)
{
    char             feed[FEED_NAME], about[ABOUT_MAX + 1];
    struct cd_frame  frame;

    notice_begin(&frame, alert, CD_T_NOTICE, about);
    set_text(&frame, CD_F_KIND, notice_name(NOTICE_HAND));
    set_text(&frame, CD_F_CONV, conversation->id.s);
    set_text(&frame, CD_F_QUEUE, conversation->queue->name);
    set_text(&frame, CD_F_NAME, flow_client_name(conversation));

    inbox_name(feed, alert->agent);
    changes_register(desk->changes, feed, about, &frame);
    push_told(desk, alert, &frame);
}


void
publish_notice_gone(struct desk *desk, const struct alert *alert)
{
    char             feed[FEED_NAME], about[ABOUT_MAX + 1];
    struct cd_frame  frame;

    notice_begin(&frame, alert, CD_T_NOTICE_GONE, about);
    inbox_name(feed, alert->agent);
    changes_unregister(desk->changes, feed, CD_T_NOTICE, about, &frame);
    push_over(desk, alert, &frame);
}


void
publish_wish(struct desk *desk, const struct agent *agent)
{
    char             feed[FEED_NAME], silent[WISH_SILENT_MAX];
    struct cd_frame  frame;

    wish_silent(agent->wish, silent);
    cd_frame_init(&frame, CD_T_NOTIFY);
    set_text(&frame, CD_F_FEED, INBOX);
    set_text(&frame, CD_F_SOUND, agent->wish->sound);
    cd_frame_set_uint(&frame, CD_F_VOLUME, agent->wish->volume);
    set_text(&frame, CD_F_SILENT, silent);
    cd_frame_set_uint(&frame, CD_F_POPUP, agent->wish->popup != 0);

    inbox_name(feed, agent);
    changes_register(desk->changes, feed, "notify", &frame);
}
