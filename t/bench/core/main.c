/*
 * chatdesk-bench-core: how fast the desk's core decides, and what an open
 * conversation costs it.
 *
 *   chatdesk-bench-core [--agents N] [--open N] [--events N]
 *
 * Purpose:    one JSON line for each figure: scenario, system, metric, unit,
 *             size, value.
 * Owner:      nothing.
 * Invariants: the core alone is measured, no Redis and no shell; the events
 *             follow from constants, so that two runs do the same.
 *
 * Without options three sizes run, the largest with 10,000 agents and
 * 100,000 open conversations.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crowd.h"

static const struct {
    size_t agents;
    size_t open;
} sizes[] = {
    { 1000, 10000 },
    { 3000, 30000 },
    { 10000, 100000 }
};


static void
figure(const struct crowd *crowd, const char *scenario, const char *metric,
    const char *unit, double value)
{
    printf("{\"scenario\":\"%s\",\"system\":\"chatdesk\",\"metric\":\"%s\","
           "\"unit\":\"%s\",\"size\":\"%zu agents, %zu open\","
           "\"value\":%.3f}\n", scenario, metric, unit, crowd->agents,
           crowd->target, value);
    fflush(stdout);
}


static void
figures(struct crowd *crowd, const char *scenario, const struct pace *pace)
{
    figure(crowd, scenario, "decisions on one core", "1/s", pace->rate);
    figure(crowd, scenario, "decision p50", "ms", pace->p50_ms);
    figure(crowd, scenario, "decision p99", "ms", pace->p99_ms);
    figure(crowd, scenario, "decision worst", "ms", pace->worst_ms);
    figure(crowd, scenario, "commit an event", "B", pace->bytes);
}


static int
run(size_t agents, size_t open, size_t events)
{
    struct pace    pace;
    struct crowd  *crowd = crowd_new(agents, open);

    if (crowd == NULL) {
        fprintf(stderr, "no memory for the crowd\n");
        return -1;
    }

    /* all of them active, then as many again in line */
    crowd_fill(crowd);
    figure(crowd, "core, all served", "memory an open conversation", "B",
           crowd_bytes(crowd));

    if (crowd_pace(crowd, events, &pace) == 0) {
        figures(crowd, "core, all served", &pace);
    }

    crowd_backlog(crowd);

    if (crowd_pace(crowd, events, &pace) == 0) {
        figures(crowd, "core, half wait", &pace);
    }

    if (crowd_rebuild(crowd, &pace) != 0) {
        fprintf(stderr, "the entities do not load\n");
        crowd_free(&crowd);
        return -1;
    }

    figure(crowd, "core, built anew", "time", "ms", pace.worst_ms);
    figure(crowd, "core, built anew", "entity", "B", pace.bytes);
    crowd_free(&crowd);

    return 0;
}


static int
option(const char *text, size_t *value)
{
    char  *end;

    *value = strtoul(text, &end, 10);

    return *text != '\0' && *end == '\0' && *value > 0 ? 0 : -1;
}


int
main(int argc, char **argv)
{
    int     i;
    size_t  agents = 0, open = 0, events = 200000;

    for (i = 1; i < argc; i += 2) {
        if (i + 1 == argc
            || (strcmp(argv[i], "--agents") == 0
                ? option(argv[i + 1], &agents)
                : strcmp(argv[i], "--open") == 0
                ? option(argv[i + 1], &open)
                : strcmp(argv[i], "--events") == 0
                ? option(argv[i + 1], &events) : -1) != 0)
        {
            fprintf(stderr, "usage: chatdesk-bench-core [--agents N] "
                            "[--open N] [--events N]\n");
            return 2;
        }
    }

    if (agents > 0) {
        return run(agents, open > 0 ? open : agents * 10, events) != 0;
    }

    for (i = 0; i < (int) (sizeof(sizes) / sizeof(sizes[0])); i++) {
        if (run(sizes[i].agents, sizes[i].open, events) != 0) {
            return 1;
        }
    }

    return 0;
}
