/*
 * Requests of chatdeskctl, by libcurl.
 *
 * Purpose:    JSON there and back, and refusals as faults.
 * Owner:      a struct ctl owns its handle.
 * Invariants: nothing is followed elsewhere; an answer is bounded; over an
 *             address that is not this machine's own, only TLS.
 */

#include "ctl/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "io/json_check.h"

#define ANSWER_MAX   (256 * 1024)
#define TIMEOUT_MS   30000L

struct answer {
    char    *text;
    size_t   len;
    char    *tag;               /* borrows; room for CTL_TAG_MAX */
};


static size_t
answer_body(char *data, size_t size, size_t count, void *to)
{
    size_t          len = size * count;
    struct answer  *answer = to;

    if (answer->len + len > ANSWER_MAX) {
        return 0;
    }

    memcpy(answer->text + answer->len, data, len);
    answer->len += len;
    answer->text[answer->len] = '\0';

    return len;
}


static size_t
answer_header(char *data, size_t size, size_t count, void *to)
{
    size_t          len = size * count, skip = strlen("ETag:");
    struct answer  *answer = to;

    if (len <= skip || strncasecmp(data, "ETag:", skip) != 0) {
        return len;
    }

    while (skip < len && data[skip] == ' ') {
        skip++;
    }

    snprintf(answer->tag, CTL_TAG_MAX, "%.*s", (int) (len - skip),
             data + skip);
    answer->tag[strcspn(answer->tag, "\r\n")] = '\0';

    return len;
}


/* Whether an address needs no TLS: it does not leave this machine. */

static int
url_is_near(const char *url)
{
    size_t  i, len;
    static const char *const  near[] = {
        "http://127.0.0.1", "http://localhost", "http://[::1]"
    };

    for (i = 0; i < sizeof(near) / sizeof(near[0]); i++) {
        len = strlen(near[i]);

        if (strncmp(url, near[i], len) == 0
            && (url[len] == ':' || url[len] == '/' || url[len] == '\0'))
        {
            return 1;
        }
    }

    return 0;
}


int
ctl_open(struct ctl *ctl, struct fault *fault)
{
    if (strncmp(ctl->url, "https://", 8) != 0 && ctl->socket == NULL
        && !url_is_near(ctl->url))
    {
        fault_set(fault, "%s: expected https://, or an address of this "
                  "machine", ctl->url);
        return -1;
    }

    ctl->curl = curl_easy_init();

    if (ctl->curl == NULL) {
        fault_set(fault, "no memory");
        return -1;
    }

    return 0;
}


void
ctl_close(struct ctl *ctl)
{
    curl_easy_cleanup(ctl->curl);
    ctl->curl = NULL;
    json_object_put(ctl->tags);
    ctl->tags = NULL;

    if (ctl->key != NULL) {
        explicit_bzero(ctl->key, strlen(ctl->key));
        free(ctl->key);
        ctl->key = NULL;
    }
}


/* One header more; the list that was is still there when memory runs out. */

static void
header_add(struct curl_slist **headers, const char *name, const char *value)
{
    char                text[512];
    struct curl_slist  *longer;

    snprintf(text, sizeof(text), "%s: %s", name, value);
    longer = curl_slist_append(*headers, text);
    explicit_bzero(text, sizeof(text));

    if (longer != NULL) {
        *headers = longer;
    }
}


static struct curl_slist *
request_headers(const struct ctl *ctl, const char *match)
{
    char                bearer[400];
    struct curl_slist  *headers = NULL;

    snprintf(bearer, sizeof(bearer), "Bearer %s", ctl->key);
    header_add(&headers, "Authorization", bearer);
    header_add(&headers, "Content-Type", "application/json");
    explicit_bzero(bearer, sizeof(bearer));

    if (match != NULL) {
        header_add(&headers, "If-Match", match);
    }

    return headers;
}


static void
request_set(const struct ctl *ctl, const char *method, const char *url,
    const char *body, struct answer *answer)
{
    CURL  *curl = ctl->curl;

    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, answer_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, answer_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, answer);

    if (body != NULL) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    }

    if (ctl->ca != NULL) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, ctl->ca);
    }

    if (ctl->socket != NULL) {
        curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, ctl->socket);
    }
}


/* The refusal of a desk, in its words. */

static void
answer_fault(struct ctl *ctl, struct json_object *json, long status,
    struct fault *fault)
{
    struct json_object  *code = NULL, *text = NULL, *field = NULL;

    json_object_object_get_ex(json, "code", &code);
    json_object_object_get_ex(json, "text", &text);
    json_object_object_get_ex(json, "field", &field);
    snprintf(ctl->field, sizeof(ctl->field), "%s",
             field != NULL ? json_object_get_string(field) : "");

    if (text != NULL) {
        fault_set(fault, "%s (%s)", json_object_get_string(text),
                  json_object_get_string(code));
    } else {
        fault_set(fault, "the desk's answer is status %ld", status);
    }
}


struct json_object *
ctl_request(struct ctl *ctl, const char *method, const char *path,
    struct json_object *body, const char *match, struct fault *fault)
{
    long                 status = 0;
    char                 url[1024];
    CURLcode             rc;
    struct fault         ignored;
    struct answer        answer = { malloc(ANSWER_MAX + 1), 0, ctl->tag };
    struct curl_slist   *headers = request_headers(ctl, match);
    struct json_object  *json = NULL;

    if (answer.text == NULL) {
        fault_set(fault, "no memory");
        curl_slist_free_all(headers);
        return NULL;
    }

    answer.text[0] = '\0';
    ctl->tag[0] = '\0';
    ctl->field[0] = '\0';
    snprintf(url, sizeof(url), "%s/v1/%s", ctl->url, path);
    request_set(ctl, method, url, body != NULL
                ? json_object_to_json_string_ext(body, JSON_C_TO_STRING_PLAIN)
                : NULL, &answer);
    curl_easy_setopt(ctl->curl, CURLOPT_HTTPHEADER, headers);

    rc = curl_easy_perform(ctl->curl);
    curl_easy_getinfo(ctl->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);

    if (rc != CURLE_OK) {
        fault_set(fault, "%s: %s", ctl->url, curl_easy_strerror(rc));

    } else if (answer.len > 0
               && json_document(&json, ctl->url, answer.text, answer.len,
                                &ignored) != 0)
    {
        fault_set(fault, "%s: status %ld without JSON; is this the location "
                  "with chatdesk_api?", ctl->url, status);

    } else if (status < 200 || status > 299) {
        answer_fault(ctl, json, status, fault);
        json_object_put(json);
        json = NULL;
    }

    free(answer.text);

    return json;
}
