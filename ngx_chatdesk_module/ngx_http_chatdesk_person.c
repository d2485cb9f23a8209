/*
 * Rates of persons who send a request for every frame or two.
 *
 * Purpose:    a bucket for each request would never be empty: the buckets
 *             of long-polling clients are their person's.
 * Owner:      this file; a request under way holds a reference.
 * Invariants: a person without requests is forgotten after
 *             CD_LIMIT_PERSON_MS, in which every bucket of a usual rate
 *             has filled again, or earlier when there are more than
 *             CD_LIMIT_PERSONS.
 */

#include "ngx_http_chatdesk_lease.h"


struct ngx_http_chatdesk_person_s {
    ngx_str_node_t               sn;        /* desk/role/id */
    ngx_queue_t                  queue;     /* of those without requests */
    ngx_uint_t                   refs;
    ngx_msec_t                   since;     /* without requests */
    ngx_http_chatdesk_rate_t     rate[NGX_HTTP_CHATDESK_RATES];
    u_char                       name[1];
};


static ngx_rbtree_t       ngx_http_chatdesk_persons;
static ngx_rbtree_node_t  ngx_http_chatdesk_persons_sentinel;
static ngx_queue_t        ngx_http_chatdesk_persons_queue;
static ngx_uint_t         ngx_http_chatdesk_persons_count;


/* Forgets those whose time is over, a few at a time. */

static void
ngx_http_chatdesk_person_purge(void)
{
    ngx_uint_t                   i;
    ngx_queue_t                 *q;
    ngx_http_chatdesk_person_t  *person;

    for (i = 0; i < 3; i++) {

        if (ngx_queue_empty(&ngx_http_chatdesk_persons_queue)) {
            return;
        }

        q = ngx_queue_head(&ngx_http_chatdesk_persons_queue);
        person = ngx_queue_data(q, ngx_http_chatdesk_person_t, queue);

        if (ngx_current_msec - person->since < CD_LIMIT_PERSON_MS
            && ngx_http_chatdesk_persons_count <= CD_LIMIT_PERSONS)
        {
            return;
        }

        ngx_queue_remove(q);
        ngx_rbtree_delete(&ngx_http_chatdesk_persons, &person->sn.node);
        ngx_http_chatdesk_persons_count--;
        ngx_free(person);
    }
}


static ngx_http_chatdesk_person_t *
ngx_http_chatdesk_person_create(ngx_str_t *name, ngx_log_t *log)
{
    ngx_http_chatdesk_person_t  *person;

    person = ngx_calloc(sizeof(ngx_http_chatdesk_person_t) + name->len, log);
    if (person == NULL) {
        return NULL;
    }

    ngx_memcpy(person->name, name->data, name->len);
    person->sn.str.data = person->name;
    person->sn.str.len = name->len;
    person->sn.node.key = ngx_crc32_short(name->data, name->len);

    ngx_rbtree_insert(&ngx_http_chatdesk_persons, &person->sn.node);
    ngx_http_chatdesk_persons_count++;

    return person;
}


ngx_http_chatdesk_person_t *
ngx_http_chatdesk_person_get(ngx_http_chatdesk_session_t *session)
{
    u_char                       buf[NGX_HTTP_CHATDESK_DESK_KEY_MAX];
    ngx_str_t                    name;
    ngx_http_chatdesk_person_t  *person;

    if (ngx_http_chatdesk_persons.root == NULL) {
        ngx_rbtree_init(&ngx_http_chatdesk_persons,
                        &ngx_http_chatdesk_persons_sentinel,
                        ngx_str_rbtree_insert_value);
        ngx_queue_init(&ngx_http_chatdesk_persons_queue);
    }

    ngx_http_chatdesk_person_purge();

    name.data = buf;
    name.len = ngx_snprintf(buf, sizeof(buf), "%V/%s/%V",
                            &session->desk->name,
                            ngx_http_chatdesk_session_role(session),
                            &session->who)
               - buf;

    person = (ngx_http_chatdesk_person_t *)
                 ngx_str_rbtree_lookup(&ngx_http_chatdesk_persons, &name,
                                       ngx_crc32_short(name.data, name.len));

    if (person == NULL) {
        person = ngx_http_chatdesk_person_create(&name, session->log);

    } else if (person->refs == 0) {
        ngx_queue_remove(&person->queue);
    }

    if (person != NULL) {
        person->refs++;
    }

    return person;
}


ngx_http_chatdesk_rate_t *
ngx_http_chatdesk_person_rate(ngx_http_chatdesk_person_t *person)
{
    return person->rate;
}


void
ngx_http_chatdesk_person_put(ngx_http_chatdesk_person_t **person)
{
    ngx_http_chatdesk_person_t  *p = *person;

    *person = NULL;

    if (p != NULL && --p->refs == 0) {
        p->since = ngx_current_msec;
        ngx_queue_insert_tail(&ngx_http_chatdesk_persons_queue, &p->queue);
    }
}
