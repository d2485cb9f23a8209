/*
 * The life of a shell; see shell.h.
 *
 * Purpose:    connections, the library, the lease, set-up and end.
 * Owner:      see shell_state.h.
 * Invariants: every answer handler returns at once for NULL: the end of the
 *             connection is handled in shell_down() alone.
 */

#include "io/shell.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "io/clock.h"
#include "io/shell_state.h"

#define CALL_ARGS_MAX  8
#define NODES_MS       1000


int
shell_call(struct shell *shell, redis_answer answer, const char *function,
    const char *key, int argc, const char **argv, const size_t *lens)
{
    int          i;
    char         name[128];
    size_t       sizes[4 + CALL_ARGS_MAX];
    const char  *args[4 + CALL_ARGS_MAX] = { "FCALL", function, "1", name };

    snprintf(name, sizeof(name), "%s%s", shell->prefix, key);

    for (i = 0; i < argc; i++) {
        args[4 + i] = argv[i];
        sizes[4 + i] = lens != NULL ? lens[i] : strlen(argv[i]);
    }

    for (i = 0; i < 4; i++) {
        sizes[i] = strlen(args[i]);
    }

    return redis_command(shell->command, answer, shell, 0, 4 + argc, args,
                         sizes);
}


void
shell_tell_node(struct shell *shell, const char *node,
    const struct cd_frame *frame)
{
    char         channel[128], envelope[1024];
    size_t       sizes[3];
    const char  *args[3] = { "PUBLISH", channel, envelope };

    snprintf(channel, sizeof(channel), "%sn:%s", shell->prefix, node);
    sizes[0] = strlen(args[0]);
    sizes[1] = strlen(channel);
    sizes[2] = cd_frame_encode(frame, envelope, sizeof(envelope));

    if (sizes[2] == 0
        || redis_command(shell->command, NULL, NULL, 0, 3, args, sizes) != 0)
    {
        log_event(LOG_LEVEL_WARNING, shell->entry->name, "not_told",
                  "a node was not answered, Redis is away");
    }
}


/* Forgets the desk; what process-wide knowledge there is stays. */

static void
shell_forget(struct shell *shell)
{
    redis_close(&shell->reader);
    redis_close(&shell->calls);
    uv_timer_stop(&shell->lease_timer);
    uv_timer_stop(&shell->work_timer);
    uv_timer_stop(&shell->pace_timer);
    uv_timer_stop(&shell->nodes_timer);
    desk_free(&shell->desk);
    changes_free(&shell->changes);
    load_clear(shell);
    batch_clear(shell);
    logon_clear(shell);
    request_clear(shell);
    carrier_clear(shell);
    shell->nodes.gone_count = 0;
    shell->nodes.lost_count = 0;
    shell->nodes.asking = 0;
    shell->asking_lease = 0;
    shell->tenure++;
}


static void
shell_end(struct shell *shell)
{
    if (shell->state == SHELL_ENDED) {
        return;
    }

    shell_forget(shell);
    shell->state = SHELL_ENDED;
    redis_close(&shell->command);
    uv_close((uv_handle_t *) &shell->lease_timer, NULL);
    uv_close((uv_handle_t *) &shell->work_timer, NULL);
    uv_close((uv_handle_t *) &shell->pace_timer, NULL);
    uv_close((uv_handle_t *) &shell->nodes_timer, NULL);
    carrier_close(shell);
    log_event(LOG_LEVEL_INFO, shell->entry->name, "stopped", "%s", "");
}


void
shell_drop(struct shell *shell, enum log_level level, const char *why)
{
    if (shell->state == SHELL_ENDED || shell->state == SHELL_AWAY) {
        return;
    }

    if (shell->state >= SHELL_SETUP) {
        log_event(level, shell->entry->name, "dropped", "%s; epoch %llu",
                  why, (unsigned long long) shell->epoch);
    }

    shell->state = SHELL_AWAY;
    shell_forget(shell);
    redis_fail(shell->command, why);
}


void
shell_tell_away(struct shell *shell, enum log_level level, const char *event,
    const char *why)
{
    if (shell->told == NULL || strcmp(shell->told, event) != 0) {
        log_event(level, shell->entry->name, event, "%s", why);
        shell->told = event;
    }
}


static void
shell_down(void *data, const char *why)
{
    struct shell  *shell = data;

    if (shell->state != SHELL_AWAY) {
        shell->state = SHELL_AWAY;
        shell_forget(shell);
        shell_tell_away(shell, LOG_LEVEL_WARNING, "redis_lost", why);

    } else if (shell->told == NULL) {
        shell_tell_away(shell, LOG_LEVEL_WARNING, "redis_away", why);
    }

    if (shell->stopping) {
        shell_end(shell);
    }
}


/* The reader or the call channel was lost: the desk begins anew. */

static void
shell_side_down(void *data, const char *why)
{
    shell_drop(data, LOG_LEVEL_WARNING, why);
}


static void
shell_up(void *data)
{
    struct shell  *shell = data;

    shell->state = SHELL_STANDBY;
    shell->loads = 0;
    library_check(shell);
}


static void
shell_work_fired(uv_timer_t *timer)
{
    batch_work(timer->data);
}


static void
shell_pace_fired(uv_timer_t *timer)
{
    batch_read(timer->data);
}


static void
shell_nodes_fired(uv_timer_t *timer)
{
    nodes_check(timer->data);
}


/* The connection that reads the log. */

static void
shell_reader_up(void *data)
{
    batch_read(data);
}


static void
shell_subscribed(void *data, const redisReply *reply)
{
    struct shell  *shell = data;

    if (reply != NULL && reply->type == REDIS_REPLY_ERROR) {
        shell_drop(shell, LOG_LEVEL_ERROR, reply->str);
    }
}


static void
shell_calls_up(void *data)
{
    char           channel[64];
    const char    *args[2] = { "SUBSCRIBE", channel };
    struct shell  *shell = data;

    snprintf(channel, sizeof(channel), "%scall", shell->prefix);

    if (redis_command(shell->calls, shell_subscribed, shell, 0, 2, args, NULL)
        != 0)
    {
        shell_drop(shell, LOG_LEVEL_ERROR, "no memory");
    }
}


/* The second byte of an envelope is the frame's type. */

static void
shell_called(void *data, const char *payload, size_t len)
{
    if (len > 1 && len <= CD_LIMIT_BUS_FRAME + CD_WIRE_HEAD
        && (unsigned char) payload[1] == CD_T_ASK)
    {
        request_call(data, payload, len);

    } else {
        logon_call(data, payload, len);
    }
}


void
shell_loaded(struct shell *shell)
{
    static const struct redis_ops  reader_ops = {
        shell_reader_up, shell_side_down, NULL
    };
    static const struct redis_ops  calls_ops = {
        shell_calls_up, shell_side_down, shell_called
    };

    shell->state = SHELL_RUNNING;
    shell->reader = redis_open(shell->loop, &shell->settings->redis,
                               &reader_ops, shell);
    shell->calls = redis_open(shell->loop, &shell->settings->redis,
                              &calls_ops, shell);

    if (shell->reader == NULL || shell->calls == NULL) {
        shell_drop(shell, LOG_LEVEL_ERROR, "no memory");
        return;
    }

    uv_timer_again(&shell->nodes_timer);
    batch_work(shell);
}


/* A name that no other process has: the lease tells processes apart. */

static int
shell_name(struct shell *shell)
{
    unsigned char  random[8];

    if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
        return -1;
    }

    snprintf(shell->worker, sizeof(shell->worker),
             "%s:%02x%02x%02x%02x%02x%02x%02x%02x", shell->settings->name,
             random[0], random[1], random[2], random[3], random[4],
             random[5], random[6], random[7]);

    return 0;
}


static void
shell_timer(struct shell *shell, uv_timer_t *timer, uv_timer_cb fired,
    uint64_t repeat_ms)
{
    uv_timer_init(shell->loop, timer);
    timer->data = shell;

    if (repeat_ms > 0) {
        uv_timer_start(timer, fired, repeat_ms, repeat_ms);
        uv_timer_stop(timer);
    }
}


struct shell *
shell_new(uv_loop_t *loop, const struct settings *settings,
    const struct desk_entry *entry, const struct request_ops *ops,
    struct desk_file **file)
{
    uint64_t       seed = 0;
    struct shell  *shell = calloc(1, sizeof(*shell));
    static const struct redis_ops  link_ops = { shell_up, shell_down, NULL };

    if (shell == NULL) {
        return NULL;
    }

    shell->loop = loop;
    shell->settings = settings;
    shell->entry = entry;
    shell->ops = ops;
    shell->state = SHELL_AWAY;
    STAILQ_INIT(&shell->verified);
    STAILQ_INIT(&shell->requests);
    snprintf(shell->prefix, sizeof(shell->prefix), "cd:{%s}:", entry->name);

    if (shell_name(shell) != 0
        || getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
    {
        goto failed;
    }

    shell->throttle = throttle_new(CD_LIMIT_LOGIN_TRIES,
                                   CD_LIMIT_LOGIN_WINDOW_MS, seed);
    shell->command = redis_open(loop, &settings->redis, &link_ops, shell);

    if (shell->throttle != NULL && shell->command != NULL) {
        shell->config = config_new(file);
    }

    if (shell->config == NULL || carrier_open(shell) != 0) {
        redis_close(&shell->command);
        goto failed;
    }

    shell_timer(shell, &shell->lease_timer, lease_fired,
                CD_LIMIT_LEASE_RENEW_MS);
    shell_timer(shell, &shell->nodes_timer, shell_nodes_fired, NODES_MS);
    shell_timer(shell, &shell->work_timer, NULL, 0);
    shell_timer(shell, &shell->pace_timer, NULL, 0);

    return shell;

failed:

    config_free(&shell->config);
    throttle_free(&shell->throttle);
    free(shell);

    return NULL;
}


void
shell_arm(struct shell *shell, uint64_t ms)
{
    uv_timer_start(&shell->work_timer, shell_work_fired, ms, 0);
}


void
shell_pace(struct shell *shell, uint64_t ms)
{
    uv_timer_start(&shell->pace_timer, shell_pace_fired, ms, 0);
}


void
shell_reload(struct shell *shell)
{
    struct fault       fault;
    struct desk_file  *file = desk_file_read(shell->entry->config, &fault);

    if (file == NULL) {
        log_event(LOG_LEVEL_ERROR, shell->entry->name, "settings_refused",
                  "%s; the old ones stay", fault.text);
        return;
    }

    if (!config_reseed(shell->config, &file)) {
        log_event(LOG_LEVEL_NOTICE, shell->entry->name, "settings", "%s",
                  "read again; they are those that were taken last");
        return;
    }

    log_event(LOG_LEVEL_NOTICE, shell->entry->name, "settings", "%s",
              "read again");
    shell->reseeded = 1;
    batch_work(shell);
}


static void
shell_given_back(void *data, const redisReply *reply)
{
    if (reply != NULL) {
        shell_end(data);
    }
}


void
shell_stop_idle(struct shell *shell)
{
    const char  *args[2] = { shell->worker, "0" };

    if (shell->releasing) {
        return;
    }

    shell->releasing = 1;

    if (shell_call(shell, shell_given_back, "cd_lease", "lease", 2, args,
                   NULL) != 0)
    {
        shell_end(shell);
    }
}


void
shell_stop(struct shell *shell)
{
    shell->stopping = 1;

    if (shell->state == SHELL_AWAY) {
        shell_end(shell);

    } else if (shell->state != SHELL_ENDED && !shell->batch.committing) {
        shell_stop_idle(shell);
    }
}


void
shell_cut(struct shell *shell)
{
    shell_end(shell);
}


void
shell_free(struct shell **slot)
{
    struct shell  *shell = *slot;

    *slot = NULL;

    if (shell != NULL) {
        config_free(&shell->config);
        throttle_free(&shell->throttle);
        carrier_free(shell);
        free(shell);
    }
}
