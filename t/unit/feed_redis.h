/*
 * A model of Redis for the unit test of the module's feeds.
 *
 * Purpose:    publishes, runs requests, answers them, breaks connections;
 *             each when the test says so.
 * Owner:      what is in flight belongs to `m` (feed_fixture.h).
 * Invariants: requests are answered in the order in which they were made;
 *             frames arrive in the order in which they were published.
 */

#ifndef FEED_REDIS_H
#define FEED_REDIS_H

#include "feed_fixture.h"


static void
redis_publish(int n, int gone)
{
    struct published  *p;

    if (!m.live || m.wire_last - m.wire_first == FLIGHT) {
        return;
    }

    p = &m.wire[m.wire_last++ % FLIGHT];
    p->era = m.era;
    p->n = (uint32_t) n;
    p->gone = gone;
}


static void
redis_run(void)
{
    int            i;
    struct asked  *asked;

    if (m.asked_run == m.asked_last) {
        return;
    }

    asked = &m.asked[m.asked_run++ % FLIGHT];
    asked->code = "ok";
    asked->now_era = m.era;
    asked->head = m.head;
    asked->reset = m.feed.data[0] == 'i' || asked->n < 0
                   || asked->era != m.era || asked->n > m.head
                   || asked->n + KEEP < m.head;

    for (i = 0; i < SESSIONS; i++) {
        if (m.feed.data[0] == 'd' && strcmp(asked->person, m.names[i]) == 0
            && !m.session[i].member)
        {
            asked->code = "not_found";
        }
    }
}


static redisReply
reply_number(long long number)
{
    redisReply  reply;

    memset(&reply, 0, sizeof(reply));
    reply.type = REDIS_REPLY_INTEGER;
    reply.integer = number;

    return reply;
}


static redisReply
reply_text(char *text)
{
    redisReply  reply;

    memset(&reply, 0, sizeof(reply));
    reply.type = REDIS_REPLY_STRING;
    reply.str = text;
    reply.len = strlen(text);

    return reply;
}


static void
redis_answer(void)
{
    char           code[16], from[32];
    unsigned       i;
    redisReply     all, one[5], *list[5];
    struct asked   asked;

    if (m.asked_first == m.asked_run) {
        return;
    }

    asked = m.asked[m.asked_first++ % FLIGHT];

    snprintf(code, sizeof(code), "%s", asked.code);
    snprintf(from, sizeof(from), "%lld", (long long) asked.n);

    one[0] = reply_text(code);
    one[1] = reply_number((long long) asked.now_era);
    one[2] = reply_number(asked.head);
    one[3] = reply_number(asked.reset);
    one[4] = reply_text(from);

    for (i = 0; i < 5; i++) {
        list[i] = &one[i];
    }

    memset(&all, 0, sizeof(all));
    all.type = REDIS_REPLY_ARRAY;
    all.element = list;
    all.elements = !asked.reset && asked.n == asked.head ? 4 : 5;

    asked.handler(asked.data, &all);
}


/* The command connection breaks: nobody gets an answer. */

static void
redis_drop(void)
{
    struct asked  asked;

    m.ready = 0;

    while (m.asked_first != m.asked_last) {
        asked = m.asked[m.asked_first++ % FLIGHT];
        asked.handler(asked.data, NULL);
    }

    m.asked_run = m.asked_last;
}


static void
redis_back(void)
{
    if (!m.ready) {
        m.ready = 1;
        ngx_http_chatdesk_feed_ready(&m.desk);
    }
}


static void
redis_cut_subscriber(void)
{
    m.live = 0;
    m.wire_first = m.wire_last;
    ngx_http_chatdesk_feed_lost(&m.desk);
}


static void
redis_subscribed(void)
{
    if (m.wanted && !m.live) {
        m.live = 1;
        ngx_http_chatdesk_feed_subscribed(&m.desk, &m.feed);
    }
}


static void
wire_deliver(void)
{
    char              buf[256];
    ngx_str_t         payload;
    struct cd_frame   frame;
    struct published  p;

    if (m.wire_first == m.wire_last) {
        return;
    }

    p = m.wire[m.wire_first++ % FLIGHT];

    cd_frame_init(&frame, p.gone >= 0 ? CD_T_MEMBER : CD_T_EVENT);
    frame.n = p.n;
    frame.at_ms = p.era;

    if (p.gone >= 0) {
        cd_frame_set_str(&frame, CD_F_WHO, m.names[p.gone],
                         strlen(m.names[p.gone]));
        cd_frame_set_uint(&frame, CD_F_GONE, 1);
    }

    payload.data = (u_char *) buf;
    payload.len = cd_frame_encode(&frame, buf, sizeof(buf));

    ngx_http_chatdesk_feed_message(&m.desk, &m.feed, &payload);
}


static void
compare_heads(void)
{
    ngx_http_chatdesk_feed_t  *feed;

    feed = ngx_http_chatdesk_feed_lookup(&m.desk, &m.feed);

    if (feed != NULL) {
        feed->beat_last = feed->order.last;
        ngx_http_chatdesk_feed_head(&m.desk, &m.feed, m.head);
    }
}


static void
check_now(void)
{
    ngx_current_msec += 600;

    if (m.desk.check.timer_set) {
        ngx_event_del_timer(&m.desk.check);
        ngx_http_chatdesk_feed_check_handler(&m.desk.check);
    }
}

#endif /* FEED_REDIS_H */
