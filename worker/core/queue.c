/*
 * Queues and profiles; see queue.h.
 *
 * Purpose:    made from the settings, found, and the line in each queue.
 * Owner:      the desk.
 * Invariants: those of queue.h.
 */

#include "core/queue.h"

#include <stdlib.h>

#include "core/conversation.h"
#include "core/text.h"

#define NAME_MAX_POINTS    80
#define QUEUES_MAX_POINTS  1000


static int
queue_compare(struct queue *a, struct queue *b)
{
    return strcmp(a->id.s, b->id.s);
}


static int
profile_compare(struct profile *a, struct profile *b)
{
    return strcmp(a->id.s, b->id.s);
}


static int
waiting_compare(struct conversation *a, struct conversation *b)
{
    return conversation_order(a, b);
}


TREE_GENERATE(queues, queue, link, queue_compare)
TREE_GENERATE(profiles, profile, link, profile_compare)
TREE_GENERATE(waiting, conversation, waiting_link, waiting_compare)


static void
queue_free(struct queue *queue)
{
    free(queue->profiles);
    free(queue->name);
    free(queue);
}


struct queue *
queue_new(struct queues *queues, const struct queue_settings *settings)
{
    struct queue  *queue;

    queue = calloc(1, sizeof(struct queue));
    if (queue == NULL) {
        return NULL;
    }

    RB_INIT(&queue->waiting);
    queue->priority = settings->priority;
    queue->accept_ms = settings->accept_ms;
    queue->wait_alert_ms = settings->wait_alert_ms;

    if (login_set(&queue->id, str_of(settings->id)) != 0
        || text_set(&queue->name, str_of(settings->name), NAME_MAX_POINTS)
               != 0
        || queue->name == NULL
        || RB_INSERT(queues, queues, queue) != NULL)
    {
        queue_free(queue);
        return NULL;
    }

    return queue;
}


static void
profile_free(struct profile *profile)
{
    free(profile->queues);
    free(profile->queues_text);
    free(profile->name);
    free(profile);
}


/* Tells the queue that this profile's agents serve it. */

static int
queue_add_profile(struct queue *queue, struct profile *profile)
{
    struct profile  **more;

    more = realloc(queue->profiles,
                   (queue->profile_count + 1) * sizeof(struct profile *));
    if (more == NULL) {
        return -1;
    }

    more[queue->profile_count++] = profile;
    queue->profiles = more;

    return 0;
}


/* "Sales, Support": what `me` shows. */

static int
profile_set_queues_text(struct profile *profile)
{
    int      rc;
    char    *text, *at;
    size_t   i, len = 1;

    for (i = 0; i < profile->queue_count; i++) {
        len += strlen(profile->queues[i]->name) + 2;
    }

    text = malloc(len);
    if (text == NULL) {
        return -1;
    }

    at = text;

    for (i = 0; i < profile->queue_count; i++) {
        if (i > 0) {
            *at++ = ',';
            *at++ = ' ';
        }
        len = strlen(profile->queues[i]->name);
        memcpy(at, profile->queues[i]->name, len);
        at += len;
    }

    *at = '\0';
    rc = text_set(&profile->queues_text, str_of(text), QUEUES_MAX_POINTS);
    free(text);

    return rc;
}


static int
profile_fill(struct profile *profile, struct queues *queues,
    const struct profile_settings *settings)
{
    size_t         i, j;
    struct queue  *queue;

    profile->queues = calloc(settings->queue_count + 1,
                             sizeof(struct queue *));
    if (profile->queues == NULL) {
        return -1;
    }

    for (i = 0; i < settings->queue_count; i++) {
        queue = queue_find(queues, settings->queues[i]);
        if (queue == NULL) {
            return -1;
        }

        for (j = 0; j < profile->queue_count; j++) {
            if (profile->queues[j] == queue) {
                return -1;
            }
        }

        profile->queues[profile->queue_count++] = queue;
    }

    return profile_set_queues_text(profile);
}


struct profile *
profile_new(struct profiles *profiles, struct queues *queues,
    const struct profile_settings *settings)
{
    size_t           i;
    struct profile  *profile;

    profile = calloc(1, sizeof(struct profile));
    if (profile == NULL) {
        return NULL;
    }

    RB_INIT(&profile->free);
    profile->capacity = settings->capacity;
    profile->notify = settings->notify;

    if (login_set(&profile->id, str_of(settings->id)) != 0
        || text_set(&profile->name, str_of(settings->name), NAME_MAX_POINTS)
               != 0
        || profile_fill(profile, queues, settings) != 0
        || RB_INSERT(profiles, profiles, profile) != NULL)
    {
        profile_free(profile);
        return NULL;
    }

    for (i = 0; i < profile->queue_count; i++) {
        if (queue_add_profile(profile->queues[i], profile) != 0) {
            return NULL;
        }
    }

    return profile;
}


void
queues_free(struct queues *queues)
{
    struct queue  *queue;

    while ((queue = RB_MIN(queues, queues)) != NULL) {
        RB_REMOVE(queues, queues, queue);
        queue_free(queue);
    }
}


void
profiles_free(struct profiles *profiles)
{
    struct profile  *profile;

    while ((profile = RB_MIN(profiles, profiles)) != NULL) {
        RB_REMOVE(profiles, profiles, profile);
        profile_free(profile);
    }
}


struct queue *
queue_find(struct queues *queues, const char *id)
{
    struct queue  probe;

    if (login_set(&probe.id, str_of(id)) != 0) {
        return NULL;
    }

    return RB_FIND(queues, queues, &probe);
}


struct profile *
profile_find(struct profiles *profiles, const char *id)
{
    struct profile  probe;

    if (login_set(&probe.id, str_of(id)) != 0) {
        return NULL;
    }

    return RB_FIND(profiles, profiles, &probe);
}


struct queue *
queue_named(struct queues *queues, struct cd_str name)
{
    struct queue  probe, *queue;

    if (login_set(&probe.id, name) == 0) {
        queue = RB_FIND(queues, queues, &probe);
        if (queue != NULL) {
            return queue;
        }
    }

    RB_FOREACH(queue, queues, queues) {
        if (cd_str_is(name, queue->name)) {
            return queue;
        }
    }

    return NULL;
}


int
queue_has_free(const struct queue *queue)
{
    size_t  i;

    for (i = 0; i < queue->profile_count; i++) {
        if (!RB_EMPTY(&queue->profiles[i]->free)) {
            return 1;
        }
    }

    return 0;
}


void
queue_insert(struct queue *queue, struct conversation *conversation)
{
    RB_INSERT(waiting, &queue->waiting, conversation);
    queue->changed = 1;
}


void
queue_remove(struct queue *queue, struct conversation *conversation)
{
    RB_REMOVE(waiting, &queue->waiting, conversation);
    queue->changed = 1;
}


struct queue *
queues_first(struct queues *queues)
{
    return RB_MIN(queues, queues);
}


struct queue *
queues_next(struct queue *queue)
{
    return RB_NEXT(queues, NULL, queue);
}


struct conversation *
queue_first(struct queue *queue)
{
    return RB_MIN(waiting, &queue->waiting);
}


struct conversation *
queue_next(struct conversation *conversation)
{
    return RB_NEXT(waiting, NULL, conversation);
}
