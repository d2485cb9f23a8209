/*
 * Numbers of a run: percentiles, and processor time of watched processes.
 *
 * Purpose:    figures that the driver can read, one JSON object in a line.
 * Owner:      the load owns the samples.
 * Invariants: every sample is kept, so that percentiles are exact; the
 *             time of a process is that of all its threads, as the kernel
 *             counts it.
 */

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "load.h"


void samples_add(struct samples *s, uint64_t ns)
{
    if (s->count == s->room) {
        s->room = s->room == 0 ? 4096 : s->room * 2;
        s->us = realloc(s->us, s->room * sizeof s->us[0]);

        if (s->us == NULL) {
            load_die("no memory for samples");
        }
    }

    s->us[s->count++] = (uint32_t) (ns / 1000 > UINT32_MAX ? UINT32_MAX
                                                           : ns / 1000);
}


static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

    return x < y ? -1 : x > y;
}


/* The value below which this share of the samples lies, ms; sorts them. */

double samples_at(struct samples *s, double share)
{
    size_t i;

    if (s->count == 0) {
        return 0;
    }

    qsort(s->us, s->count, sizeof s->us[0], compare);
    i = (size_t) (share * (double) s->count);

    return s->us[i < s->count ? i : s->count - 1] / 1000.0;
}


/* Processor time of all threads of a process, ns; 0 when it is gone. */

static uint64_t processor_ns(int pid)
{
    char path[320];
    uint64_t sum = 0, ns;
    struct dirent *entry;
    DIR *dir;

    snprintf(path, sizeof path, "/proc/%d/task", pid);
    dir = opendir(path);

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        FILE *file;

        /* the folder above has the process' own, of its first thread */
        if (entry->d_name[0] == '.') {
            continue;
        }

        snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", pid,
            entry->d_name);
        file = fopen(path, "r");

        if (file != NULL) {
            sum += fscanf(file, "%" SCNu64, &ns) == 1 ? ns : 0;
            fclose(file);
        }
    }

    if (dir != NULL) {
        closedir(dir);
    }

    return sum;
}


void watch_mark(struct load *l)
{
    for (int i = 0; i < l->watched_count; i++) {
        l->watched[i].ns = processor_ns(l->watched[i].pid);
    }
}


/* Keeps what was used since the mark. */

void watch_keep(struct load *l)
{
    for (int i = 0; i < l->watched_count; i++) {
        l->watched[i].ns = processor_ns(l->watched[i].pid)
                           - l->watched[i].ns;
    }
}


/* Members "cpu_<name>": microseconds a message, of what was kept. */

void watch_print(struct load *l, uint64_t messages)
{
    for (int i = 0; i < l->watched_count; i++) {
        struct watched *w = &l->watched[i];
        double us = (double) w->ns / 1000;

        printf(",\"cpu_%s\":%.2f", w->name,
            us / (double) (messages > 0 ? messages : 1));
    }
}
