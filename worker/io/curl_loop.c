/*
 * libcurl on a loop of libuv; see curl_loop.h.
 *
 * Purpose:    a handle of the loop for each socket and for the timer.
 * Owner:      a struct watch lives as long as libcurl watches its socket.
 * Invariants: those of curl_loop.h.
 */

#include "io/curl_loop.h"

#include <stdlib.h>

#define CONNECTIONS  64L

struct watch {
    uv_poll_t          poll;
    struct curl_loop  *curl;
    curl_socket_t      socket;
};


static void
watch_fired(uv_poll_t *poll, int status, int events)
{
    int            flags = 0, running;
    struct watch  *watch = poll->data;

    flags |= events & UV_READABLE ? CURL_CSELECT_IN : 0;
    flags |= events & UV_WRITABLE ? CURL_CSELECT_OUT : 0;
    flags |= status < 0 ? CURL_CSELECT_ERR : 0;

    /* the watch may be gone afterwards */
    struct curl_loop  *curl = watch->curl;

    curl_multi_socket_action(curl->multi, watch->socket, flags, &running);
    curl->reap(curl->data);
}


static void
timer_fired(uv_timer_t *timer)
{
    int               running;
    struct curl_loop  *curl = timer->data;

    curl_multi_socket_action(curl->multi, CURL_SOCKET_TIMEOUT, 0,
                             &running);
    curl->reap(curl->data);
}


static int
set_timer(CURLM *multi, long ms, void *data)
{
    struct curl_loop  *curl = data;

    (void) multi;

    if (curl->closed) {
        return 0;
    }

    if (ms < 0) {
        uv_timer_stop(&curl->timer);
    } else {
        uv_timer_start(&curl->timer, timer_fired, (uint64_t) ms, 0);
    }

    return 0;
}


static void
watch_closed(uv_handle_t *handle)
{
    free(handle->data);
}


static struct watch *
watch_new(struct curl_loop *curl, curl_socket_t socket)
{
    struct watch  *watch = calloc(1, sizeof(*watch));

    if (watch == NULL) {
        return NULL;
    }

    if (uv_poll_init_socket(curl->loop, &watch->poll, socket) != 0) {
        free(watch);
        return NULL;
    }

    watch->poll.data = watch;
    watch->curl = curl;
    watch->socket = socket;
    curl_multi_assign(curl->multi, socket, watch);

    return watch;
}


static int
set_socket(CURL *easy, curl_socket_t socket, int what, void *data,
    void *assigned)
{
    int               events = 0;
    struct watch     *watch = assigned;
    struct curl_loop  *curl = data;

    (void) easy;

    if (what == CURL_POLL_REMOVE) {
        if (watch != NULL) {
            curl_multi_assign(curl->multi, socket, NULL);
            uv_close((uv_handle_t *) &watch->poll, watch_closed);
        }
        return 0;
    }

    watch = watch != NULL ? watch : watch_new(curl, socket);
    events |= what != CURL_POLL_IN ? UV_WRITABLE : 0;
    events |= what != CURL_POLL_OUT ? UV_READABLE : 0;

    /* without a watch the transfer ends when its time is over */
    if (watch != NULL) {
        uv_poll_start(&watch->poll, events, watch_fired);
    }

    return 0;
}


int
curl_loop_open(struct curl_loop *curl, uv_loop_t *loop,
    void (*reap)(void *data), void *data)
{
    curl->loop = loop;
    curl->reap = reap;
    curl->data = data;
    curl->closed = 0;
    curl->multi = curl_multi_init();

    if (curl->multi == NULL) {
        return -1;
    }

    uv_timer_init(loop, &curl->timer);
    curl->timer.data = curl;
    curl_multi_setopt(curl->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl_multi_setopt(curl->multi, CURLMOPT_SOCKETDATA, curl);
    curl_multi_setopt(curl->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(curl->multi, CURLMOPT_TIMERDATA, curl);
    curl_multi_setopt(curl->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                      CONNECTIONS);

    return 0;
}


void
curl_loop_close(struct curl_loop *curl)
{
    curl->closed = 1;
    curl_multi_cleanup(curl->multi);
    uv_close((uv_handle_t *) &curl->timer, NULL);
}
