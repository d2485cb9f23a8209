/*
 * What the files that decode JSON share; only they see jsmn.
 *
 * Purpose:    checked reading of one text, and fields out of an object.
 * Owner:      the pool owns the tokens; a node borrows its text.
 * Invariants: a text that was accepted is JSON as RFC 8259 has it, an object,
 *             within the limits of depth, values and members, and no object
 *             in it has a member twice.
 */

#ifndef NGX_HTTP_CHATDESK_JSON_PRIVATE_H
#define NGX_HTTP_CHATDESK_JSON_PRIVATE_H

#include "ngx_http_chatdesk_json.h"

#define JSMN_PARENT_LINKS
#define JSMN_STRICT

#ifndef NGX_HTTP_CHATDESK_JSON_TEXT     /* which has its functions */
#define JSMN_HEADER
#endif

#include <jsmn.h>


typedef enum {
    NGX_HTTP_CHATDESK_JSON_NULL = 0,
    NGX_HTTP_CHATDESK_JSON_FALSE = 1,
    NGX_HTTP_CHATDESK_JSON_TRUE = 2,
    NGX_HTTP_CHATDESK_JSON_NUMBER = 3,
    NGX_HTTP_CHATDESK_JSON_STRING = 4,
    NGX_HTTP_CHATDESK_JSON_ARRAY = 5,
    NGX_HTTP_CHATDESK_JSON_OBJECT = 6
} ngx_http_chatdesk_json_kind_e;

typedef struct {
    u_char          *data;
    size_t           len;
    jsmntok_t       *tokens;        /* in the order of the text */
    ngx_uint_t       count;
} ngx_http_chatdesk_json_text_t;

/* one value in a text */

typedef struct {
    const ngx_http_chatdesk_json_text_t  *text;
    ngx_uint_t                            at;       /* of its token */
} ngx_http_chatdesk_json_node_t;


/* -- json_text.c -- */

/* Reads and checks a text; NGX_OK, NGX_DECLINED with the token of a member
   that is there twice in *twice (0: it is something else), or NGX_ERROR. */
ngx_int_t ngx_http_chatdesk_json_read(ngx_http_chatdesk_json_text_t *text,
    u_char *data, size_t len, ngx_pool_t *pool, ngx_uint_t *twice);

/* -- json_node.c -- */

ngx_http_chatdesk_json_kind_e ngx_http_chatdesk_json_kind(
    const ngx_http_chatdesk_json_node_t *node);

/* The token behind a value and all that is inside. */
ngx_uint_t ngx_http_chatdesk_json_behind(
    const ngx_http_chatdesk_json_text_t *text, ngx_uint_t at);

/* Whether two strings are the same, however they are spelled. */
ngx_uint_t ngx_http_chatdesk_json_same(
    const ngx_http_chatdesk_json_text_t *text, ngx_uint_t a, ngx_uint_t b);

/* The member of an object; NGX_OK or NGX_DECLINED. */
ngx_int_t ngx_http_chatdesk_json_member(
    const ngx_http_chatdesk_json_node_t *object, const char *name,
    ngx_http_chatdesk_json_node_t *member);

/* How many items an array has; the first of them, and the one behind. */
ngx_uint_t ngx_http_chatdesk_json_length(
    const ngx_http_chatdesk_json_node_t *array);
void ngx_http_chatdesk_json_first(const ngx_http_chatdesk_json_node_t *array,
    ngx_http_chatdesk_json_node_t *item);
void ngx_http_chatdesk_json_next(ngx_http_chatdesk_json_node_t *item);

/* Most bytes that a string can have; writes it, and returns how many. */
size_t ngx_http_chatdesk_json_room(const ngx_http_chatdesk_json_node_t *node);
size_t ngx_http_chatdesk_json_copy(const ngx_http_chatdesk_json_node_t *node,
    u_char *copy);

/* A whole number that is 0 to max; NGX_OK or NGX_DECLINED. */
ngx_int_t ngx_http_chatdesk_json_uint(
    const ngx_http_chatdesk_json_node_t *node, uint64_t max,
    uint64_t *number);

/* -- json.c, json_value.c -- */

/* NGX_OK with the object that a text is, NGX_DECLINED or NGX_ERROR. */
ngx_int_t ngx_http_chatdesk_json_parse(ngx_http_chatdesk_json_text_t *text,
    u_char *data, size_t len, ngx_pool_t *pool,
    ngx_http_chatdesk_json_node_t *object,
    ngx_http_chatdesk_json_fault_t *fault);

/* Takes the fields of a frame of this type, 0 for no known one, from an
   object; returns as ngx_http_chatdesk_json_decode(). */
ngx_int_t ngx_http_chatdesk_json_frame(struct cd_frame *frame, unsigned type,
    const ngx_http_chatdesk_json_node_t *object, ngx_pool_t *pool,
    ngx_http_chatdesk_json_fault_t *fault);

/* The number of the frame type that member "t" names; 0 for none. */
unsigned ngx_http_chatdesk_json_type(
    const ngx_http_chatdesk_json_node_t *object);

/* A value into the frame: CD_E_OK, CD_E_BAD_REQUEST, CD_E_TOO_LONG, or
   CD_E_INTERNAL for memory. */
ngx_uint_t ngx_http_chatdesk_json_value(struct cd_frame *frame,
    unsigned field, const struct cd_field_row *row,
    const ngx_http_chatdesk_json_node_t *value, ngx_pool_t *pool);

/* Takes a field of the object; NGX_ERROR for memory. */
ngx_int_t ngx_http_chatdesk_json_take(struct cd_frame *frame, unsigned field,
    enum cd_need need, const ngx_http_chatdesk_json_node_t *object,
    ngx_pool_t *pool, ngx_http_chatdesk_json_fault_t *fault);


#endif /* NGX_HTTP_CHATDESK_JSON_PRIVATE_H */
