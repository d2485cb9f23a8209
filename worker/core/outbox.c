/*
 * The outbox; see outbox.h.
 *
 * Purpose:    jobs, in order of their numbers and by slot; what comes of
 *             attempts.
 * Owner:      the desk.
 * Invariants: those of outbox.h.
 */

#include "core/outbox.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/device.h"
#include "core/entity.h"
#include "core/entity_map.h"
#include "core/push.h"
#include "core/state.h"

#define KEY_MAX  20             /* a number */

enum outbox_field {
    OUTBOX_KIND = 1, OUTBOX_AGENT, OUTBOX_TARGET_ID, OUTBOX_ABOUT,
    OUTBOX_FRAME, OUTBOX_MADE, OUTBOX_UNTIL, OUTBOX_DUE, OUTBOX_TRIED
};


static int
slot_compare(struct job *a, struct job *b)
{
    int  rc = (int) a->face.kind - (int) b->face.kind;

    rc = rc != 0 ? rc : strcmp(a->face.agent, b->face.agent);
    rc = rc != 0 ? rc : strcmp(a->face.target, b->face.target);

    return rc != 0 ? rc : strcmp(a->face.about, b->face.about);
}


TREE_GENERATE(slots, job, slot_link, slot_compare)


void
outbox_init(struct outbox *outbox)
{
    RB_INIT(&outbox->slots);
    TAILQ_INIT(&outbox->jobs);
    outbox->next = 1;
}


static void
job_free(struct outbox *outbox, struct job *job)
{
    RB_REMOVE(slots, &outbox->slots, job);
    TAILQ_REMOVE(&outbox->jobs, job, link);
    outbox->count.waiting--;
    free(job->frame);
    free(job);
}


void
outbox_free(struct outbox *outbox)
{
    struct job  *job;

    while ((job = TAILQ_FIRST(&outbox->jobs)) != NULL) {
        job_free(outbox, job);
    }
}


/* One outside of the lists, with its texts; NULL for memory. */

static struct job *
job_new(enum outbox_kind kind, struct cd_str agent, struct cd_str target,
    struct cd_str about)
{
    char        *p;
    struct job  *job;

    job = calloc(1, sizeof(*job) + agent.len + target.len + about.len + 3);
    if (job == NULL) {
        return NULL;
    }

    p = job->text;
    job->face.kind = kind;
    job->face.agent = p;
    memcpy(p, agent.data, agent.len);
    p += agent.len + 1;
    job->face.target = p;
    memcpy(p, target.data, target.len);
    p += target.len + 1;
    job->face.about = p;
    memcpy(p, about.data, about.len);

    return job;
}


static int
job_frame(struct job *job, const char *frame, size_t len)
{
    job->frame = malloc(len > 0 ? len : 1);
    if (job->frame == NULL) {
        return -1;
    }

    memcpy(job->frame, frame, len);
    job->face.frame = job->frame;
    job->face.frame_len = len;
    job->face.over = len > 1
                     && (unsigned char) frame[1] == CD_T_NOTICE_GONE;

    return 0;
}


/* Into the list by its number; the highest one is usual. */

static void
outbox_enter(struct outbox *outbox, struct job *job)
{
    struct job  *before = TAILQ_LAST(&outbox->jobs, job_list);

    while (before != NULL && before->face.number > job->face.number) {
        before = TAILQ_PREV(before, job_list, link);
    }

    if (before != NULL) {
        TAILQ_INSERT_AFTER(&outbox->jobs, before, job, link);
    } else {
        TAILQ_INSERT_HEAD(&outbox->jobs, job, link);
    }

    outbox->count.waiting++;

    if (job->face.number >= outbox->next) {
        outbox->next = job->face.number + 1;
    }
}


/* -- entities -- */

static void
job_put(struct desk *desk, const struct job *job)
{
    char                      key[KEY_MAX + 1];
    struct map                map;
    struct map_out            to;
    const struct outbox_job  *face = &job->face;

    snprintf(key, sizeof(key), "%llu", (unsigned long long) face->number);
    map_out_init(&to, desk->scratch, CD_LIMIT_BUS_FRAME);
    map = map_open(&to);
    map_uint(&to, &map, OUTBOX_KIND, face->kind);
    map_text(&to, &map, OUTBOX_AGENT, face->agent);
    map_text(&to, &map, OUTBOX_TARGET_ID, face->target);
    map_text(&to, &map, OUTBOX_ABOUT, face->about);
    map_bytes(&to, &map, OUTBOX_FRAME, face->frame, face->frame_len);
    map_uint(&to, &map, OUTBOX_MADE, face->made_ms);
    map_uint(&to, &map, OUTBOX_UNTIL, face->until_ms);
    map_uint(&to, &map, OUTBOX_DUE, face->due_ms);
    map_uint(&to, &map, OUTBOX_TRIED, face->tries);
    entity_end(desk, &to, &map, ENTITY_OUTBOX, key);
}


/* Out of the outbox and out of Redis. */

static void
job_remove(struct desk *desk, struct job *job)
{
    char  key[KEY_MAX + 1];

    snprintf(key, sizeof(key), "%llu", (unsigned long long) job->face.number);
    changes_drop(desk->changes, ENTITY_OUTBOX, key);
    job_free(&desk->outbox, job);
}


int
outbox_load(struct desk *desk, const char *key, struct fields *fields)
{
    char              *end;
    struct job        *job;
    struct cd_str      frame = fields_str(fields, OUTBOX_FRAME);
    enum outbox_kind   kind;
    struct outbox     *outbox = &desk->outbox;

    kind = (enum outbox_kind) fields_uint(fields, OUTBOX_KIND,
                                          OUTBOX_KINDS_MAX - 1, 0);
    job = job_new(kind, fields_str(fields, OUTBOX_AGENT),
                  fields_str(fields, OUTBOX_TARGET_ID),
                  fields_str(fields, OUTBOX_ABOUT));

    if (job == NULL || job_frame(job, frame.data, frame.len) != 0) {
        free(job);
        return -1;
    }

    job->face.number = strtoull(key, &end, 10);
    job->face.made_ms = fields_uint(fields, OUTBOX_MADE, UINT64_MAX, 0);
    job->face.until_ms = fields_uint(fields, OUTBOX_UNTIL, UINT64_MAX, 0);
    job->face.due_ms = fields_uint(fields, OUTBOX_DUE, UINT64_MAX, 0);
    job->face.tries = (unsigned) fields_uint(fields, OUTBOX_TRIED,
                                             UINT32_MAX, 0);

    if (kind == 0 || *end != '\0' || job->face.number == 0 || fields->bad
        || RB_INSERT(slots, &outbox->slots, job) != NULL)
    {
        free(job->frame);
        free(job);
        return -1;
    }

    outbox_enter(outbox, job);

    return 0;
}


/* -- jobs come and go -- */

static struct job *
slot_find(struct outbox *outbox, enum outbox_kind kind, const char *agent,
    const char *target, const char *about)
{
    struct job  probe;

    probe.face.kind = kind;
    probe.face.agent = agent;
    probe.face.target = target;
    probe.face.about = about;

    return RB_FIND(slots, &outbox->slots, &probe);
}


/* The frame, as an envelope. */

static int
job_pack(struct desk *desk, struct job *job, const struct cd_frame *frame)
{
    size_t  len;

    len = cd_frame_encode(frame, desk->scratch, CD_LIMIT_BUS_FRAME);

    return len > 0 ? job_frame(job, desk->scratch, len) : -1;
}


void
outbox_put(struct desk *desk, enum outbox_kind kind, const char *agent,
    const char *target, const char *about, const struct cd_frame *frame,
    uint64_t until_ms)
{
    uint64_t        due_ms = desk->now_ms;
    unsigned        tries = 0;
    struct job     *job, *old;
    struct outbox  *outbox = &desk->outbox;

    old = slot_find(outbox, kind, agent, target, about);

    if (old != NULL) {
        /* a target that is silent is not asked more often for it */
        due_ms = old->face.due_ms;
        tries = old->face.tries;
        job_remove(desk, old);

    } else if (outbox->count.waiting >= CD_LIMIT_OUTBOX) {
        job_remove(desk, TAILQ_FIRST(&outbox->jobs));
        outbox->count.dropped++;
    }

    job = job_new(kind, str_of(agent), str_of(target), str_of(about));

    if (job == NULL || job_pack(desk, job, frame) != 0) {
        free(job);
        desk_fail(desk);
        return;
    }

    job->face.number = outbox->next++;
    job->face.made_ms = desk->now_ms;
    job->face.until_ms = until_ms;
    job->face.due_ms = due_ms;
    job->face.tries = tries;
    RB_INSERT(slots, &outbox->slots, job);
    outbox_enter(outbox, job);
    job_put(desk, job);
    desk->dirty = 1;
}


void
outbox_drop(struct desk *desk, enum outbox_kind kind, const char *agent,
    const char *target, const char *about)
{
    struct job  *job = slot_find(&desk->outbox, kind, agent, target, about);

    if (job != NULL) {
        job_remove(desk, job);
    }
}


void
outbox_forget(struct desk *desk, enum outbox_kind kind, const char *agent,
    const char *target)
{
    struct job  *job, *next;

    for (job = TAILQ_FIRST(&desk->outbox.jobs); job != NULL; job = next) {
        next = TAILQ_NEXT(job, link);

        if (job->face.kind == kind
            && strcmp(job->face.target, target) == 0
            && (agent == NULL || strcmp(job->face.agent, agent) == 0))
        {
            job_remove(desk, job);
        }
    }
}


/* -- what the shell asks and tells -- */

static struct job *
job_find(const struct outbox *outbox, uint64_t number)
{
    struct job  *job;

    TAILQ_FOREACH(job, &outbox->jobs, link) {
        if (job->face.number == number) {
            return job;
        }
    }

    return NULL;
}


const struct outbox_job *
desk_outbox_first(const struct desk *desk)
{
    const struct job  *job = TAILQ_FIRST(&desk->outbox.jobs);

    return job != NULL ? &job->face : NULL;
}


const struct outbox_job *
desk_outbox_next(const struct outbox_job *before)
{
    const struct job  *job = (const struct job *) before;

    job = TAILQ_NEXT(job, link);

    return job != NULL ? &job->face : NULL;
}


const struct outbox_count *
desk_outbox_count(const struct desk *desk)
{
    return &desk->outbox.count;
}


static void
job_bury(struct desk *desk, struct job *job, const char *why)
{
    char  id[sizeof("outbox-") + KEY_MAX];

    snprintf(id, sizeof(id), "outbox-%llu",
             (unsigned long long) job->face.number);
    changes_dead(desk->changes, id, why, job->face.frame,
                 job->face.frame_len);
    desk->outbox.count.dead++;
    job_remove(desk, job);
}


static int
job_same_target(const struct job *a, const struct job *b)
{
    return a->face.kind == b->face.kind
           && strcmp(a->face.target, b->face.target) == 0
           && (a->face.kind == OUTBOX_HOOK
               || strcmp(a->face.agent, b->face.agent) == 0);
}


/* The target is silent: nothing goes there before this time. */

static void
target_rests(struct desk *desk, const struct job *silent, uint64_t due_ms)
{
    int          later;
    struct job  *job;

    TAILQ_FOREACH(job, &desk->outbox.jobs, link) {
        later = job_same_target(job, silent) && job->face.due_ms < due_ms;

        if (later) {
            job->face.due_ms = due_ms;
        }

        if (later || job == silent) {   /* which has one try less left */
            job_put(desk, job);
        }
    }
}


static void
job_again(struct desk *desk, struct job *job, uint64_t wait_ms)
{
    uint64_t  step = CD_LIMIT_OUTBOX_MIN_MS << (job->face.tries < 20
                                                ? job->face.tries : 20);

    job->face.tries++;
    desk->outbox.count.again++;
    step = step < CD_LIMIT_OUTBOX_MAX_MS ? step : CD_LIMIT_OUTBOX_MAX_MS;
    wait_ms = wait_ms > step ? wait_ms : step;

    if (job->face.tries >= CD_LIMIT_OUTBOX_TRIES) {
        job_bury(desk, job, "nobody took it, time and again");

    } else if (wait_ms >= CD_LIMIT_OUTBOX_KEEP_MS
               || desk->now_ms + wait_ms >= job->face.until_ms)
    {
        job_bury(desk, job, "nobody took it in time");

    } else {
        target_rests(desk, job, desk->now_ms + wait_ms);
    }
}


/* A subscription that its push service does not know any more. */

static void
job_gone(struct desk *desk, struct job *job)
{
    struct agent   *agent = agent_find(&desk->agents,
                                       str_of(job->face.agent));
    struct device  *device = NULL;

    desk->outbox.count.gone++;

    if (job->face.kind == OUTBOX_PUSH && agent != NULL) {
        device = device_find(agent, str_of(job->face.target));
    }

    if (device != NULL) {
        device_drop(desk, device);
    } else {
        job_remove(desk, job);
    }
}


static void
outbox_result(struct desk *desk, struct job *job,
    enum outbox_result result, uint64_t wait_ms)
{
    switch (result) {

    case OUTBOX_SENT:
        desk->outbox.count.sent++;
        job_remove(desk, job);
        break;

    case OUTBOX_AGAIN:
        job_again(desk, job, wait_ms);
        break;

    case OUTBOX_GONE:
        job_gone(desk, job);
        break;

    case OUTBOX_LATE:
        job_bury(desk, job, "its time has passed");
        break;

    default:
        job_bury(desk, job, "it was refused");
    }
}


void
desk_outbox_done(struct desk *desk, const struct outbox_job *begun,
    enum outbox_result result, uint64_t wait_ms, uint64_t now_ms,
    struct changes *changes)
{
    struct job  *job = job_find(&desk->outbox, begun->number);

    if (job == NULL && result != OUTBOX_SENT) {
        return;
    }

    desk_enter(desk, now_ms, changes);

    /* a newer one may have taken its place meanwhile */
    if (job != NULL) {
        outbox_result(desk, job, result, wait_ms);
    }

    if (result == OUTBOX_SENT) {
        push_sent(desk, begun);
    }

    desk_close(desk);
}


enum cd_error
desk_put_device(struct desk *desk, const char *who,
    const struct device_settings *settings, uint64_t now_ms,
    struct changes *changes)
{
    enum cd_error  error;

    desk_enter(desk, now_ms, changes);
    error = device_take(desk, who, settings);
    desk_close(desk);

    return error;
}


int
desk_drop_device(struct desk *desk, const char *who, const char *id,
    uint64_t now_ms, struct changes *changes)
{
    struct agent   *agent = agent_find(&desk->agents, str_of(who));
    struct device  *device;

    device = agent != NULL ? device_find(agent, str_of(id)) : NULL;

    if (device == NULL) {
        return -1;
    }

    desk_enter(desk, now_ms, changes);
    device_drop(desk, device);
    desk_close(desk);

    return 0;
}


const struct device *
desk_device(struct desk *desk, const char *who, const char *id)
{
    struct agent  *agent = agent_find(&desk->agents, str_of(who));

    return agent != NULL ? device_find(agent, str_of(id)) : NULL;
}
