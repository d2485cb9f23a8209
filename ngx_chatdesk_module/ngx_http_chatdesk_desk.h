/*
 * A desk as one nginx worker knows it.
 *
 * Purpose:    name and key prefix, the node's lease and beat, the desk's
 *             feeds, and calls of the Redis functions.
 * Owner:      the nginx worker's table of desks; a desk lives until the
 *             worker exits.
 * Invariants: nothing here is authoritative; all of it can be lost with the
 *             process.  Beats run only while the desk has sessions.
 */

#ifndef NGX_HTTP_CHATDESK_DESK_H
#define NGX_HTTP_CHATDESK_DESK_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include "ngx_http_chatdesk_redis.h"


/* longest name of a key or channel: prefix, kind, an agent's login */
#define NGX_HTTP_CHATDESK_DESK_KEY_MAX  128


typedef struct ngx_http_chatdesk_desk_s      ngx_http_chatdesk_desk_t;
typedef struct ngx_http_chatdesk_session_s   ngx_http_chatdesk_session_t;
typedef struct ngx_http_chatdesk_follower_s  ngx_http_chatdesk_follower_t;

struct ngx_http_chatdesk_desk_s {
    ngx_str_node_t              sn;         /* by name, in its server's tree */
    ngx_str_t                   name;
    ngx_str_t                   prefix;     /* "cd:{name}:" */
    ngx_str_t                   node;       /* this nginx worker, 22 chars */
    ngx_http_chatdesk_redis_t  *redis;      /* shared by desks of a server */
    ngx_uint_t                  sessions;   /* said hello, not gone */
    uint64_t                    era;        /* 0: not known yet */
    unsigned                    log_full:1; /* the log is at its limit */
    unsigned                    listening:1; /* the node's channel is live:
                                               the worker's answers come */

    ngx_event_t                 beat;       /* private to desk_beat.c */
    unsigned                    leased:1;   /* a beat of these sessions was
                                               answered */
    ngx_uint_t                  beating;    /* parts under way */
    uint64_t                    beat_era;

    ngx_rbtree_t                feeds;      /* private to feed.c, by name */
    ngx_rbtree_node_t           feeds_sentinel;
    ngx_queue_t                 reads;      /* windows to be asked for */
    ngx_uint_t                  reading;    /* windows asked for */
    ngx_queue_t                 waiting;    /* followers without a window */
    ngx_queue_t                 behind;     /* feeds a beat found behind */
    ngx_event_t                 check;      /* looks at the last two */
    ngx_msec_t                  pause;      /* no reads before this time */
    unsigned                    paused:1;

    ngx_msec_t                  timeout;    /* of the server's directive */
    ngx_log_t                  *log;
};


/* The desk of this name; made when it is new.  NULL: no memory, too many
   desks, or a name that is not one (1 to 32 of [a-z0-9-]). */
ngx_http_chatdesk_desk_t *ngx_http_chatdesk_desk_get(
    ngx_http_chatdesk_redis_conf_t *conf, ngx_str_t *name);

/*
 * FCALL <function> 1 <prefix><key> argv...; as ngx_http_chatdesk_redis_command.
 * `key` may be given in two parts that are joined ("c:" and an id).
 */
ngx_int_t ngx_http_chatdesk_desk_call(ngx_http_chatdesk_desk_t *desk,
    const char *function, const char *key, ngx_str_t *key_id,
    ngx_http_chatdesk_reply_pt handler, void *data, ngx_uint_t argc,
    ngx_str_t *argv);

/* As desk_call(), for a function whose "ok" is told to a client as stored: it
   comes when as many replicas have it as chatdesk_durability asks for. */
ngx_int_t ngx_http_chatdesk_desk_store(ngx_http_chatdesk_desk_t *desk,
    const char *function, const char *key, ngx_str_t *key_id,
    ngx_http_chatdesk_reply_pt handler, void *data, ngx_uint_t argc,
    ngx_str_t *argv);

/* Whether Redis has let its oldest command wait for longer than LATE_MS: what
   can be said again is then better refused than queued. */
ngx_uint_t ngx_http_chatdesk_desk_late(ngx_http_chatdesk_desk_t *desk);

/* PUBLISH <prefix><channel> payload; the reply's integer counts receivers. */
ngx_int_t ngx_http_chatdesk_desk_publish(ngx_http_chatdesk_desk_t *desk,
    const char *channel, ngx_str_t *channel_id, ngx_str_t *payload,
    ngx_http_chatdesk_reply_pt handler, void *data);

/*
 * What a function answered: NGX_OK and the number of elements when it is an
 * array that begins with "ok" and has at least `min` elements in all; else
 * NGX_ERROR with *error set (CD_E_BUSY for NULL, LOADING, READONLY,
 * MASTERDOWN; CD_E_UNAVAILABLE for a missing function; else the code).
 */
ngx_int_t ngx_http_chatdesk_desk_reply(redisReply *reply, ngx_uint_t min,
    ngx_uint_t *error, ngx_log_t *log);

/* Count sessions in and out; the first starts the beat.  The node's channel
   is subscribed for as long as there is a desk. */
void ngx_http_chatdesk_desk_enter(ngx_http_chatdesk_desk_t *desk);
void ngx_http_chatdesk_desk_leave(ngx_http_chatdesk_desk_t *desk);

/* Sends the beat now, unless one is under way. */
void ngx_http_chatdesk_desk_beat(ngx_http_chatdesk_desk_t *desk);

/* Process life: called by the module's init_process and exit_process.  Init
   draws the node's id and begins to connect to every server. */
ngx_int_t ngx_http_chatdesk_desk_init_process(ngx_cycle_t *cycle);
void ngx_http_chatdesk_desk_exit_process(ngx_cycle_t *cycle);

/* 22 characters from 16 random bytes, written to `id`.  NGX_OK, NGX_ERROR. */
ngx_int_t ngx_http_chatdesk_random_id(u_char *id);


#endif /* NGX_HTTP_CHATDESK_DESK_H */
