/*
 * One member of an object: JSON value to field of a frame.
 *
 * Purpose:    checks a value against its row of tbl/fields.h.
 * Owner:      strings are copied into the pool that is given.
 * Invariants: a field that was set is within its type and bound; of a list
 *             no item has what could be taken for two.
 */

#include "ngx_http_chatdesk_json_private.h"
#include "ngx_http_chatdesk_utf8.h"


/* Code points of a text; -1 when it is not UTF-8 or has a NUL. */

static int64_t
ngx_http_chatdesk_json_points(const char *data, size_t len)
{
    size_t                    i;
    int64_t                   points = 0;
    ngx_http_chatdesk_utf8_t  utf8;

    ngx_http_chatdesk_utf8_init(&utf8);

    if (ngx_http_chatdesk_utf8_feed(&utf8, (const unsigned char *) data, len)
            != 0
        || !ngx_http_chatdesk_utf8_whole(&utf8))
    {
        return -1;
    }

    for (i = 0; i < len; i++) {
        if (data[i] == '\0') {
            return -1;
        }

        points += ((unsigned char) data[i] & 0xc0) != 0x80;
    }

    return points;
}


static ngx_uint_t
ngx_http_chatdesk_json_is_token(const char *data, size_t len, uint64_t max)
{
    size_t  i;
    char    c;

    if (len == 0 || len > max) {
        return 0;
    }

    for (i = 0; i < len; i++) {
        c = data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'))
        {
            return 0;
        }
    }

    return 1;
}


/* A STR or TOKEN field: CD_E_OK, CD_E_BAD_REQUEST, CD_E_TOO_LONG, or
   CD_E_INTERNAL for memory. */

static ngx_uint_t
ngx_http_chatdesk_json_string(struct cd_frame *frame, unsigned field,
    const struct cd_field_row *row,
    const ngx_http_chatdesk_json_node_t *value, ngx_pool_t *pool)
{
    size_t    len;
    char     *data;
    int64_t   points;

    if (ngx_http_chatdesk_json_kind(value) != NGX_HTTP_CHATDESK_JSON_STRING) {
        return CD_E_BAD_REQUEST;
    }

    data = ngx_pnalloc(pool, ngx_http_chatdesk_json_room(value) + 1);
    if (data == NULL) {
        return CD_E_INTERNAL;
    }

    len = ngx_http_chatdesk_json_copy(value, (u_char *) data);

    if (row->type == CD_TYPE_TOKEN) {
        if (!ngx_http_chatdesk_json_is_token(data, len, row->max)) {
            return CD_E_BAD_REQUEST;
        }

    } else {
        points = ngx_http_chatdesk_json_points(data, len);

        if (points < 0) {
            return CD_E_BAD_REQUEST;
        }

        if ((uint64_t) points > row->max) {
            return (field == CD_F_TEXT) ? CD_E_TOO_LONG : CD_E_BAD_REQUEST;
        }
    }

    cd_frame_set_str(frame, field, data, len);

    return CD_E_OK;
}


/* What stands on one line and cannot turn around what stands beside it:
   no controls, no line ends, no embeddings, overrides and isolates of the
   Unicode Bidirectional Algorithm (UAX 9, 2). */

static ngx_uint_t
ngx_http_chatdesk_json_line(const char *data, size_t len)
{
    u_char      *p, *end;
    uint32_t     c;
    ngx_uint_t   seen = 0;

    p = (u_char *) data;
    end = p + len;

    while (p < end) {
        c = (*p < 0x80) ? *p++ : ngx_utf8_decode(&p, end - p);

        if (c < 0x20 || (c >= 0x7f && c < 0xa0)
            || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
        {
            return 0;
        }

        seen |= !ngx_http_chatdesk_utf8_blank(c);
    }

    return seen;
}


/* One item of a list, written to `copy`; its length, 0 when it is none. */

static size_t
ngx_http_chatdesk_json_item(const ngx_http_chatdesk_json_node_t *item,
    u_char *copy)
{
    size_t    len;
    int64_t   points;

    if (ngx_http_chatdesk_json_kind(item) != NGX_HTTP_CHATDESK_JSON_STRING) {
        return 0;
    }

    len = ngx_http_chatdesk_json_copy(item, copy);
    points = ngx_http_chatdesk_json_points((char *) copy, len);

    if (points < 1 || (uint64_t) points > CD_LIMIT_LIST_ITEM
        || !ngx_http_chatdesk_json_line((char *) copy, len))
    {
        return 0;
    }

    return len;
}


/* A LIST field: the items with a line feed between them; as the above. */

static ngx_uint_t
ngx_http_chatdesk_json_list(struct cd_frame *frame, unsigned field,
    const struct cd_field_row *row,
    const ngx_http_chatdesk_json_node_t *value, ngx_pool_t *pool)
{
    size_t                          len;
    u_char                         *copy, *p;
    ngx_uint_t                      i, count;
    ngx_http_chatdesk_json_node_t   item;

    if (ngx_http_chatdesk_json_kind(value) != NGX_HTTP_CHATDESK_JSON_ARRAY) {
        return CD_E_BAD_REQUEST;
    }

    count = ngx_http_chatdesk_json_length(value);

    if (count < 1 || count > row->max) {
        return CD_E_BAD_REQUEST;
    }

    /* quotes and commas leave room for line feeds */

    copy = ngx_pnalloc(pool, ngx_http_chatdesk_json_room(value));
    if (copy == NULL) {
        return CD_E_INTERNAL;
    }

    ngx_http_chatdesk_json_first(value, &item);

    for (i = 0, p = copy; i < count; i++) {
        len = ngx_http_chatdesk_json_item(&item, p);

        if (len == 0) {
            return CD_E_BAD_REQUEST;
        }

        p += len;
        *p++ = '\n';
        ngx_http_chatdesk_json_next(&item);
    }

    cd_frame_set_str(frame, field, (char *) copy, p - copy - 1);

    return CD_E_OK;
}


ngx_uint_t
ngx_http_chatdesk_json_value(struct cd_frame *frame, unsigned field,
    const struct cd_field_row *row,
    const ngx_http_chatdesk_json_node_t *value, ngx_pool_t *pool)
{
    uint64_t                       number;
    ngx_http_chatdesk_json_kind_e  kind;

    switch (row->type) {

    case CD_TYPE_BOOL:
        kind = ngx_http_chatdesk_json_kind(value);

        if (kind != NGX_HTTP_CHATDESK_JSON_TRUE
            && kind != NGX_HTTP_CHATDESK_JSON_FALSE)
        {
            return CD_E_BAD_REQUEST;
        }

        cd_frame_set_uint(frame, field, kind == NGX_HTTP_CHATDESK_JSON_TRUE);
        return CD_E_OK;

    case CD_TYPE_UINT:
        if (ngx_http_chatdesk_json_uint(value, row->max, &number) != NGX_OK) {
            return CD_E_BAD_REQUEST;
        }

        cd_frame_set_uint(frame, field, number);
        return CD_E_OK;

    case CD_TYPE_LIST:
        return ngx_http_chatdesk_json_list(frame, field, row, value, pool);

    default:
        return ngx_http_chatdesk_json_string(frame, field, row, value, pool);
    }
}
