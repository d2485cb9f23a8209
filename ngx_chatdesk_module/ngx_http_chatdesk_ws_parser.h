/*
 * WebSocket frames of a client, RFC 6455, from bytes as they come.
 *
 *                 +---------------- whole frame ---------------+
 *                 v                                            |
 *   (init) --> HEAD -- 2 to 14 bytes --> DATA or CONTROL ------+
 *                 |                          |
 *                 +------ close frame or an offence -----> DEAD
 *
 * Purpose:    turns bytes into whole messages and control frames, or into
 *             the close code that the peer's offence deserves.
 * Owner:      the caller owns the parser and the bytes; the parser owns what
 *             it had to keep of a message that is not whole yet.
 * Invariants: no I/O and no nginx types; payload is unmasked in place; a
 *             message whose payload arrives in one piece is handed over where
 *             it lies; memory grows with what has arrived, never by what a
 *             header announces, and stays within max_message; text that is
 *             not packed is checked as it arrives; after CLOSE or FAIL all
 *             bytes are swallowed.
 */

#ifndef NGX_HTTP_CHATDESK_WS_PARSER_H
#define NGX_HTTP_CHATDESK_WS_PARSER_H

#include <stddef.h>
#include <stdint.h>

#include "ngx_http_chatdesk_utf8.h"

/* 2 bytes, the 64-bit length and the mask, RFC 6455, section 5.2 */
#define NGX_HTTP_CHATDESK_WS_HEAD     14
#define NGX_HTTP_CHATDESK_WS_CONTROL  125   /* payload, section 5.5 */


/* numbers of the opcodes where there is one */

typedef enum {
    NGX_HTTP_CHATDESK_WS_MORE = 0,      /* all bytes are used up */
    NGX_HTTP_CHATDESK_WS_TEXT = 1,
    NGX_HTTP_CHATDESK_WS_BINARY = 2,
    NGX_HTTP_CHATDESK_WS_CLOSE = 8,     /* `code` says what the peer said */
    NGX_HTTP_CHATDESK_WS_PING = 9,
    NGX_HTTP_CHATDESK_WS_PONG = 10,
    NGX_HTTP_CHATDESK_WS_FAIL = 16      /* `code` says what to answer */
} ngx_http_chatdesk_ws_event_e;


typedef struct ngx_http_chatdesk_ws_parser_s  ngx_http_chatdesk_ws_parser_t;

typedef unsigned char *(*ngx_http_chatdesk_ws_state_pt)(
    ngx_http_chatdesk_ws_parser_t *parser, unsigned char *pos,
    unsigned char *end);

/* bytes kept between calls; owns data */

typedef struct {
    unsigned char  *data;
    size_t          len;
    size_t          cap;
} ngx_http_chatdesk_ws_kept_t;

struct ngx_http_chatdesk_ws_parser_s {
    /* the event's payload, borrowed until the next call, and code */
    unsigned char                 *data;
    size_t                         len;
    unsigned                       code;
    unsigned                       packed:1;    /* the message is deflated,
                                                   and not checked as text */

    /* all below is private */
    ngx_http_chatdesk_ws_event_e   event;
    ngx_http_chatdesk_ws_state_pt  state;
    size_t                         max_message;
    uint32_t                       max_fragments;
    uint32_t                       fragments;   /* of this message so far */
    uint64_t                       left;        /* of this frame's payload */
    ngx_http_chatdesk_ws_kept_t    message;
    ngx_http_chatdesk_ws_kept_t    control;
    ngx_http_chatdesk_utf8_t       utf8;
    uint8_t                        message_opcode;  /* 0: between messages */
    uint8_t                        opcode;          /* of this frame */
    uint8_t                        mask_index;
    uint8_t                        head_len;
    uint8_t                        head_need;
    unsigned char                  mask[4];
    unsigned char                  head[NGX_HTTP_CHATDESK_WS_HEAD];
    unsigned                       binary:1;        /* binary is welcome */
    unsigned                       deflate:1;       /* so is what is packed */
    unsigned                       fin:1;
};


void ngx_http_chatdesk_ws_parser_init(ngx_http_chatdesk_ws_parser_t *parser,
    size_t max_message, uint32_t max_fragments, int binary);

/* From now on messages may be packed, RFC 7692, section 6. */
void ngx_http_chatdesk_ws_parser_deflate(
    ngx_http_chatdesk_ws_parser_t *parser);

/*
 * Reads on at *pos and stops behind the next event.  Call again, until MORE,
 * with the same bytes.  The bytes change: they are unmasked.
 */
ngx_http_chatdesk_ws_event_e ngx_http_chatdesk_ws_parser_next(
    ngx_http_chatdesk_ws_parser_t *parser, unsigned char **pos,
    unsigned char *end);

/* Whether a frame or a message has begun and has not ended. */
int ngx_http_chatdesk_ws_parser_busy(
    const ngx_http_chatdesk_ws_parser_t *parser);

/* Swallows all that comes from now on, and frees what was kept. */
void ngx_http_chatdesk_ws_parser_stop(ngx_http_chatdesk_ws_parser_t *parser);


#endif /* NGX_HTTP_CHATDESK_WS_PARSER_H */
