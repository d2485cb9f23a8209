/*
 * Requests and answers on a connection that stays HTTP.
 *
 * Purpose:    long-polls, and nginx's own idle connections.
 * Owner:      net.c owns the connection.
 * Invariants: one request is under way at a time; an answer has a length.
 */

#define _GNU_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "load.h"


/* The value of a header of an answer; whether there is one that fits. */

int http_header(const char *data, const char *name, char *value, size_t room)
{
    const char *line = strstr(data, "\r\n");
    size_t len = strlen(name);

    value[0] = '\0';

    for ( ; line != NULL && line[2] != '\r'; line = strstr(line + 2, "\r\n")) {
        size_t size;

        if (strncasecmp(line + 2, name, len) != 0 || line[2 + len] != ':') {
            continue;
        }

        line += 3 + len;
        line += strspn(line, " ");
        size = strcspn(line, "\r");

        if (size >= room) {
            return 0;
        }

        memcpy(value, line, size);
        value[size] = '\0';

        return 1;
    }

    return 0;
}


/* Takes one answer; its length, 0 when it is incomplete, -1 when the
   connection has ended. */

ssize_t http_take(struct conn *c, char *data)
{
    char value[24], after;
    char *end = strstr(data, "\r\n\r\n");
    size_t size;

    if (end == NULL) {
        return 0;
    }

    if (strncmp(data, "HTTP/1.1 20", 11) != 0
        && strncmp(data, "HTTP/1.1 304", 12) != 0)
    {
        load_die("request %s refused: %.200s", c->path, data);
    }

    size = http_header(data, "Content-Length", value, sizeof value)
        ? strtoul(value, NULL, 10) : 0;
    end += 4;

    if (strlen(end) < size) {
        return 0;
    }

    after = end[size];
    end[size] = '\0';
    c->load->on_answer(c, data, end);
    end[size] = after;

    return c->state == CONN_OPEN ? end + size - data : -1;
}


/* `more` are further header lines, each with its end. */

void http_send(struct conn *c, const char *method, const char *more,
    const char *body, size_t len)
{
    char request[16384];
    int head = snprintf(request, sizeof request,
        "%s %s HTTP/1.1\r\nHost: %s:%d\r\n%s", method, c->path,
        c->load->host, c->load->port, more);

    if (body != NULL) {
        head += snprintf(request + head, sizeof request - (size_t) head,
            "Content-Type: application/json\r\nContent-Length: %zu\r\n", len);
    }

    if ((size_t) head + 2 + len > sizeof request) {
        load_die("a request is too long");
    }

    memcpy(request + head, "\r\n", 2);

    if (len > 0) {
        memcpy(request + head + 2, body, len);
    }

    conn_write(c, request, (size_t) head + 2 + len);
}
