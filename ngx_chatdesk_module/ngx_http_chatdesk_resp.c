/*
 * RESP without a socket; see the header.
 *
 * Purpose:    formatting of commands, bounded reading of replies.
 * Owner:      the caller; nothing is kept here but a constant table.
 * Invariants: see ngx_http_chatdesk_resp.h.
 */

#include "ngx_http_chatdesk_resp.h"


#if (HIREDIS_MAJOR > 0)
typedef size_t  ngx_http_chatdesk_resp_count_t;
#else
typedef int     ngx_http_chatdesk_resp_count_t;
#endif


static ngx_int_t ngx_http_chatdesk_resp_reserve(
    ngx_http_chatdesk_resp_out_t *out, size_t size, ngx_log_t *log);
static void *ngx_http_chatdesk_resp_array(const redisReadTask *task,
    ngx_http_chatdesk_resp_count_t elements);


/* hiredis' own functions, but for the bound on arrays; filled in when the
   first reader is made */
static redisReplyObjectFunctions  ngx_http_chatdesk_resp_functions;
static void *(*ngx_http_chatdesk_resp_plain_array)(const redisReadTask *task,
    ngx_http_chatdesk_resp_count_t elements);


ngx_int_t
ngx_http_chatdesk_resp_command(ngx_http_chatdesk_resp_out_t *out,
    ngx_uint_t argc, ngx_str_t *argv, ngx_log_t *log)
{
    size_t      size;
    u_char     *p;
    ngx_int_t   rc;
    ngx_uint_t  i;

    size = sizeof("*" CRLF) - 1 + NGX_INT_T_LEN;

    for (i = 0; i < argc; i++) {
        size += sizeof("$" CRLF CRLF) - 1 + NGX_SIZE_T_LEN + argv[i].len;
    }

    rc = ngx_http_chatdesk_resp_reserve(out, size, log);
    if (rc != NGX_OK) {
        return rc;
    }

    p = ngx_sprintf(out->last, "*%ui" CRLF, argc);

    for (i = 0; i < argc; i++) {
        p = ngx_sprintf(p, "$%uz" CRLF, argv[i].len);

        if (argv[i].len > 0) {
            p = ngx_cpymem(p, argv[i].data, argv[i].len);
        }

        *p++ = CR;
        *p++ = LF;
    }

    out->last = p;

    return NGX_OK;
}


static ngx_int_t
ngx_http_chatdesk_resp_reserve(ngx_http_chatdesk_resp_out_t *out, size_t size,
    ngx_log_t *log)
{
    size_t   used, cap;
    u_char  *start;

    if (size <= (size_t) (out->end - out->last)) {
        return NGX_OK;
    }

    used = out->last - out->pos;

    if (size > NGX_HTTP_CHATDESK_RESP_OUT
        || used > NGX_HTTP_CHATDESK_RESP_OUT - size)
    {
        return NGX_BUSY;
    }

    cap = ngx_max((size_t) (out->end - out->start), 4096);

    /* as much room as is moved, or each further command would move it all */

    while (cap < 2 * used + size) {
        cap *= 2;
    }

    start = ngx_alloc(cap, log);
    if (start == NULL) {
        return NGX_ERROR;
    }

    if (out->start != NULL) {
        ngx_memcpy(start, out->pos, used);
        ngx_free(out->start);
    }

    out->start = start;
    out->pos = start;
    out->last = start + used;
    out->end = start + cap;

    return NGX_OK;
}


void
ngx_http_chatdesk_resp_sent(ngx_http_chatdesk_resp_out_t *out, size_t size)
{
    out->pos += size;

    if (out->pos != out->last) {
        return;
    }

    if (out->end - out->start > NGX_HTTP_CHATDESK_RESP_KEEP) {
        ngx_http_chatdesk_resp_clear(out);
        return;
    }

    out->pos = out->start;
    out->last = out->start;
}


void
ngx_http_chatdesk_resp_clear(ngx_http_chatdesk_resp_out_t *out)
{
    if (out->start != NULL) {
        ngx_free(out->start);
    }

    ngx_memzero(out, sizeof(ngx_http_chatdesk_resp_out_t));
}


redisReader *
ngx_http_chatdesk_resp_reader(void)
{
    redisReader  *reader;

    reader = redisReaderCreate();
    if (reader == NULL) {
        return NULL;
    }

    if (ngx_http_chatdesk_resp_plain_array == NULL) {
        ngx_http_chatdesk_resp_functions = *reader->fn;
        ngx_http_chatdesk_resp_plain_array = reader->fn->createArray;
        ngx_http_chatdesk_resp_functions.createArray =
                                                ngx_http_chatdesk_resp_array;
    }

    reader->fn = &ngx_http_chatdesk_resp_functions;

    return reader;
}


/* The reader takes NULL for a lack of memory and stops; without this bound
   the announced number of elements is allocated before any has come. */

static void *
ngx_http_chatdesk_resp_array(const redisReadTask *task,
    ngx_http_chatdesk_resp_count_t elements)
{
    if (elements > NGX_HTTP_CHATDESK_RESP_ELEMENTS) {
        return NULL;
    }

    return ngx_http_chatdesk_resp_plain_array(task, elements);
}


ngx_int_t
ngx_http_chatdesk_resp_next(redisReader *reader, redisReply **reply)
{
    void  *next;

    next = NULL;

    if (redisReaderGetReply(reader, &next) != REDIS_OK) {
        return NGX_ERROR;
    }

    *reply = next;

    if (next == NULL && reader->len > NGX_HTTP_CHATDESK_RESP_IN) {
        ngx_memcpy(reader->errstr, "reply too big", sizeof("reply too big"));
        return NGX_ERROR;
    }

    return NGX_OK;
}
