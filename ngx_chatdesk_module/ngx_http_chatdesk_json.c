/*
 * What a client sent: JSON text to struct cd_frame.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_json.h.
 */

#include "ngx_http_chatdesk_json_private.h"


/* longest name of a frame type, spelled with an escape for each character */
#define NGX_HTTP_CHATDESK_JSON_NAME  (6 * 32)


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


ngx_int_t
ngx_http_chatdesk_json_parse(ngx_http_chatdesk_json_text_t *text,
    u_char *data, size_t len, ngx_pool_t *pool,
    ngx_http_chatdesk_json_node_t *object,
    ngx_http_chatdesk_json_fault_t *fault)
{
    ngx_int_t    rc;
    ngx_str_t    name;
    ngx_uint_t   twice;
    const char  *field = NULL;

    rc = ngx_http_chatdesk_json_read(text, data, len, pool, &twice);

    object->text = text;
    object->at = 0;

    if (rc == NGX_OK
        && ngx_http_chatdesk_json_kind(object)
           != NGX_HTTP_CHATDESK_JSON_OBJECT)
    {
        rc = NGX_DECLINED;
    }

    if (rc == NGX_DECLINED) {

        if (twice != 0) {
            name.data = data + text->tokens[twice].start;
            name.len = (size_t) (text->tokens[twice].end
                                 - text->tokens[twice].start);
            field = ngx_http_chatdesk_json_field_name(&name);
        }

        ngx_http_chatdesk_json_fault(fault, CD_E_BAD_REQUEST, field);
    }

    return rc;
}


ngx_int_t
ngx_http_chatdesk_json_take(struct cd_frame *frame, unsigned field,
    enum cd_need need, const ngx_http_chatdesk_json_node_t *object,
    ngx_pool_t *pool, ngx_http_chatdesk_json_fault_t *fault)
{
    ngx_uint_t                      error;
    const struct cd_field_row      *row;
    ngx_http_chatdesk_json_node_t   value;

    row = cd_field_row(field);

    if (ngx_http_chatdesk_json_member(object, row->name, &value) != NGX_OK) {

        if (need == CD_REQUIRED) {
            ngx_http_chatdesk_json_fault(fault, CD_E_BAD_REQUEST, row->name);
        }

        return NGX_OK;
    }

    error = ngx_http_chatdesk_json_value(frame, field, row, &value, pool);

    if (error == CD_E_INTERNAL) {
        return NGX_ERROR;
    }

    if (error != CD_E_OK) {
        ngx_http_chatdesk_json_fault(fault, error, row->name);
    }

    return NGX_OK;
}


unsigned
ngx_http_chatdesk_json_type(const ngx_http_chatdesk_json_node_t *object)
{
    size_t                         len;
    u_char                         name[NGX_HTTP_CHATDESK_JSON_NAME];
    ngx_http_chatdesk_json_node_t  value;

    if (ngx_http_chatdesk_json_member(object, "t", &value) != NGX_OK
        || ngx_http_chatdesk_json_kind(&value)
           != NGX_HTTP_CHATDESK_JSON_STRING
        || ngx_http_chatdesk_json_room(&value) > sizeof(name))
    {
        return 0;
    }

    len = ngx_http_chatdesk_json_copy(&value, name);

    return cd_frame_find(CD_DIR_C2S, (char *) name, len);
}


ngx_int_t
ngx_http_chatdesk_json_frame(struct cd_frame *frame, unsigned type,
    const ngx_http_chatdesk_json_node_t *object, ngx_pool_t *pool,
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
    ngx_int_t                      rc;
    ngx_http_chatdesk_json_text_t  read;
    ngx_http_chatdesk_json_node_t  object;

    ngx_memzero(fault, sizeof(ngx_http_chatdesk_json_fault_t));
    cd_frame_init(frame, 0);

    rc = ngx_http_chatdesk_json_parse(&read, text, len, pool, &object, fault);
    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_chatdesk_json_frame(frame,
                                        ngx_http_chatdesk_json_type(&object),
                                        &object, pool, fault);
}


ngx_int_t
ngx_http_chatdesk_json_fields(struct cd_frame *frame, const uint8_t *fields,
    u_char *text, size_t len, ngx_pool_t *pool,
    ngx_http_chatdesk_json_fault_t *fault)
{
    ngx_int_t                      rc;
    ngx_http_chatdesk_json_text_t  read;
    ngx_http_chatdesk_json_node_t  object;

    ngx_memzero(fault, sizeof(ngx_http_chatdesk_json_fault_t));
    cd_frame_init(frame, 0);

    rc = ngx_http_chatdesk_json_parse(&read, text, len, pool, &object, fault);
    if (rc != NGX_OK) {
        return rc;
    }

    for ( /* void */ ; *fields != 0 && rc == NGX_OK; fields++) {
        rc = ngx_http_chatdesk_json_take(frame, *fields, CD_REQUIRED, &object,
                                         pool, fault);
    }

    return (rc == NGX_OK && fault->error != CD_E_OK) ? NGX_DECLINED : rc;
}
