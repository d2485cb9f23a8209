/*
 * Jobs as requests; see parcel.h.
 *
 * Purpose:    what is common, and web push: RFC 8030, 8291, 8292.
 * Owner:      see parcel.h.
 * Invariants: those of parcel.h.
 */

#include "io/parcel.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/device.h"
#include "io/notice_json.h"
#include "io/vapid.h"
#include "io/webpush.h"

#define TOPIC_BYTES  24         /* 32 characters, the most a Topic may have */
#define HASH_LEN     32
#define HEADER_MAX   (VAPID_HEADER_MAX + 64)


void
parcel_clear(struct parcel *parcel)
{
    size_t  i;

    for (i = 0; i < parcel->header_count; i++) {
        free(parcel->headers[i]);
    }

    free(parcel->url);
    free(parcel->body);
    memset(parcel, 0, sizeof(*parcel));
}


int
parcel_header(struct parcel *parcel, const char *format, ...)
{
    int      n;
    char     text[HEADER_MAX], *copy = NULL;
    va_list  args;

    va_start(args, format);
    n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);

    if (n > 0 && n < HEADER_MAX && parcel->header_count < PARCEL_HEADERS) {
        copy = strdup(text);
    }

    if (copy == NULL) {
        return -1;
    }

    parcel->headers[parcel->header_count++] = copy;

    return 0;
}


/* Of several that wait for a browser, the newest of one Topic counts. */

static int
push_topic(const struct outbox_job *job, char *out)
{
    int            n;
    char           text[256];
    unsigned       len = 0;
    unsigned char  hash[HASH_LEN];

    n = snprintf(text, sizeof(text), "%s/%s", job->agent, job->about);

    if (n < 0 || (size_t) n >= sizeof(text)
        || EVP_Digest(text, (size_t) n, hash, &len, EVP_sha256(), NULL) != 1)
    {
        return -1;
    }

    base64url_write(out, hash, TOPIC_BYTES);

    return 0;
}


/* The body; 0, -1. */

static int
push_seal(struct parcel *parcel, const struct device *device,
    const char *text)
{
    EVP_PKEY             *sender = p256_new();
    unsigned char         salt[WEBPUSH_SALT];
    struct webpush_keys   keys;

    parcel->body = malloc(WEBPUSH_RECORD);
    parcel->len = 0;

    if (parcel->body != NULL && sender != NULL
        && getrandom(salt, sizeof(salt), 0) == sizeof(salt)
        && webpush_keys_read(&keys, device->p256dh, device->auth) == 0)
    {
        parcel->len = webpush_encrypt(&keys, sender, salt, text, strlen(text),
                                      (unsigned char *) parcel->body);
    }

    EVP_PKEY_free(sender);

    return parcel->len > 0 ? 0 : -1;
}


static int
push_headers(struct parcel *parcel, const struct outbox_job *job,
    const struct vapid *vapid, int urgent, uint64_t now_ms)
{
    char      topic[BASE64URL_SIZE(TOPIC_BYTES)];
    char      who[VAPID_HEADER_MAX];
    uint64_t  left = job->until_ms > now_ms ? job->until_ms - now_ms : 0;

    return push_topic(job, topic) != 0
           || vapid_header(vapid, parcel->url, now_ms / 1000, who) != 0
           || parcel_header(parcel, "Authorization: %s", who) != 0
           || parcel_header(parcel, "TTL: %llu",
                            (unsigned long long) (left + 999) / 1000) != 0
           || parcel_header(parcel, "Topic: %s", topic) != 0
           || parcel_header(parcel, "Urgency: %s",
                            urgent ? "high" : "normal") != 0
           || parcel_header(parcel, "Content-Encoding: aes128gcm") != 0
           || parcel_header(parcel, "Content-Type: "
                                    "application/octet-stream") != 0
           || parcel_header(parcel, "Expect:") != 0 ? -1 : 0;
}


int
parcel_push(struct parcel *parcel, const struct outbox_job *job,
    const struct device *device, const struct vapid *vapid, uint64_t now_ms)
{
    int                  rc = -1;
    const char          *text = NULL;
    struct cd_frame      notice;
    struct json_object  *json = notice_json(job, &notice);

    memset(parcel, 0, sizeof(*parcel));
    parcel->url = strdup(device->endpoint);

    if (json != NULL) {
        text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN);
    }

    if (parcel->url != NULL && text != NULL
        && push_seal(parcel, device, text) == 0
        && push_headers(parcel, job, vapid,
                        !job->over
                        && !cd_str_is(cd_frame_str(&notice, CD_F_KIND),
                                      "message"), now_ms) == 0)
    {
        rc = 0;
    }

    json_object_put(json);

    if (rc != 0) {
        parcel_clear(parcel);
    }

    return rc;
}
