/*
 * What stays of a long-polling client between two of its requests.
 *
 * Purpose:    a session that was answered stays online until the client's
 *             next request takes it over or CD_LIMIT_POLL_LEASE_MS are over;
 *             a person's rates hold over all of its requests.
 * Owner:      the nginx worker; a lease owes the cd_bye of its session and
 *             counts as a session of its desk.
 * Invariants: a lease is given to nobody but the person whose session it
 *             was; an id is either a session's or a lease's.
 */

#ifndef NGX_HTTP_CHATDESK_LEASE_H
#define NGX_HTTP_CHATDESK_LEASE_H

#include "ngx_http_chatdesk_session_state.h"


/* rates of a person: those of a session, and of the requests themselves */
#define NGX_HTTP_CHATDESK_RATES         4
#define NGX_HTTP_CHATDESK_RATE_REQUEST  3

typedef struct ngx_http_chatdesk_person_s  ngx_http_chatdesk_person_t;


/* Keeps an online session that leaves; NGX_OK, or NGX_DECLINED: say bye. */
ngx_int_t ngx_http_chatdesk_lease_keep(ngx_http_chatdesk_session_t *session);

/* Gives the session the id and the registration of a lease of its person;
   NGX_OK, or NGX_DECLINED when there is none. */
ngx_int_t ngx_http_chatdesk_lease_take(ngx_http_chatdesk_session_t *session,
    ngx_str_t *id);

/* Ends all leases of a desk, NULL: of all desks. */
void ngx_http_chatdesk_lease_end(ngx_http_chatdesk_desk_t *desk);

/* The rates of a session's person; NULL: no memory.  To be given back. */
ngx_http_chatdesk_person_t *ngx_http_chatdesk_person_get(
    ngx_http_chatdesk_session_t *session);
ngx_http_chatdesk_rate_t *ngx_http_chatdesk_person_rate(
    ngx_http_chatdesk_person_t *person);
void ngx_http_chatdesk_person_put(ngx_http_chatdesk_person_t **person);


#endif /* NGX_HTTP_CHATDESK_LEASE_H */
