/*
 * Redis alone: how fast it does the one function of the message path.
 *
 * Purpose:    cd_post without nginx, beside PUBLISH and a script of five
 *             operations, by the same client.
 * Owner:      a connection owns its descriptor, its output and the counter
 *             of its conversation.
 * Invariants: a connection has a conversation of its own; so many commands
 *             are under way on each as were asked for; an answer that is an
 *             error, or another one than `ok`, ends the run.
 *
 *   chatdesk-calls SOCKET WHAT CONNECTIONS PIPELINE SECONDS REDIS-PID
 *
 * WHAT is post, publish or five.  Prints calls a second and Redis' processor
 * time for each, as one line of JSON.
 */

#define _GNU_SOURCE

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define ROOM    (1 << 18)
#define BODY    320             /* bytes of a message of 200 */
#define SECOND  1000000000ull
#define PREFIX  "cd:{demo}:"

struct link {
    int      fd;
    uint32_t index, k;
    size_t   len;               /* of what was read and is no whole reply */
    char     in[65536];
};

static char out[ROOM];
static const char *what;
static uint64_t answered;


static void die(const char *why)
{
    fprintf(stderr, "%s: %s\n", why, strerror(errno));
    exit(1);
}


static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);

    return (uint64_t) t.tv_sec * SECOND + (uint64_t) t.tv_nsec;
}


static uint64_t processor_ns(const char *pid)
{
    char path[64];
    uint64_t ns = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%s/schedstat", pid);
    file = fopen(path, "r");

    if (file == NULL || fscanf(file, "%" SCNu64, &ns) != 1) {
        die(path);
    }

    fclose(file);

    return ns;
}


static size_t argument(size_t at, const char *data, size_t len)
{
    at += (size_t) snprintf(out + at, ROOM - at, "$%zu\r\n", len);
    memcpy(out + at, data, len);
    memcpy(out + at + len, "\r\n", 2);

    return at + len + 2;
}


static size_t text(size_t at, const char *data)
{
    return argument(at, data, strlen(data));
}


/* cd_post as the module calls it: docs/bus.md. */

static size_t post(size_t at, struct link *l)
{
    static char body[BODY];
    char conv[32], key[64], k[16];

    snprintf(conv, sizeof conv, "conversation%010u", l->index);
    snprintf(key, sizeof key, PREFIX "c:%s", conv);
    snprintf(k, sizeof k, "%u", ++l->k);
    memset(body, 'x', sizeof body);

    at += (size_t) snprintf(out + at, ROOM - at, "*13\r\n");
    at = text(text(text(at, "FCALL"), "cd_post"), "1");
    at = text(text(text(at, key), conv), "visitor00000000000000a");
    at = text(text(text(at, "v"), "device000000000000000a"), k);
    at = text(text(text(at, "digest.."), "1795000000000"), "0");

    return argument(at, body, sizeof body);
}


static size_t publish(size_t at, struct link *l)
{
    static char body[BODY];

    (void) l;
    memset(body, 'x', sizeof body);
    at += (size_t) snprintf(out + at, ROOM - at, "*3\r\n");
    at = text(text(at, "PUBLISH"), PREFIX "nobody");

    return argument(at, body, sizeof body);
}


/* The five operations that bench.md's reference had, as a function. */

static size_t five(size_t at, struct link *l)
{
    static char body[BODY];
    char key[64];

    snprintf(key, sizeof key, PREFIX "five:%u", l->index);
    memset(body, 'x', sizeof body);
    at += (size_t) snprintf(out + at, ROOM - at, "*5\r\n");
    at = text(text(text(text(at, "FCALL"), "five"), "1"), key);

    return argument(at, body, sizeof body);
}


static void send_some(struct link *l, uint32_t count)
{
    size_t at = 0;

    for (uint32_t i = 0; i < count; i++) {
        at = strcmp(what, "post") == 0 ? post(at, l)
           : strcmp(what, "five") == 0 ? five(at, l) : publish(at, l);
    }

    for (size_t sent = 0; sent < at; ) {
        ssize_t n = send(l->fd, out + sent, at - sent, MSG_NOSIGNAL);

        if (n <= 0) {
            die("send");
        }

        sent += (size_t) n;
    }
}


/* Whole replies among these bytes: `ok` and numbers, or one number. */

static size_t take(struct link *l, uint32_t *count)
{
    size_t pos = 0;

    *count = 0;

    while (pos < l->len) {
        int lines = l->in[pos] != '*' ? 1 : l->in[pos + 1] == '4' ? 6 : 3;
        char *end = l->in + pos;

        if (l->in[pos] == '-') {
            fprintf(stderr, "%.200s\n", l->in + pos);
            exit(1);
        }

        while (lines-- > 0 && end != NULL) {
            end = memchr(end, '\n', l->len - (size_t) (end - l->in));
            end = end != NULL ? end + 1 : NULL;
        }

        if (end == NULL) {
            break;
        }

        if (l->in[pos] == '*' && strncmp(l->in + pos + 8, "ok\r\n", 4) != 0) {
            fprintf(stderr, "refused: %.100s\n", l->in + pos);
            exit(1);
        }

        pos = (size_t) (end - l->in);
        (*count)++;
    }

    memmove(l->in, l->in + pos, l->len - pos);
    l->len -= pos;

    return pos;
}


static void turn(int epoll)
{
    struct epoll_event events[64];
    int n = epoll_wait(epoll, events, 64, 1000);

    for (int i = 0; i < n; i++) {
        struct link *l = events[i].data.ptr;
        uint32_t count;
        ssize_t got = recv(l->fd, l->in + l->len,
            sizeof l->in - 1 - l->len, 0);

        if (got <= 0) {
            die("recv");
        }

        l->len += (size_t) got;
        l->in[l->len] = '\0';
        take(l, &count);
        answered += count;
        send_some(l, count);
    }
}


static void open_link(struct link *l, int epoll, const char *path)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = l };

    snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
    l->fd = socket(AF_UNIX, SOCK_STREAM, 0);

    if (l->fd < 0 || connect(l->fd, (struct sockaddr *) &to, sizeof to) != 0
        || epoll_ctl(epoll, EPOLL_CTL_ADD, l->fd, &event) != 0)
    {
        die(path);
    }
}


int main(int argc, char **argv)
{
    int epoll = epoll_create1(0);
    uint64_t begin, end, before, used;
    uint32_t links, deep;
    struct link *l;

    if (argc != 7) {
        fprintf(stderr, "usage: see the source\n");
        return 2;
    }

    what = argv[2];
    links = (uint32_t) atoi(argv[3]);
    deep = (uint32_t) atoi(argv[4]);
    l = calloc(links, sizeof *l);

    for (uint32_t i = 0; i < links; i++) {
        l[i].index = i;
        open_link(&l[i], epoll, argv[1]);
        send_some(&l[i], deep);
    }

    for (begin = now(); now() - begin < SECOND / 2; ) {
        turn(epoll);
    }

    answered = 0;
    used = processor_ns(argv[6]);
    begin = now();
    end = begin + (uint64_t) atoi(argv[5]) * SECOND;

    while ((before = now()) < end) {
        turn(epoll);
    }

    used = processor_ns(argv[6]) - used;
    printf("{\"per_second\":%.0f,\"cpu_redis\":%.2f}\n",
        (double) answered * SECOND / (double) (before - begin),
        (double) used / 1000 / (double) answered);

    return 0;
}
