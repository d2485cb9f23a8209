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
ngx_http_chatdesk_json_token(const char *data, size_t len, uint64_t max)
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
    const struct cd_field_row *row, json_object *value, ngx_pool_t *pool)
{
    size_t       len;
    u_char      *copy;
    int64_t      points;
    const char  *data;

    if (!json_object_is_type(value, json_type_string)) {
        return CD_E_BAD_REQUEST;
    }

    data = json_object_get_string(value);
    len = (size_t) json_object_get_string_len(value);

    if (row->type == CD_TYPE_TOKEN) {
        if (!ngx_http_chatdesk_json_token(data, len, row->max)) {
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

    copy = ngx_pnalloc(pool, len + 1);
    if (copy == NULL) {
        return CD_E_INTERNAL;
    }

    ngx_memcpy(copy, data, len);
    cd_frame_set_str(frame, field, (char *) copy, len);

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


/* One item of a list; its length, 0 when it is none. */

static size_t
ngx_http_chatdesk_json_item(json_object *item)
{
    size_t       len;
    int64_t      points;
    const char  *data;

    if (!json_object_is_type(item, json_type_string)) {
        return 0;
    }

    data = json_object_get_string(item);
    len = (size_t) json_object_get_string_len(item);
    points = ngx_http_chatdesk_json_points(data, len);

    if (points < 1 || (uint64_t) points > CD_LIMIT_LIST_ITEM
        || !ngx_http_chatdesk_json_line(data, len))
    {
        return 0;
    }

    return len;
}


/* A LIST field: the items with a line feed between them; as the above. */

static ngx_uint_t
ngx_http_chatdesk_json_list(struct cd_frame *frame, unsigned field,
    const struct cd_field_row *row, json_object *value, ngx_pool_t *pool)
{
    size_t        i, count, len, total;
    u_char       *copy, *p;
    json_object  *item;

    if (!json_object_is_type(value, json_type_array)) {
        return CD_E_BAD_REQUEST;
    }

    count = json_object_array_length(value);
    total = 0;

    if (count < 1 || count > row->max) {
        return CD_E_BAD_REQUEST;
    }

    for (i = 0; i < count; i++) {
        len = ngx_http_chatdesk_json_item(json_object_array_get_idx(value,
                                                                    i));
        if (len == 0) {
            return CD_E_BAD_REQUEST;
        }

        total += len + 1;
    }

    copy = ngx_pnalloc(pool, total);
    if (copy == NULL) {
        return CD_E_INTERNAL;
    }

    for (i = 0, p = copy; i < count; i++) {
        item = json_object_array_get_idx(value, i);
        p = ngx_cpymem(p, json_object_get_string(item),
                       json_object_get_string_len(item));
        *p++ = '\n';
    }

    cd_frame_set_str(frame, field, (char *) copy, total - 1);

    return CD_E_OK;
}


ngx_uint_t
ngx_http_chatdesk_json_value(struct cd_frame *frame, unsigned field,
    const struct cd_field_row *row, json_object *value, ngx_pool_t *pool)
{
    switch (row->type) {

    case CD_TYPE_BOOL:
        if (!json_object_is_type(value, json_type_boolean)) {
            return CD_E_BAD_REQUEST;
        }

        cd_frame_set_uint(frame, field,
                          json_object_get_boolean(value) ? 1 : 0);
        return CD_E_OK;

    case CD_TYPE_UINT:
        if (!json_object_is_type(value, json_type_int)
            || json_object_get_int64(value) < 0
            || json_object_get_uint64(value) > row->max)
        {
            return CD_E_BAD_REQUEST;
        }

        cd_frame_set_uint(frame, field, json_object_get_uint64(value));
        return CD_E_OK;

    case CD_TYPE_LIST:
        return ngx_http_chatdesk_json_list(frame, field, row, value, pool);

    default:
        return ngx_http_chatdesk_json_string(frame, field, row, value, pool);
    }
}
