/*
 * Origins: the check of one request.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_origin.h.
 */

#include "ngx_http_chatdesk_origin.h"


/* The only Origin header; NULL with *count 0 for none. */

static ngx_str_t *
ngx_http_chatdesk_origin_header(ngx_http_request_t *r, ngx_uint_t *count)
{
    ngx_str_t        *origin;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    origin = NULL;
    *count = 0;

    part = &r->headers_in.headers.part;
    header = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {
            if (part->next == NULL) {
                return origin;
            }

            part = part->next;
            header = part->elts;
            i = 0;
        }

        if (header[i].key.len == sizeof("Origin") - 1
            && ngx_strncasecmp(header[i].key.data, (u_char *) "Origin",
                               sizeof("Origin") - 1)
               == 0)
        {
            origin = &header[i].value;
            (*count)++;
        }
    }
}


/* Host and port that were asked for: the Host header or, as nginx gives none
   for HTTP/3, what takes its place there.  Empty: neither was sent. */

static ngx_str_t
ngx_http_chatdesk_origin_asked(ngx_http_request_t *r)
{
    ngx_str_t  asked;

    if (r->headers_in.host != NULL) {
        return r->headers_in.host->value;
    }

    ngx_str_null(&asked);

    if (r->http_version >= NGX_HTTP_VERSION_20 && r->host_start != NULL) {
        asked.data = r->host_start;
        asked.len = r->host_end - r->host_start;
    }

    return asked;
}


/* Host and port of an origin are those that were asked for. */

static ngx_uint_t
ngx_http_chatdesk_origin_same(ngx_http_request_t *r, ngx_str_t *origin)
{
    u_char     *host, *end;
    ngx_str_t   expected;

    expected = ngx_http_chatdesk_origin_asked(r);
    end = origin->data + origin->len;
    host = ngx_strlchr(origin->data, end, ':');

    if (host == NULL || end - host < 3 || host[1] != '/' || host[2] != '/') {
        return 0;
    }

    host += 3;

    return (size_t) (end - host) == expected.len && expected.len > 0
           && ngx_strncasecmp(host, expected.data, expected.len) == 0;
}


ngx_uint_t
ngx_http_chatdesk_origin_allowed(ngx_http_request_t *r,
    ngx_http_chatdesk_origins_t *origins)
{
    ngx_str_t   *origin, *listed;
    ngx_uint_t   i, count;

    if (origins->any) {
        return 1;
    }

    origin = ngx_http_chatdesk_origin_header(r, &count);

    if (count != 1) {
        return count == 0;
    }

    if (origins->same && ngx_http_chatdesk_origin_same(r, origin)) {
        return 1;
    }

    listed = origins->list.elts;

    for (i = 0; i < origins->list.nelts; i++) {
        if (listed[i].len == origin->len
            && ngx_strncasecmp(listed[i].data, origin->data, origin->len)
               == 0)
        {
            return 1;
        }
    }

    return 0;
}
