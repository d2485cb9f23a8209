/*
 * Addresses of https; see https_url.h.
 *
 * Purpose:    the part of RFC 3986 that browsers and people write.
 * Owner:      nothing.
 * Invariants: those of https_url.h.
 */

#include "io/https_url.h"

#include <stdlib.h>
#include <string.h>

#define SCHEME    "https://"
#define HOST_MAX  253
#define PORT_MAX  65535


/* The length of the host that a text begins with; 0 for none. */

static size_t
host_len(const char *text)
{
    size_t  len;

    if (text[0] == '[') {
        len = strspn(text + 1, "0123456789abcdef:.") + 2;
        return len > 4 && text[len - 1] == ']' ? len : 0;
    }

    len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-");

    return len <= HOST_MAX && text[0] != '.' && text[0] != '-' ? len : 0;
}


/* The length of ":port", 0 when there is none; -1 for one that is none. */

static int
port_len(const char *text)
{
    long    port;
    size_t  len;

    if (text[0] != ':') {
        return 0;
    }

    len = strspn(text + 1, "0123456789");
    port = len >= 1 && len <= 5 ? strtol(text + 1, NULL, 10) : 0;

    return port >= 1 && port <= PORT_MAX ? (int) len + 1 : -1;
}


int
https_url(const char *text, size_t most)
{
    int     port;
    size_t  len;
    static const char  path[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-._~%!$&'()*+,;=:@/?";

    if (strlen(text) > most || strncmp(text, SCHEME, strlen(SCHEME)) != 0) {
        return 0;
    }

    text += strlen(SCHEME);
    len = host_len(text);
    port = len > 0 ? port_len(text + len) : -1;

    if (port < 0) {
        return 0;
    }

    text += len + (size_t) port;

    return (text[0] == '\0' || text[0] == '/' || text[0] == '?')
           && text[strspn(text, path)] == '\0';
}
