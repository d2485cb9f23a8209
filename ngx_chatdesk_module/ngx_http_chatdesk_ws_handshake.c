/*
 * The opening handshake, RFC 6455, section 4.2.
 *
 * Purpose:    says whether a request may become a WebSocket, and answers.
 * Owner:      the request owns all that is used here.
 * Invariants: a refusal changes nothing but the headers that 426 needs;
 *             header fields are looked up in the list, which has the same
 *             form in every version of nginx.
 */

#include <ngx_sha1.h>

#include "ngx_http_chatdesk_ws_offer.h"
#include "ngx_http_chatdesk_ws_private.h"
#include "ngx_http_chatdesk_ws_zip.h"


#define NGX_HTTP_CHATDESK_WS_GUID  "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

/* base64 of 16 bytes, and the bytes */
#define NGX_HTTP_CHATDESK_WS_KEY        24
#define NGX_HTTP_CHATDESK_WS_KEY_BYTES  16

/* not in nginx's table of status codes */
#define NGX_HTTP_CHATDESK_WS_UPGRADE_REQUIRED  426


/* The next field of this (lower case) name at or behind part:*i; NULL. */

static ngx_table_elt_t *
ngx_http_chatdesk_ws_field(ngx_list_part_t **part, ngx_uint_t *i,
    ngx_str_t *name)
{
    ngx_table_elt_t  *field;

    for ( ;; ) {

        if (*i >= (*part)->nelts) {
            if ((*part)->next == NULL) {
                return NULL;
            }

            *part = (*part)->next;
            *i = 0;
            continue;
        }

        field = (ngx_table_elt_t *) (*part)->elts + (*i)++;

        if (field->key.len == name->len
            && ngx_strncasecmp(field->key.data, name->data, name->len) == 0)
        {
            return field;
        }
    }
}


/* Takes the next member off a list with commas; 0 at its end. */

static ngx_uint_t
ngx_http_chatdesk_ws_token(ngx_str_t *list, ngx_str_t *token)
{
    u_char  *p, *last;

    p = list->data;
    last = list->data + list->len;

    while (p < last && (*p == ',' || *p == ' ' || *p == '\t')) {
        p++;
    }

    token->data = p;

    while (p < last && *p != ',') {
        p++;
    }

    list->len = last - p;
    list->data = p;

    token->len = p - token->data;

    while (token->len
           && (token->data[token->len - 1] == ' '
               || token->data[token->len - 1] == '\t'))
    {
        token->len--;
    }

    return token->len != 0;
}


/* Whether a header's lists, taken together, have this member. */

static ngx_uint_t
ngx_http_chatdesk_ws_lists(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *member, ngx_uint_t any_case)
{
    ngx_str_t         list, token;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *field;

    part = &r->headers_in.headers.part;
    i = 0;

    while ((field = ngx_http_chatdesk_ws_field(&part, &i, name)) != NULL) {
        list = field->value;

        while (ngx_http_chatdesk_ws_token(&list, &token)) {

            if (token.len == member->len
                && (any_case ? ngx_strncasecmp(token.data, member->data,
                                               token.len)
                             : ngx_strncmp(token.data, member->data,
                                           token.len)) == 0)
            {
                return 1;
            }
        }
    }

    return 0;
}


/* The text behind a member's prefix, decoded; its length, 0 for none.  Only
   ASCII is taken: it needs no further check. */

static size_t
ngx_http_chatdesk_ws_first_text(ngx_str_t *token, const ngx_str_t *prefix,
    u_char *text)
{
    size_t     i;
    ngx_str_t  src, dst;

    if (token->len <= prefix->len
        || ngx_base64_decoded_length(token->len) > NGX_HTTP_CHATDESK_WS_FIRST
        || ngx_strncmp(token->data, prefix->data, prefix->len) != 0)
    {
        return 0;
    }

    src.data = token->data + prefix->len;
    src.len = token->len - prefix->len;
    dst.data = text;

    if (ngx_decode_base64url(&dst, &src) != NGX_OK) {
        return 0;
    }

    for (i = 0; i < dst.len; i++) {
        if (text[i] >= 0x80) {
            return 0;
        }
    }

    return dst.len;
}


size_t
ngx_http_chatdesk_ws_handshake_first(ngx_http_request_t *r,
    const ngx_http_chatdesk_ws_first_t *first, u_char *text)
{
    size_t            len;
    ngx_str_t         list, token, protocol;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *field;

    static ngx_str_t  name = ngx_string("sec-websocket-protocol");

    protocol = first->protocol;

    if (!ngx_http_chatdesk_ws_lists(r, &name, &protocol, 0)) {
        return 0;
    }

    part = &r->headers_in.headers.part;
    i = 0;

    while ((field = ngx_http_chatdesk_ws_field(&part, &i, &name)) != NULL) {
        list = field->value;

        while (ngx_http_chatdesk_ws_token(&list, &token)) {
            len = ngx_http_chatdesk_ws_first_text(&token, &first->prefix,
                                                  text);
            if (len != 0) {
                return len;
            }
        }
    }

    return 0;
}


/* The value of a header that must be there once; NULL otherwise. */

static ngx_str_t *
ngx_http_chatdesk_ws_single(ngx_http_request_t *r, ngx_str_t *name)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *field;

    part = &r->headers_in.headers.part;
    i = 0;

    field = ngx_http_chatdesk_ws_field(&part, &i, name);

    if (field == NULL || ngx_http_chatdesk_ws_field(&part, &i, name) != NULL) {
        return NULL;
    }

    return &field->value;
}


static ngx_int_t
ngx_http_chatdesk_ws_add_header(ngx_http_request_t *r, ngx_str_t *key,
    ngx_str_t *value)
{
    ngx_table_elt_t  *field;

    field = ngx_list_push(&r->headers_out.headers);
    if (field == NULL) {
        return NGX_ERROR;
    }

    field->hash = 1;
    field->key = *key;
    field->value = *value;
#if (nginx_version >= 1023000)
    field->next = NULL;
#endif

    return NGX_OK;
}


/* 426 names what would be welcome, RFC 6455, section 4.4, and RFC 9110. */

static ngx_int_t
ngx_http_chatdesk_ws_upgrade_required(ngx_http_request_t *r)
{
    static ngx_str_t  version = ngx_string("Sec-WebSocket-Version");
    static ngx_str_t  thirteen = ngx_string("13");
    static ngx_str_t  upgrade = ngx_string("Upgrade");
    static ngx_str_t  websocket = ngx_string("websocket");

    if (ngx_http_chatdesk_ws_add_header(r, &version, &thirteen) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* Upgrade is not allowed in HTTP/2 and later */

    if (r->http_version <= NGX_HTTP_VERSION_11
        && ngx_http_chatdesk_ws_add_header(r, &upgrade, &websocket) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_HTTP_CHATDESK_WS_UPGRADE_REQUIRED;
}


/* base64(SHA-1(key + GUID)), section 4.2.2 */

static void
ngx_http_chatdesk_ws_accept_value(ngx_str_t *key, u_char *accept)
{
    u_char      hash[20];
    ngx_str_t   src, dst;
    ngx_sha1_t  sha1;

    ngx_sha1_init(&sha1);
    ngx_sha1_update(&sha1, key->data, key->len);
    ngx_sha1_update(&sha1, NGX_HTTP_CHATDESK_WS_GUID,
                    sizeof(NGX_HTTP_CHATDESK_WS_GUID) - 1);
    ngx_sha1_final(hash, &sha1);

    src.data = hash;
    src.len = sizeof(hash);
    dst.data = accept;

    ngx_encode_base64(&dst, &src);
}


/* A key is 16 bytes in base64: 22 characters and the padding. */

static ngx_uint_t
ngx_http_chatdesk_ws_key_valid(ngx_str_t *key)
{
    u_char     bytes[ngx_base64_decoded_length(NGX_HTTP_CHATDESK_WS_KEY)];
    ngx_str_t  dst;

    if (key == NULL || key->len != NGX_HTTP_CHATDESK_WS_KEY) {
        return 0;
    }

    dst.data = bytes;

    return ngx_decode_base64(&dst, key) == NGX_OK
           && dst.len == NGX_HTTP_CHATDESK_WS_KEY_BYTES;
}


ngx_int_t
ngx_http_chatdesk_ws_handshake_check(ngx_http_request_t *r,
    ngx_str_t *protocol, u_char *accept)
{
    static ngx_str_t  connection = ngx_string("connection");
    static ngx_str_t  upgrade = ngx_string("upgrade");
    static ngx_str_t  websocket = ngx_string("websocket");
    static ngx_str_t  version_name = ngx_string("sec-websocket-version");
    static ngx_str_t  key_name = ngx_string("sec-websocket-key");
    static ngx_str_t  protocol_name = ngx_string("sec-websocket-protocol");

    ngx_str_t  *version, *key;

    if (r != r->main || r->method != NGX_HTTP_GET) {
        return NGX_HTTP_BAD_REQUEST;
    }

    if (r->http_version != NGX_HTTP_VERSION_11
        || !ngx_http_chatdesk_ws_lists(r, &upgrade, &websocket, 1))
    {
        return ngx_http_chatdesk_ws_upgrade_required(r);
    }

    version = ngx_http_chatdesk_ws_single(r, &version_name);

    if (version == NULL || version->len != 2
        || ngx_strncmp(version->data, "13", 2) != 0)
    {
        return ngx_http_chatdesk_ws_upgrade_required(r);
    }

    key = ngx_http_chatdesk_ws_single(r, &key_name);

    if (!ngx_http_chatdesk_ws_lists(r, &connection, &upgrade, 1)
        || !ngx_http_chatdesk_ws_key_valid(key)
        || r->headers_in.content_length_n > 0 || r->headers_in.chunked)
    {
        return NGX_HTTP_BAD_REQUEST;
    }

    if (protocol->len
        && !ngx_http_chatdesk_ws_lists(r, &protocol_name, protocol, 0))
    {
        return NGX_HTTP_BAD_REQUEST;
    }

    if (ngx_terminate) {
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }

    ngx_http_chatdesk_ws_accept_value(key, accept);

    return NGX_OK;
}


/* What is agreed on: no message looks back beyond itself, so that a frame is
   packed once for all who get it. */

static void
ngx_http_chatdesk_ws_handshake_agree(unsigned window, unsigned asked,
    ngx_str_t *extension, ngx_http_chatdesk_ws_pack_e *pack)
{
    static ngx_str_t  plain = ngx_string("permessage-deflate; "
                                         "server_no_context_takeover; "
                                         "client_no_context_takeover");
    static ngx_str_t  small = ngx_string("permessage-deflate; "
                                         "server_no_context_takeover; "
                                         "client_no_context_takeover; "
                                         "server_max_window_bits=9");
    static ngx_str_t  large = ngx_string("permessage-deflate; "
                                         "server_no_context_takeover; "
                                         "client_no_context_takeover; "
                                         "server_max_window_bits=15");

    if (window < NGX_HTTP_CHATDESK_WS_ZIP_LARGE) {
        *extension = small;
        *pack = NGX_HTTP_CHATDESK_WS_PACK_SMALL;
        return;
    }

    *extension = asked ? large : plain;
    *pack = NGX_HTTP_CHATDESK_WS_PACK_LARGE;
}


ngx_int_t
ngx_http_chatdesk_ws_handshake_offer(ngx_http_request_t *r,
    ngx_str_t *extension, ngx_http_chatdesk_ws_pack_e *window)
{
    static ngx_str_t  name = ngx_string("sec-websocket-extensions");

    unsigned          bits, asked;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *field;

    ngx_str_null(extension);
    *window = NGX_HTTP_CHATDESK_WS_PACK_NOT;

    part = &r->headers_in.headers.part;
    i = 0;

    while ((field = ngx_http_chatdesk_ws_field(&part, &i, &name)) != NULL) {

        switch (ngx_http_chatdesk_ws_offer(field->value.data,
                                           field->value.len, &bits, &asked))
        {
        case NGX_HTTP_CHATDESK_WS_OFFER_BROKEN:
            return NGX_HTTP_BAD_REQUEST;

        case NGX_HTTP_CHATDESK_WS_OFFER_TAKEN:
            if (*window == NGX_HTTP_CHATDESK_WS_PACK_NOT) {
                ngx_http_chatdesk_ws_handshake_agree(bits, asked, extension,
                                                     window);
            }
            break;

        case NGX_HTTP_CHATDESK_WS_OFFER_NONE:
            break;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_chatdesk_ws_handshake_answer(ngx_http_request_t *r,
    ngx_str_t *protocol, ngx_str_t *extension, ngx_str_t *accept)
{
    static ngx_str_t  upgrade = ngx_string("Upgrade");
    static ngx_str_t  websocket = ngx_string("websocket");
    static ngx_str_t  accept_name = ngx_string("Sec-WebSocket-Accept");
    static ngx_str_t  protocol_name = ngx_string("Sec-WebSocket-Protocol");
    static ngx_str_t  extension_name = ngx_string("Sec-WebSocket-Extensions");

    ngx_int_t  rc;

    /* nginx itself adds "Connection: upgrade" to a 101 */

    r->headers_out.status = NGX_HTTP_SWITCHING_PROTOCOLS;
    ngx_str_set(&r->headers_out.status_line, "101 Switching Protocols");
    r->headers_out.content_length_n = -1;
    r->keepalive = 0;

    if (ngx_http_chatdesk_ws_add_header(r, &upgrade, &websocket) != NGX_OK
        || ngx_http_chatdesk_ws_add_header(r, &accept_name, accept) != NGX_OK
        || (protocol->len
            && ngx_http_chatdesk_ws_add_header(r, &protocol_name, protocol)
               != NGX_OK)
        || (extension->len
            && ngx_http_chatdesk_ws_add_header(r, &extension_name, extension)
               != NGX_OK))
    {
        return NGX_ERROR;
    }

    rc = ngx_http_send_header(r);

    return (rc == NGX_ERROR || rc > NGX_OK) ? NGX_ERROR : NGX_OK;
}
