/*
 * How long it takes to fill in a template when there are many.
 *
 *   chatdesk-bench-templates [--templates 5000] [--renders 100000]
 *
 * Purpose:    lines of JSON with the members of results.json: `render` is
 *             one `render` entry through the core, from the entry to the
 *             packed answer; each template has three languages, 20 variables
 *             and 2,000 characters, and is picked at random.
 * Owner:      the desk and its changes.
 * Invariants: every entry is answered with a text, or the program fails.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/desk.h"
#include "core/templates.h"

#define T0  1732200000000ULL

static const struct queue_settings    queues[] = {
    { "help", "Help", 5, 20000 }
};
static const char                    *queue_ids[] = { "help" };
static const struct profile_settings  profiles[] = {
    { "all", "All", 3, queue_ids, 1 }
};
static const struct agent_settings    agents[] = {
    { "ana", "Ana Lima", "agent", "all" }
};
static const struct desk_settings     settings = {
    "Bench", "help", queues, 1, profiles, 1, agents, 1
};


static uint64_t
now_ns(void)
{
    struct timespec  now;

    clock_gettime(CLOCK_MONOTONIC, &now);

    return (uint64_t) now.tv_sec * 1000000000ULL + (uint64_t) now.tv_nsec;
}


static int
compare(const void *a, const void *b)
{
    uint64_t  x = *(const uint64_t *) a, y = *(const uint64_t *) b;

    return x < y ? -1 : x > y;
}


static void
put(struct cd_frame *frame, unsigned field, const char *text)
{
    cd_frame_set_str(frame, field, text, strlen(text));
}


static void
entry(struct cd_frame *frame, unsigned type, const char *role,
    const char *who)
{
    cd_frame_init(frame, type);
    put(frame, CD_F_ID, "r");
    put(frame, CD_F_ROLE, role);
    put(frame, CD_F_WHO, who);
    put(frame, CD_F_CONV, "conversation");
    put(frame, CD_F_SESSION, who);
    put(frame, CD_F_NODE, "node");
}


static void
apply(struct desk *desk, struct changes *changes, struct cd_frame *frame)
{
    desk_apply(desk, frame, T0, changes);
    desk_flush(desk, changes);
    changes_reset(changes);
}


/* A conversation that ana is a member of. */

static int
open_desk(struct desk *desk, struct changes *changes)
{
    const char       *why;
    struct cd_frame   frame;

    if (desk_configure(desk, &settings, &why) != 0) {
        return -1;
    }

    desk_loaded(desk, T0, changes);
    entry(&frame, CD_T_ONLINE, "agent", "ana");
    apply(desk, changes, &frame);
    entry(&frame, CD_T_PRESENCE, "agent", "ana");
    put(&frame, CD_F_STATE, "available");
    apply(desk, changes, &frame);
    entry(&frame, CD_T_START, "visitor", "visitor");
    put(&frame, CD_F_NAME, "Vera");
    put(&frame, CD_F_LANG, "pt-BR");
    apply(desk, changes, &frame);
    entry(&frame, CD_T_ACCEPT, "agent", "ana");
    apply(desk, changes, &frame);

    return 0;
}


static int
fill_desk(struct desk *desk, struct changes *changes, unsigned count)
{
    char                     text[4096] = "", id[16];
    unsigned                 i;
    struct template_refusal  refusal;
    struct locale_settings   locales[3] = {
        { "en", { text, 0 }, NULL, 0 }, { "de", { text, 0 }, NULL, 0 },
        { "pt", { text, 0 }, NULL, 0 }
    };
    struct template_settings  one = {
        "", id, "A title", "", queue_ids, 1, locales, 3
    };

    for (i = 0; i < 20; i++) {
        strcat(text, "Dear {{client.name|customer}}, this is a part of a "
                     "text as they are written for the questions that come "
                     "every single day.\n");
    }

    for (i = 0; i < 3; i++) {
        locales[i].text.len = strlen(text);
    }

    for (i = 0; i < count; i++) {
        snprintf(id, sizeof(id), "t%u", i);

        if (desk_put_template(desk, &one, T0, changes, &refusal) != CD_E_OK) {
            fprintf(stderr, "%s: %s\n", refusal.field, refusal.why);
            return -1;
        }

        desk_flush(desk, changes);
        changes_reset(changes);
    }

    return 0;
}


static int
measure(struct desk *desk, struct changes *changes, unsigned count,
    unsigned renders)
{
    char             id[16];
    size_t           len;
    unsigned         i;
    uint64_t         state = 20261126, begin, *took;
    struct cd_frame  frame;

    took = malloc(renders * sizeof(*took));
    if (took == NULL) {
        return -1;
    }

    for (i = 0; i < renders; i++) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        snprintf(id, sizeof(id), "t%u", (unsigned) ((state >> 33) % count));
        entry(&frame, CD_T_RENDER, "agent", "ana");
        put(&frame, CD_F_TEMPLATE, id);

        begin = now_ns();
        desk_apply(desk, &frame, T0, changes);
        took[i] = now_ns() - begin;

        if (changes_data(changes, &len) == NULL || len < 1500) {
            fprintf(stderr, "%s was not rendered\n", id);
            free(took);
            return -1;
        }

        changes_reset(changes);
    }

    qsort(took, renders, sizeof(*took), compare);

    for (i = 0; i < 2; i++) {
        printf("{\"scenario\":\"templates\",\"system\":\"chatdesk\","
               "\"size\":\"%u templates\",\"metric\":\"render %s\","
               "\"value\":%.4f,\"unit\":\"ms\"}\n", count,
               i == 0 ? "p50" : "p99",
               (double) took[(size_t) renders * (i == 0 ? 50 : 99) / 100]
               / 1e6);
    }

    free(took);

    return 0;
}


int
main(int argc, char **argv)
{
    int              i, rc = EXIT_FAILURE;
    unsigned         count = CD_LIMIT_TEMPLATES, renders = 100000;
    struct desk     *desk = desk_new();
    struct changes  *changes = changes_new();

    for (i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--templates") == 0) {
            count = (unsigned) atoi(argv[i + 1]);

        } else if (strcmp(argv[i], "--renders") == 0) {
            renders = (unsigned) atoi(argv[i + 1]);
        }
    }

    if (desk != NULL && changes != NULL && count > 0 && renders > 0
        && open_desk(desk, changes) == 0
        && fill_desk(desk, changes, count) == 0
        && measure(desk, changes, count, renders) == 0)
    {
        rc = EXIT_SUCCESS;
    }

    desk_free(&desk);
    changes_free(&changes);

    return rc;
}
