/*
 * A notice for a webhook; see parcel.h.
 *
 * Purpose:    JSON, signed.
 * Owner:      see parcel.h.
 * Invariants: the id and the body of a job are the same at each attempt, time
 *             and signature are that attempt's.
 */

#include "io/parcel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/hmac.h>

#include "io/desk_file.h"
#include "io/notice_json.h"

#define ID_ROOM   80
#define HASH_LEN  32


/* HMAC-SHA256 of "<time>.<body>" as hex; 0, -1. */

static int
hook_sign(const char *secret, uint64_t at_s, const char *body,
    char out[2 * HASH_LEN + 1])
{
    int             n;
    size_t          i, size = strlen(body) + 32;
    char           *text = malloc(size);
    unsigned        len = 0;
    unsigned char   hash[HASH_LEN];

    if (text == NULL) {
        return -1;
    }

    n = snprintf(text, size, "%llu.%s", (unsigned long long) at_s, body);

    if (HMAC(EVP_sha256(), secret, (int) strlen(secret),
             (unsigned char *) text, (size_t) n, hash, &len) == NULL)
    {
        len = 0;
    }

    free(text);

    for (i = 0; i < len; i++) {
        snprintf(out + 2 * i, 3, "%02x", hash[i]);
    }

    return len == HASH_LEN ? 0 : -1;
}


static char *
hook_body(const struct outbox_job *job, const char *desk, const char *id)
{
    char                *copy = NULL;
    const char          *text;
    struct cd_frame      notice;
    struct json_object  *json = notice_json(job, &notice);

    if (json == NULL) {
        return NULL;
    }

    json_object_object_add(json, "id", json_object_new_string(id));
    json_object_object_add(json, "desk", json_object_new_string(desk));
    json_object_object_add(json, "agent",
                           json_object_new_string(job->agent));
    text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN
                                          | JSON_C_TO_STRING_NOSLASHESCAPE);
    copy = text != NULL ? strdup(text) : NULL;
    json_object_put(json);

    return copy;
}


int
parcel_hook(struct parcel *parcel, const struct outbox_job *job,
    const struct hook_target *target, const char *desk, uint64_t now_ms)
{
    char      id[ID_ROOM], sum[2 * HASH_LEN + 1];
    uint64_t  at_s = now_ms / 1000;

    memset(parcel, 0, sizeof(*parcel));
    snprintf(id, sizeof(id), "%s-%llu", desk,
             (unsigned long long) job->number);
    parcel->url = strdup(target->url);
    parcel->body = hook_body(job, desk, id);

    if (parcel->url != NULL && parcel->body != NULL
        && hook_sign(target->secret, at_s, parcel->body, sum) == 0
        && parcel_header(parcel, "Content-Type: application/json") == 0
        && parcel_header(parcel, "ChatDesk-Id: %s", id) == 0
        && parcel_header(parcel, "ChatDesk-Signature: t=%llu,v1=%s",
                         (unsigned long long) at_s, sum) == 0
        && parcel_header(parcel, "Expect:") == 0)
    {
        parcel->len = strlen(parcel->body);
        return 0;
    }

    parcel_clear(parcel);

    return -1;
}
