/*
 * Sockets, WebSocket handshakes and frames of the load client.
 *
 * Purpose:    the least that a WebSocket client must do, for many sockets.
 * Owner:      a connection owns its descriptor, its TLS state and what is
 *             left of a frame or of a write.
 * Invariants: what is read goes through one buffer of the process; a
 *             connection keeps bytes only while a frame is incomplete; the
 *             mask of a frame is zero, which RFC 6455 allows and which
 *             costs this side nothing.
 */

#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

#define PER_SOURCE 12000    /* connections from one source address */

static char buffer[1 << 20];


void load_die(const char *what, ...)
{
    va_list args;

    va_start(args, what);
    vfprintf(stderr, what, args);
    va_end(args);
    fprintf(stderr, "\n");
    exit(1);
}


uint64_t load_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);

    return (uint64_t) t.tv_sec * 1000000000 + (uint64_t) t.tv_nsec;
}


static void conn_watch(struct conn *c, int op)
{
    struct epoll_event event = { .events = c->deaf ? 0 : EPOLLIN,
                                 .data.ptr = c };

    if (c->state == CONN_CONNECTING || c->out_len > 0) {
        event.events |= EPOLLOUT;
    }

    epoll_ctl(c->load->epoll, op, c->fd, &event);
}


/* From now on reads nothing, or goes on. */

void conn_deaf(struct conn *c, int deaf)
{
    c->deaf = deaf;
    conn_watch(c, EPOLL_CTL_MOD);
}


/* Cuts without a farewell, so that no port waits for its time. */

void conn_close(struct conn *c)
{
    struct linger linger = { .l_onoff = 1, .l_linger = 0 };

    if (c->state == CONN_NONE) {
        return;
    }

    if (c->state != CONN_OPEN) {
        c->load->opening--;
    }

    if (c->ssl != NULL) {
        SSL_free(c->ssl);
        c->ssl = NULL;
    }

    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(c->fd);
    free(c->tail);
    free(c->out);
    c->tail = c->out = NULL;
    c->tail_len = c->out_len = 0;
    c->state = CONN_NONE;
    c->ready = 0;
}


static void conn_cut(struct conn *c)
{
    conn_close(c);
    c->load->on_cut(c);
}


void conn_write(struct conn *c, const char *data, size_t len)
{
    ssize_t n = 0;

    if (c->out_len == 0) {
        n = c->ssl != NULL ? SSL_write(c->ssl, data, (int) len)
                           : send(c->fd, data, len, MSG_NOSIGNAL);
        n = n < 0 ? 0 : n;
    }

    if ((size_t) n < len) {
        char *more = realloc(c->out, c->out_len + len - (size_t) n);

        if (more == NULL) {
            load_die("no memory for output");
        }

        c->out = more;
        memcpy(c->out + c->out_len, data + n, len - (size_t) n);
        c->out_len += len - (size_t) n;
        conn_watch(c, EPOLL_CTL_MOD);
    }
}


static void conn_frame(struct conn *c, int opcode, const char *data,
    size_t len)
{
    static char frame[16384];
    size_t head = len < 126 ? 2 : 4;

    if (len > sizeof frame - 8) {
        load_die("a frame of %zu bytes is too long", len);
    }

    frame[0] = (char) (0x80 | opcode);
    frame[1] = (char) (0x80 | (len < 126 ? len : 126));

    if (head == 4) {
        frame[2] = (char) (len >> 8);
        frame[3] = (char) len;
    }

    memset(frame + head, 0, 4);
    memcpy(frame + head + 4, data, len);
    conn_write(c, frame, head + 4 + len);
}


void conn_send(struct conn *c, const char *text, size_t len)
{
    if (c->state == CONN_OPEN) {
        conn_frame(c, 1, text, len);
    }
}


static void conn_handshake(struct conn *c)
{
    char request[2560], offer[2048] = "";
    int len;

    if (c->agent) {
        strcpy(offer, "Sec-WebSocket-Protocol: chatdesk.v1\r\n");

    } else if (c->load->offer != NULL) {
        c->load->offer(c, offer, sizeof offer);
    }

    len = snprintf(request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n",
        strcmp(c->load->system, "socketio") == 0
            ? "/socket.io/?EIO=4&transport=websocket" : c->path,
        c->load->host, c->load->port, offer);

    c->state = CONN_HANDSHAKE;
    conn_write(c, request, (size_t) len);
}


static void conn_secure(struct conn *c)
{
    fcntl(c->fd, F_SETFL, 0);
    c->ssl = SSL_new(c->load->tls_ctx);

    if (c->ssl == NULL || !SSL_set_fd(c->ssl, c->fd)
        || SSL_connect(c->ssl) != 1)
    {
        load_die("the TLS handshake failed");
    }

    fcntl(c->fd, F_SETFL, O_NONBLOCK);
}


static void conn_bind(struct conn *c)
{
    struct load *l = c->load;
    uint32_t source = l->source + 2 + c->index / PER_SOURCE;
    struct sockaddr_in from = { .sin_family = AF_INET };
    int on = 1;

    if (strcmp(l->mode, "connect") == 0) {
        source = 2 + c->index % 64;
    }

    from.sin_addr.s_addr = htonl(0x7f000000 + (source << 8) + 1);
    setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);

    if (bind(c->fd, (struct sockaddr *) &from, sizeof from) != 0) {
        load_die("bind: %s", strerror(errno));
    }
}


void conn_open(struct conn *c)
{
    struct load *l = c->load;
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t) l->port) };

    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC
                   | (l->tls ? 0 : SOCK_NONBLOCK), 0);

    if (c->fd < 0) {
        load_die("socket: %s", strerror(errno));
    }

    conn_bind(c);
    inet_pton(AF_INET, l->host, &to.sin_addr);

    if (connect(c->fd, (struct sockaddr *) &to, sizeof to) != 0
        && errno != EINPROGRESS)
    {
        load_die("connect: %s", strerror(errno));
    }

    l->opening++;
    c->state = CONN_CONNECTING;

    if (l->tls) {
        conn_secure(c);
    }

    /* on the loopback the other end has answered by now, so the request goes
       out without an event; should it not have, it waits as other output */
    if (!c->http) {
        conn_handshake(c);
    }

    conn_watch(c, EPOLL_CTL_ADD);
}


/*
 * Takes one frame at `data`; returns its length, 0 when it is incomplete,
 * -1 when the connection has ended.
 */

static ssize_t conn_take(struct conn *c, char *data, size_t len)
{
    size_t head = 2, size;
    char after;

    if (len < 2) {
        return 0;
    }

    size = (unsigned char) data[1];

    if (size == 126) {
        head = 4;
        size = len < 4 ? 0 : (size_t) (unsigned char) data[2] << 8
                             | (unsigned char) data[3];
    } else if (size == 127) {
        for (head = 2, size = 0; head < 10; head++) {
            size = size << 8 | (len < 10 ? 0 : (unsigned char) data[head]);
        }
    }

    if (len < head || len < head + size) {
        return 0;
    }

    switch (data[0] & 0xff) {
    case 0x81:
        after = data[head + size];
        data[head + size] = '\0';
        c->load->on_text(c, data + head);
        data[head + size] = after;
        return c->state == CONN_OPEN ? (ssize_t) (head + size) : -1;
    case 0x89:
        conn_frame(c, 10, data + head, size);
        return (ssize_t) (head + size);
    case 0x8a:
        return (ssize_t) (head + size);
    case 0x88:
        conn_cut(c);
        return -1;
    default:
        load_die("a frame that begins with %02x", data[0] & 0xff);
    }
}


static ssize_t conn_answer(struct conn *c, char *data)
{
    char *end = strstr(data, "\r\n\r\n");

    if (end == NULL) {
        return 0;
    }

    if (strncmp(data, "HTTP/1.1 101 ", 13) != 0) {
        load_die("handshake of %s refused: %.60s", c->path, data);
    }

    c->state = CONN_OPEN;
    c->greeted = strstr(data, "chatdesk.v1.hello\r\n") != NULL;
    c->load->opening--;
    c->load->on_open(c);

    return c->state == CONN_OPEN ? end + 4 - data : -1;
}


static void conn_keep(struct conn *c, char *data, size_t len)
{
    if (len == 0) {
        free(c->tail);
        c->tail = NULL;

    } else {
        c->tail = realloc(c->tail, len);

        if (c->tail == NULL) {
            load_die("no memory for input");
        }

        memcpy(c->tail, data, len);
    }

    c->tail_len = len;
}


static void conn_read(struct conn *c)
{
    size_t len = c->tail_len, pos = 0;
    ssize_t n;

    if (len > 0) {
        memcpy(buffer, c->tail, len);
    }

    n = c->ssl != NULL
        ? SSL_read(c->ssl, buffer + len, (int) (sizeof buffer - 1 - len))
        : recv(c->fd, buffer + len, sizeof buffer - 1 - len, 0);

    if (n <= 0) {
        if (c->ssl != NULL
            && SSL_get_error(c->ssl, (int) n) == SSL_ERROR_WANT_READ)
        {
            return;
        }

        if (n == 0 || errno != EAGAIN) {
            conn_cut(c);
        }
        return;
    }

    len += (size_t) n;
    buffer[len] = '\0';

    for (n = 1; n > 0 && pos < len; pos += (size_t) (n > 0 ? n : 0)) {
        if (c->http) {
            n = http_take(c, buffer + pos);

        } else {
            n = c->state == CONN_HANDSHAKE
                ? conn_answer(c, buffer + pos)
                : conn_take(c, buffer + pos, len - pos);
        }
    }

    if (n >= 0) {
        conn_keep(c, buffer + pos, len - pos);
    }
}


static void conn_writable(struct conn *c)
{
    int error = 0;
    socklen_t size = sizeof error;

    if (c->state == CONN_CONNECTING) {
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);

        if (error != 0) {
            load_die("connect: %s", strerror(error));
        }

        c->state = CONN_OPEN;
        c->load->opening--;
        c->load->on_open(c);

    } else if (c->out_len > 0) {
        ssize_t n = send(c->fd, c->out, c->out_len, MSG_NOSIGNAL);

        if (n > 0) {
            c->out_len -= (size_t) n;
            memmove(c->out, c->out + n, c->out_len);
        }
    }

    conn_watch(c, EPOLL_CTL_MOD);
}


/* One turn: waits for events, at most until this time. */

void load_turn(struct load *l, uint64_t until_ns)
{
    struct epoll_event events[256];
    struct timespec wait = { 0, 0 };
    uint64_t now = load_now();
    int n;

    if (until_ns > now) {
        wait.tv_sec = (time_t) ((until_ns - now) / 1000000000);
        wait.tv_nsec = (long) ((until_ns - now) % 1000000000);
    }

    n = epoll_pwait2(l->epoll, events, 256, &wait, NULL);

    for (int i = 0; i < n; i++) {
        struct conn *c = events[i].data.ptr;

        if (events[i].events & EPOLLOUT && c->state != CONN_NONE) {
            conn_writable(c);
        }

        if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)
            && (c->state == CONN_OPEN || c->state == CONN_HANDSHAKE))
        {
            conn_read(c);
        }
    }
}


/* Opens further connections while fewer than this many are under way. */

void load_open_some(struct load *l, uint32_t at_once)
{
    while (l->open_next < l->conn_count && l->opening < at_once) {
        conn_open(&l->conns[l->open_next++]);
    }
}
