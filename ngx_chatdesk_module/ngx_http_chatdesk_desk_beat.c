/*
 * The beat of a desk: the node's lease, and heads compared.
 *
 * Purpose:    while a desk has sessions this nginx worker renews its lease
 *             and asks for the head of every feed it is subscribed to.
 * Owner:      a part of a beat under way owns the names it asked for.
 * Invariants: a beat begins when the one before is answered in full or has
 *             failed; a part asks for at most BEAT_FEEDS heads.
 */

#include "ngx_http_chatdesk_feed_state.h"
#include "ngx_http_chatdesk_module.h"
#include "ngx_http_chatdesk_session.h"

#define NGX_HTTP_CHATDESK_BEAT_FEEDS  1000

/* arguments and elements of the answer in front of the feeds */
#define NGX_HTTP_CHATDESK_BEAT_HEAD   3


/* a part of a beat; the names' bytes follow argv */

typedef struct {
    ngx_http_chatdesk_desk_t  *desk;
    ngx_uint_t                 argc;
    u_char                     now[NGX_INT64_LEN];
    u_char                     lease[NGX_INT64_LEN];
    ngx_str_t                  argv[1];
} ngx_http_chatdesk_beat_t;


static ngx_http_chatdesk_feed_t *ngx_http_chatdesk_beat_part(
    ngx_http_chatdesk_desk_t *desk, ngx_http_chatdesk_feed_t *feed);
static ngx_http_chatdesk_beat_t *ngx_http_chatdesk_beat_create(
    ngx_http_chatdesk_desk_t *desk, ngx_http_chatdesk_feed_t *feed);
static void ngx_http_chatdesk_beat_reply(void *data, redisReply *reply);
static void ngx_http_chatdesk_beat_lease(ngx_http_chatdesk_beat_t *beat,
    redisReply *reply);
static void ngx_http_chatdesk_beat_answer(ngx_http_chatdesk_beat_t *beat,
    redisReply *reply);


void
ngx_http_chatdesk_desk_beat(ngx_http_chatdesk_desk_t *desk)
{
    ngx_http_chatdesk_feed_t  *feed;

    if (desk->beating > 0) {
        return;
    }

    feed = ngx_http_chatdesk_feed_after(desk, NULL);

    do {
        feed = ngx_http_chatdesk_beat_part(desk, feed);
    } while (feed != NULL);
}


/* Sends a part that begins with this feed; the feed to go on with. */

static ngx_http_chatdesk_feed_t *
ngx_http_chatdesk_beat_part(ngx_http_chatdesk_desk_t *desk,
    ngx_http_chatdesk_feed_t *feed)
{
    ngx_uint_t                 i;
    ngx_http_chatdesk_beat_t  *beat;

    beat = ngx_http_chatdesk_beat_create(desk, feed);
    if (beat == NULL) {
        return NULL;
    }

    for (i = NGX_HTTP_CHATDESK_BEAT_HEAD; i < beat->argc; i++) {
        feed->beat_last = feed->order.last;
        feed = ngx_http_chatdesk_feed_after(desk, feed);
    }

    if (ngx_http_chatdesk_desk_call(desk, "cd_beat", "nodes", NULL,
                                    ngx_http_chatdesk_beat_reply, beat,
                                    beat->argc, beat->argv)
        != NGX_OK)
    {
        ngx_free(beat);
        return NULL;
    }

    desk->beating++;

    return feed;
}


static ngx_http_chatdesk_beat_t *
ngx_http_chatdesk_beat_create(ngx_http_chatdesk_desk_t *desk,
    ngx_http_chatdesk_feed_t *feed)
{
    u_char                    *p;
    size_t                     size;
    ngx_uint_t                 i, n;
    ngx_http_chatdesk_feed_t  *one;
    ngx_http_chatdesk_beat_t  *beat;

    size = 0;
    n = NGX_HTTP_CHATDESK_BEAT_HEAD;

    for (one = feed; one; one = ngx_http_chatdesk_feed_after(desk, one)) {
        if (n == NGX_HTTP_CHATDESK_BEAT_HEAD + NGX_HTTP_CHATDESK_BEAT_FEEDS) {
            break;
        }

        size += one->sn.str.len;
        n++;
    }

    beat = ngx_alloc(sizeof(ngx_http_chatdesk_beat_t) + n * sizeof(ngx_str_t)
                     + size, desk->log);
    if (beat == NULL) {
        return NULL;
    }

    beat->desk = desk;
    beat->argc = n;

    beat->argv[0] = desk->node;
    beat->argv[1].data = beat->now;
    beat->argv[1].len = ngx_sprintf(beat->now, "%uL", ngx_http_chatdesk_now())
                        - beat->now;
    beat->argv[2].data = beat->lease;
    beat->argv[2].len = ngx_sprintf(beat->lease, "%uL",
                                    CD_LIMIT_NODE_LEASE_MS)
                        - beat->lease;

    p = (u_char *) &beat->argv[n];

    for (i = NGX_HTTP_CHATDESK_BEAT_HEAD; i < n; i++) {
        beat->argv[i].data = p;
        beat->argv[i].len = feed->sn.str.len;

        p = ngx_cpymem(p, feed->sn.str.data, feed->sn.str.len);
        feed = ngx_http_chatdesk_feed_after(desk, feed);
    }

    return beat;
}


static void
ngx_http_chatdesk_beat_reply(void *data, redisReply *reply)
{
    ngx_uint_t                 error;
    ngx_http_chatdesk_beat_t  *beat;

    beat = data;
    beat->desk->beating--;

    if (ngx_http_chatdesk_desk_reply(reply, NGX_HTTP_CHATDESK_BEAT_HEAD,
                                     &error, beat->desk->log)
        == NGX_OK)
    {
        ngx_http_chatdesk_beat_answer(beat, reply);
    }

    ngx_free(beat);
}


/* The worker takes the lease away from a node that was silent too long, and
   with it the node's sessions. */

static void
ngx_http_chatdesk_beat_lease(ngx_http_chatdesk_beat_t *beat,
    redisReply *reply)
{
    redisReply                *last;
    ngx_http_chatdesk_desk_t  *desk;

    desk = beat->desk;
    last = reply->element[reply->elements - 1];

    if (desk->leased && reply->elements == beat->argc + 1
        && last->type == REDIS_REPLY_INTEGER && last->integer == 1)
    {
        ngx_log_error(NGX_LOG_WARN, desk->log, 0,
                      "lease of this nginx worker at desk \"%V\" had run out; "
                      "its sessions begin again", &desk->name);

        ngx_http_chatdesk_session_lapsed(desk);
    }

    desk->leased = (desk->sessions > 0);
}


static void
ngx_http_chatdesk_beat_answer(ngx_http_chatdesk_beat_t *beat,
    redisReply *reply)
{
    uint64_t                   era;
    ngx_uint_t                 i;
    ngx_http_chatdesk_desk_t  *desk;

    desk = beat->desk;

    if (reply->element[1]->type != REDIS_REPLY_INTEGER
        || reply->element[2]->type != REDIS_REPLY_INTEGER)
    {
        return;
    }

    era = (uint64_t) reply->element[1]->integer;

    if (desk->beat_era != 0 && desk->beat_era != era) {
        ngx_log_error(NGX_LOG_WARN, desk->log, 0,
                      "era of desk \"%V\" is now %uL, was %uL: Redis has "
                      "lost writes; feeds are read again",
                      &desk->name, era, desk->beat_era);

        ngx_http_chatdesk_feed_new_era(desk, era);
    }

    ngx_http_chatdesk_beat_lease(beat, reply);

    desk->beat_era = era;
    desk->era = era;
    desk->log_full = reply->element[2]->integer
                     >= (long long) CD_LIMIT_LOG;

    for (i = NGX_HTTP_CHATDESK_BEAT_HEAD;
         i < beat->argc && i < reply->elements;
         i++)
    {
        if (reply->element[i]->type == REDIS_REPLY_INTEGER) {
            ngx_http_chatdesk_feed_head(desk, &beat->argv[i],
                                        reply->element[i]->integer);
        }
    }
}
