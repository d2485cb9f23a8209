/*
 * JSON text to tokens.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_json_private.h.
 *
 * jsmn finds the tokens, without memory of its own, and checks quotes,
 * brackets and escapes.  What it leaves to its caller is done here: that
 * commas and colons stand where RFC 8259 wants them, what numbers and
 * literals look like, controls in strings, the limits, and members that are
 * there twice.
 */

#define NGX_HTTP_CHATDESK_JSON_TEXT
#include "ngx_http_chatdesk_json_private.h"


/* what may come next */

typedef enum {
    NGX_HTTP_CHATDESK_JSON_VALUE,
    NGX_HTTP_CHATDESK_JSON_ITEM,        /* a value, or the array's end */
    NGX_HTTP_CHATDESK_JSON_KEY,
    NGX_HTTP_CHATDESK_JSON_FIRST_KEY,   /* a key, or the object's end */
    NGX_HTTP_CHATDESK_JSON_COLON,
    NGX_HTTP_CHATDESK_JSON_BEHIND       /* a comma, or an end */
} ngx_http_chatdesk_json_want_e;

typedef struct {
    const ngx_http_chatdesk_json_text_t  *text;
    u_char                               *p;
    u_char                               *end;
    ngx_uint_t                            at;       /* of the next token */
    ngx_http_chatdesk_json_want_e         want;
    ngx_uint_t                            depth;
    uint64_t                              objects;  /* a bit for each
                                                       level, the last
                                                       one lowest */
} ngx_http_chatdesk_json_walk_t;


static u_char *
ngx_http_chatdesk_json_digits(u_char *p, u_char *end)
{
    while (p < end && *p >= '0' && *p <= '9') {
        p++;
    }

    return p;
}


/* RFC 8259, section 6. */

static ngx_uint_t
ngx_http_chatdesk_json_is_number(u_char *p, u_char *end)
{
    u_char  *begin;

    p += (*p == '-');
    begin = p;
    p = ngx_http_chatdesk_json_digits(p, end);

    if (p == begin || (*begin == '0' && p > begin + 1)) {
        return 0;
    }

    if (p < end && *p == '.') {
        begin = ++p;
        p = ngx_http_chatdesk_json_digits(p, end);

        if (p == begin) {
            return 0;
        }
    }

    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        p += (p < end && (*p == '+' || *p == '-'));
        begin = p;
        p = ngx_http_chatdesk_json_digits(p, end);

        if (p == begin) {
            return 0;
        }
    }

    return p == end;
}


static ngx_uint_t
ngx_http_chatdesk_json_is_scalar(u_char *p, size_t len)
{
    switch (*p) {

    case 't':
        return len == 4 && ngx_memcmp(p, "true", 4) == 0;

    case 'f':
        return len == 5 && ngx_memcmp(p, "false", 5) == 0;

    case 'n':
        return len == 4 && ngx_memcmp(p, "null", 4) == 0;

    default:
        return ngx_http_chatdesk_json_is_number(p, p + len);
    }
}


static ngx_uint_t
ngx_http_chatdesk_json_has_control(u_char *p, u_char *end)
{
    for ( /* void */ ; p < end; p++) {
        if (*p < 0x20) {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
ngx_http_chatdesk_json_wants_value(ngx_http_chatdesk_json_walk_t *walk)
{
    return walk->want == NGX_HTTP_CHATDESK_JSON_VALUE
           || walk->want == NGX_HTTP_CHATDESK_JSON_ITEM;
}


static ngx_int_t
ngx_http_chatdesk_json_walk_open(ngx_http_chatdesk_json_walk_t *walk)
{
    if (!ngx_http_chatdesk_json_wants_value(walk)
        || walk->depth == CD_LIMIT_JSON_DEPTH)
    {
        return NGX_DECLINED;
    }

    walk->depth++;
    walk->objects = walk->objects << 1 | (*walk->p == '{');
    walk->want = (*walk->p == '{') ? NGX_HTTP_CHATDESK_JSON_FIRST_KEY
                                   : NGX_HTTP_CHATDESK_JSON_ITEM;
    walk->at++;
    walk->p++;

    return NGX_OK;
}


static ngx_int_t
ngx_http_chatdesk_json_walk_close(ngx_http_chatdesk_json_walk_t *walk)
{
    ngx_uint_t                     object;
    ngx_http_chatdesk_json_want_e  empty;

    object = (*walk->p == '}');
    empty = object ? NGX_HTTP_CHATDESK_JSON_FIRST_KEY
                   : NGX_HTTP_CHATDESK_JSON_ITEM;

    if (walk->depth == 0 || (walk->objects & 1) != object
        || (walk->want != empty
            && walk->want != NGX_HTTP_CHATDESK_JSON_BEHIND))
    {
        return NGX_DECLINED;
    }

    walk->depth--;
    walk->objects >>= 1;
    walk->want = NGX_HTTP_CHATDESK_JSON_BEHIND;
    walk->p++;

    return NGX_OK;
}


static ngx_int_t
ngx_http_chatdesk_json_walk_mark(ngx_http_chatdesk_json_walk_t *walk)
{
    if (*walk->p == ':') {
        if (walk->want != NGX_HTTP_CHATDESK_JSON_COLON) {
            return NGX_DECLINED;
        }

        walk->want = NGX_HTTP_CHATDESK_JSON_VALUE;

    } else {
        if (walk->want != NGX_HTTP_CHATDESK_JSON_BEHIND || walk->depth == 0) {
            return NGX_DECLINED;
        }

        walk->want = (walk->objects & 1) ? NGX_HTTP_CHATDESK_JSON_KEY
                                         : NGX_HTTP_CHATDESK_JSON_VALUE;
    }

    walk->p++;

    return NGX_OK;
}


/* A string or a scalar: goes on to behind it. */

static ngx_int_t
ngx_http_chatdesk_json_walk_token(ngx_http_chatdesk_json_walk_t *walk)
{
    u_char     *begin, *end;
    jsmntok_t  *token;
    ngx_uint_t  string;

    if (walk->at >= walk->text->count) {
        return NGX_DECLINED;
    }

    string = (*walk->p == '"');
    token = &walk->text->tokens[walk->at++];
    begin = walk->text->data + token->start;
    end = walk->text->data + token->end;

    if (begin != walk->p + string || end < begin) {
        return NGX_DECLINED;
    }

    if (ngx_http_chatdesk_json_wants_value(walk)) {
        walk->want = NGX_HTTP_CHATDESK_JSON_BEHIND;

    } else if (string && (walk->want == NGX_HTTP_CHATDESK_JSON_KEY
                          || walk->want == NGX_HTTP_CHATDESK_JSON_FIRST_KEY))
    {
        walk->want = NGX_HTTP_CHATDESK_JSON_COLON;

    } else {
        return NGX_DECLINED;
    }

    walk->p = end + string;

    return (string ? !ngx_http_chatdesk_json_has_control(begin, end)
                   : ngx_http_chatdesk_json_is_scalar(begin, end - begin))
           ? NGX_OK : NGX_DECLINED;
}


/* Whether all that is between the tokens stands where it should. */

static ngx_int_t
ngx_http_chatdesk_json_grammar(const ngx_http_chatdesk_json_text_t *text)
{
    ngx_int_t                      rc = NGX_OK;
    ngx_http_chatdesk_json_walk_t  walk;

    walk.text = text;
    walk.p = text->data;
    walk.end = text->data + text->len;
    walk.at = 0;
    walk.want = NGX_HTTP_CHATDESK_JSON_VALUE;
    walk.depth = 0;
    walk.objects = 0;

    while (walk.p < walk.end && rc == NGX_OK) {

        switch (*walk.p) {

        case ' ':
        case '\t':
        case '\r':
        case '\n':
            walk.p++;
            break;

        case '{':
        case '[':
            rc = ngx_http_chatdesk_json_walk_open(&walk);
            break;

        case '}':
        case ']':
            rc = ngx_http_chatdesk_json_walk_close(&walk);
            break;

        case ':':
        case ',':
            rc = ngx_http_chatdesk_json_walk_mark(&walk);
            break;

        default:
            rc = ngx_http_chatdesk_json_walk_token(&walk);
            break;
        }
    }

    return (rc == NGX_OK && walk.depth == 0 && walk.at == text->count
            && walk.want == NGX_HTTP_CHATDESK_JSON_BEHIND)
           ? NGX_OK : NGX_DECLINED;
}


/* The members of one object: NGX_OK, or NGX_DECLINED for too many, or for one
   that is there twice. */

static ngx_int_t
ngx_http_chatdesk_json_members(const ngx_http_chatdesk_json_text_t *text,
    ngx_uint_t object, ngx_uint_t *twice)
{
    ngx_uint_t  i, n, count, key, keys[CD_LIMIT_JSON_MEMBERS];

    count = (ngx_uint_t) text->tokens[object].size;

    if (count > CD_LIMIT_JSON_MEMBERS) {
        return NGX_DECLINED;
    }

    key = object + 1;

    for (n = 0; n < count; n++) {

        for (i = 0; i < n; i++) {
            if (ngx_http_chatdesk_json_same(text, keys[i], key)) {
                *twice = (object == 0) ? key : 0;
                return NGX_DECLINED;
            }
        }

        keys[n] = key;
        key = ngx_http_chatdesk_json_behind(text, key + 1);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_chatdesk_json_read(ngx_http_chatdesk_json_text_t *text,
    u_char *data, size_t len, ngx_pool_t *pool, ngx_uint_t *twice)
{
    int          count;
    ngx_uint_t   i;
    jsmn_parser  parser;

    *twice = 0;

    if (len > CD_LIMIT_FRAME) {
        return NGX_DECLINED;
    }

    jsmn_init(&parser);
    count = jsmn_parse(&parser, (char *) data, len, NULL, 0);

    if (count < 1 || (ngx_uint_t) count > CD_LIMIT_JSON_VALUES) {
        return NGX_DECLINED;
    }

    text->data = data;
    text->len = len;
    text->count = (ngx_uint_t) count;
    text->tokens = ngx_palloc(pool, text->count * sizeof(jsmntok_t));

    if (text->tokens == NULL) {
        return NGX_ERROR;
    }

    jsmn_init(&parser);

    if (jsmn_parse(&parser, (char *) data, len, text->tokens, text->count)
            != count
        || ngx_http_chatdesk_json_grammar(text) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    for (i = 0; i < text->count; i++) {
        if (text->tokens[i].type == JSMN_OBJECT
            && ngx_http_chatdesk_json_members(text, i, twice) != NGX_OK)
        {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}
