/*
 * Fuzz target: what a WebSocket client sends.
 *
 * The first byte chooses what is welcome (binary, packed) and the length of
 * the pieces, the rest is the stream.  Cut into pieces or whole, the parser
 * must say the same, keep no more than it may, and hand over only text that
 * is text, unless it is packed.
 *
 * link: ngx_chatdesk_module/ngx_http_chatdesk_ws_parser.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_utf8.c
 */

#include <stdlib.h>
#include <string.h>

#include "ngx_http_chatdesk_ws_parser.h"

#define MAX_MESSAGE    3000
#define MAX_FRAGMENTS  8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* a digest of everything that was said, and how many messages there were */
struct said {
    uint64_t  digest;
    unsigned  events;
    unsigned  ended;
};


static void
digest(struct said *said, const void *data, size_t len)
{
    size_t                i;
    const unsigned char  *p = data;

    for (i = 0; i < len; i++) {
        said->digest = (said->digest ^ p[i]) * 1099511628211ULL;
    }
}


static void
check_text(const unsigned char *text, size_t len)
{
    ngx_http_chatdesk_utf8_t  utf8;

    ngx_http_chatdesk_utf8_init(&utf8);

    if (ngx_http_chatdesk_utf8_feed(&utf8, text, len) != 0
        || !ngx_http_chatdesk_utf8_whole(&utf8))
    {
        abort();
    }
}


static void
note(struct said *said, ngx_http_chatdesk_ws_parser_t *parser,
    ngx_http_chatdesk_ws_event_e event)
{
    if (said->ended) {
        abort();
    }

    said->events++;
    digest(said, &event, sizeof(event));

    if (event == NGX_HTTP_CHATDESK_WS_CLOSE
        || event == NGX_HTTP_CHATDESK_WS_FAIL)
    {
        digest(said, &parser->code, sizeof(parser->code));
        said->ended = 1;
        return;
    }

    if (parser->len > (event >= NGX_HTTP_CHATDESK_WS_CLOSE
                       ? NGX_HTTP_CHATDESK_WS_CONTROL : MAX_MESSAGE))
    {
        abort();
    }

    if (event == NGX_HTTP_CHATDESK_WS_TEXT && !parser->packed) {
        check_text(parser->data, parser->len);
    }

    digest(said, parser->data, parser->len);
}


/* Feeds pieces of this length, each a block of its own. */

static struct said
run(const uint8_t *data, size_t size, size_t piece, unsigned welcome)
{
    size_t                         n;
    uint8_t                       *block, *pos;
    struct said                    said = { 14695981039346656037ULL, 0, 0 };
    ngx_http_chatdesk_ws_event_e   event;
    ngx_http_chatdesk_ws_parser_t  parser;

    ngx_http_chatdesk_ws_parser_init(&parser, MAX_MESSAGE, MAX_FRAGMENTS,
                                     welcome & 1);

    if (welcome & 2) {
        ngx_http_chatdesk_ws_parser_deflate(&parser);
    }

    for ( /* void */ ; size > 0; data += n, size -= n) {
        n = size < piece ? size : piece;
        block = malloc(n);
        if (block == NULL) {
            break;
        }

        memcpy(block, data, n);
        pos = block;

        while ((event = ngx_http_chatdesk_ws_parser_next(&parser, &pos,
                                                         block + n))
               != NGX_HTTP_CHATDESK_WS_MORE)
        {
            note(&said, &parser, event);
        }

        if (parser.message.cap > MAX_MESSAGE
            || parser.control.cap > NGX_HTTP_CHATDESK_WS_CONTROL
            || (said.ended && ngx_http_chatdesk_ws_parser_busy(&parser)))
        {
            abort();
        }

        free(block);
    }

    ngx_http_chatdesk_ws_parser_stop(&parser);

    return said;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned     welcome;
    struct said  whole, cut;

    if (size < 2) {
        return 0;
    }

    welcome = data[0] & 3;
    whole = run(data + 1, size - 1, size, welcome);
    cut = run(data + 1, size - 1, 1 + (data[0] >> 2), welcome);

    if (whole.digest != cut.digest || whole.events != cut.events
        || whole.ended != cut.ended)
    {
        abort();
    }

    return 0;
}
