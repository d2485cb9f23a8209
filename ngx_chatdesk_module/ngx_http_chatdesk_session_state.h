/*
 * What the files of the session share and nobody else sees.
 *
 * Purpose:    the session itself, requests under way, helpers for answers.
 * Owner:      session.c's table owns the sessions; whoever waits for Redis
 *             owns its ngx_http_chatdesk_request_t until the reply.
 * Invariants: a session that is CLOSED is found by nobody, follows nothing,
 *             and only waits for its socket's last call.
 */

#ifndef NGX_HTTP_CHATDESK_SESSION_STATE_H
#define NGX_HTTP_CHATDESK_SESSION_STATE_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "chatdesk_wire.h"
#include "ngx_http_chatdesk_feed.h"
#include "ngx_http_chatdesk_json.h"
#include "ngx_http_chatdesk_module.h"
#include "ngx_http_chatdesk_session.h"


/* SHA-256 in hex */
#define NGX_HTTP_CHATDESK_HASH_LEN  64


typedef enum {
    NGX_HTTP_CHATDESK_NEW = 1,          /* no hello yet */
    NGX_HTTP_CHATDESK_ASKED = 2,        /* hello is being checked */
    NGX_HTTP_CHATDESK_OPEN = 3,
    NGX_HTTP_CHATDESK_CLOSED = 4
} ngx_http_chatdesk_state_e;

typedef struct ngx_http_chatdesk_hello_s  ngx_http_chatdesk_hello_t;

/* an error and what belongs to some of them */

typedef struct {
    ngx_uint_t   error;                 /* enum cd_error */
    ngx_str_t    field;
    uint64_t     retry_ms;              /* 0: none */
    uint32_t     expected;              /* 0: none */
} ngx_http_chatdesk_refusal_t;

/*
 * What carries a session: a WebSocket (socket.c) or a request (poll.c).
 * None of these ends the session inside the call; close does so later.
 */

typedef struct {
    /* a sealed frame to the client, with a reference of its own; NGX_OK, or
       anything else when it was not taken */
    ngx_int_t  (*send)(ngx_http_chatdesk_session_t *session,
                   ngx_http_chatdesk_buf_t *buf);

    /* a code of tbl/closes.h; the session has left everything already */
    void       (*close)(ngx_http_chatdesk_session_t *session,
                   ngx_uint_t code);

    /* hello was refused with an error of tbl/errors.h; the session closes */
    void       (*refuse)(ngx_http_chatdesk_session_t *session,
                   ngx_http_chatdesk_refusal_t *refusal);

    /* asks who is there in place of ngx_http_chatdesk_hello_call(), and
       returns as it does; NULL: nothing else to ask */
    ngx_int_t  (*ask)(ngx_http_chatdesk_session_t *session);

    /* the session is OPEN: follows what it should; NGX_OK, NGX_ERROR */
    ngx_int_t  (*opened)(ngx_http_chatdesk_session_t *session,
                   ngx_str_t *conv);

    /* a request was answered or a window has come; NULL: nobody cares */
    void       (*progress)(ngx_http_chatdesk_session_t *session);
} ngx_http_chatdesk_transport_t;

struct ngx_http_chatdesk_session_s {
    ngx_str_node_t                  sn;         /* by id */
    ngx_http_chatdesk_ref_t         ref;
    const ngx_http_chatdesk_transport_t  *transport;
    void                           *peer;       /* the transport's; borrows
                                                   until its close */
    ngx_log_t                      *log;        /* of the connection */
    ngx_http_chatdesk_desk_t       *desk;
    ngx_http_chatdesk_loc_conf_t   *conf;
    ngx_queue_t                     followers;  /* kept by feed.c */
    ngx_http_chatdesk_hello_t      *hello;      /* owns; until OPEN */

    ngx_str_t                       who;        /* `visitor`, or owns */
    ngx_str_t                       name;       /* owns; may be empty */
    ngx_str_t                       login;      /* owns; an agent's session
                                                   key */
    ngx_event_t                    *check;      /* owns; an agent's timer */

    ngx_http_chatdesk_rate_t       *rate;       /* by class; owns when
                                                   `own_rate`, else borrows a
                                                   person's; NULL: unused */
    uint32_t                        counted[2]; /* places in the census, by
                                                   kind; 0: none */
    uint16_t                        pending;    /* requests under way */
    uint16_t                        bad;        /* bad requests so far */

    unsigned                        state:3;    /* ..._state_e */
    unsigned                        agent:1;
    unsigned                        entered:1;  /* counted by the desk */
    unsigned                        online:1;   /* owes a cd_bye */
    unsigned                        moving:1;   /* hears nothing more */
    unsigned                        request:1;  /* lives for one request */
    unsigned                        quiet:1;    /* told of windows only when
                                                   they bring something */
    unsigned                        known:1;    /* needs no welcome */
    unsigned                        lapsed:1;   /* the desk has ended it */
    unsigned                        linger:1;   /* stays online for a while
                                                   after it has left */
    unsigned                        plain:1;    /* shows no menus */
    unsigned                        own_rate:1;
    unsigned                        crowded:1;  /* its address has too many */

    u_char                          id[NGX_HTTP_CHATDESK_ID_LEN];
    u_char                          device[NGX_HTTP_CHATDESK_ID_LEN];
    u_char                          visitor[NGX_HTTP_CHATDESK_ID_LEN];
};

/* hello's own things, which a session does not carry while it idles */

struct ngx_http_chatdesk_hello_s {
    ngx_event_t     timer;              /* cancelable: deadline, retry */
    ngx_msec_t      deadline;
    u_char          conv[NGX_HTTP_CHATDESK_ID_LEN];
    size_t          conv_len;
    u_char          mid[34];
    size_t          mid_len;
    u_char          flow[64];
    size_t          flow_len;           /* 0: is not asked for */
    u_char          lang[35];
    size_t          lang_len;
    ngx_str_t       envelope;           /* owns; of the flow; may be empty */
    ngx_str_t       known;              /* owns; answered keys of its form */
    uint64_t        era;
    int64_t         n;                  /* -1: nowhere */
    uint64_t        server_era;         /* cd_hello_...: the desk's */
    uint64_t        born_ms;            /* of the visitor's identity */
    unsigned        token_new:1;        /* welcome brings a token */
    unsigned        visitor_new:1;      /* no token that is valid */
    unsigned        owed:1;             /* a cd_bye, before cd_hello_... */
    u_char          ticket[NGX_HTTP_CHATDESK_HASH_LEN];
};

/* what an answer has to name */

typedef struct {
    ngx_http_chatdesk_ref_t   ref;
    unsigned                  type;     /* enum cd_frame_type of the request */
    uint32_t                  k;
    uint8_t                   id_len;
    uint8_t                   conv_len;
    uint8_t                   feed_len;
    u_char                    id[NGX_HTTP_CHATDESK_ID_LEN];
    u_char                    conv[NGX_HTTP_CHATDESK_ID_LEN];
    u_char                    feed[NGX_HTTP_CHATDESK_ID_LEN];
} ngx_http_chatdesk_request_t;

typedef void (*ngx_http_chatdesk_frame_pt)(
    ngx_http_chatdesk_session_t *session, struct cd_frame *frame);


/* decimal digits of a 64-bit number */
#define NGX_HTTP_CHATDESK_NUMBER_LEN  NGX_INT64_LEN


/* -- session.c -- */

/* A session of a location's desk without a transport, in the table; NULL: no
   memory. */
ngx_http_chatdesk_session_t *ngx_http_chatdesk_session_create(
    ngx_http_chatdesk_loc_conf_t *conf, ngx_http_chatdesk_desk_t *desk,
    ngx_log_t *log);

/* Leaves everything, when it has not yet, and frees; its transport's end. */
void ngx_http_chatdesk_session_free(ngx_http_chatdesk_session_t *session);

/* One frame of the client as text. */
void ngx_http_chatdesk_session_text(ngx_http_chatdesk_session_t *session,
    u_char *text, size_t len);

/* One frame as ngx_http_chatdesk_json_decode() returned it. */
void ngx_http_chatdesk_session_frame(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame, ngx_int_t rc,
    ngx_http_chatdesk_json_fault_t *fault);

/* Leaves everything and closes the transport. */
void ngx_http_chatdesk_session_close(ngx_http_chatdesk_session_t *session,
    ngx_uint_t code);

/* A request was answered or a window has come. */
void ngx_http_chatdesk_session_progress(ngx_http_chatdesk_session_t *session);

/* Memory until the end of the frame that is being handled; NULL: none. */
ngx_pool_t *ngx_http_chatdesk_session_pool(void);

/* Replaces an owned string by a copy; NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_chatdesk_session_keep(ngx_str_t *kept, const char *data,
    size_t len);

/* Who a session turned out to be; NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_chatdesk_session_is(ngx_http_chatdesk_session_t *session,
    const char *who, size_t len);

/* -- session_table.c -- */

ngx_int_t ngx_http_chatdesk_sessions_add(
    ngx_http_chatdesk_session_t *session, ngx_log_t *log);
void ngx_http_chatdesk_sessions_remove(ngx_http_chatdesk_session_t *session);

/* Gives a session another id, which nobody may have. */
void ngx_http_chatdesk_sessions_rename(ngx_http_chatdesk_session_t *session,
    u_char *id);

/* The session in or after *slot, which is moved behind it; NULL at the end. */
ngx_http_chatdesk_session_t *ngx_http_chatdesk_sessions_next(uint32_t *slot);

/* By id; NULL when that session has gone. */
ngx_http_chatdesk_session_t *ngx_http_chatdesk_session_find(ngx_str_t *id);

/* -- session_answer.c -- */

/* Encodes and sends a frame. */
void ngx_http_chatdesk_session_answer(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame);

/* Sends an `error`; `request` may be NULL. */
void ngx_http_chatdesk_session_refuse(ngx_http_chatdesk_session_t *session,
    const ngx_http_chatdesk_request_t *request,
    ngx_http_chatdesk_refusal_t *refusal);

/* Refuses a frame that was just decoded; `retry_ms` as in a refusal. */
void ngx_http_chatdesk_session_error(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame, ngx_uint_t error, uint64_t retry_ms);

/* Refuses a frame and names the field at fault; the fifth of these closes
   the session. */
void ngx_http_chatdesk_session_bad(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame, ngx_uint_t error, ngx_str_t *field);

/*
 * A request that waits for Redis, counted by its session.  NULL: refused
 * and answered, because of memory or because too many are under way.
 */
ngx_http_chatdesk_request_t *ngx_http_chatdesk_session_begin(
    ngx_http_chatdesk_session_t *session, struct cd_frame *frame);

/* Redis did not take it: frees it and answers the frame with `busy`. */
void ngx_http_chatdesk_session_fail(ngx_http_chatdesk_session_t *session,
    ngx_http_chatdesk_request_t *request, struct cd_frame *frame);

/*
 * The reply has come: copies the request to *request, frees it, and returns
 * its session, NULL when that has gone.
 */
ngx_http_chatdesk_session_t *ngx_http_chatdesk_session_end(void *data,
    ngx_http_chatdesk_request_t *request);

/* An element of a reply as number or string; 0 or empty for another type. */
uint64_t ngx_http_chatdesk_reply_uint(redisReply *reply, size_t i);
ngx_str_t ngx_http_chatdesk_reply_str(redisReply *reply, size_t i);

/* As ngx_http_chatdesk_desk_reply(); an error is answered to the client. */
ngx_int_t ngx_http_chatdesk_session_replied(
    ngx_http_chatdesk_session_t *session,
    ngx_http_chatdesk_request_t *request, redisReply *reply, ngx_uint_t min);

/* -- session_hello.c -- */

/* Starts to wait for hello; NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_chatdesk_hello_wait(ngx_http_chatdesk_session_t *session);
void ngx_http_chatdesk_hello_frame(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame);
void ngx_http_chatdesk_hello_free(ngx_http_chatdesk_session_t *session);

/* Calls cd_hello_...; NGX_OK, or NGX_ERROR when it did not leave. */
ngx_int_t ngx_http_chatdesk_hello_call(ngx_http_chatdesk_session_t *session);

/* Asks Redis who is there, or waits a little while it is not ready. */
void ngx_http_chatdesk_hello_ask(ngx_http_chatdesk_session_t *session);

/* Answers with an error and closes. */
void ngx_http_chatdesk_hello_refuse(ngx_http_chatdesk_session_t *session,
    ngx_uint_t error, uint64_t retry_ms);

/* As ngx_http_chatdesk_session_end(), for calls of a hello: NULL also when
   the reply was a refusal, which has then been answered. */
ngx_http_chatdesk_session_t *ngx_http_chatdesk_hello_end(void *data,
    redisReply *reply, ngx_uint_t min);

/* Enters an OPEN visitor's session once more; nobody waits for the answer. */
void ngx_http_chatdesk_hello_repeat(ngx_http_chatdesk_session_t *session);

/* SHA-256 of a secret as NGX_HTTP_CHATDESK_HASH_LEN characters of hex: all
   that Redis ever sees of tickets and session tokens. */
void ngx_http_chatdesk_hash(u_char *hex, const void *secret, size_t len);

/* -- session_welcome.c -- */

/* Opens the session; `conv` is empty when there is no conversation. */
void ngx_http_chatdesk_hello_welcome(ngx_http_chatdesk_session_t *session,
    ngx_str_t *conv);

/* Follows what comes by itself: the inbox, or the conversation, from where
   hello said; NGX_OK, NGX_ERROR. */
ngx_int_t ngx_http_chatdesk_hello_follow(ngx_http_chatdesk_session_t *session,
    ngx_str_t *conv);

/* -- session_flow.c -- */

/* Which flow a hello asks about. */
void ngx_http_chatdesk_hello_flow(ngx_http_chatdesk_hello_t *hello,
    struct cd_frame *frame);

/* Keeps what cd_hello_visitor has answered of it; sends that. */
void ngx_http_chatdesk_hello_flow_keep(ngx_http_chatdesk_session_t *session,
    redisReply *reply);
void ngx_http_chatdesk_hello_flow_send(ngx_http_chatdesk_session_t *session);

/* -- session_check.c -- */

/* Starts to look up an agent's login now and then; NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_chatdesk_check_start(ngx_http_chatdesk_session_t *session);
void ngx_http_chatdesk_check_stop(ngx_http_chatdesk_session_t *session);

/* -- session_bye.c -- */

/* Tells the desk that a session has gone; kept until Redis has heard it. */
void ngx_http_chatdesk_bye(ngx_http_chatdesk_desk_t *desk, u_char *id);

/* -- session_message.c, session_control.c: one for each frame type -- */

void ngx_http_chatdesk_frame_send(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame);
void ngx_http_chatdesk_frame_typing(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame);
void ngx_http_chatdesk_frame_view(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame);
void ngx_http_chatdesk_frame_mark(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame);
void ngx_http_chatdesk_frame_start(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame);
void ngx_http_chatdesk_frame_focus(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame);
void ngx_http_chatdesk_frame_control(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame);
void ngx_http_chatdesk_frame_flow(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame);
void ngx_http_chatdesk_frame_follow(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame);
void ngx_http_chatdesk_frame_unfollow(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame);
void ngx_http_chatdesk_frame_ping(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame);

/* Follows a conversation's side or the inbox; NULL: memory. */
ngx_http_chatdesk_follower_t *ngx_http_chatdesk_session_follow(
    ngx_http_chatdesk_session_t *session, ngx_str_t *feed,
    ngx_http_chatdesk_resume_t *resume);

/* Ends all following unless this feed is followed already. */
void ngx_http_chatdesk_session_follow_only(
    ngx_http_chatdesk_session_t *session, ngx_str_t *feed);

/* -- small things -- */

static ngx_inline const char *
ngx_http_chatdesk_session_role(ngx_http_chatdesk_session_t *session)
{
    return session->agent ? "agent" : "visitor";
}


/* A string field as nginx's string; borrows; empty when it is not set. */

static ngx_inline ngx_str_t
ngx_http_chatdesk_field(const struct cd_frame *frame, unsigned field)
{
    ngx_str_t      str;
    struct cd_str  s = cd_frame_str(frame, field);

    str.data = (u_char *) s.data;
    str.len = s.len;

    return str;
}


/* A number as text in a buffer of NGX_HTTP_CHATDESK_NUMBER_LEN. */

static ngx_inline ngx_str_t
ngx_http_chatdesk_number(u_char *buf, int64_t number)
{
    ngx_str_t  str;

    str.data = buf;
    str.len = ngx_sprintf(buf, "%L", number) - buf;

    return str;
}


#endif /* NGX_HTTP_CHATDESK_SESSION_STATE_H */
