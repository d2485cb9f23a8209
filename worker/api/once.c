/*
 * Idempotency-Keys; see once.h.
 *
 * A record is stored as an envelope of the answer, with the digest of the
 * request in KEY_HASH and the time in its head; its field in `e:once` is
 * `<by>/<key>`.
 *
 * Purpose:    find, keep, forget.
 * Owner:      the struct once.
 * Invariants: `list` has the records by age, `tree` by name; each is in both.
 */

#include "api/once.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "core/tree.h"

#define NAME_MAX_BYTES  152
#define DIGEST_LEN      64              /* hex */

struct record {
    RB_ENTRY(record)     link;
    TAILQ_ENTRY(record)  age_link;
    char                 name[NAME_MAX_BYTES];
    uint64_t             at_ms;
    size_t               len;
    char                 envelope[];
};

RB_HEAD(records, record);

struct once {
    struct records             tree;
    TAILQ_HEAD(ages, record)   list;    /* oldest first */
    uint64_t                   count;
};


static int
record_compare(struct record *a, struct record *b)
{
    return strcmp(a->name, b->name);
}


TREE_GENERATE(records, record, link, record_compare)


struct once *
once_new(void)
{
    struct once  *once = calloc(1, sizeof(*once));

    if (once != NULL) {
        TAILQ_INIT(&once->list);
    }

    return once;
}


static void
once_drop(struct once *once, struct record *record)
{
    RB_REMOVE(records, &once->tree, record);
    TAILQ_REMOVE(&once->list, record, age_link);
    once->count--;
    free(record);
}


void
once_free(struct once **owned)
{
    struct once    *once = *owned;
    struct record  *record;

    *owned = NULL;

    if (once != NULL) {
        while ((record = TAILQ_FIRST(&once->list)) != NULL) {
            once_drop(once, record);
        }
        free(once);
    }
}


/* In its place by age: what is loaded comes in no order. */

static void
once_insert(struct once *once, struct record *record)
{
    struct record  *before;

    RB_INSERT(records, &once->tree, record);
    once->count++;

    TAILQ_FOREACH_REVERSE(before, &once->list, ages, age_link) {
        if (before->at_ms <= record->at_ms) {
            TAILQ_INSERT_AFTER(&once->list, before, record, age_link);
            return;
        }
    }

    TAILQ_INSERT_HEAD(&once->list, record, age_link);
}


static struct record *
record_new(const char *name, const void *envelope, size_t len, uint64_t at_ms)
{
    struct record  *record = malloc(sizeof(*record) + len);

    if (record != NULL) {
        snprintf(record->name, sizeof(record->name), "%s", name);
        memcpy(record->envelope, envelope, len);
        record->len = len;
        record->at_ms = at_ms;
    }

    return record;
}


static struct record *
once_named(struct once *once, const char *name)
{
    struct record  probe;

    snprintf(probe.name, sizeof(probe.name), "%s", name);

    return RB_FIND(records, &once->tree, &probe);
}


int
once_load(struct once *once, const char *key, const void *blob, size_t len,
    const char **why)
{
    struct record    *record;
    struct cd_frame   answer;

    if (strlen(key) >= NAME_MAX_BYTES
        || cd_frame_decode(&answer, blob, len) != 0
        || answer.type != CD_T_ANSWER || once_named(once, key) != NULL)
    {
        *why = "not a remembered answer";
        return -1;
    }

    record = record_new(key, blob, len, answer.at_ms);
    if (record == NULL) {
        *why = "out of memory";
        return -1;
    }

    once_insert(once, record);

    return 0;
}


/* What makes a request the same: method, path, query, body.  0 or -1. */

static int
request_digest(const struct cd_frame *ask, char *hex)
{
    size_t         i;
    unsigned       len = 0;
    EVP_MD_CTX    *md = EVP_MD_CTX_new();
    unsigned char  digest[EVP_MAX_MD_SIZE];
    struct cd_str  part;
    static const unsigned  fields[] = {
        CD_F_METHOD, CD_F_PATH, CD_F_QUERY, CD_F_BODY
    };

    if (md == NULL || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(md);
        return -1;
    }

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        part = cd_frame_str(ask, fields[i]);
        EVP_DigestUpdate(md, &part.len, sizeof(part.len));
        EVP_DigestUpdate(md, part.data, part.len);
    }

    i = EVP_DigestFinal_ex(md, digest, &len) == 1 && len * 2 == DIGEST_LEN;
    EVP_MD_CTX_free(md);

    if (i == 0) {
        return -1;
    }

    for (i = 0; i < len; i++) {
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    }

    return 0;
}


/* "<by>/<key>"; 0, or -1 when the key is not one. */

static int
record_name(const struct api_call *call, char *name)
{
    size_t         i;
    struct cd_str  key = cd_frame_str(call->ask, CD_F_ONCE);

    if (key.len < 1 || key.len > cd_field_row(CD_F_ONCE)->max) {
        return -1;
    }

    for (i = 0; i < key.len; i++) {
        if (key.data[i] <= 0x20 || key.data[i] >= 0x7f) {
            return -1;
        }
    }

    snprintf(name, NAME_MAX_BYTES, "%s/%.*s", call->by, (int) key.len,
             key.data);

    return 0;
}


/* Forgets what is too old, and the oldest when there is no room. */

static void
once_forget(struct once *once, struct api_call *call)
{
    struct record  *record;

    while ((record = TAILQ_FIRST(&once->list)) != NULL
           && (once->count >= CD_LIMIT_API_ONCE
               || record->at_ms + CD_LIMIT_API_ONCE_MS <= call->on->now_ms))
    {
        changes_drop(call->on->changes, REQUEST_ENTITY, record->name);
        once_drop(once, record);
    }
}


enum cd_error
once_find(struct once *once, struct api_call *call, struct cd_frame *answer,
    int *again)
{
    char            name[NAME_MAX_BYTES], digest[DIGEST_LEN + 1];
    struct record  *record;

    *again = 0;

    if (!cd_frame_has(call->ask, CD_F_ONCE)
        || strcmp(call->method, "POST") != 0)
    {
        return CD_E_OK;
    }

    if (record_name(call, name) != 0) {
        return api_refuse(call, CD_E_BAD_REQUEST, "Idempotency-Key",
                          "Idempotency-Key: expected 1 to %u visible ASCII "
                          "characters",
                          (unsigned) cd_field_row(CD_F_ONCE)->max);
    }

    once_forget(once, call);
    record = once_named(once, name);

    if (record == NULL) {
        return CD_E_OK;
    }

    if (cd_frame_decode(answer, record->envelope, record->len) != 0
        || request_digest(call->ask, digest) != 0)
    {
        return CD_E_INTERNAL;
    }

    if (!cd_str_is(cd_frame_str(answer, CD_F_KEY_HASH), digest)) {
        return api_refuse(call, CD_E_CONFLICT, "Idempotency-Key",
                          "this Idempotency-Key was used for another "
                          "request; draw a new one");
    }

    *again = 1;

    return CD_E_OK;
}


void
once_keep(struct once *once, struct api_call *call,
    const struct cd_frame *answer)
{
    char              name[NAME_MAX_BYTES], digest[DIGEST_LEN + 1];
    char              envelope[1024 + 8192];    /* CD_LIMIT_API_ONCE_BODY */
    size_t            len;
    struct record    *record;
    struct cd_frame   kept = *answer;

    if (!cd_frame_has(call->ask, CD_F_ONCE)
        || strcmp(call->method, "POST") != 0 || call->status >= 500
        || record_name(call, name) != 0
        || request_digest(call->ask, digest) != 0)
    {
        return;
    }

    cd_frame_set_str(&kept, CD_F_KEY_HASH, digest, DIGEST_LEN);

    if (cd_frame_str(answer, CD_F_BODY).len > CD_LIMIT_API_ONCE_BODY) {
        cd_frame_set_str(&kept, CD_F_BODY, "{}", 2);
    }

    len = cd_frame_encode(&kept, envelope, sizeof(envelope));
    record = len > 0 ? record_new(name, envelope, len, call->on->now_ms)
                     : NULL;

    if (record == NULL) {
        changes_fail(call->on->changes);
        return;
    }

    once_insert(once, record);
    changes_put(call->on->changes, REQUEST_ENTITY, name, envelope, len);
}
