/*
 * chatdesk-sim: runs seeds of the simulator.
 *
 *   chatdesk-sim [--seeds N] [--first S] [--events M] [--trace 1]
 *
 * Purpose:    the last line says how many seeds, events and violations; a
 *             violation is printed with its seed and step, and the exit
 *             status is then 1.
 * Owner:      nothing.
 * Invariants: none.
 */

#include <stdio.h>
#include <stdlib.h>

#include "sim.h"


static int
option(const char *text, uint64_t *value)
{
    char  *end;

    *value = strtoull(text, &end, 10);

    return *text != '\0' && *end == '\0' ? 0 : -1;
}


int
main(int argc, char **argv)
{
    int          i;
    uint64_t     seeds = 200, first = 1, events = 1500, trace = 0;
    uint64_t     seed, total = 0, violations = 0;
    struct sim  *sim;

    for (i = 1; i < argc; i += 2) {
        if (i + 1 == argc
            || (strcmp(argv[i], "--seeds") == 0
                ? option(argv[i + 1], &seeds)
                : strcmp(argv[i], "--first") == 0
                ? option(argv[i + 1], &first)
                : strcmp(argv[i], "--events") == 0
                ? option(argv[i + 1], &events)
                : strcmp(argv[i], "--trace") == 0
                ? option(argv[i + 1], &trace) : -1) != 0)
        {
            fprintf(stderr, "usage: chatdesk-sim [--seeds N] [--first S] "
                            "[--events M] [--trace 1]\n");
            return 2;
        }
    }

    for (seed = first; seed < first + seeds; seed++) {
        sim = sim_new(seed, SIM_FAULT_NONE, 0);
        sim->trace = trace > 0;
        sim_run(sim, events);
        total += sim->events;
        violations += sim->violations > 0;
        sim_free(&sim);
    }

    printf("%llu seeds, %llu events, %llu violations\n",
           (unsigned long long) seeds, (unsigned long long) total,
           (unsigned long long) violations);

    return violations > 0;
}
