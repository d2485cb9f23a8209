/*
 * A disk that can be full: preloaded, for t/fault_disk.t.
 *
 * Purpose:    while the file that DISK_FULL names begins with "1", a write to
 *             a file in an `appendonlydir` takes half of its bytes, as one
 *             does that fills the disk, and every further one fails.
 * Owner:      the test owns the file.
 * Invariants: other files, and reading, are as ever.
 */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

typedef ssize_t (*write_fn)(int, const void *, size_t);


static int
is_full(void)
{
    int   file, full;
    char  first = '0';

    file = open(getenv("DISK_FULL"), O_RDONLY | O_CLOEXEC);
    full = file != -1 && read(file, &first, 1) == 1 && first == '1';

    if (file != -1) {
        close(file);
    }

    return full;
}


static int
is_appended(int fd)
{
    char     link[64], path[PATH_MAX];
    ssize_t  n;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    n = readlink(link, path, sizeof(path) - 1);

    if (n < 0) {
        return 0;
    }

    path[n] = '\0';

    return strstr(path, "/appendonlydir/") != NULL;
}


ssize_t
write(int fd, const void *bytes, size_t len)
{
    static int  filled;
    write_fn    real = (write_fn) dlsym(RTLD_NEXT, "write");

    if (!is_appended(fd)) {
        return real(fd, bytes, len);
    }

    if (!is_full()) {
        filled = 0;
        return real(fd, bytes, len);
    }

    if (filled || len < 2) {
        filled = 1;
        errno = ENOSPC;
        return -1;
    }

    filled = 1;

    return real(fd, bytes, len / 2);
}
