/*
 * What a client sent: JSON text to struct cd_frame.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_json.h.
 *
 * json-c is strict about structure but takes some things that JSON does not
 * have: NaN and Infinity, single quotes, control characters in strings,
 * digits missing after a point, and repeated members of which the last
 * wins.  A scan in front of it refuses the first four, bounds the nesting
 * and counts members; the count is compared with how many members json-c
 * kept.
 */

#include "ngx_http_chatdesk_json_private.h"


/* json-c counts a scalar inside as a level too, but nothing inside as none */
#define NGX_HTTP_CHATDESK_JSON_LEVELS  ((int) CD_LIMIT_JSON_DEPTH + 1)


/* where the scan is */

typedef struct {
    u_char      *p;
    u_char      *end;
    ngx_uint_t   members;
    ngx_uint_t   depth;
    ngx_str_t    key;           /* the string that ended last */
} ngx_http_chatdesk_json_scan_t;


static void
ngx_http_chatdesk_json_fault(ngx_http_chatdesk_json_fault_t *fault,
    ngx_uint_t error, const char *field)
{
    if (fault->error != CD_E_OK) {
        return;                             /* the first one is told */
    }

    fault->error = error;
    fault->field.data = (u_char *) field;
    fault->field.len = (field != NULL) ? ngx_strlen(field) : 0;
}


/* The string whose quote is at scan->p; NGX_OK past it, or NGX_DECLINED. */

static ngx_int_t
ngx_http_chatdesk_json_scan_string(ngx_http_chatdesk_json_scan_t *scan)
{
    u_char  *p;

    for (p = scan->p + 1; p < scan->end; p++) {

        if (*p < 0x20) {
            return NGX_DECLINED;
        }

        if (*p == '\\') {
            p++;
            continue;
        }

        if (*p == '"') {
            scan->key.data = scan->p + 1;
            scan->key.len = p - scan->key.data;
            scan->p = p + 1;
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


/* Goes on to behind the next colon outside strings: NGX_OK, NGX_DONE at the
   end, NGX_DECLINED for what JSON does not have. */

static ngx_int_t
ngx_http_chatdesk_json_scan_member(ngx_http_chatdesk_json_scan_t *scan)
{
    while (scan->p < scan->end) {

        switch (*scan->p) {

        case '"':
            if (ngx_http_chatdesk_json_scan_string(scan) != NGX_OK) {
                return NGX_DECLINED;
            }
            continue;

        case ':':
            scan->p++;
            scan->members++;
            return NGX_OK;

        case '{':
        case '[':
            if (++scan->depth > CD_LIMIT_JSON_DEPTH) {
                return NGX_DECLINED;
            }
            break;

        case '}':
        case ']':
            scan->depth--;
            break;

        case '\'':
        case 'N':
        case 'I':
            return NGX_DECLINED;

        case '.':
            if (scan->p + 1 == scan->end || scan->p[1] < '0'
                || scan->p[1] > '9')
            {
                return NGX_DECLINED;
            }
            break;
        }

        scan->p++;
    }

    return NGX_DONE;
}


/* Members of all objects inside; depth is bounded by the parser. */

static ngx_uint_t
ngx_http_chatdesk_json_kept(json_object *value)
{
    size_t      i;
    ngx_uint_t  kept = 0;

    switch (json_object_get_type(value)) {

    case json_type_object:
        kept = json_object_object_length(value);

        json_object_object_foreach(value, key, member) {
            (void) key;
            kept += ngx_http_chatdesk_json_kept(member);
        }
        break;

    case json_type_array:
        for (i = 0; i < json_object_array_length(value); i++) {
            kept += ngx_http_chatdesk_json_kept(
                                     json_object_array_get_idx(value, i));
        }
        break;

    default:
        break;
    }

    return kept;
}


/* The field with this name as constant text, NULL for none. */

static const char *
ngx_http_chatdesk_json_field_name(ngx_str_t *name)
{
    unsigned                    i;
    const struct cd_field_row  *row;

    if (name->len == 1 && name->data[0] == 't') {
        return "t";
    }

    for (i = 1; i < CD_FIELDS_MAX; i++) {
        row = cd_field_row(i);

        if (row != NULL && ngx_strlen(row->name) == name->len
            && ngx_memcmp(row->name, name->data, name->len) == 0)
        {
            return row->name;
        }
    }

    return NULL;
}


/* The name of a member that the outermost object has twice, NULL when it is
   none of ours.  Only called once it is known that there is one. */

static const char *
ngx_http_chatdesk_json_twice(u_char *text, size_t len)
{
    ngx_uint_t                     i, count = 0;
    const char                    *name, *seen[CD_FIELDS_MAX + 1];
    ngx_http_chatdesk_json_scan_t  scan = { text, text + len, 0, 0,
                                            ngx_null_string };

    while (ngx_http_chatdesk_json_scan_member(&scan) == NGX_OK) {

        if (scan.depth != 1) {
            continue;
        }

        name = ngx_http_chatdesk_json_field_name(&scan.key);

        if (name == NULL) {
            continue;
        }

        for (i = 0; i < count; i++) {
            if (seen[i] == name) {
                return name;
            }
        }

        seen[count++] = name;
    }

    return NULL;
}


/* One tokener for all texts of the process. */

static json_tokener *
ngx_http_chatdesk_json_tokener(void)
{
    static json_tokener  *tokener;

    if (tokener == NULL) {
        tokener = json_tokener_new_ex(NGX_HTTP_CHATDESK_JSON_LEVELS);

        if (tokener != NULL) {
            json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
        }
    }

    if (tokener != NULL) {
        json_tokener_reset(tokener);
    }

    return tokener;
}


ngx_int_t
ngx_http_chatdesk_json_parse(u_char *text, size_t len, json_object **object,
    ngx_http_chatdesk_json_fault_t *fault)
{
    ngx_int_t                      rc;
    json_object                   *value;
    json_tokener                  *tokener;
    ngx_http_chatdesk_json_scan_t  scan = { text, text + len, 0, 0,
                                            ngx_null_string };

    do {
        rc = ngx_http_chatdesk_json_scan_member(&scan);
    } while (rc == NGX_OK);

    if (rc != NGX_DONE || len > CD_LIMIT_FRAME) {
        ngx_http_chatdesk_json_fault(fault, CD_E_BAD_REQUEST, NULL);
        return NGX_DECLINED;
    }

    tokener = ngx_http_chatdesk_json_tokener();
    if (tokener == NULL) {
        return NGX_ERROR;
    }

    value = json_tokener_parse_ex(tokener, (const char *) text, (int) len);

    if (json_tokener_get_error(tokener) != json_tokener_success
        || json_tokener_get_parse_end(tokener) != len
        || !json_object_is_type(value, json_type_object))
    {
        ngx_http_chatdesk_json_fault(fault, CD_E_BAD_REQUEST, NULL);
        goto declined;
    }

    if (ngx_http_chatdesk_json_kept(value) != scan.members) {
        ngx_http_chatdesk_json_fault(fault, CD_E_BAD_REQUEST,
                                     ngx_http_chatdesk_json_twice(text, len));
        goto declined;
    }

    *object = value;

    return NGX_OK;

declined:

    json_object_put(value);

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_chatdesk_json_take(struct cd_frame *frame, unsigned field,
    enum cd_need need, json_object *object, ngx_pool_t *pool,
    ngx_http_chatdesk_json_fault_t *fault)
{
    ngx_uint_t                  error;
    json_object                *value;
    const struct cd_field_row  *row;

    row = cd_field_row(field);

    if (!json_object_object_get_ex(object, row->name, &value)) {

        if (need == CD_REQUIRED) {
            ngx_http_chatdesk_json_fault(fault, CD_E_BAD_REQUEST, row->name);
        }

        return NGX_OK;
    }

    error = ngx_http_chatdesk_json_value(frame, field, row, value, pool);

    if (error == CD_E_INTERNAL) {
        return NGX_ERROR;
    }

    if (error != CD_E_OK) {
        ngx_http_chatdesk_json_fault(fault, error, row->name);
    }

    return NGX_OK;
}


unsigned
ngx_http_chatdesk_json_type(json_object *object)
{
    json_object  *value;

    if (!json_object_object_get_ex(object, "t", &value)
        || !json_object_is_type(value, json_type_string))
    {
        return 0;
    }

    return cd_frame_find(CD_DIR_C2S, json_object_get_string(value),
                         (size_t) json_object_get_string_len(value));
}


ngx_int_t
ngx_http_chatdesk_json_frame(struct cd_frame *frame, unsigned type,
    json_object *object, ngx_pool_t *pool,
    ngx_http_chatdesk_json_fault_t *fault)
{
    unsigned      field;
    ngx_int_t     rc = NGX_OK;
    enum cd_need  need;

    cd_frame_init(frame, type);

    if (type == 0) {
        ngx_http_chatdesk_json_fault(fault, CD_E_BAD_REQUEST, "t");
    }

    for (field = 1; field < CD_FIELDS_MAX && rc == NGX_OK; field++) {
        need = cd_frame_need(type, field);

        /* an answer to an unknown type names what it was about as well */
        if (type == 0
            && (field == CD_F_ID || field == CD_F_CONV || field == CD_F_K))
        {
            need = CD_OPTIONAL;
        }

        if (need != CD_ABSENT) {
            rc = ngx_http_chatdesk_json_take(frame, field, need, object, pool,
                                             fault);
        }
    }

    return (rc == NGX_OK && fault->error != CD_E_OK) ? NGX_DECLINED : rc;
}


ngx_int_t
ngx_http_chatdesk_json_decode(struct cd_frame *frame, u_char *text,
    size_t len, ngx_pool_t *pool, ngx_http_chatdesk_json_fault_t *fault)
{
    ngx_int_t     rc;
    json_object  *object;

    ngx_memzero(fault, sizeof(ngx_http_chatdesk_json_fault_t));
    cd_frame_init(frame, 0);

    rc = ngx_http_chatdesk_json_parse(text, len, &object, fault);
    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_chatdesk_json_frame(frame,
                                      ngx_http_chatdesk_json_type(object),
                                      object, pool, fault);
    json_object_put(object);

    return rc;
}


ngx_int_t
ngx_http_chatdesk_json_fields(struct cd_frame *frame, const uint8_t *fields,
    u_char *text, size_t len, ngx_pool_t *pool,
    ngx_http_chatdesk_json_fault_t *fault)
{
    ngx_int_t     rc;
    json_object  *object;

    ngx_memzero(fault, sizeof(ngx_http_chatdesk_json_fault_t));
    cd_frame_init(frame, 0);

    rc = ngx_http_chatdesk_json_parse(text, len, &object, fault);
    if (rc != NGX_OK) {
        return rc;
    }

    for ( /* void */ ; *fields != 0 && rc == NGX_OK; fields++) {
        rc = ngx_http_chatdesk_json_take(frame, *fields, CD_REQUIRED, object,
                                         pool, fault);
    }

    json_object_put(object);

    return (rc == NGX_OK && fault->error != CD_E_OK) ? NGX_DECLINED : rc;
}
