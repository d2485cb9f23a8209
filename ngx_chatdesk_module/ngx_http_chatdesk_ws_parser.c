/*
 * WebSocket frames of a client.
 *
 * Purpose:    see the header.
 * Owner:      see the header.
 * Invariants: a state function takes the bytes pos..end and returns where it
 *             stopped; it stops before `end` only when it has set an event.
 *             What is kept of a message is what lies before the piece that
 *             completes it.
 */

#include <stdlib.h>
#include <string.h>

#include "chatdesk_tables.h"
#include "ngx_http_chatdesk_ws_parser.h"


/* what a peer's empty close frame means, RFC 6455, section 7.1.5 */
#define NO_STATUS  1005

#define KEEP_MIN   256

/* of the first byte of a frame; RSV1 marks what is packed, RFC 7692 */
#define RESERVED   0x70
#define RSV1       0x40


static unsigned char *ngx_http_chatdesk_ws_state_head(
    ngx_http_chatdesk_ws_parser_t *parser, unsigned char *pos,
    unsigned char *end);
static unsigned char *ngx_http_chatdesk_ws_state_data(
    ngx_http_chatdesk_ws_parser_t *parser, unsigned char *pos,
    unsigned char *end);
static unsigned char *ngx_http_chatdesk_ws_state_control(
    ngx_http_chatdesk_ws_parser_t *parser, unsigned char *pos,
    unsigned char *end);
static unsigned char *ngx_http_chatdesk_ws_state_dead(
    ngx_http_chatdesk_ws_parser_t *parser, unsigned char *pos,
    unsigned char *end);


static void
ngx_http_chatdesk_ws_forget(ngx_http_chatdesk_ws_kept_t *kept)
{
    free(kept->data);

    kept->data = NULL;
    kept->len = 0;
    kept->cap = 0;
}


/* Keeps `len` bytes; `most` is all that can ever be kept.  0, or -1: no
   memory. */

static int
ngx_http_chatdesk_ws_keep(ngx_http_chatdesk_ws_kept_t *kept,
    const unsigned char *data, size_t len, size_t most)
{
    size_t          cap;
    unsigned char  *p;

    if (len == 0) {
        return 0;
    }

    if (kept->cap - kept->len < len) {
        cap = kept->cap ? kept->cap * 2 : KEEP_MIN;

        if (cap < kept->len + len) {
            cap = kept->len + len;
        }

        if (cap > most) {
            cap = most;
        }

        p = realloc(kept->data, cap);
        if (p == NULL) {
            return -1;
        }

        kept->data = p;
        kept->cap = cap;
    }

    memcpy(kept->data + kept->len, data, len);
    kept->len += len;

    return 0;
}


static unsigned char *
ngx_http_chatdesk_ws_fail(ngx_http_chatdesk_ws_parser_t *parser,
    unsigned code, unsigned char *pos)
{
    parser->event = NGX_HTTP_CHATDESK_WS_FAIL;
    parser->code = code;
    parser->state = ngx_http_chatdesk_ws_state_dead;

    return pos;
}


static void
ngx_http_chatdesk_ws_unmask(ngx_http_chatdesk_ws_parser_t *parser,
    unsigned char *p, size_t len)
{
    size_t         i;
    uint64_t       word, key;
    unsigned char  mask[8];

    for (i = 0; i < sizeof(mask); i++) {
        mask[i] = parser->mask[(parser->mask_index + i) & 3];
    }

    parser->mask_index = (uint8_t) ((parser->mask_index + len) & 3);
    memcpy(&key, mask, sizeof(key));

    for ( /* void */ ; len >= sizeof(word); len -= sizeof(word)) {
        memcpy(&word, p, sizeof(word));
        word ^= key;
        memcpy(p, &word, sizeof(word));
        p += sizeof(word);
    }

    for (i = 0; i < len; i++) {
        p[i] ^= mask[i];
    }
}


/* RFC 6455, section 7.4: may a peer send this code? */

static int
ngx_http_chatdesk_ws_code_valid(unsigned code)
{
    if (code >= 3000) {
        return code <= 4999;
    }

    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}


/* Reserved bits: only the first frame of a message may have one.  A close
   code, or 0. */

static unsigned
ngx_http_chatdesk_ws_check_reserved(ngx_http_chatdesk_ws_parser_t *parser,
    unsigned bits)
{
    unsigned  begins;

    begins = parser->opcode == NGX_HTTP_CHATDESK_WS_TEXT
             || parser->opcode == NGX_HTTP_CHATDESK_WS_BINARY;

    if (bits & ~(parser->deflate && begins ? RSV1 : 0u)) {
        return CD_CLOSE_PROTOCOL;
    }

    if (begins) {
        parser->packed = bits != 0;
    }

    return 0;
}


/* The first byte: FIN, reserved bits, opcode.  A close code, or 0. */

static unsigned
ngx_http_chatdesk_ws_check_opcode(ngx_http_chatdesk_ws_parser_t *parser,
    unsigned char c)
{
    parser->fin = c >> 7;
    parser->opcode = c & 0x0f;

    if (ngx_http_chatdesk_ws_check_reserved(parser, c & RESERVED) != 0) {
        return CD_CLOSE_PROTOCOL;
    }

    switch (parser->opcode) {

    case 0:
        return parser->message_opcode ? 0 : CD_CLOSE_PROTOCOL;

    case NGX_HTTP_CHATDESK_WS_TEXT:
        return parser->message_opcode ? CD_CLOSE_PROTOCOL : 0;

    case NGX_HTTP_CHATDESK_WS_BINARY:
        if (parser->message_opcode) {
            return CD_CLOSE_PROTOCOL;
        }

        return parser->binary ? 0 : CD_CLOSE_UNSUPPORTED;

    case NGX_HTTP_CHATDESK_WS_CLOSE:
    case NGX_HTTP_CHATDESK_WS_PING:
    case NGX_HTTP_CHATDESK_WS_PONG:
        return parser->fin ? 0 : CD_CLOSE_PROTOCOL;

    default:
        return CD_CLOSE_PROTOCOL;
    }
}


/* The second byte: mask bit and short length.  A close code, or 0. */

static unsigned
ngx_http_chatdesk_ws_check_length(ngx_http_chatdesk_ws_parser_t *parser,
    unsigned char c)
{
    unsigned  len;

    len = c & 0x7f;

    if (!(c & 0x80)) {
        return CD_CLOSE_PROTOCOL;
    }

    if (parser->opcode >= NGX_HTTP_CHATDESK_WS_CLOSE
        && len > NGX_HTTP_CHATDESK_WS_CONTROL)
    {
        return CD_CLOSE_PROTOCOL;
    }

    parser->head_need = (uint8_t)
                        (2 + (len == 126 ? 2 : len == 127 ? 8 : 0) + 4);

    return 0;
}


/* The whole header: sets `left` and the mask.  A close code, or 0. */

static unsigned
ngx_http_chatdesk_ws_check_head(ngx_http_chatdesk_ws_parser_t *parser)
{
    unsigned        i, width;
    uint64_t        len;
    unsigned char  *head;

    head = parser->head;
    width = parser->head_need - 6u;
    len = head[1] & 0x7f;

    if (width > 0) {
        len = 0;

        for (i = 0; i < width; i++) {
            len = len << 8 | head[2 + i];
        }

        /* the shortest form and no top bit, section 5.2 */

        if (len < (width == 2 ? 126 : 65536) || len >> 63) {
            return CD_CLOSE_PROTOCOL;
        }
    }

    memcpy(parser->mask, head + parser->head_need - 4, 4);
    parser->mask_index = 0;
    parser->left = len;

    if (parser->opcode >= NGX_HTTP_CHATDESK_WS_CLOSE) {
        return 0;
    }

    if (parser->opcode != 0) {
        parser->message_opcode = parser->opcode;
        parser->fragments = 0;
        ngx_http_chatdesk_utf8_init(&parser->utf8);
    }

    if (++parser->fragments > parser->max_fragments
        || len > parser->max_message - parser->message.len)
    {
        return CD_CLOSE_TOO_BIG;
    }

    return 0;
}


static unsigned char *
ngx_http_chatdesk_ws_state_head(ngx_http_chatdesk_ws_parser_t *parser,
    unsigned char *pos, unsigned char *end)
{
    unsigned       code;
    unsigned char  c;

    while (pos < end) {
        c = *pos++;
        parser->head[parser->head_len++] = c;

        if (parser->head_len == 1) {
            code = ngx_http_chatdesk_ws_check_opcode(parser, c);

        } else if (parser->head_len == 2) {
            code = ngx_http_chatdesk_ws_check_length(parser, c);

        } else if (parser->head_len == parser->head_need) {
            code = ngx_http_chatdesk_ws_check_head(parser);

        } else {
            continue;
        }

        if (code != 0) {
            return ngx_http_chatdesk_ws_fail(parser, code, pos);
        }

        if (parser->head_len > 2) {
            parser->state = parser->opcode >= NGX_HTTP_CHATDESK_WS_CLOSE
                            ? ngx_http_chatdesk_ws_state_control
                            : ngx_http_chatdesk_ws_state_data;

            /* an empty payload is complete without a further byte */

            return parser->state(parser, pos, end);
        }
    }

    return pos;
}


static void
ngx_http_chatdesk_ws_next_frame(ngx_http_chatdesk_ws_parser_t *parser)
{
    parser->head_len = 0;
    parser->head_need = 2;
    parser->state = ngx_http_chatdesk_ws_state_head;
}


/* Takes what has arrived of this frame's payload: unmasked. */

static size_t
ngx_http_chatdesk_ws_take(ngx_http_chatdesk_ws_parser_t *parser,
    unsigned char *pos, unsigned char *end)
{
    size_t  n;

    n = (size_t) (end - pos);

    if (n > parser->left) {
        n = (size_t) parser->left;
    }

    ngx_http_chatdesk_ws_unmask(parser, pos, n);
    parser->left -= n;

    return n;
}


static unsigned char *
ngx_http_chatdesk_ws_state_data(ngx_http_chatdesk_ws_parser_t *parser,
    unsigned char *pos, unsigned char *end)
{
    int      last, is_text;
    size_t   n, most;

    n = ngx_http_chatdesk_ws_take(parser, pos, end);
    last = parser->left == 0 && parser->fin;
    is_text = parser->message_opcode == NGX_HTTP_CHATDESK_WS_TEXT
              && !parser->packed;

    if (is_text
        && (ngx_http_chatdesk_utf8_feed(&parser->utf8, pos, n) != 0
            || (last && !ngx_http_chatdesk_utf8_whole(&parser->utf8))))
    {
        return ngx_http_chatdesk_ws_fail(parser, CD_CLOSE_BAD_UTF8, pos + n);
    }

    if (last && parser->message.len == 0) {
        parser->data = pos;
        parser->len = n;

    } else {
        most = parser->fin ? parser->message.len + n + (size_t) parser->left
                           : parser->max_message;

        if (ngx_http_chatdesk_ws_keep(&parser->message, pos, n, most) != 0) {
            return ngx_http_chatdesk_ws_fail(parser, CD_CLOSE_INTERNAL,
                                             pos + n);
        }

        parser->data = parser->message.data;
        parser->len = parser->message.len;
    }

    if (last) {
        parser->event = (ngx_http_chatdesk_ws_event_e) parser->message_opcode;
        parser->message_opcode = 0;
    }

    if (parser->left == 0) {
        ngx_http_chatdesk_ws_next_frame(parser);
    }

    return pos + n;
}


/* Section 5.5.1: nothing, or a code and a reason in UTF-8. */

static void
ngx_http_chatdesk_ws_close_frame(ngx_http_chatdesk_ws_parser_t *parser,
    unsigned char *data, size_t len)
{
    ngx_http_chatdesk_utf8_t  utf8;

    if (len == 0) {
        parser->code = NO_STATUS;
        parser->state = ngx_http_chatdesk_ws_state_dead;
        return;
    }

    if (len == 1) {
        (void) ngx_http_chatdesk_ws_fail(parser, CD_CLOSE_PROTOCOL, data);
        return;
    }

    parser->code = (unsigned) data[0] << 8 | data[1];
    parser->state = ngx_http_chatdesk_ws_state_dead;

    if (!ngx_http_chatdesk_ws_code_valid(parser->code)) {
        (void) ngx_http_chatdesk_ws_fail(parser, CD_CLOSE_PROTOCOL, data);
        return;
    }

    ngx_http_chatdesk_utf8_init(&utf8);

    if (ngx_http_chatdesk_utf8_feed(&utf8, data + 2, len - 2) != 0
        || !ngx_http_chatdesk_utf8_whole(&utf8))
    {
        (void) ngx_http_chatdesk_ws_fail(parser, CD_CLOSE_BAD_UTF8, data);
    }
}


static unsigned char *
ngx_http_chatdesk_ws_state_control(ngx_http_chatdesk_ws_parser_t *parser,
    unsigned char *pos, unsigned char *end)
{
    size_t  n;

    n = ngx_http_chatdesk_ws_take(parser, pos, end);

    if (parser->left == 0 && parser->control.len == 0) {
        parser->data = pos;
        parser->len = n;

    } else {
        if (ngx_http_chatdesk_ws_keep(&parser->control, pos, n,
                parser->control.len + n + (size_t) parser->left) != 0)
        {
            return ngx_http_chatdesk_ws_fail(parser, CD_CLOSE_INTERNAL,
                                             pos + n);
        }

        parser->data = parser->control.data;
        parser->len = parser->control.len;
    }

    if (parser->left == 0) {
        parser->event = (ngx_http_chatdesk_ws_event_e) parser->opcode;
        ngx_http_chatdesk_ws_next_frame(parser);

        if (parser->opcode == NGX_HTTP_CHATDESK_WS_CLOSE) {
            ngx_http_chatdesk_ws_close_frame(parser, parser->data,
                                             parser->len);
        }
    }

    return pos + n;
}


static unsigned char *
ngx_http_chatdesk_ws_state_dead(ngx_http_chatdesk_ws_parser_t *parser,
    unsigned char *pos, unsigned char *end)
{
    (void) parser;
    (void) pos;

    return end;
}


void
ngx_http_chatdesk_ws_parser_init(ngx_http_chatdesk_ws_parser_t *parser,
    size_t max_message, uint32_t max_fragments, int binary)
{
    memset(parser, 0, sizeof(ngx_http_chatdesk_ws_parser_t));

    parser->max_message = max_message;
    parser->max_fragments = max_fragments;
    parser->binary = binary != 0;

    ngx_http_chatdesk_ws_next_frame(parser);
}


void
ngx_http_chatdesk_ws_parser_deflate(ngx_http_chatdesk_ws_parser_t *parser)
{
    parser->deflate = 1;
}


ngx_http_chatdesk_ws_event_e
ngx_http_chatdesk_ws_parser_next(ngx_http_chatdesk_ws_parser_t *parser,
    unsigned char **pos, unsigned char *end)
{
    /* what the last event lent */

    if (parser->event == NGX_HTTP_CHATDESK_WS_TEXT
        || parser->event == NGX_HTTP_CHATDESK_WS_BINARY)
    {
        ngx_http_chatdesk_ws_forget(&parser->message);

    } else if (parser->event != NGX_HTTP_CHATDESK_WS_MORE) {
        ngx_http_chatdesk_ws_forget(&parser->control);
    }

    if (parser->state == ngx_http_chatdesk_ws_state_dead) {
        ngx_http_chatdesk_ws_parser_stop(parser);
    }

    parser->event = NGX_HTTP_CHATDESK_WS_MORE;

    while (*pos < end && parser->event == NGX_HTTP_CHATDESK_WS_MORE) {
        *pos = parser->state(parser, *pos, end);
    }

    return parser->event;
}


int
ngx_http_chatdesk_ws_parser_busy(const ngx_http_chatdesk_ws_parser_t *parser)
{
    return parser->state != ngx_http_chatdesk_ws_state_dead
           && (parser->message_opcode != 0 || parser->head_len != 0);
}


void
ngx_http_chatdesk_ws_parser_stop(ngx_http_chatdesk_ws_parser_t *parser)
{
    ngx_http_chatdesk_ws_forget(&parser->message);
    ngx_http_chatdesk_ws_forget(&parser->control);

    parser->event = NGX_HTTP_CHATDESK_WS_MORE;
    parser->state = ngx_http_chatdesk_ws_state_dead;
}
