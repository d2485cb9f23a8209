/*
 * What the files of the HTTP interface share and nobody else sees.
 *
 * Purpose:    a call: one request that waits for Redis or the desk's owner.
 * Owner:      the request's pool owns the call; the table of calls of this
 *             nginx worker finds it by id.
 * Invariants: what outlives a turn of the event loop carries the call's id;
 *             a call leaves the table when its request ends, whatever ends
 *             it; a call is answered at most once.
 */

#ifndef NGX_HTTP_CHATDESK_API_STATE_H
#define NGX_HTTP_CHATDESK_API_STATE_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_chatdesk_api.h"
#include "ngx_http_chatdesk_session_state.h"


/* 32 random bytes in base64url */
#define NGX_HTTP_CHATDESK_SECRET_LEN  43


typedef struct ngx_http_chatdesk_call_s   ngx_http_chatdesk_call_t;

typedef struct {
    ngx_str_t    name;
    ngx_uint_t   methods;
    ngx_str_t    allow;
    unsigned     body:1;                /* has one that must be read */
    unsigned     cookie:1;              /* 401 without one */
    size_t       body_max;

    /* CD_E_OK: will be answered later, else the error to answer */
    ngx_uint_t (*start)(ngx_http_chatdesk_call_t *call);
} ngx_http_chatdesk_route_t;

struct ngx_http_chatdesk_call_s {
    ngx_str_node_t                     sn;          /* by id */
    ngx_http_request_t                *request;
    const ngx_http_chatdesk_route_t   *route;
    ngx_http_chatdesk_desk_t          *desk;
    ngx_event_t                        timer;       /* of what the owner is
                                                       asked */
    ngx_msec_t                         deadline;
    ngx_uint_t                       (*publish)(ngx_http_chatdesk_call_t *);
    ngx_str_t                          login;
    ngx_str_t                          password;
    ngx_str_t                          path;        /* REST: behind "v1/" */
    ngx_str_t                          body;
    ngx_str_t                          who;         /* empty: an API key,
                                                       whose hash is `key` */
    u_char                             id[NGX_HTTP_CHATDESK_ID_LEN];
    u_char                             key[NGX_HTTP_CHATDESK_HASH_LEN];
    u_char                             secret[NGX_HTTP_CHATDESK_SECRET_LEN];
};

/* who is signed in, as an answer tells it */

typedef struct {
    ngx_str_t   who;
    ngx_str_t   name;
    ngx_str_t   role;
} ngx_http_chatdesk_user_t;


/* -- api.c -- */

/* NULL when the call has gone. */
ngx_http_chatdesk_call_t *ngx_http_chatdesk_call_find(ngx_str_t *id);

/* desk_call on "s:<key>" whose handler gets the call's id as `data`, to be
   given to ngx_http_chatdesk_call_end(). */
ngx_uint_t ngx_http_chatdesk_call_redis(ngx_http_chatdesk_call_t *call,
    const char *function, ngx_http_chatdesk_reply_pt handler,
    ngx_uint_t argc, ngx_str_t *argv);

/* A copy of the call's id for a reply handler; NULL: no memory. */
void *ngx_http_chatdesk_call_data(ngx_http_chatdesk_call_t *call);

/* Frees the id; its call, or NULL when that has gone. */
ngx_http_chatdesk_call_t *ngx_http_chatdesk_call_end(void *data);

/* 43 characters from 32 random bytes; NGX_OK, NGX_ERROR. */
ngx_int_t ngx_http_chatdesk_secret_draw(u_char *text);

/* What follows the location's name, without a slash in front. */
ngx_str_t ngx_http_chatdesk_api_name(ngx_http_request_t *r);

/* -- api_owner.c -- */

/* Lets `publish` call the owner as soon as its answer can come; after `time`
   the call ends with unavailable.  CD_E_OK or the error. */
ngx_uint_t ngx_http_chatdesk_owner_ask(ngx_http_chatdesk_call_t *call,
    ngx_msec_t time, ngx_uint_t (*publish)(ngx_http_chatdesk_call_t *call));

/* Publishes an envelope on the desk's call channel; CD_E_OK or the error. */
ngx_uint_t ngx_http_chatdesk_owner_publish(ngx_http_chatdesk_call_t *call,
    ngx_str_t *envelope);

/* -- api_rest.c -- */

ngx_uint_t ngx_http_chatdesk_rest_start(ngx_http_chatdesk_call_t *call);

/* -- api_login.c -- */

ngx_uint_t ngx_http_chatdesk_login_start(ngx_http_chatdesk_call_t *call);

/* -- api_answer.c: each ends the request -- */

void ngx_http_chatdesk_call_user(ngx_http_chatdesk_call_t *call,
    ngx_http_chatdesk_user_t *user);
void ngx_http_chatdesk_call_ticket(ngx_http_chatdesk_call_t *call);
void ngx_http_chatdesk_call_gone(ngx_http_chatdesk_call_t *call);
void ngx_http_chatdesk_call_error(ngx_http_chatdesk_call_t *call,
    ngx_uint_t error, uint64_t retry_ms);

/* Headers and body of an answer; what a content handler returns. */
ngx_int_t ngx_http_chatdesk_api_send(ngx_http_request_t *r,
    ngx_uint_t status, ngx_str_t *body);

/* A request refused before its body was read, likewise. */
ngx_int_t ngx_http_chatdesk_api_refuse(ngx_http_request_t *r,
    ngx_uint_t error);

/* The desk of a request in *desk; CD_E_OK or the error. */
ngx_uint_t ngx_http_chatdesk_api_desk(ngx_http_request_t *r,
    ngx_http_chatdesk_desk_t **desk);

/* The bytes of a body that was read, of at most `max`; CD_E_OK or the
   error.  A body whose length was not announced may be longer. */
ngx_uint_t ngx_http_chatdesk_api_body(ngx_http_request_t *r, size_t max,
    ngx_str_t *body);

/* Ends a call with a JSON body, or without one when it is empty. */
void ngx_http_chatdesk_call_answer(ngx_http_chatdesk_call_t *call,
    ngx_uint_t status, ngx_str_t *body);

/* An error as the return value of a content handler. */
ngx_int_t ngx_http_chatdesk_api_error(ngx_http_request_t *r,
    ngx_uint_t error, uint64_t retry_ms);

/* Adds a header to the answer; NGX_OK, NGX_ERROR. */
ngx_int_t ngx_http_chatdesk_api_header(ngx_http_request_t *r,
    const char *name, ngx_str_t *value);

/* The header Retry-After; NGX_OK, NGX_ERROR. */
ngx_int_t ngx_http_chatdesk_api_retry(ngx_http_request_t *r,
    uint64_t retry_ms);

/* The session cookie: its name, the hash of its value in `key` (NGX_OK,
   NGX_DECLINED when there is none), setting it and taking it back. */
ngx_int_t ngx_http_chatdesk_cookie_key(ngx_http_request_t *r,
    ngx_http_chatdesk_desk_t *desk, u_char *key);
ngx_int_t ngx_http_chatdesk_cookie_set(ngx_http_chatdesk_call_t *call);
ngx_int_t ngx_http_chatdesk_cookie_clear(ngx_http_chatdesk_call_t *call);


#endif /* NGX_HTTP_CHATDESK_API_STATE_H */
