/*
 * Path and query; see path.h.
 *
 * Purpose:    bounded copies, percent decoding (RFC 3986, section 2.1; a +
 *             is a space, as forms write it).
 * Owner:      see path.h.
 * Invariants: those of path.h.
 */

#include "api/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>


/* One character at `p`, its length; 0 when it is not UTF-8 (RFC 3629) or a
   control character. */

static size_t
utf8_one(const unsigned char *p, const unsigned char *end)
{
    size_t         i, len;
    unsigned long  point;

    if (*p < 0x80) {
        return *p >= 0x20 && *p != 0x7f;
    }

    len = *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : *p >= 0xc2 ? 2 : 0;

    if (len == 0 || *p > 0xf4 || (size_t) (end - p) < len) {
        return 0;
    }

    point = *p & (0xffu >> (len + 1));

    for (i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
        point = point << 6 | (p[i] & 0x3f);
    }

    if ((len == 3 && point < 0x800) || (len == 4 && point < 0x10000)
        || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)
        || (point >= 0x80 && point < 0xa0))
    {
        return 0;
    }

    return len;
}


static int
utf8_plain(const char *text, size_t len)
{
    size_t                step;
    const unsigned char  *p = (const unsigned char *) text, *end = p + len;

    while (p < end) {
        step = utf8_one(p, end);
        if (step == 0) {
            return 0;
        }
        p += step;
    }

    return 1;
}


static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}


/* Decodes in place; the new length, or (size_t) -1. */

static size_t
percent_decode(char *text)
{
    int    high, low;
    char  *from = text, *to = text;

    while (*from != '\0') {
        if (*from == '+') {
            *to++ = ' ';
            from++;

        } else if (*from == '%') {
            high = hex_digit(from[1]);
            low = high >= 0 ? hex_digit(from[2]) : -1;

            if (low < 0 || high * 16 + low == 0) {
                return (size_t) -1;
            }

            *to++ = (char) (high * 16 + low);
            from += 3;

        } else {
            *to++ = *from++;
        }
    }

    *to = '\0';

    return (size_t) (to - text);
}


enum cd_error
api_path_take(struct api_call *call, struct cd_str path)
{
    if (path.len >= sizeof(call->path_text)
        || memchr(path.data, '\0', path.len) != NULL)
    {
        return api_refuse(call, CD_E_NO_ROUTE, NULL, "%s",
                          cd_error_row(CD_E_NO_ROUTE)->text);
    }

    memcpy(call->path_text, path.data, path.len);
    call->path_text[path.len] = '\0';

    return CD_E_OK;
}


static enum cd_error
query_bad(struct api_call *call, const char *why)
{
    return api_refuse(call, CD_E_BAD_REQUEST, "query", "the query: %s", why);
}


static enum cd_error
query_pair(struct api_call *call, char *text)
{
    char    *value = strchr(text, '=');
    size_t   len, i;
    static char  none[] = "";

    if (value != NULL) {
        *value++ = '\0';
    } else {
        value = none;
    }

    len = percent_decode(text);
    if (len == (size_t) -1 || !utf8_plain(text, len)) {
        return query_bad(call, "a name is not UTF-8 in percent form");
    }

    len = value != none ? percent_decode(value) : 0;
    if (len == (size_t) -1 || !utf8_plain(value, len)) {
        return query_bad(call, "a value is not UTF-8 in percent form");
    }

    for (i = 0; i < call->query_count; i++) {
        if (strcmp(call->query[i].name, text) == 0) {
            return query_bad(call, "a name is there twice");
        }
    }

    if (call->query_count == API_QUERY_MAX) {
        return query_bad(call, "it has too many names");
    }

    call->query[call->query_count].name = text;
    call->query[call->query_count++].value = value;

    return CD_E_OK;
}


enum cd_error
api_query_take(struct api_call *call, struct cd_str query)
{
    char           *text = call->query_text, *next;
    enum cd_error   error = CD_E_OK;

    if (query.len >= sizeof(call->query_text)
        || memchr(query.data, '\0', query.len) != NULL)
    {
        return query_bad(call, "it is too long or has a null character");
    }

    memcpy(text, query.data, query.len);
    text[query.len] = '\0';

    for ( ; text != NULL && error == CD_E_OK; text = next) {
        next = strchr(text, '&');

        if (next != NULL) {
            *next++ = '\0';
        }

        if (*text != '\0') {
            error = query_pair(call, text);
        }
    }

    return error;
}


const char *
api_query(const struct api_call *call, const char *name)
{
    size_t  i;

    for (i = 0; i < call->query_count; i++) {
        if (strcmp(call->query[i].name, name) == 0) {
            return call->query[i].value;
        }
    }

    return NULL;
}


enum cd_error
api_query_whole(struct api_call *call, const char *name, uint64_t least,
    uint64_t most, uint64_t otherwise, uint64_t *value)
{
    char        *end;
    const char  *text = api_query(call, name);

    *value = otherwise;

    if (text == NULL) {
        return CD_E_OK;
    }

    errno = 0;
    *value = strtoull(text, &end, 10);

    if (text[strspn(text, "0123456789")] != '\0' || text[0] == '\0'
        || errno != 0 || *value < least || *value > most)
    {
        return api_refuse(call, CD_E_BAD_REQUEST, name,
                          "%s: expected a whole number from %llu to %llu",
                          name, (unsigned long long) least,
                          (unsigned long long) most);
    }

    return CD_E_OK;
}
