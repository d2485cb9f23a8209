/*
 * Makes one allocation of a process fail: preloaded, for t/ws_memory.t and
 * t/fault_memory.t.
 *
 * Purpose:    the file that ALLOC_FAIL_FILE names begins with two numbers of
 *             32 bits: how many allocations from now one fails (0: none) and
 *             how many have failed.
 * Owner:      the test owns the file; it is mapped once and shared with all
 *             children.
 * Invariants: never allocates itself; a failure leaves errno as libc would.
 */

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static volatile uint32_t  *control;


__attribute__((constructor))
static void
control_map(void)
{
    int          fd;
    void        *map;
    const char  *path = getenv("ALLOC_FAIL_FILE");

    fd = path ? open(path, O_RDWR) : -1;
    if (fd == -1) {
        return;
    }

    map = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);

    if (map != MAP_FAILED) {
        control = map;
    }
}


static int
fails(void)
{
    if (control == NULL || control[0] == 0 || --control[0] > 0) {
        return 0;
    }

    control[1]++;
    errno = ENOMEM;

    return 1;
}


void *
malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}


void *
calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}


void *
realloc(void *old, size_t size)
{
    return fails() ? NULL : __libc_realloc(old, size);
}


int
posix_memalign(void **out, size_t alignment, size_t size)
{
    if (fails()) {
        return ENOMEM;
    }

    *out = __libc_memalign(alignment, size);

    return *out ? 0 : ENOMEM;
}
