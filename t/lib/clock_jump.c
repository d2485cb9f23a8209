/*
 * Shifts the clock of a process: preloaded, for t/fault_clock.t.
 *
 * Purpose:    the file that CLOCK_JUMP_FILE names holds the seconds, 64 bits,
 *             that are added to the time of day; the monotonic clock goes
 *             on.
 * Owner:      the test owns the file; it is mapped once and shared with all
 *             children.
 * Invariants: without the file nothing is shifted.
 */

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t  *shift;


__attribute__((constructor))
static void
shift_map(void)
{
    int          fd;
    void        *map;
    const char  *path = getenv("CLOCK_JUMP_FILE");

    fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd == -1) {
        return;
    }

    map = mmap(NULL, 8, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);

    if (map != MAP_FAILED) {
        shift = map;
    }
}


int
clock_gettime(clockid_t id, struct timespec *at)
{
    int  rc;

    rc = (int) syscall(SYS_clock_gettime, id, at);

    if (rc == 0 && shift != NULL
        && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
    {
        at->tv_sec += *shift;
    }

    return rc;
}


int
gettimeofday(struct timeval *restrict at, void *restrict zone)
{
    struct timespec  now;

    (void) zone;

    if (clock_gettime(CLOCK_REALTIME, &now) != 0) {
        return -1;
    }

    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;

    return 0;
}


time_t
time(time_t *at)
{
    struct timespec  now;

    if (clock_gettime(CLOCK_REALTIME, &now) != 0) {
        return -1;
    }

    if (at != NULL) {
        *at = now.tv_sec;
    }

    return now.tv_sec;
}
