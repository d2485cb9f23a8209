/*
 * Values of a JSON text that was accepted.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_json_private.h.
 *
 * Strings stay as they are spelled until somebody wants them.  Half of a
 * surrogate pair alone, which is no character, becomes U+FFFD.
 */

#include "ngx_http_chatdesk_json_private.h"


/* bytes of a code point in UTF-8 */
#define NGX_HTTP_CHATDESK_JSON_POINT  4

/* a string, byte by byte as it is meant */

typedef struct {
    const u_char  *p;
    const u_char  *end;
    ngx_uint_t     used;            /* of `bytes` */
    ngx_uint_t     count;
    u_char         bytes[NGX_HTTP_CHATDESK_JSON_POINT];
} ngx_http_chatdesk_json_spell_t;


static jsmntok_t *
ngx_http_chatdesk_json_token(const ngx_http_chatdesk_json_node_t *node)
{
    return &node->text->tokens[node->at];
}


/* Four digits of hex, which jsmn has seen. */

static uint32_t
ngx_http_chatdesk_json_hex(const u_char *p)
{
    return (uint32_t) ngx_hextoi((u_char *) p, 4);
}


/* The code point of \u..., whose digits begin at *p. */

static uint32_t
ngx_http_chatdesk_json_unicode(const u_char **p, const u_char *end)
{
    uint32_t       high, low;
    const u_char  *next;

    high = ngx_http_chatdesk_json_hex(*p);
    *p += 4;

    if (high < 0xd800 || high > 0xdfff) {
        return high;
    }

    next = *p;

    if (high > 0xdbff || end - next < 6 || next[0] != '\\' || next[1] != 'u')
    {
        return 0xfffd;
    }

    low = ngx_http_chatdesk_json_hex(next + 2);

    if (low < 0xdc00 || low > 0xdfff) {
        return 0xfffd;
    }

    *p += 6;

    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}


/* A code point as UTF-8, RFC 3629, section 3; returns how many bytes. */

static ngx_uint_t
ngx_http_chatdesk_json_utf8(u_char *bytes, uint32_t point)
{
    if (point < 0x80) {
        bytes[0] = (u_char) point;
        return 1;
    }

    if (point < 0x800) {
        bytes[0] = (u_char) (0xc0 | point >> 6);
        bytes[1] = (u_char) (0x80 | (point & 0x3f));
        return 2;
    }

    if (point < 0x10000) {
        bytes[0] = (u_char) (0xe0 | point >> 12);
        bytes[1] = (u_char) (0x80 | (point >> 6 & 0x3f));
        bytes[2] = (u_char) (0x80 | (point & 0x3f));
        return 3;
    }

    bytes[0] = (u_char) (0xf0 | point >> 18);
    bytes[1] = (u_char) (0x80 | (point >> 12 & 0x3f));
    bytes[2] = (u_char) (0x80 | (point >> 6 & 0x3f));
    bytes[3] = (u_char) (0x80 | (point & 0x3f));

    return 4;
}


/* RFC 8259, section 7: what is behind the backslash at *p. */

static ngx_uint_t
ngx_http_chatdesk_json_escape(const u_char **p, const u_char *end,
    u_char *bytes)
{
    u_char  c;

    c = (*p)[1];
    *p += 2;

    switch (c) {
    case 'b':
        bytes[0] = '\b';
        return 1;
    case 'f':
        bytes[0] = '\f';
        return 1;
    case 'n':
        bytes[0] = '\n';
        return 1;
    case 'r':
        bytes[0] = '\r';
        return 1;
    case 't':
        bytes[0] = '\t';
        return 1;
    case 'u':
        return ngx_http_chatdesk_json_utf8(bytes,
                   ngx_http_chatdesk_json_unicode(p, end));
    default:
        bytes[0] = c;
        return 1;
    }
}


static void
ngx_http_chatdesk_json_spell(ngx_http_chatdesk_json_spell_t *spell,
    const ngx_http_chatdesk_json_text_t *text, ngx_uint_t at)
{
    spell->p = text->data + text->tokens[at].start;
    spell->end = text->data + text->tokens[at].end;
    spell->used = 0;
    spell->count = 0;
}


/* The next byte, -1 at the end. */

static int
ngx_http_chatdesk_json_byte(ngx_http_chatdesk_json_spell_t *spell)
{
    if (spell->used == spell->count) {

        if (spell->p == spell->end) {
            return -1;
        }

        if (*spell->p != '\\') {
            return *spell->p++;
        }

        spell->used = 0;
        spell->count = ngx_http_chatdesk_json_escape(&spell->p, spell->end,
                                                     spell->bytes);
    }

    return spell->bytes[spell->used++];
}


static ngx_uint_t
ngx_http_chatdesk_json_equal(ngx_http_chatdesk_json_spell_t *a,
    ngx_http_chatdesk_json_spell_t *b)
{
    int  byte;

    do {
        byte = ngx_http_chatdesk_json_byte(a);

        if (byte != ngx_http_chatdesk_json_byte(b)) {
            return 0;
        }

    } while (byte != -1);

    return 1;
}


ngx_uint_t
ngx_http_chatdesk_json_same(const ngx_http_chatdesk_json_text_t *text,
    ngx_uint_t a, ngx_uint_t b)
{
    ngx_http_chatdesk_json_spell_t  one, other;

    ngx_http_chatdesk_json_spell(&one, text, a);
    ngx_http_chatdesk_json_spell(&other, text, b);

    return ngx_http_chatdesk_json_equal(&one, &other);
}


ngx_http_chatdesk_json_kind_e
ngx_http_chatdesk_json_kind(const ngx_http_chatdesk_json_node_t *node)
{
    jsmntok_t  *token = ngx_http_chatdesk_json_token(node);

    switch (token->type) {

    case JSMN_OBJECT:
        return NGX_HTTP_CHATDESK_JSON_OBJECT;

    case JSMN_ARRAY:
        return NGX_HTTP_CHATDESK_JSON_ARRAY;

    case JSMN_STRING:
        return NGX_HTTP_CHATDESK_JSON_STRING;

    default:
        break;
    }

    switch (node->text->data[token->start]) {

    case 't':
        return NGX_HTTP_CHATDESK_JSON_TRUE;

    case 'f':
        return NGX_HTTP_CHATDESK_JSON_FALSE;

    case 'n':
        return NGX_HTTP_CHATDESK_JSON_NULL;

    default:
        return NGX_HTTP_CHATDESK_JSON_NUMBER;
    }
}


ngx_uint_t
ngx_http_chatdesk_json_behind(const ngx_http_chatdesk_json_text_t *text,
    ngx_uint_t at)
{
    int  end;

    end = text->tokens[at].end;

    do {
        at++;
    } while (at < text->count && text->tokens[at].start < end);

    return at;
}


ngx_int_t
ngx_http_chatdesk_json_member(const ngx_http_chatdesk_json_node_t *object,
    const char *name, ngx_http_chatdesk_json_node_t *member)
{
    int                                   i;
    ngx_uint_t                            key;
    ngx_http_chatdesk_json_spell_t        one, other;
    const ngx_http_chatdesk_json_text_t  *text = object->text;

    key = object->at + 1;

    for (i = 0; i < ngx_http_chatdesk_json_token(object)->size; i++) {
        ngx_http_chatdesk_json_spell(&one, text, key);

        other.p = (const u_char *) name;
        other.end = other.p + ngx_strlen(name);
        other.used = 0;
        other.count = 0;

        if (ngx_http_chatdesk_json_equal(&one, &other)) {
            member->text = text;
            member->at = key + 1;
            return NGX_OK;
        }

        key = ngx_http_chatdesk_json_behind(text, key + 1);
    }

    return NGX_DECLINED;
}


ngx_uint_t
ngx_http_chatdesk_json_length(const ngx_http_chatdesk_json_node_t *array)
{
    return (ngx_uint_t) ngx_http_chatdesk_json_token(array)->size;
}


void
ngx_http_chatdesk_json_first(const ngx_http_chatdesk_json_node_t *array,
    ngx_http_chatdesk_json_node_t *item)
{
    item->text = array->text;
    item->at = array->at + 1;
}


void
ngx_http_chatdesk_json_next(ngx_http_chatdesk_json_node_t *item)
{
    item->at = ngx_http_chatdesk_json_behind(item->text, item->at);
}


size_t
ngx_http_chatdesk_json_room(const ngx_http_chatdesk_json_node_t *node)
{
    jsmntok_t  *token = ngx_http_chatdesk_json_token(node);

    /* no escape is shorter than what it stands for */

    return (size_t) (token->end - token->start);
}


size_t
ngx_http_chatdesk_json_copy(const ngx_http_chatdesk_json_node_t *node,
    u_char *copy)
{
    int                             byte;
    size_t                          len;
    u_char                         *begin = copy;
    ngx_http_chatdesk_json_spell_t  spell;

    ngx_http_chatdesk_json_spell(&spell, node->text, node->at);
    len = spell.end - spell.p;

    if (memchr(spell.p, '\\', len) == NULL) {
        ngx_memcpy(copy, spell.p, len);
        return len;
    }

    for (byte = ngx_http_chatdesk_json_byte(&spell);
         byte != -1;
         byte = ngx_http_chatdesk_json_byte(&spell))
    {
        *copy++ = (u_char) byte;
    }

    return copy - begin;
}


ngx_int_t
ngx_http_chatdesk_json_uint(const ngx_http_chatdesk_json_node_t *node,
    uint64_t max, uint64_t *number)
{
    uint64_t    value = 0;
    jsmntok_t  *token = ngx_http_chatdesk_json_token(node);
    u_char     *p, *end;

    p = node->text->data + token->start;
    end = node->text->data + token->end;

    if (ngx_http_chatdesk_json_kind(node) != NGX_HTTP_CHATDESK_JSON_NUMBER) {
        return NGX_DECLINED;
    }

    for ( /* void */ ; p < end; p++) {

        /* a sign, a fraction, an exponent */

        if (*p < '0' || *p > '9') {
            return NGX_DECLINED;
        }

        if (value > max / 10) {
            return NGX_DECLINED;
        }

        value = value * 10 + (*p - '0');

        if (value > max) {
            return NGX_DECLINED;
        }
    }

    *number = value;

    return NGX_OK;
}
