/*
 * The header Sec-WebSocket-Extensions.
 *
 *   list  = offer *( "," offer )            elements may be empty
 *   offer = token *( ";" token [ "=" ( token | quoted token ) ] )
 *
 * Purpose:    see the header.
 * Owner:      see the header.
 * Invariants: a reader takes what it reads off the front of the text; `none`
 *             is an offer that breaks RFC 7692, section 7.1: it is passed
 *             over and the next one is looked at.
 */

#include <string.h>

#include "ngx_http_chatdesk_ws_offer.h"


#define OFFER_NAME          "permessage-deflate"
#define SERVER_TAKEOVER     "server_no_context_takeover"
#define CLIENT_TAKEOVER     "client_no_context_takeover"
#define SERVER_BITS         "server_max_window_bits"
#define CLIENT_BITS         "client_max_window_bits"

/* zlib writes no stream with a window of 256 bytes */
#define LEAST_BITS          9
#define MOST_BITS           15


typedef struct {
    const unsigned char  *p;
    const unsigned char  *end;
} offer_text_t;

typedef struct {
    const unsigned char  *data;
    size_t                len;
} offer_token_t;

typedef struct {
    offer_token_t  name;
    offer_token_t  value;
    int            has_value;
} offer_param_t;

typedef struct {
    unsigned  bits;             /* server_max_window_bits, 0: not said */
    unsigned  seen;             /* a bit for each parameter */
    int       good;
} offer_t;


static void
offer_space(offer_text_t *text)
{
    while (text->p < text->end && (*text->p == ' ' || *text->p == '\t')) {
        text->p++;
    }
}


/* RFC 9110, section 5.6.2 */

static int
offer_is_token(unsigned char c)
{
    return c > ' ' && c < 0x7f && strchr("\"(),/:;<=>?@[\\]{}", c) == NULL;
}


static int
offer_token(offer_text_t *text, offer_token_t *token)
{
    token->data = text->p;

    while (text->p < text->end && offer_is_token(*text->p)) {
        text->p++;
    }

    token->len = (size_t) (text->p - token->data);

    return token->len > 0;
}


/* A token in quotes; what is in them must be one, section 9.1. */

static int
offer_quoted(offer_text_t *text, offer_token_t *token)
{
    text->p++;

    if (!offer_token(text, token) || text->p == text->end || *text->p != '"') {
        return 0;
    }

    text->p++;

    return 1;
}


static int
offer_char(offer_text_t *text, unsigned char c)
{
    offer_space(text);

    if (text->p == text->end || *text->p != c) {
        return 0;
    }

    text->p++;
    offer_space(text);

    return 1;
}


static int
offer_param(offer_text_t *text, offer_param_t *param)
{
    if (!offer_token(text, &param->name)) {
        return 0;
    }

    param->has_value = offer_char(text, '=');

    if (!param->has_value) {
        return 1;
    }

    return text->p < text->end && *text->p == '"'
           ? offer_quoted(text, &param->value)
           : offer_token(text, &param->value);
}


static int
offer_is(const offer_token_t *token, const char *word)
{
    return token->len == strlen(word)
           && memcmp(token->data, word, token->len) == 0;
}


/* 8 to 15 without a leading zero, section 7.1.2; 0: not that. */

static unsigned
offer_bits(const offer_token_t *value)
{
    const unsigned char  *p = value->data;

    if (value->len == 1 && (p[0] == '8' || p[0] == '9')) {
        return p[0] - '0';
    }

    if (value->len == 2 && p[0] == '1' && p[1] >= '0' && p[1] <= '5') {
        return 10 + p[1] - '0';
    }

    return 0;
}


static void
offer_take_param(offer_t *offer, const offer_param_t *param)
{
    int       i;
    unsigned  bits;

    static const char  *names[] = {
        SERVER_TAKEOVER, CLIENT_TAKEOVER, SERVER_BITS, CLIENT_BITS
    };

    for (i = 0; i < 4 && !offer_is(&param->name, names[i]); i++) { }

    if (i == 4 || (offer->seen & (1u << i))) {
        offer->good = 0;
        return;
    }

    offer->seen |= 1u << i;
    bits = param->has_value ? offer_bits(&param->value) : 0;

    if (i < 2) {
        offer->good &= !param->has_value;

    } else if (i == 2) {
        offer->good &= bits >= LEAST_BITS;
        offer->bits = bits;

    } else {
        offer->good &= !param->has_value || bits > 0;
    }
}


/* One offer with its parameters; 0 when it is none by its form. */

static int
offer_read(offer_text_t *text, offer_t *offer)
{
    offer_token_t  name;
    offer_param_t  param;

    if (!offer_token(text, &name)) {
        return 0;
    }

    offer->bits = 0;
    offer->seen = 0;
    offer->good = offer_is(&name, OFFER_NAME);

    while (offer_char(text, ';')) {
        if (!offer_param(text, &param)) {
            return 0;
        }

        offer_take_param(offer, &param);
    }

    return 1;
}


ngx_http_chatdesk_ws_offer_e
ngx_http_chatdesk_ws_offer(const unsigned char *data, size_t len,
    unsigned *window, unsigned *asked)
{
    int           taken;
    offer_t       offer;
    offer_text_t  text;

    text.p = data;
    text.end = data + len;
    taken = 0;

    for ( ;; ) {
        while (offer_char(&text, ',')) { }

        offer_space(&text);

        if (text.p == text.end) {
            return taken ? NGX_HTTP_CHATDESK_WS_OFFER_TAKEN
                         : NGX_HTTP_CHATDESK_WS_OFFER_NONE;
        }

        if (!offer_read(&text, &offer)
            || (text.p < text.end && *text.p != ','))
        {
            return NGX_HTTP_CHATDESK_WS_OFFER_BROKEN;
        }

        if (offer.good && !taken) {
            taken = 1;
            *asked = (offer.bits != 0);
            *window = *asked ? offer.bits : MOST_BITS;
        }
    }
}
