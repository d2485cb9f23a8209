/*
 * How many connections each address and each person has.
 *
 *     place = 1 + index of an entry       0: not counted
 *     entry = (key, process, count)       one for each key and process
 *
 * Purpose:    the limits of chatdesk_connections, over all nginx workers that
 *             share a zone.
 * Owner:      the shared zone when chatdesk_zone names one, else a table of
 *             this process.
 * Invariants: an entry is changed by the process that it names, and taken by
 *             another only when that one is gone; so what a killed process
 *             had counted never counts again.  A table that is full lets
 *             in: nobody is locked out by others' number.
 */

#ifndef NGX_HTTP_CHATDESK_CENSUS_H
#define NGX_HTTP_CHATDESK_CENSUS_H

#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_http_chatdesk_session_state.h"


typedef enum {
    NGX_HTTP_CHATDESK_CENSUS_ADDRESS = 0,
    NGX_HTTP_CHATDESK_CENSUS_PERSON = 1
} ngx_http_chatdesk_census_e;

typedef struct ngx_http_chatdesk_census_s  ngx_http_chatdesk_census_t;


/* A table in what is left of a zone, less a reserve; NULL: no room. */
ngx_http_chatdesk_census_t *ngx_http_chatdesk_census_create(
    ngx_slab_pool_t *pool, size_t size);

/* This process counts there from now on; NULL: in a table of its own. */
void ngx_http_chatdesk_census_attach(ngx_http_chatdesk_census_t *census,
    ngx_slab_pool_t *pool);

/*
 * Counts a session in: for its peer's address (IPv6: its /64), or for its
 * person.  NGX_OK, or NGX_BUSY: there are as many as the location allows.
 */
ngx_int_t ngx_http_chatdesk_census_address(
    ngx_http_chatdesk_session_t *session, struct sockaddr *addr);
ngx_int_t ngx_http_chatdesk_census_person(
    ngx_http_chatdesk_session_t *session);

/* Counts out, and clears the place. */
void ngx_http_chatdesk_census_leave(uint32_t *place);


#endif /* NGX_HTTP_CHATDESK_CENSUS_H */
