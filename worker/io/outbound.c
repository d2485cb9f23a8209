/*
 * Requests that leave the worker; see outbound.h.
 *
 * Names are looked up by libuv, not by libcurl, which would wait for its own
 * thread when a transfer ends before that does.  libuv's threads check
 * passwords too: LOOKUPS leaves some for them.
 *
 * Purpose:    from a request to its answer.
 * Owner:      see outbound.h.
 * Invariants: libcurl is entered from the loop alone, never from its own
 *             callbacks.
 */

#include "io/outbound.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <arpa/inet.h>
#include <curl/curl.h>

#include "chatdesk_tables.h"

#include "io/curl_loop.h"
#include "io/global_address.h"
#include "io/settings_out.h"

#define LOOKUPS        2
#define ADDRESSES_MAX  8        /* of one name that are tried */
#define RESOLVE_MAX    (300 + ADDRESSES_MAX * INET6_ADDRSTRLEN)

TAILQ_HEAD(transfers, transfer);

struct outbound {
    uv_loop_t                       *loop;      /* borrows */
    const struct outbound_settings  *settings;  /* borrows */
    struct curl_loop                 curl;
    struct transfers                 waiting;   /* for a look-up */
    struct transfers                 running;
    unsigned                         lookups;
    int                              stopped;
};

struct transfer {
    TAILQ_ENTRY(transfer)  link;
    struct outbound       *outbound;    /* shares */
    CURL                  *easy;
    struct curl_slist     *headers;
    struct curl_slist     *resolve;
    outbound_done          done;        /* NULL: cancelled */
    void                  *data;
    size_t                 received;
    int                    barred;
    int                    looking;     /* the look-up is under way */
    uv_getaddrinfo_t       lookup;
    char                   host[256];
    char                   port[8];
};

static void transfers_start(struct outbound *outbound);


static void
transfer_free(struct transfer *transfer)
{
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->headers);
    curl_slist_free_all(transfer->resolve);
    free(transfer);
}


/* Out of the list; tells the owner unless that has cancelled. */

static void
transfer_end(struct transfer *transfer, const struct outbound_answer *answer)
{
    void           *data = transfer->data;
    outbound_done   done = transfer->done;

    transfer_free(transfer);

    if (done != NULL) {
        done(data, answer);
    }
}


/* -- what libcurl calls -- */

static curl_socket_t
open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer  *transfer = data;

    if (purpose != CURLSOCKTYPE_IPCXN
        || (!transfer->outbound->settings->private
            && !global_address(&address->addr,
                               (socklen_t) address->addrlen)))
    {
        transfer->barred = 1;
        return CURL_SOCKET_BAD;
    }

    return socket(address->family, address->socktype | SOCK_CLOEXEC,
                  address->protocol);
}


/* The body of an answer says nothing to us. */

static size_t
take_body(char *text, size_t size, size_t count, void *data)
{
    struct transfer  *transfer = data;

    (void) text;
    transfer->received += size * count;

    return transfer->received <= CD_LIMIT_OUTBOUND_BODY ? size * count : 0;
}


/* -- ends -- */

static void
transfer_judge(struct transfer *transfer, CURLcode code,
    struct outbound_answer *answer)
{
    curl_off_t  wait = 0;

    memset(answer, 0, sizeof(*answer));
    answer->why = "";
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE,
                      &answer->status);

    /* too long an answer is one nevertheless */
    if (code != CURLE_OK && code != CURLE_WRITE_ERROR) {
        answer->status = 0;
        answer->barred = code == CURLE_COULDNT_CONNECT && transfer->barred;
        answer->why = answer->barred ? "its address is not a global one"
                                     : curl_easy_strerror(code);
        return;
    }

    if (curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &wait)
        == CURLE_OK && wait > 0 && wait < INT32_MAX)
    {
        answer->retry_ms = (uint64_t) wait * 1000;
    }
}


/* Transfers that libcurl has ended. */

static void
transfers_reap(void *data)
{
    int                     left;
    void                   *private;
    CURLMsg                *message;
    CURLcode                code;
    struct outbound        *outbound = data;
    struct transfer        *transfer;
    struct outbound_answer  answer;

    while ((message = curl_multi_info_read(outbound->curl.multi, &left))
           != NULL)
    {
        if (message->msg != CURLMSG_DONE) {
            continue;
        }

        code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        transfer = private;
        transfer_judge(transfer, code, &answer);
        curl_multi_remove_handle(outbound->curl.multi, transfer->easy);
        TAILQ_REMOVE(&outbound->running, transfer, link);
        transfer_end(transfer, &answer);

        if (outbound->stopped) {
            return;
        }
    }
}


/* -- the name -- */

static void
transfer_fail(struct transfer *transfer, int barred, const char *why)
{
    struct outbound_answer  answer = { 0, barred, 0, why };

    transfer_end(transfer, &answer);
}


/* "host:port:address,address"; -1 when none of them is allowed. */

static int
resolve_text(const struct transfer *transfer, const struct addrinfo *list,
    char *out)
{
    int     n = 0, open = transfer->outbound->settings->private;
    char    host[INET6_ADDRSTRLEN];
    size_t  len;

    len = (size_t) snprintf(out, RESOLVE_MAX, "%s:%s:", transfer->host,
                            transfer->port);

    for ( ; list != NULL && n < ADDRESSES_MAX; list = list->ai_next) {
        if ((!open && !global_address(list->ai_addr, list->ai_addrlen))
            || getnameinfo(list->ai_addr, list->ai_addrlen, host,
                           sizeof(host), NULL, 0, NI_NUMERICHOST) != 0)
        {
            continue;
        }

        len += (size_t) snprintf(out + len, RESOLVE_MAX - len, "%s%s",
                                 n > 0 ? "," : "", host);
        n++;
    }

    return n > 0 ? 0 : -1;
}


static void
transfer_go(struct transfer *transfer)
{
    struct outbound  *outbound = transfer->outbound;

    if (curl_multi_add_handle(outbound->curl.multi, transfer->easy)
        != CURLM_OK)
    {
        transfer_fail(transfer, 0, "no memory");
        return;
    }

    TAILQ_INSERT_TAIL(&outbound->running, transfer, link);
}


static void
transfer_found(struct transfer *transfer, int status,
    const struct addrinfo *list)
{
    char  text[RESOLVE_MAX];

    if (status != 0) {
        transfer_fail(transfer, 0, "its name cannot be looked up");

    } else if (resolve_text(transfer, list, text) != 0) {
        transfer_fail(transfer, 1, "its address is not a global one");

    } else {
        transfer->resolve = curl_slist_append(NULL, text);
        curl_easy_setopt(transfer->easy, CURLOPT_RESOLVE, transfer->resolve);
        transfer_go(transfer);
    }
}


static void
looked_up(uv_getaddrinfo_t *lookup, int status, struct addrinfo *list)
{
    struct transfer  *transfer = lookup->data;
    struct outbound  *outbound = transfer->outbound;

    outbound->lookups--;
    transfer->looking = 0;

    if (transfer->done == NULL || outbound->stopped) {
        transfer_free(transfer);
    } else {
        transfer_found(transfer, status, list);
    }

    uv_freeaddrinfo(list);
    transfers_start(outbound);
}


static int
is_literal(const char *host)
{
    unsigned char  bytes[sizeof(struct in6_addr)];

    return host[0] == '[' || inet_pton(AF_INET, host, bytes) == 1;
}


static void
transfers_start(struct outbound *outbound)
{
    struct transfer               *transfer;
    static const struct addrinfo   hints = { .ai_socktype = SOCK_STREAM };

    while (!outbound->stopped && outbound->lookups < LOOKUPS
           && (transfer = TAILQ_FIRST(&outbound->waiting)) != NULL)
    {
        TAILQ_REMOVE(&outbound->waiting, transfer, link);
        transfer->lookup.data = transfer;

        if (uv_getaddrinfo(outbound->loop, &transfer->lookup, looked_up,
                           transfer->host, transfer->port, &hints) != 0)
        {
            transfer_fail(transfer, 0, "its name cannot be looked up");
            continue;
        }

        transfer->looking = 1;
        outbound->lookups++;
    }
}


/* -- making one -- */

/* Host and port of the address; 0, or -1 for one that is not https. */

static int
transfer_target(struct transfer *transfer, const char *url)
{
    int    rc = -1;
    char  *scheme = NULL, *host = NULL, *port = NULL;
    CURLU *parts = curl_url();

    if (parts != NULL && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK
        && curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK
        && curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK
        && curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT)
           == CURLUE_OK
        && strcmp(scheme, "https") == 0
        && strlen(host) < sizeof(transfer->host)
        && strlen(port) < sizeof(transfer->port))
    {
        memcpy(transfer->host, host, strlen(host) + 1);
        memcpy(transfer->port, port, strlen(port) + 1);
        rc = 0;
    }

    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parts);

    return rc;
}


static void
transfer_limits(struct transfer *transfer)
{
    CURL  *easy = transfer->easy;

#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
#else
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS, CURLPROTO_HTTPS);
#endif
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long) CD_LIMIT_OUTBOUND_MS);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);

    if (transfer->outbound->settings->ca != NULL) {
        curl_easy_setopt(easy, CURLOPT_CAINFO,
                         transfer->outbound->settings->ca);
    }
}


/* The list of headers; -1 for memory. */

static int
transfer_headers(struct transfer *transfer, const char *const *headers)
{
    struct curl_slist  *longer;

    for ( ; *headers != NULL; headers++) {
        longer = curl_slist_append(transfer->headers, *headers);
        if (longer == NULL) {
            return -1;
        }

        transfer->headers = longer;
    }

    return 0;
}


struct transfer *
outbound_post(struct outbound *outbound,
    const struct outbound_request *request, outbound_done done, void *data)
{
    struct transfer  *transfer = calloc(1, sizeof(*transfer));

    if (transfer == NULL) {
        return NULL;
    }

    transfer->outbound = outbound;
    transfer->easy = curl_easy_init();

    if (transfer->easy == NULL || outbound->stopped
        || transfer_target(transfer, request->url) != 0
        || transfer_headers(transfer, request->headers) != 0
        || curl_easy_setopt(transfer->easy, CURLOPT_URL, request->url)
           != CURLE_OK
        || curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDSIZE,
                            (long) request->len) != CURLE_OK
        || curl_easy_setopt(transfer->easy, CURLOPT_COPYPOSTFIELDS,
                            request->body) != CURLE_OK)
    {
        transfer_free(transfer);
        return NULL;
    }

    transfer->done = done;
    transfer->data = data;
    curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
    curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer);
    transfer_limits(transfer);

    if (is_literal(transfer->host)) {
        transfer_go(transfer);
    } else {
        TAILQ_INSERT_TAIL(&outbound->waiting, transfer, link);
        transfers_start(outbound);
    }

    return transfer;
}


void
outbound_cancel(struct transfer *transfer)
{
    struct outbound   *outbound = transfer->outbound;
    struct transfer   *one;

    transfer->done = NULL;

    if (transfer->looking) {
        return;                         /* ends with the look-up */
    }

    TAILQ_FOREACH(one, &outbound->waiting, link) {
        if (one == transfer) {
            TAILQ_REMOVE(&outbound->waiting, transfer, link);
            transfer_free(transfer);
            return;
        }
    }

    curl_multi_remove_handle(outbound->curl.multi, transfer->easy);
    TAILQ_REMOVE(&outbound->running, transfer, link);
    transfer_free(transfer);
}


struct outbound *
outbound_new(uv_loop_t *loop, const struct outbound_settings *settings)
{
    struct outbound  *outbound = calloc(1, sizeof(*outbound));

    if (outbound == NULL) {
        return NULL;
    }

    outbound->loop = loop;
    outbound->settings = settings;
    TAILQ_INIT(&outbound->waiting);
    TAILQ_INIT(&outbound->running);

    if (curl_loop_open(&outbound->curl, loop, transfers_reap, outbound) != 0)
    {
        free(outbound);
        return NULL;
    }

    return outbound;
}


void
outbound_stop(struct outbound *outbound)
{
    struct transfer  *transfer;

    if (outbound == NULL || outbound->stopped) {
        return;
    }

    outbound->stopped = 1;

    while ((transfer = TAILQ_FIRST(&outbound->running)) != NULL
           || (transfer = TAILQ_FIRST(&outbound->waiting)) != NULL)
    {
        outbound_cancel(transfer);
    }

    curl_loop_close(&outbound->curl);
}


void
outbound_free(struct outbound **owned)
{
    free(*owned);
    *owned = NULL;
}
