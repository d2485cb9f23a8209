/*
 * How many connections each address and each person has.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_census.h.
 *
 * A key is looked for in a window of entries that its hash begins; an entry
 * without a count is free.  The zone's own mutex is held meanwhile: nginx
 * opens it when a process dies with it.
 */

#include <ngx_config.h>
#include <ngx_core.h>

#include "chatdesk_tables.h"
#include "ngx_http_chatdesk_census.h"


#define NGX_HTTP_CHATDESK_CENSUS_WINDOW  32

/* what a zone keeps free: a table of another layout may have to go in */
#define NGX_HTTP_CHATDESK_CENSUS_SHARE   2

/* seed, kind, desk, address or person */
#define NGX_HTTP_CHATDESK_CENSUS_TEXT    (8 + 1 + 32 + 64)


typedef struct {
    uint64_t   key;
    uint32_t   pid;
    uint32_t   count;           /* 0: free */
} ngx_http_chatdesk_census_entry_t;

struct ngx_http_chatdesk_census_s {
    uint32_t                           n;
    uint64_t                           seed;
    ngx_http_chatdesk_census_entry_t   entries[1];
};


static ngx_http_chatdesk_census_t  *ngx_http_chatdesk_census;
static ngx_slab_pool_t             *ngx_http_chatdesk_census_pool;


static void
ngx_http_chatdesk_census_lock(void)
{
    if (ngx_http_chatdesk_census_pool != NULL) {
        ngx_shmtx_lock(&ngx_http_chatdesk_census_pool->mutex);
    }
}


static void
ngx_http_chatdesk_census_unlock(void)
{
    if (ngx_http_chatdesk_census_pool != NULL) {
        ngx_shmtx_unlock(&ngx_http_chatdesk_census_pool->mutex);
    }
}


static size_t
ngx_http_chatdesk_census_size(size_t n)
{
    return sizeof(ngx_http_chatdesk_census_t)
           + n * sizeof(ngx_http_chatdesk_census_entry_t);
}


static uint64_t
ngx_http_chatdesk_census_seed(void)
{
    return (uint64_t) ngx_random() << 32 ^ (uint64_t) ngx_random();
}


ngx_http_chatdesk_census_t *
ngx_http_chatdesk_census_create(ngx_slab_pool_t *pool, size_t size)
{
    size_t                       n;
    ngx_http_chatdesk_census_t  *census;

    n = size / NGX_HTTP_CHATDESK_CENSUS_SHARE
        / sizeof(ngx_http_chatdesk_census_entry_t);

    for (census = NULL; census == NULL; n /= 2) {

        if (n < NGX_HTTP_CHATDESK_CENSUS_WINDOW) {
            return NULL;
        }

        pool->log_nomem = 0;
        census = ngx_slab_calloc(pool, ngx_http_chatdesk_census_size(n));
        pool->log_nomem = 1;

        if (census != NULL) {
            census->n = (uint32_t) n;
            census->seed = ngx_http_chatdesk_census_seed();
        }
    }

    return census;
}


/* Whether the process of an entry is there. */

static ngx_uint_t
ngx_http_chatdesk_census_alive(ngx_http_chatdesk_census_entry_t *entry)
{
    return entry->pid == (uint32_t) ngx_pid
           || kill((pid_t) entry->pid, 0) == 0 || ngx_errno != ESRCH;
}


/* A process that begins finds what those before it, of which one may have
   had its number, left behind. */

static void
ngx_http_chatdesk_census_sweep(ngx_http_chatdesk_census_t *census)
{
    uint32_t                           i;
    ngx_http_chatdesk_census_entry_t  *entry;

    for (i = 0; i < census->n; i++) {
        entry = &census->entries[i];

        if (entry->count != 0
            && (entry->pid == (uint32_t) ngx_pid
                || !ngx_http_chatdesk_census_alive(entry)))
        {
            entry->count = 0;
        }
    }
}


void
ngx_http_chatdesk_census_attach(ngx_http_chatdesk_census_t *census,
    ngx_slab_pool_t *pool)
{
    ngx_http_chatdesk_census_pool = (census != NULL) ? pool : NULL;

    if (census == NULL) {
        census = ngx_calloc(ngx_http_chatdesk_census_size(CD_LIMIT_CENSUS),
                            ngx_cycle->log);
        if (census != NULL) {
            census->n = CD_LIMIT_CENSUS;
            census->seed = ngx_http_chatdesk_census_seed();
        }
    }

    ngx_http_chatdesk_census = census;

    if (census != NULL) {
        ngx_http_chatdesk_census_lock();
        ngx_http_chatdesk_census_sweep(census);
        ngx_http_chatdesk_census_unlock();
    }
}


/* The entry of this process for a key, a free one, or NULL; *sum is what all
   processes together have counted. */

static ngx_http_chatdesk_census_entry_t *
ngx_http_chatdesk_census_find(ngx_http_chatdesk_census_t *census,
    uint64_t key, uint32_t *sum)
{
    ngx_uint_t                         i;
    ngx_http_chatdesk_census_entry_t  *entry, *own, *room;

    own = NULL;
    room = NULL;
    *sum = 0;

    for (i = 0; i < NGX_HTTP_CHATDESK_CENSUS_WINDOW; i++) {
        entry = &census->entries[(key + i) % census->n];

        if (entry->count != 0 && entry->key == key
            && !ngx_http_chatdesk_census_alive(entry))
        {
            entry->count = 0;
        }

        if (entry->count == 0) {
            room = (room == NULL) ? entry : room;

        } else if (entry->key == key) {
            *sum += entry->count;
            own = (entry->pid == (uint32_t) ngx_pid) ? entry : own;
        }
    }

    return own != NULL ? own : room;
}


static ngx_int_t
ngx_http_chatdesk_census_enter(uint64_t key, uint32_t most, uint32_t *place)
{
    uint32_t                           sum;
    ngx_int_t                          rc;
    ngx_http_chatdesk_census_t        *census = ngx_http_chatdesk_census;
    ngx_http_chatdesk_census_entry_t  *entry;

    if (census == NULL) {
        return NGX_OK;
    }

    ngx_http_chatdesk_census_lock();

    entry = ngx_http_chatdesk_census_find(census, key, &sum);
    rc = (sum >= most) ? NGX_BUSY : NGX_OK;

    if (rc == NGX_OK && entry != NULL) {
        entry->key = key;
        entry->pid = (uint32_t) ngx_pid;
        entry->count++;
        *place = (uint32_t) (entry - census->entries) + 1;
    }

    ngx_http_chatdesk_census_unlock();

    return rc;
}


/* Of 64 bits, so that nobody shares a count by chance; with a seed, so that
   nobody does on purpose. */

static uint64_t
ngx_http_chatdesk_census_key(ngx_http_chatdesk_session_t *session,
    ngx_uint_t kind, const u_char *data, size_t len)
{
    u_char     text[NGX_HTTP_CHATDESK_CENSUS_TEXT], *p;
    uint64_t   key, seed;
    ngx_str_t  *desk = &session->desk->name;

    seed = ngx_http_chatdesk_census ? ngx_http_chatdesk_census->seed : 0;

    p = ngx_cpymem(text, &seed, sizeof(seed));
    *p++ = (u_char) (kind * 2 + session->agent);
    p = ngx_cpymem(p, desk->data, ngx_min(desk->len, 32));
    p = ngx_cpymem(p, data, ngx_min(len, 64));

    key = (uint64_t) ngx_murmur_hash2(text, p - text) << 32;
    text[0]++;

    return key | ngx_murmur_hash2(text, p - text);
}


ngx_int_t
ngx_http_chatdesk_census_address(ngx_http_chatdesk_session_t *session,
    struct sockaddr *addr)
{
    size_t     len;
    u_char    *data;
    uint32_t   most;

    most = session->conf->most[NGX_HTTP_CHATDESK_CENSUS_ADDRESS];

    switch (addr->sa_family) {

    case AF_INET:
        data = (u_char *) &((struct sockaddr_in *) addr)->sin_addr;
        len = 4;
        break;

#if (NGX_HAVE_INET6)
    case AF_INET6:
        data = (u_char *) &((struct sockaddr_in6 *) addr)->sin6_addr;
        len = 8;
        break;
#endif

    default:
        return NGX_OK;
    }

    if (most == 0) {
        return NGX_OK;
    }

    return ngx_http_chatdesk_census_enter(
               ngx_http_chatdesk_census_key(session,
                                            NGX_HTTP_CHATDESK_CENSUS_ADDRESS,
                                            data, len),
               most, &session->counted[NGX_HTTP_CHATDESK_CENSUS_ADDRESS]);
}


ngx_int_t
ngx_http_chatdesk_census_person(ngx_http_chatdesk_session_t *session)
{
    uint32_t  most;

    most = session->conf->most[NGX_HTTP_CHATDESK_CENSUS_PERSON];

    if (most == 0
        || session->counted[NGX_HTTP_CHATDESK_CENSUS_PERSON] != 0)
    {
        return NGX_OK;
    }

    return ngx_http_chatdesk_census_enter(
               ngx_http_chatdesk_census_key(session,
                                            NGX_HTTP_CHATDESK_CENSUS_PERSON,
                                            session->who.data,
                                            session->who.len),
               most, &session->counted[NGX_HTTP_CHATDESK_CENSUS_PERSON]);
}


void
ngx_http_chatdesk_census_leave(uint32_t *place)
{
    ngx_http_chatdesk_census_t        *census = ngx_http_chatdesk_census;
    ngx_http_chatdesk_census_entry_t  *entry;

    if (*place == 0 || census == NULL) {
        return;
    }

    entry = &census->entries[*place - 1];
    *place = 0;

    ngx_http_chatdesk_census_lock();

    if (entry->count != 0 && entry->pid == (uint32_t) ngx_pid) {
        entry->count--;
    }

    ngx_http_chatdesk_census_unlock();
}
