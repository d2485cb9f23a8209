/*
 * See heap.h.
 *
 * Purpose:    madvise(2) for glibc's heap as it grows.
 * Owner:      `advised` is this file's.
 * Invariants: only whole large pages between the heap's beginning and its end
 *             are named.
 *
 * glibc does the same by itself, but only when the environment says so at the
 * start of the process (GLIBC_TUNABLES, malloc.hugetlb).
 */

#define _DEFAULT_SOURCE

#include "io/heap.h"

#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#define LARGE_BYTES  ((uintptr_t) 2 << 20)
#define STEP_BYTES   (16 << 20)
#define APART_BYTES  (32 << 20)     /* what is larger does not lie in it */

static uintptr_t  advised;


void
heap_open(void)
{
    (void) mallopt(M_TOP_PAD, STEP_BYTES);
    (void) mallopt(M_TRIM_THRESHOLD, 2 * STEP_BYTES);
    (void) mallopt(M_MMAP_THRESHOLD, APART_BYTES);

    advised = ((uintptr_t) sbrk(0) + LARGE_BYTES - 1) & ~(LARGE_BYTES - 1);
}


void
heap_grown(void)
{
    uintptr_t  end = (uintptr_t) sbrk(0) & ~(LARGE_BYTES - 1);

    if (end < advised) {
        advised = end;          /* it was given back */

    } else if (end > advised) {
        (void) madvise((void *) advised, end - advised, MADV_HUGEPAGE);
        advised = end;
    }
}
