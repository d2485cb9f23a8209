/*
 * Tells systemd how the service is; see notify.h.
 *
 * Purpose:    one datagram to a Unix socket.
 * Owner:      nobody.
 * Invariants: what cannot be told is left untold: the service is what
 *             matters.
 */

#include "io/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>


void
notify_send(const char *state)
{
    int                  fd;
    size_t               len;
    const char          *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un   addr;

    if (path == NULL || (path[0] != '/' && path[0] != '@')) {
        return;
    }

    len = strlen(path);
    if (len >= sizeof(addr.sun_path)) {
        return;
    }

    memset(&addr, 0, sizeof(addr));
    addr.sun_family = AF_UNIX;
    memcpy(addr.sun_path, path, len);

    if (path[0] == '@') {
        addr.sun_path[0] = '\0';        /* an abstract name */
    }

    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return;
    }

    sendto(fd, state, strlen(state), MSG_DONTWAIT | MSG_NOSIGNAL,
           (struct sockaddr *) &addr,
           (socklen_t) (offsetof(struct sockaddr_un, sun_path) + len));
    close(fd);
}
