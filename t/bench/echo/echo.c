/*
 * The least that a server can do: each socket gets back what it sends.
 *
 * Purpose:    the limit of this machine for memory and for a round trip,
 *             beside which the others stand.
 * Owner:      one thread; a socket owns nothing but its descriptor and two
 *             bytes of state.
 * Invariants: no more than what the load client does: a frame comes whole,
 *             with a mask of zeros, and is shorter than 64 KB.
 *
 *   chatdesk-echo PORT
 */

#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKETS 32768
#define EVENTS  256
#define ANSWER  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" \
                "Connection: Upgrade\r\n\r\n"

static char in[1 << 20], out[1 << 20];
static uint8_t is_open[SOCKETS];


static void die(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}


static int listen_on(int port)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t) port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    if (fd < 0
        || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0
        || bind(fd, (struct sockaddr *) &at, sizeof at) != 0
        || listen(fd, 16384) != 0)
    {
        die("listen");
    }

    return fd;
}


static void take_new(int epoll, int listener)
{
    int fd, on = 1;

    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

        if (fd >= SOCKETS) {
            close(fd);
            continue;
        }

        is_open[fd] = 0;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);

        if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
            die("epoll_ctl");
        }
    }
}


/* Frames without their masks; the bytes that come of them. */

static size_t unmask(const char *data, size_t len)
{
    size_t pos = 0, made = 0;

    while (pos + 2 <= len) {
        size_t size = (unsigned char) data[pos + 1] & 0x7f;
        size_t head = 2;

        if (size == 126 && pos + 4 <= len) {
            head = 4;
            size = (size_t) (unsigned char) data[pos + 2] << 8
                   | (unsigned char) data[pos + 3];
        }

        if (pos + head + 4 + size > len) {
            break;
        }

        memcpy(out + made, data + pos, head);
        out[made + 1] &= 0x7f;
        memcpy(out + made + head, data + pos + head + 4, size);
        made += head + size;
        pos += head + 4 + size;
    }

    return made;
}


static void serve(int fd)
{
    ssize_t n = recv(fd, in, sizeof in, 0);
    size_t made;

    if (n <= 0) {
        if (n == 0 || errno != EAGAIN) {
            close(fd);
        }
        return;
    }

    if (!is_open[fd]) {
        is_open[fd] = 1;
        n = send(fd, ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL);
        return;
    }

    made = unmask(in, (size_t) n);

    if (made > 0 && send(fd, out, made, MSG_NOSIGNAL) < (ssize_t) made) {
        close(fd);
    }
}


int main(int argc, char **argv)
{
    struct epoll_event events[EVENTS];
    struct epoll_event event = { .events = EPOLLIN };
    int epoll = epoll_create1(0), listener;

    if (argc != 2 || epoll < 0) {
        fprintf(stderr, "usage: chatdesk-echo PORT\n");
        return 2;
    }

    event.data.fd = listener = listen_on(atoi(argv[1]));

    if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0) {
        die("epoll_ctl");
    }

    for ( ;; ) {
        int n = epoll_wait(epoll, events, EVENTS, -1);

        for (int i = 0; i < n; i++) {
            if (events[i].data.fd == listener) {
                take_new(epoll, listener);

            } else {
                serve(events[i].data.fd);
            }
        }
    }
}
