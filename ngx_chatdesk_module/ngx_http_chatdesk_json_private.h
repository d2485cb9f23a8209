/*
 * What the files that decode JSON share; only they see json-c.
 *
 * Purpose:    checked parsing of one text, and fields out of an object.
 * Owner:      whoever parsed an object puts it.
 * Invariants: see ngx_http_chatdesk_json.c.
 */

#ifndef NGX_HTTP_CHATDESK_JSON_PRIVATE_H
#define NGX_HTTP_CHATDESK_JSON_PRIVATE_H

#include "ngx_http_chatdesk_json.h"

#include <json-c/json.h>


/* NGX_OK with the object in *object, NGX_DECLINED or NGX_ERROR. */
ngx_int_t ngx_http_chatdesk_json_parse(u_char *text, size_t len,
    json_object **object, ngx_http_chatdesk_json_fault_t *fault);

/* Takes the fields of a frame of this type, 0 for no known one, from an
   object; returns as ngx_http_chatdesk_json_decode(). */
ngx_int_t ngx_http_chatdesk_json_frame(struct cd_frame *frame, unsigned type,
    json_object *object, ngx_pool_t *pool,
    ngx_http_chatdesk_json_fault_t *fault);

/* The number of the frame type that member "t" names; 0 for none. */
unsigned ngx_http_chatdesk_json_type(json_object *object);

/* A value into the frame: CD_E_OK, CD_E_BAD_REQUEST, CD_E_TOO_LONG, or
   CD_E_INTERNAL for memory. */
ngx_uint_t ngx_http_chatdesk_json_value(struct cd_frame *frame,
    unsigned field, const struct cd_field_row *row, json_object *value,
    ngx_pool_t *pool);

/* Takes a field of the object; NGX_ERROR for memory. */
ngx_int_t ngx_http_chatdesk_json_take(struct cd_frame *frame, unsigned field,
    enum cd_need need, json_object *object, ngx_pool_t *pool,
    ngx_http_chatdesk_json_fault_t *fault);


#endif /* NGX_HTTP_CHATDESK_JSON_PRIVATE_H */
