/*
 * The outbox, carried out.
 *
 *   FREE --> ASKING: is the login there that the subscription came with?
 *              |
 *              v
 *            FLYING: the request --> LANDED: the next batch takes the result
 *
 * Purpose:    jobs whose commit is stored become requests; what comes of
 *             them goes into the next commit.
 * Owner:      shell->carrier, for the shell's life; flights lie in it.
 * Invariants: no job is begun while a commit is under way: it might be that
 *             job's own.  One flight for a job's slot at a time, so that a
 *             newer one does not overtake it.  A flight that waits for Redis
 *             is free again only with that answer.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/device.h"
#include "io/clock.h"
#include "io/parcel.h"
#include "io/shell_state.h"
#include "io/vapid.h"

#define FLIGHTS       16        /* CD_LIMIT_OUTBOX_FLIGHTS */
#define TARGET_MAX    64
#define ORIGIN_MAX    270       /* https://, a host's name and a port */
#define ABOUT_LEN     80
#define REST_MAX_MS   60000

enum flight_state {
    FLIGHT_FREE = 0,
    FLIGHT_ASKING = 1,
    FLIGHT_FLYING = 2,
    FLIGHT_LANDED = 3,
    FLIGHT_LOST = 4             /* the tenure is over, Redis still answers */
};

struct flight {
    enum flight_state   state;
    struct carrier     *carrier;
    uint64_t            number;
    enum outbox_kind    kind;
    int                 over;
    char                agent[TARGET_MAX + 1];
    char                target[TARGET_MAX + 1];
    char                about[ABOUT_LEN + 1];
    char                origin[ORIGIN_MAX + 1];
    int                 owed;           /* answers of Redis */
    int                 sure;           /* Redis has said whether ... */
    int                 live;           /* ... the login is there */
    char                voids[24];      /* of it */
    struct transfer    *transfer;
    enum outbox_result  result;
    uint64_t            wait_ms;
};

struct carrier {
    struct shell   *shell;              /* shares */
    uv_timer_t      timer;
    struct flight   flights[FLIGHTS];
};


/* -- results -- */

/* Something is for the next batch. */

static void
flight_land(struct flight *flight, enum outbox_result result,
    uint64_t wait_ms)
{
    flight->state = FLIGHT_LANDED;
    flight->transfer = NULL;
    flight->result = result;
    flight->wait_ms = wait_ms;
}


static const char *
flight_kind(const struct flight *flight)
{
    return flight->kind == OUTBOX_PUSH ? "push" : "webhook";
}


/* What a status is worth; 0 for one that came to nothing. */

static enum outbox_result
flight_judge(const struct flight *flight, const struct outbound_answer *answer)
{
    long  status = answer->status;

    if (status == 0) {
        return answer->barred ? OUTBOX_REFUSED : OUTBOX_AGAIN;
    }

    if (status >= 200 && status <= 299) {
        return OUTBOX_SENT;
    }

    if (flight->kind == OUTBOX_PUSH && (status == 404 || status == 410)) {
        return OUTBOX_GONE;
    }

    return status == 408 || status == 429 || status >= 500 ? OUTBOX_AGAIN
                                                           : OUTBOX_REFUSED;
}


static void
flight_done(void *data, const struct outbound_answer *answer)
{
    struct flight  *flight = data;
    struct shell   *shell = flight->carrier->shell;

    flight_land(flight, flight_judge(flight, answer), answer->retry_ms);

    if (flight->result != OUTBOX_SENT) {
        log_event(flight->result == OUTBOX_REFUSED ? LOG_LEVEL_WARNING
                                                   : LOG_LEVEL_NOTICE,
                  shell->entry->name, "not_sent",
                  "%s %llu of %s to %s: status %ld%s%s", flight_kind(flight),
                  (unsigned long long) flight->number, flight->agent,
                  flight->target, answer->status,
                  answer->status == 0 ? ", " : "",
                  answer->status == 0 ? answer->why : "");
    }

    batch_work(shell);
}


/* -- requests -- */

/* Frees the parcel. */

static void
flight_send(struct flight *flight, struct parcel *parcel)
{
    struct shell            *shell = flight->carrier->shell;
    struct outbound_request  request;

    request.url = parcel->url;
    request.headers = (const char *const *) parcel->headers;
    request.body = parcel->body;
    request.len = parcel->len;
    flight->state = FLIGHT_FLYING;
    flight->transfer = outbound_post(shell->settings->outbound.client,
                                     &request, flight_done, flight);
    parcel_clear(parcel);

    if (flight->transfer == NULL) {
        flight_land(flight, OUTBOX_AGAIN, 0);
    }
}


static void
flight_push(struct flight *flight, const struct outbox_job *job,
    const struct device *device)
{
    struct parcel  parcel;
    struct shell  *shell = flight->carrier->shell;

    if (parcel_push(&parcel, job, device, shell->settings->push.vapid,
                    clock_now_ms()) == 0)
    {
        flight_send(flight, &parcel);
    } else {
        flight_land(flight, OUTBOX_REFUSED, 0);
    }
}


static void
flight_hook(struct flight *flight, const struct outbox_job *job)
{
    size_t                   place;
    struct parcel            parcel;
    struct shell            *shell = flight->carrier->shell;
    const struct desk_file  *file = config_file(shell->config);

    if (desk_file_place(file, DESK_WEBHOOKS, job->target, &place) != 0) {
        flight_land(flight, OUTBOX_GONE, 0);

    } else if (parcel_hook(&parcel, job, &file->targets[place],
                           shell->entry->name, clock_now_ms()) == 0)
    {
        flight_send(flight, &parcel);

    } else {
        flight_land(flight, OUTBOX_AGAIN, 0);
    }
}


/* The job may have been replaced or dropped while Redis was asked. */

static void
flight_go(struct flight *flight)
{
    struct shell             *shell = flight->carrier->shell;
    const struct device      *device;
    const struct outbox_job  *job = desk_outbox_first(shell->desk);

    while (job != NULL && job->number != flight->number) {
        job = desk_outbox_next(job);
    }

    device = desk_device(shell->desk, flight->agent, flight->target);

    if (job == NULL) {
        flight->state = FLIGHT_FREE;
        carrier_work(shell);

    } else if (!flight->sure) {
        flight_land(flight, OUTBOX_AGAIN, 0);

    } else if (!flight->live || device == NULL) {
        flight_land(flight, OUTBOX_GONE, 0);

    } else {
        flight_push(flight, job, device);
    }

    if (flight->state == FLIGHT_LANDED) {
        batch_work(shell);
    }
}


/* -- the login -- */

/* 1 when this answer is one that the flight still waits for. */

static int
flight_heard(struct flight *flight, const redisReply *reply)
{
    flight->owed--;

    if (flight->state == FLIGHT_LOST && flight->owed == 0) {
        flight->state = FLIGHT_FREE;
    }

    return flight->state == FLIGHT_ASKING && reply != NULL;
}


static void
flight_login(void *data, const redisReply *reply)
{
    struct flight  *flight = data;

    if (!flight_heard(flight, reply)) {
        return;
    }

    flight->sure = reply->type == REDIS_REPLY_ARRAY;
    flight->live = strcmp(redis_element(reply, 0), flight->agent) == 0;
    snprintf(flight->voids, sizeof(flight->voids), "%s",
             redis_element(reply, 1));
}


static void
flight_voids(void *data, const redisReply *reply)
{
    struct flight  *flight = data;
    const char     *voids;

    if (!flight_heard(flight, reply)) {
        return;
    }

    flight->sure = flight->sure && reply->type != REDIS_REPLY_ERROR;
    voids = reply->type == REDIS_REPLY_STRING ? reply->str : "0";
    flight->live = flight->live
                   && strcmp(voids, flight->voids[0] != '\0' ? flight->voids
                                                             : "0") == 0;
    flight_go(flight);
}


/* 0, or -1: Redis takes no commands now. */

static int
flight_ask(struct flight *flight, const struct device *device)
{
    char           key[160], voids[64];
    struct shell  *shell = flight->carrier->shell;
    const char    *login[4] = { "HMGET", key, "agent", "voids" };
    const char    *count[3] = { "HGET", voids, flight->agent };

    snprintf(key, sizeof(key), "%ss:%s", shell->prefix, device->login.s);
    snprintf(voids, sizeof(voids), "%svoids", shell->prefix);
    flight->state = FLIGHT_ASKING;
    flight->live = 0;

    if (redis_command(shell->command, flight_login, flight, 0, 4, login,
                      NULL) != 0)
    {
        flight->state = FLIGHT_FREE;
        return -1;
    }

    flight->owed = 1;

    if (redis_command(shell->command, flight_voids, flight, 0, 3, count,
                      NULL) != 0)
    {
        flight->state = FLIGHT_LOST;
        return -1;
    }

    flight->owed = 2;

    return 0;
}


/* -- beginning -- */

/* Scheme, host and port of where the job goes; empty when it goes nowhere. */

static void
carrier_origin(const struct carrier *carrier, const struct outbox_job *job,
    char *origin)
{
    size_t                   place;
    const char              *url = "", *end;
    struct shell            *shell = carrier->shell;
    const struct device     *device;
    const struct desk_file  *file = config_file(shell->config);

    if (job->kind == OUTBOX_PUSH) {
        device = desk_device(shell->desk, job->agent, job->target);
        url = device != NULL ? device->endpoint : "";

    } else if (desk_file_place(file, DESK_WEBHOOKS, job->target, &place)
               == 0)
    {
        url = file->targets[place].url;
    }

    end = strstr(url, "//");
    end = end != NULL ? end + 2 + strcspn(end + 2, "/?#") : url;
    snprintf(origin, ORIGIN_MAX + 1, "%.*s", (int) (end - url), url);
}


/* A free flight, if the job may be begun now; NULL else.  A host that says
   nothing, and webhooks that do, leave room for the others. */

static struct flight *
carrier_seat(struct carrier *carrier, const struct outbox_job *job)
{
    char            origin[ORIGIN_MAX + 1];
    size_t          i, same = 0, host = 0, hooks = 0;
    struct flight  *flight, *empty = NULL;

    carrier_origin(carrier, job, origin);

    for (i = 0; i < FLIGHTS; i++) {
        flight = &carrier->flights[i];

        if (flight->state == FLIGHT_FREE) {
            empty = flight;
            continue;
        }

        host += strcmp(flight->origin, origin) == 0;
        hooks += flight->kind == OUTBOX_HOOK;

        if (flight->kind != job->kind
            || strcmp(flight->target, job->target) != 0)
        {
            continue;
        }

        if (strcmp(flight->agent, job->agent) == 0
            && strcmp(flight->about, job->about) == 0)
        {
            return NULL;
        }

        same++;
    }

    return same < CD_LIMIT_OUTBOX_TARGET && host < CD_LIMIT_OUTBOX_HOST
           && (job->kind != OUTBOX_HOOK || hooks < CD_LIMIT_OUTBOX_HOST)
           ? empty : NULL;
}


static int
carrier_full(const struct carrier *carrier)
{
    size_t  i;

    for (i = 0; i < FLIGHTS; i++) {
        if (carrier->flights[i].state == FLIGHT_FREE) {
            return 0;
        }
    }

    return 1;
}


static void
carrier_begin(struct carrier *carrier, struct flight *flight,
    const struct outbox_job *job, uint64_t now_ms)
{
    struct shell         *shell = carrier->shell;
    const struct device  *device;

    flight->number = job->number;
    flight->kind = job->kind;
    flight->over = job->over;
    snprintf(flight->agent, sizeof(flight->agent), "%s", job->agent);
    snprintf(flight->target, sizeof(flight->target), "%s", job->target);
    snprintf(flight->about, sizeof(flight->about), "%s", job->about);
    carrier_origin(carrier, job, flight->origin);

    if (job->until_ms <= now_ms) {
        flight_land(flight, OUTBOX_LATE, 0);
        return;
    }

    if (job->kind == OUTBOX_HOOK) {
        flight_hook(flight, job);
        return;
    }

    device = desk_device(shell->desk, job->agent, job->target);

    if (device == NULL || shell->settings->push.vapid == NULL) {
        flight_land(flight, OUTBOX_GONE, 0);
        return;
    }

    flight_ask(flight, device);
}


static void
carrier_fired(uv_timer_t *timer)
{
    struct carrier  *carrier = timer->data;

    carrier_work(carrier->shell);
}


void
carrier_work(struct shell *shell)
{
    int                       landed = 0;
    uint64_t                  now_ms = clock_now_ms(), next = UINT64_MAX;
    struct flight            *flight;
    struct carrier           *carrier = shell->carrier;
    const struct outbox_job  *job;

    if (shell->state != SHELL_RUNNING || shell->batch.committing
        || shell->stopping)
    {
        return;
    }

    for (job = desk_outbox_first(shell->desk);
         job != NULL && !carrier_full(carrier);
         job = desk_outbox_next(job))
    {
        if (job->due_ms > now_ms) {
            next = job->due_ms < next ? job->due_ms : next;
            continue;
        }

        flight = carrier_seat(carrier, job);

        if (flight != NULL) {
            carrier_begin(carrier, flight, job, now_ms);
            landed |= flight->state == FLIGHT_LANDED;
        }
    }

    if (next != UINT64_MAX) {
        next = next - now_ms < REST_MAX_MS ? next - now_ms : REST_MAX_MS;
        uv_timer_start(&carrier->timer, carrier_fired, next, 0);
    }

    if (landed) {
        shell_arm(shell, 0);
    }
}


/* What it was when it was begun. */

static void
flight_begun(const struct flight *flight, struct outbox_job *job)
{
    memset(job, 0, sizeof(*job));
    job->number = flight->number;
    job->kind = flight->kind;
    job->over = flight->over;
    job->agent = flight->agent;
    job->target = flight->target;
    job->about = flight->about;
}


void
carrier_apply(struct shell *shell, uint64_t now_ms)
{
    size_t             i;
    struct flight     *flight;
    struct outbox_job  job;

    for (i = 0; i < FLIGHTS; i++) {
        flight = &shell->carrier->flights[i];

        if (flight->state == FLIGHT_LANDED) {
            flight->state = FLIGHT_FREE;
            flight_begun(flight, &job);
            desk_outbox_done(shell->desk, &job, flight->result,
                             flight->wait_ms, now_ms, shell->changes);
        }
    }
}


/* -- life -- */

void
carrier_clear(struct shell *shell)
{
    size_t           i;
    struct flight   *flight;
    struct carrier  *carrier = shell->carrier;

    if (carrier == NULL) {
        return;
    }

    uv_timer_stop(&carrier->timer);

    for (i = 0; i < FLIGHTS; i++) {
        flight = &carrier->flights[i];

        if (flight->state == FLIGHT_FLYING) {
            outbound_cancel(flight->transfer);
        }

        flight->state = flight->owed > 0 ? FLIGHT_LOST : FLIGHT_FREE;
    }
}


int
carrier_open(struct shell *shell)
{
    size_t  i;

    shell->carrier = calloc(1, sizeof(*shell->carrier));
    if (shell->carrier == NULL) {
        return -1;
    }

    shell->carrier->shell = shell;

    for (i = 0; i < FLIGHTS; i++) {
        shell->carrier->flights[i].carrier = shell->carrier;
    }

    uv_timer_init(shell->loop, &shell->carrier->timer);
    shell->carrier->timer.data = shell->carrier;

    return 0;
}


void
carrier_close(struct shell *shell)
{
    uv_close((uv_handle_t *) &shell->carrier->timer, NULL);
}


void
carrier_free(struct shell *shell)
{
    free(shell->carrier);
    shell->carrier = NULL;
}
