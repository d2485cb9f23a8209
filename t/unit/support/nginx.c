/*
 * The few functions of nginx that the module's pure parts call.
 *
 * Purpose:    unit tests and fuzz targets link parts of the module without
 *             nginx, whose sources the development package does not have.
 * Owner:      a pool's memory belongs to the pool until it is reset.
 * Invariants: each allocation is a malloc of its own, of exactly the size
 *             asked for, so that a sanitizer sees an overrun.
 *
 * link: ngx_chatdesk_module/ngx_http_chatdesk_json.c
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "nginx.h"

struct block {
    struct block  *next;
    void          *memory;
};

static struct block  *blocks;
static long           allowed = -1;


void
test_allow_allocations(long count)
{
    allowed = count;
}


static void *
test_malloc(size_t size)
{
    if (allowed == 0) {
        return NULL;
    }

    if (allowed > 0) {
        allowed--;
    }

    return malloc(size);
}


void
test_reset_pool(void)
{
    struct block  *next;

    for ( /* void */ ; blocks != NULL; blocks = next) {
        next = blocks->next;
        free(blocks->memory);
        free(blocks);
    }
}


void *
ngx_pnalloc(ngx_pool_t *pool, size_t size)
{
    struct block  *block;

    (void) pool;

    block = malloc(sizeof(struct block));
    block->memory = test_malloc(size);
    block->next = blocks;
    blocks = block;

    return block->memory;
}


void *
ngx_palloc(ngx_pool_t *pool, size_t size)
{
    return ngx_pnalloc(pool, size);
}


ngx_int_t
ngx_hextoi(u_char *line, size_t n)
{
    char  digits[9] = "";

    memcpy(digits, line, n < 8 ? n : 8);

    return (ngx_int_t) strtoul(digits, NULL, 16);
}


void *
ngx_alloc(size_t size, ngx_log_t *log)
{
    (void) log;

    return test_malloc(size);
}


void *
ngx_memalign(size_t alignment, size_t size, ngx_log_t *log)
{
    void  *p;

    (void) log;

    if (allowed == 0 || posix_memalign(&p, alignment, size) != 0) {
        return NULL;
    }

    allowed -= (allowed > 0);

    return p;
}


void
ngx_log_error_core(ngx_uint_t level, ngx_log_t *log, ngx_err_t err,
    const char *fmt, ...)
{
    (void) level;
    (void) err;
    (void) fmt;

    test_log_lines++;
    (void) log;
}

unsigned  test_log_lines;


/* RFC 8259, section 7, with nginx's contract: the number of bytes added when
   there is no place to write, else the end of what was written. */

uintptr_t
ngx_escape_json(u_char *dst, u_char *src, size_t size)
{
    char       text[8];
    size_t     i, added = 0;

    static const char  shorts[] = "\b\f\n\r\t\"\\";
    static const char  letters[] = "bfnrt\"\\";

    for (i = 0; i < size; i++) {
        const char  *found = src[i] ? strchr(shorts, src[i]) : NULL;

        if (found != NULL) {
            snprintf(text, sizeof(text), "\\%c", letters[found - shorts]);

        } else if (src[i] < 0x20) {
            snprintf(text, sizeof(text), "\\u%04X", src[i]);

        } else {
            snprintf(text, sizeof(text), "%c", src[i]);
        }

        added += strlen(text) - 1;

        if (dst != NULL) {
            dst = ngx_cpymem(dst, text, strlen(text));
        }
    }

    return dst == NULL ? (uintptr_t) added : (uintptr_t) dst;
}


/* RFC 3629, section 3, of a text that is known to be UTF-8. */

uint32_t
ngx_utf8_decode(u_char **p, size_t n)
{
    size_t    i, len = **p < 0xe0 ? 2 : **p < 0xf0 ? 3 : 4;
    uint32_t  point;

    if (len > n) {
        *p += n;
        return 0xffffffff;
    }

    point = **p & (0xffu >> (len + 1));

    for (i = 1; i < len; i++) {
        point = point << 6 | ((*p)[i] & 0x3f);
    }

    *p += len;

    return point;
}
