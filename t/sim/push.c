/*
 * Push subscriptions, webhooks and the outbox: what browsers, push services
 * and receivers do, and what must hold.
 *
 * Purpose:    subscriptions come by REST, results by the shell; both are given
 *             to the core and its twin at once.  Judges by the jobs that are
 *             stored and by the inboxes.
 * Owner:      struct sim; its list of jobs.
 * Invariants: these, by the number that a violation is printed with:
 *
 *   S26 a job comes with a notice to that agent about the same, of the same
 *       commit, and says the same without the text: so never of one's own
 *       messages, nor oftener than the policy allows
 *   S27 a push waits only while its notice stands: none after it is read; a
 *       webhook that is to hear of an end hears of one, a browser only of
 *       what it was told, if it wants to, once
 *   S28 no push to where a page is open; one for each other subscription of
 *       an agent who wants notifications
 *   S29 one job for a slot, no number twice, no more than there may be
 */

#include "sim.h"

#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "core/entity_map.h"

#define HOOK     "h0"
#define DEVICES  3              /* of one agent */

/* keys of the entity: core/outbox.c */
enum { JOB_KIND = 1, JOB_AGENT, JOB_TARGET, JOB_ABOUT, JOB_FRAME };


/* -- what is stored -- */

static struct sim_job *
job_find(struct sim *sim, uint64_t number)
{
    size_t  i;

    for (i = 0; i < sim->job_count; i++) {
        if (sim->jobs[i].number == number) {
            return &sim->jobs[i];
        }
    }

    return NULL;
}


static void
job_text(char *out, size_t size, struct cd_str text)
{
    snprintf(out, size, "%.*s", (int) text.len, text.data);
}


static void
job_read(struct sim *sim, struct sim_job *job, struct fields *fields)
{
    struct cd_str    envelope = fields_str(fields, JOB_FRAME);
    struct cd_frame  frame;

    job->kind = (int) fields_uint(fields, JOB_KIND, OUTBOX_KINDS_MAX - 1, 0);
    job->agent = sim_agent_find(sim, fields_str(fields, JOB_AGENT));
    job_text(job->target, sizeof(job->target),
             fields_str(fields, JOB_TARGET));
    job_text(job->about, sizeof(job->about), fields_str(fields, JOB_ABOUT));

    if (job->agent < 0 || cd_frame_decode(&frame, envelope.data,
                                          envelope.len) != 0)
    {
        sim_fail(sim, "S26: a job that cannot be read");
        return;
    }

    job->over = frame.type == CD_T_NOTICE_GONE;
    job->count = cd_frame_uint(&frame, CD_F_COUNT);
    job->preview = cd_frame_has(&frame, CD_F_PREVIEW);
}


void
sim_job_put(struct sim *sim, uint64_t number, struct cd_str blob)
{
    size_t            offset = 0;
    struct fields     fields;
    struct sim_job   *job = job_find(sim, number);
    msgpack_unpacked  result;

    if (job != NULL) {
        return;                         /* only when it is due has changed */
    }

    if (number <= sim->job_top) {
        sim_fail(sim, "S29: the number %llu is used again",
                 (unsigned long long) number);
    }

    sim->job_top = number;
    sim->jobs = realloc(sim->jobs, (sim->job_count + 1)
                        * sizeof(struct sim_job));
    job = &sim->jobs[sim->job_count++];
    memset(job, 0, sizeof(*job));
    job->number = number;
    job->commit = sim->commits;
    msgpack_unpacked_init(&result);

    if (msgpack_unpack_next(&result, blob.data, blob.len, &offset)
        == MSGPACK_UNPACK_SUCCESS
        && fields_map(&fields, &result.data) == 0)
    {
        job_read(sim, job, &fields);
    }

    msgpack_unpacked_destroy(&result);
}


void
sim_job_drop(struct sim *sim, uint64_t number)
{
    struct sim_job  *job = job_find(sim, number);

    if (job != NULL) {
        *job = sim->jobs[--sim->job_count];
    }
}


/* -- what browsers show -- */

static struct sim_screen *
screen_of(struct sim *sim, int agent, const char *device, const char *about)
{
    size_t              i;
    struct sim_screen  *screen;

    for (i = 0; i < sim->screen_count; i++) {
        screen = &sim->screens[i];

        if (screen->agent == agent && strcmp(screen->device, device) == 0
            && strcmp(screen->about, about) == 0)
        {
            return screen;
        }
    }

    sim->screens = realloc(sim->screens, (sim->screen_count + 1)
                           * sizeof(struct sim_screen));
    screen = &sim->screens[sim->screen_count++];
    memset(screen, 0, sizeof(*screen));
    screen->agent = agent;
    snprintf(screen->device, sizeof(screen->device), "%s", device);
    snprintf(screen->about, sizeof(screen->about), "%s", about);

    return screen;
}


/* A push was taken by its service. */

static void
screen_told(struct sim *sim, const struct sim_job *job)
{
    if (job->kind == OUTBOX_PUSH && !job->over
        && sim->fault != SIM_FAULT_UNSHOWN)
    {
        screen_of(sim, job->agent, job->target, job->about)->told++;
    }
}


/* An end is told of what was told, and of nothing twice. */

static void
screen_ends(struct sim *sim, const struct sim_job *job)
{
    struct sim_screen  *screen = screen_of(sim, job->agent, job->target,
                                           job->about);

    if (screen->told == 0) {
        sim_fail(sim, "S27: %s of %s is told of an end of %s, which it does "
                 "not show", job->target, sim->agents[job->agent].id,
                 job->about);
    }

    if (job->target[strlen(job->target) - 1] == '2') {
        sim_fail(sim, "S27: %s cannot take anything off", job->target);
    }

    screen->told = 0;
}


/* -- what is done -- */

static void
subscribe(struct sim *sim, struct desk *desk, struct changes *changes,
    int agent, const char *id, int drop)
{
    enum cd_error           error = CD_E_OK;
    struct device_settings  settings = {
        id, id, "p256dh", "auth", { "login", 5 },
        id[strlen(id) - 1] != '2'
    };

    if (drop) {
        desk_drop_device(desk, sim->agents[agent].id, id, sim->now_ms,
                         changes);
    } else {
        error = desk_put_device(desk, sim->agents[agent].id, &settings,
                                sim->now_ms, changes);
    }

    if (error != CD_E_OK) {
        sim_fail(sim, "a subscription is refused");
    }
}


/* What comes of a job, as the shell would say it. */

static void
carry_out(struct sim *sim, const struct sim_job *begun, unsigned luck,
    struct desk *desk, struct changes *changes)
{
    struct outbox_job  job = {
        .number = begun->number, .kind = (enum outbox_kind) begun->kind,
        .agent = sim->agents[begun->agent].id, .target = begun->target,
        .about = begun->about, .over = begun->over
    };

    static const enum outbox_result  results[] = {
        OUTBOX_SENT, OUTBOX_SENT, OUTBOX_SENT, OUTBOX_AGAIN, OUTBOX_AGAIN,
        OUTBOX_AGAIN, OUTBOX_GONE, OUTBOX_REFUSED
    };

    desk_outbox_done(desk, &job, results[luck], luck == 4 ? 5000 : 0,
                     sim->now_ms, changes);
}


/* One is under way while other things happen; then it has come to this. */

static void
flight_lands(struct sim *sim)
{
    unsigned  luck = sim_below(sim, 8);

    if (luck < 3) {
        screen_told(sim, &sim->flight);
    }

    carry_out(sim, &sim->flight, luck, sim->desk, sim->changes);

    if (sim->twin != NULL) {
        carry_out(sim, &sim->flight, luck, sim->twin, sim->twin_changes);
    }

    sim->flight.number = 0;
}


/* The shell is gone: whatever came of it, nobody notes it. */

void
sim_push_crash(struct sim *sim)
{
    if (sim->flight.number != 0) {
        screen_told(sim, &sim->flight);
        sim->flight.number = 0;
    }
}


void
sim_push_step(struct sim *sim)
{
    int                       agent = (int) sim_below(sim, SIM_AGENTS);
    int                       drop = sim_chance(sim, 20);
    char                      id[24];
    const struct outbox_job  *job = desk_outbox_first(sim->desk);

    /* an address is one browser's: it belongs to whoever had it last */
    snprintf(id, sizeof(id), "push%u-%u", (unsigned) agent % 4,
             sim_below(sim, DEVICES));

    if (sim_chance(sim, 20)) {
        subscribe(sim, sim->desk, sim->changes, agent, id, drop);

        if (sim->twin != NULL) {
            subscribe(sim, sim->twin, sim->twin_changes, agent, id, drop);
        }
        return;
    }

    if (sim->flight.number != 0) {
        flight_lands(sim);
        return;
    }

    /* nothing is begun before it is stored */
    while (job != NULL && (job_find(sim, job->number) == NULL
                           || job->due_ms > sim->now_ms
                           || sim_chance(sim, 30)))
    {
        job = desk_outbox_next(job);
    }

    if (job != NULL) {
        sim->flight = *job_find(sim, job->number);
    }

    if (sim->flight.number != 0 && sim_chance(sim, 70)) {
        flight_lands(sim);
    }
}


/* A page says which subscription it has. */

void
sim_agent_here(struct sim *sim)
{
    char                 id[24];
    struct cd_frame      frame;
    struct sim_session  *session = sim_pick_session(sim, 1);

    if (session == NULL) {
        return;
    }

    snprintf(id, sizeof(id), "push%u-%u", (unsigned) session->person % 4,
             sim_below(sim, DEVICES));
    sim_entry(sim, &frame, CD_T_PUSH_AT, session);
    sim_put(&frame, CD_F_PUSH, id);
    sim_log(sim, &frame);
}


/* -- subscriptions, as stored -- */

static const struct sim_kept *
device_of(const struct sim *sim, int agent, const char *id)
{
    char    key[160];
    size_t  i;

    snprintf(key, sizeof(key), "%s/%s", sim->agents[agent].id, id);

    for (i = 0; i < sim->kept_count; i++) {
        if (strcmp(sim->kept[i].kind, "device") == 0
            && strcmp(sim->kept[i].key, key) == 0)
        {
            return &sim->kept[i];
        }
    }

    return NULL;
}


void
sim_note_here(struct sim *sim, struct sim_session *session,
    const struct cd_frame *frame)
{
    char  id[24];

    if (session == NULL || !session->applied || !session->is_agent) {
        return;
    }

    job_text(id, sizeof(id), cd_frame_str(frame, CD_F_PUSH));
    snprintf(session->push, sizeof(session->push), "%s",
             device_of(sim, session->person, id) != NULL ? id : "");
}


void
sim_device_gone(struct sim *sim, struct cd_str key)
{
    size_t               i;
    char                 text[160];
    struct sim_session  *session;

    for (i = 0; i < sim->session_count; i++) {
        session = &sim->sessions[i];

        if (session->is_agent && session->push[0] != '\0') {
            snprintf(text, sizeof(text), "%s/%s",
                     sim->agents[session->person].id, session->push);

            if (cd_str_is(key, text)) {
                session->push[0] = '\0';
            }
        }
    }
}


static int
page_is_open(const struct sim *sim, int agent, const char *id)
{
    size_t                     i;
    const struct sim_session  *session;

    for (i = 0; i < sim->session_count; i++) {
        session = &sim->sessions[i];

        if (session->applied && session->is_agent
            && session->person == agent && strcmp(session->push, id) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* -- what must hold -- */

static void
check_fresh(struct sim *sim, const struct sim_job *job,
    const struct sim_register *notice)
{
    if (job->over) {
        if (notice != NULL) {
            sim_fail(sim, "S27: an end is told of what stands");
        }

        if (job->kind == OUTBOX_PUSH) {
            screen_ends(sim, job);
        }
        return;
    }

    if (notice == NULL || notice->commit != sim->commits
        || cd_frame_uint(&notice->frame, CD_F_COUNT) != job->count
        || job->preview)
    {
        sim_fail(sim, "S26: a job to %s about %s without such a notice",
                 sim->agents[job->agent].id, job->about);
    }

    if (job->kind == OUTBOX_PUSH && sim->batch_entries <= 1
        && page_is_open(sim, job->agent, job->target))
    {
        sim_fail(sim, "S28: a push to %s, where a page is open",
                 job->target);
    }
}


static int
job_is_there(const struct sim *sim, int kind, int agent, const char *target,
    const char *about)
{
    size_t  i;
    int     count = 0;

    for (i = 0; i < sim->job_count; i++) {
        count += sim->jobs[i].kind == kind && sim->jobs[i].agent == agent
                 && strcmp(sim->jobs[i].target, target) == 0
                 && strcmp(sim->jobs[i].about, about) == 0;
    }

    return count;
}


/* A notice of this commit: everybody is told who should be. */

static void
check_told(struct sim *sim, int agent, const struct sim_register *notice)
{
    unsigned                i;
    char                    id[24];
    const struct sim_kept  *device;

    if (!job_is_there(sim, OUTBOX_HOOK, agent, HOOK, notice->key)) {
        sim_fail(sim, "S28: the webhook is not told of %s", notice->key);
    }

    /* of several entries the first may be told of before the second */
    if (sim->batch_entries > 1 || sim->agents[agent].unpopped) {
        return;
    }

    for (i = 0; i < DEVICES; i++) {
        snprintf(id, sizeof(id), "push%u-%u", (unsigned) agent % 4, i);
        device = device_of(sim, agent, id);

        /* one of this commit may have subscribed after it was told */
        if (device != NULL && device->commit != sim->commits
            && !page_is_open(sim, agent, id)
            && !job_is_there(sim, OUTBOX_PUSH, agent, id, notice->key))
        {
            sim_fail(sim, "S28: %s of %s is not told of %s", id,
                     sim->agents[agent].id, notice->key);
        }
    }
}


void
check_push(struct sim *sim)
{
    int                         agent;
    size_t                      i;
    const struct sim_job       *job;
    const struct sim_feed      *inbox;
    const struct sim_register  *notice;

    if (sim->job_count > CD_LIMIT_OUTBOX) {
        sim_fail(sim, "S29: %zu jobs wait", sim->job_count);
    }

    for (i = 0; i < sim->job_count; i++) {
        job = &sim->jobs[i];
        notice = sim_register_find(&sim->agents[job->agent].inbox,
                                   CD_T_NOTICE, job->about);

        if (job->commit == sim->commits) {
            check_fresh(sim, job, notice);
        }

        if (notice == NULL && !job->over) {
            sim_fail(sim, "S27: a job to %s about %s, which is over",
                     sim->agents[job->agent].id, job->about);
        }

        if (job_is_there(sim, job->kind, job->agent, job->target,
                         job->about) != 1)
        {
            sim_fail(sim, "S29: two jobs to %s about %s",
                     sim->agents[job->agent].id, job->about);
        }
    }

    for (agent = 0; agent < SIM_AGENTS; agent++) {
        inbox = &sim->agents[agent].inbox;

        for (i = 0; i < inbox->count; i++) {
            if (inbox->registers[i].type == CD_T_NOTICE
                && inbox->registers[i].commit == sim->commits)
            {
                check_told(sim, agent, &inbox->registers[i]);
            }
        }
    }
}
