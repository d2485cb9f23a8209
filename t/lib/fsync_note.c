/*
 * Notes how much of each file the disk has: preloaded, for t/fault_power.t.
 *
 * Purpose:    a power cut takes what was written and not synced.  Each sync
 *             of a file appends "<size> <path>" to the file that FSYNC_NOTES
 *             names; what a file was cut to is the last line about it.
 * Owner:      the test owns the notes.
 * Invariants: the size is taken before the sync, so that no byte counts of
 *             which the sync knew nothing.
 */

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
synced(int fd, const char *call)
{
    int          rc, notes, len;
    char         link[64], path[PATH_MAX], line[PATH_MAX + 32];
    ssize_t      n;
    struct stat  st;
    int        (*real)(int);

    real = (int (*)(int)) dlsym(RTLD_NEXT, call);
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    n = readlink(link, path, sizeof(path) - 1);

    if (fstat(fd, &st) != 0) {
        n = -1;
    }

    rc = real(fd);

    if (rc != 0 || n < 0 || !S_ISREG(st.st_mode)) {
        return rc;
    }

    path[n] = '\0';
    len = snprintf(line, sizeof(line), "%lld %s\n", (long long) st.st_size,
                   path);
    notes = open(getenv("FSYNC_NOTES"), O_WRONLY | O_APPEND | O_CLOEXEC);

    if (notes != -1) {
        if (write(notes, line, (size_t) len) != len) {
            rc = -1;
        }

        close(notes);
    }

    return rc;
}


int
fsync(int fd)
{
    return synced(fd, "fsync");
}


int
fdatasync(int fd)
{
    return synced(fd, "fdatasync");
}
