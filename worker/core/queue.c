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
#include "core/crew.h"
#include "core/lister.h"
#include "core/rights.h"
#include "core/skills.h"
#include "core/text.h"

#define NAME_MAX_POINTS    80


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


int
queue_order(const struct conversation *a, const struct conversation *b)
{
    if (a->priority != b->priority) {
        return a->priority < b->priority ? -1 : 1;
    }

    return conversation_order(a, b);
}


static int
waiting_compare(struct conversation *a, struct conversation *b)
{
    return queue_order(a, b);
}


TREE_GENERATE(queues, queue, link, queue_compare)
TREE_GENERATE(profiles, profile, link, profile_compare)
static int
arrivals_compare(struct conversation *a, struct conversation *b)
{
    return conversation_order(a, b);
}


TREE_GENERATE(waiting, conversation, waiting_link, waiting_compare)
TREE_GENERATE(arrivals, conversation, arrival_link, arrivals_compare)


static void
queue_free(struct queue *queue)
{
    free(queue->profiles);
    free(queue->dispositions);
    free(queue->name);
    free(queue);
}


static int
queue_set_dispositions(struct queue *queue,
    const struct queue_settings *settings)
{
    size_t         i;
    struct lister  list = { NULL, 0, 0 };

    for (i = 0; i < settings->disposition_count; i++) {
        if (lister_has(list.text, settings->dispositions[i].id,
                       strlen(settings->dispositions[i].id)))
        {
            list.failed = 1;
        }

        lister_add(&list, settings->dispositions[i].id,
                   settings->dispositions[i].name);
    }

    return lister_end(&list, &queue->dispositions,
                      cd_field_row(CD_F_DISPOSITIONS)->max);
}


struct queue *
queue_new(struct queues *queues, const struct skills *skills,
    const struct queue_settings *settings)
{
    struct queue  *queue;

    queue = calloc(1, sizeof(struct queue));
    if (queue == NULL) {
        return NULL;
    }

    queue->target = queue;
    queue->priority = settings->priority;
    queue->accept_ms = settings->accept_ms;
    queue->wait_alert_ms = settings->wait_alert_ms;
    queue->wrapup_ms = settings->wrapup_ms;
    queue->service_ms = settings->service_ms != 0 ? settings->service_ms
                                                  : CD_LIMIT_SERVICE_MS;
    queue->skills = skills_bits(skills, &settings->skills);
    figures_init(&queue->figures, queue);

    if (login_set(&queue->id, str_of(settings->id)) != 0
        || text_set(&queue->name, str_of(settings->name), NAME_MAX_POINTS)
               != 0
        || queue->name == NULL
        || queue_set_dispositions(queue, settings) != 0
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
    crews_free(profile);
    free(profile->queues);
    free(profile->queues_text);
    free(profile->queue_ids);
    free(profile->buttons_text);
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
    size_t         i;
    struct lister  list = { NULL, 0, 0 };

    for (i = 0; i < profile->queue_count; i++) {
        lister_add(&list, profile->queues[i]->name, NULL);
    }

    return lister_end(&list, &profile->queues_text,
                      cd_field_row(CD_F_QUEUES)->max);
}


/* The same by id, as a LIST of the wire; NULL for none. */

static int
profile_set_queue_ids(struct profile *profile)
{
    size_t  i, len = 0, part;

    if (profile->queue_count == 0) {
        return 0;
    }

    profile->queue_ids = calloc(profile->queue_count + 1, LOGIN_MAX + 1);

    if (profile->queue_ids == NULL
        || profile->queue_count > cd_field_row(CD_F_QUEUE_IDS)->max)
    {
        return -1;
    }

    for (i = 0; i < profile->queue_count; i++) {
        part = strlen(profile->queues[i]->id.s);

        if (i > 0) {
            profile->queue_ids[len++] = '\n';
        }

        memcpy(profile->queue_ids + len, profile->queues[i]->id.s, part);
        len += part;
    }

    return 0;
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

    return profile_set_queues_text(profile) != 0
           || profile_set_queue_ids(profile) != 0 ? -1 : 0;
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

    profile->target = profile;
    profile->capacity = settings->capacity;
    profile->notify = settings->notify;
    profile->missed_limit = settings->missed_limit;
    profile->idle_ms = settings->idle_ms;
    profile->channels = settings->channels != 0 ? settings->channels
                                                : CHANNELS_ALL;
    memcpy(profile->channel_capacity, settings->channel_capacity,
           sizeof(profile->channel_capacity));

    if (login_set(&profile->id, str_of(settings->id)) != 0
        || text_set(&profile->name, str_of(settings->name), NAME_MAX_POINTS)
               != 0
        || rights_set_buttons(profile, settings) != 0
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
queues_first(struct queues *queues)
{
    return RB_MIN(queues, queues);
}


struct queue *
queues_next(struct queue *queue)
{
    return RB_NEXT(queues, NULL, queue);
}


void
queues_move(struct queues *to, struct queues *from, struct queue *queue)
{
    RB_REMOVE(queues, from, queue);
    RB_INSERT(queues, to, queue);
}


void
queues_drop_gone(struct queues *queues)
{
    struct queue  *queue, *next;

    for (queue = RB_MIN(queues, queues); queue != NULL; queue = next) {
        next = RB_NEXT(queues, queues, queue);

        if (queue->gone) {
            RB_REMOVE(queues, queues, queue);
            queue_free(queue);
        }
    }
}


struct profile *
profiles_first(struct profiles *profiles)
{
    return RB_MIN(profiles, profiles);
}


struct profile *
profiles_next(struct profile *profile)
{
    return RB_NEXT(profiles, NULL, profile);
}


void
profiles_move(struct profiles *to, struct profiles *from,
    struct profile *profile)
{
    RB_REMOVE(profiles, from, profile);
    RB_INSERT(profiles, to, profile);
}


void
profiles_drop_gone(struct profiles *profiles)
{
    struct profile  *profile, *next;

    for (profile = RB_MIN(profiles, profiles); profile != NULL;
         profile = next)
    {
        next = RB_NEXT(profiles, profiles, profile);

        if (profile->gone) {
            RB_REMOVE(profiles, profiles, profile);
            profile_free(profile);
        }
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


struct queue *
queue_after(struct queues *queues, const struct login *id)
{
    struct queue  probe, *queue;

    probe.id = *id;
    queue = RB_NFIND(queues, queues, &probe);

    if (queue != NULL && strcmp(queue->id.s, id->s) == 0) {
        queue = RB_NEXT(queues, NULL, queue);
    }

    return queue != NULL ? queue : RB_MIN(queues, queues);
}


int
queue_has_free(const struct queue *queue, enum channel channel)
{
    size_t  i;

    for (i = 0; i < queue->profile_count; i++) {
        if (queue->profiles[i]->free[channel] > 0) {
            return 1;
        }
    }

    return 0;
}


int
queue_has_disposition(const struct queue *queue, struct cd_str id)
{
    return lister_has(queue->dispositions, id.data, id.len);
}


struct queue_line *
queue_line_of(struct conversation *conversation)
{
    struct queue  *queue = conversation->line;

    return conversation->ask != NULL ? &queue->asks[conversation->channel]
                                     : &queue->lines[conversation->channel];
}


static int
queue_is_arrival(const struct conversation *conversation)
{
    return conversation->ask == NULL && conversation->channel == CHANNEL_CHAT;
}


void
queue_insert(struct queue *queue, struct conversation *conversation)
{
    queue->changed = 1;
    conversation->line = queue;
    RB_INSERT(waiting, &queue_line_of(conversation)->waiting, conversation);

    if (queue_is_arrival(conversation)) {
        RB_INSERT(arrivals, &queue->arrivals, conversation);
    }
}


void
queue_remove(struct conversation *conversation)
{
    if (conversation->line != NULL) {
        if (queue_is_arrival(conversation)) {
            RB_REMOVE(arrivals, &conversation->line->arrivals, conversation);
        }

        RB_REMOVE(waiting, &queue_line_of(conversation)->waiting, conversation);
        conversation->line->changed = 1;
        conversation->line = NULL;
    }
}


struct conversation *
queue_line_first(struct queue_line *line)
{
    return RB_MIN(waiting, &line->waiting);
}


struct conversation *
queue_line_next(struct conversation *conversation)
{
    return RB_NEXT(waiting, NULL, conversation);
}


struct conversation *
queue_first(struct queue *queue)
{
    return RB_MIN(arrivals, &queue->arrivals);
}


struct conversation *
queue_next(struct conversation *conversation)
{
    return RB_NEXT(arrivals, NULL, conversation);
}
