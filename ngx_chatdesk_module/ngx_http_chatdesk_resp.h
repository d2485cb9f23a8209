/*
 * RESP, Redis' protocol, without a socket: commands out, replies in.
 *
 * Purpose:    formats commands into a growing buffer; gives hiredis' reply
 *             reader bounds that it does not have.
 * Owner:      the connection that embeds the buffer and holds the reader.
 * Invariants: a command is in the buffer whole or not at all; pos..last is
 *             what has not been sent; neither grows beyond its bound.
 */

#ifndef NGX_HTTP_CHATDESK_RESP_H
#define NGX_HTTP_CHATDESK_RESP_H

#include <ngx_config.h>
#include <ngx_core.h>

#include <hiredis/hiredis.h>

/* output of one connection, bytes; more is refused with NGX_BUSY */
#define NGX_HTTP_CHATDESK_RESP_OUT       (16 * 1024 * 1024)

/* output buffer that an idle connection keeps, bytes */
#define NGX_HTTP_CHATDESK_RESP_KEEP      (64 * 1024)

/* one reply that has not arrived in full, bytes */
#define NGX_HTTP_CHATDESK_RESP_IN        (32 * 1024 * 1024)

/* elements of one array in a reply */
#define NGX_HTTP_CHATDESK_RESP_ELEMENTS  65536


typedef struct {
    u_char   *start;            /* owned; NULL while there is no buffer */
    u_char   *pos;              /* first byte not sent */
    u_char   *last;             /* end of what was written */
    u_char   *end;
} ngx_http_chatdesk_resp_out_t;


/* Appends a command.  NGX_OK; NGX_BUSY beyond the bound; NGX_ERROR: no
   memory. */
ngx_int_t ngx_http_chatdesk_resp_command(ngx_http_chatdesk_resp_out_t *out,
    ngx_uint_t argc, ngx_str_t *argv, ngx_log_t *log);

/* Takes `size` sent bytes off the front. */
void ngx_http_chatdesk_resp_sent(ngx_http_chatdesk_resp_out_t *out,
    size_t size);

/* Forgets all output. */
void ngx_http_chatdesk_resp_clear(ngx_http_chatdesk_resp_out_t *out);

/* hiredis' reader with a bound on arrays; NULL: no memory.  Freed with
   redisReaderFree(). */
redisReader *ngx_http_chatdesk_resp_reader(void);

/* The next reply in *reply, owned by the caller; NULL when there is none
   yet.  NGX_OK; NGX_ERROR when the stream cannot be read on: reader->errstr
   says why. */
ngx_int_t ngx_http_chatdesk_resp_next(redisReader *reader,
    redisReply **reply);


#endif /* NGX_HTTP_CHATDESK_RESP_H */
