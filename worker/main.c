/*
 * chatdesk-worker: arguments, signals, the loop.
 *
 *   chatdesk-worker -c worker.ini         runs until SIGTERM or SIGINT
 *   chatdesk-worker -t -c worker.ini      checks all settings and ends
 *   chatdesk-worker hash-password         prints the hash of a line
 *   chatdesk-worker routes                prints the REST interface's routes
 *
 * Purpose:    one process for the desks that worker.ini names.
 * Owner:      struct worker owns settings, shells and what these share.
 * Invariants: all settings hold before anything is contacted; the process
 *             ends by itself only when it is told to.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <curl/curl.h>
#include <uv.h>

#include "api/api.h"
#include "io/desk_file.h"
#include "io/heap.h"
#include "io/log.h"
#include "io/notify.h"
#include "io/outbound.h"
#include "io/password.h"
#include "io/sentinel.h"
#include "io/settings.h"
#include "io/shell.h"
#include "io/tls.h"
#include "io/vapid.h"

#define DEFAULT_CONFIG  "/etc/chatdesk/worker.ini"
#define STOP_MS         5000

struct worker {
    uv_loop_t         loop;
    struct settings   settings;
    struct shell     *shells[SETTINGS_DESKS_MAX];
    size_t            shell_count;
    uv_signal_t       signals[3];
    uv_timer_t        deadline;
    struct sentinel  *sentinel;     /* NULL: none are asked */
    struct tls_context *secure;     /* NULL: without TLS */
    struct outbound  *outbound;
    struct vapid      vapid;
    int               stopping;
};


static void
usage(FILE *file)
{
    fputs("usage: chatdesk-worker [-t] [-c worker.ini]\n"
          "       chatdesk-worker hash-password\n"
          "       chatdesk-worker routes\n"
          "  -c   settings (" DEFAULT_CONFIG ")\n"
          "  -t   check the settings and each desk.json, then end\n", file);
}


static void
worker_close(struct worker *worker)
{
    size_t  i;

    for (i = 0; i < sizeof(worker->signals) / sizeof(worker->signals[0]); i++)
    {
        uv_close((uv_handle_t *) &worker->signals[i], NULL);
    }
}


/* Some shell waits for Redis: its lease runs out by itself. */

static void
worker_late(uv_timer_t *timer)
{
    size_t          i;
    struct worker  *worker = timer->data;

    for (i = 0; i < worker->shell_count; i++) {
        shell_cut(worker->shells[i]);
    }
}


static void
worker_stop(uv_signal_t *signal, int number)
{
    size_t          i;
    struct worker  *worker = signal->data;

    if (worker->stopping) {
        return;
    }

    worker->stopping = 1;
    log_event(LOG_LEVEL_NOTICE, NULL, "stopping", "signal %d", number);
    notify_send("STOPPING=1");

    for (i = 0; i < worker->shell_count; i++) {
        shell_stop(worker->shells[i]);
    }

    uv_timer_init(&worker->loop, &worker->deadline);
    worker->deadline.data = worker;
    uv_timer_start(&worker->deadline, worker_late, STOP_MS, 0);

    /* does not keep the loop; the shells do while they have to */
    uv_unref((uv_handle_t *) &worker->deadline);
    sentinel_stop(worker->sentinel);
    worker_close(worker);
}


static void
worker_reload(uv_signal_t *signal, int number)
{
    size_t          i;
    struct worker  *worker = signal->data;

    (void) number;

    for (i = 0; i < worker->shell_count; i++) {
        shell_reload(worker->shells[i]);
    }
}


static void
worker_signal(struct worker *worker, size_t i, int number, uv_signal_cb call)
{
    uv_signal_init(&worker->loop, &worker->signals[i]);
    worker->signals[i].data = worker;
    uv_signal_start(&worker->signals[i], call, number);
}


/* What all connections to Redis share; 0, or -1 with *fault set. */

static int
worker_redis(struct worker *worker, int run, struct fault *fault)
{
    struct redis_settings  *redis = &worker->settings.redis;

    if (redis->tls) {
        worker->secure = tls_context_new(redis->tls_ca, fault);
        if (worker->secure == NULL) {
            return -1;
        }

        redis->secure = worker->secure;
    }

    if (run && redis->primary != NULL) {
        worker->sentinel = sentinel_new(&worker->loop, redis);
        if (worker->sentinel == NULL) {
            fault_set(fault, "no memory");
            return -1;
        }

        redis->target = sentinel_target(worker->sentinel);
    }

    return 0;
}


/* What requests that leave the process share; 0, or -1 with *fault set. */

static int
worker_outbound(struct worker *worker, int run, struct fault *fault)
{
    struct push_settings      *push = &worker->settings.push;
    struct outbound_settings  *outbound = &worker->settings.outbound;

    if (outbound->ca != NULL && access(outbound->ca, R_OK) != 0) {
        fault_set(fault, "%s: %s", outbound->ca, strerror(errno));
        return -1;
    }

    if (push->key != NULL) {
        if (vapid_read(&worker->vapid, push->key, push->contact, fault) != 0)
        {
            return -1;
        }

        push->vapid = &worker->vapid;
    }

    if (run) {
        worker->outbound = outbound_new(&worker->loop, outbound);
        if (worker->outbound == NULL) {
            fault_set(fault, "no memory");
            return -1;
        }

        outbound->client = worker->outbound;
    }

    return 0;
}


static int
worker_read(struct worker *worker, const char *config, int run)
{
    size_t             i;
    struct fault       fault;
    struct desk_file  *file;

    if (settings_read(&worker->settings, config, &fault) != 0
        || worker_redis(worker, run, &fault) != 0
        || worker_outbound(worker, run, &fault) != 0)
    {
        fprintf(stderr, "chatdesk-worker: %s\n", fault.text);
        return -1;
    }

    for (i = 0; i < worker->settings.desk_count; i++) {
        file = desk_file_read(worker->settings.desks[i].config, &fault);

        if (file == NULL) {
            fprintf(stderr, "chatdesk-worker: %s\n", fault.text);
            return -1;
        }

        if (run) {
            worker->shells[i] = shell_new(&worker->loop, &worker->settings,
                                          &worker->settings.desks[i],
                                          &api_ops, &file);
            if (worker->shells[i] == NULL) {
                desk_file_free(&file);
                fputs("chatdesk-worker: no memory\n", stderr);
                return -1;
            }

            worker->shell_count++;
        }

        desk_file_free(&file);
    }

    return 0;
}


/* Frees what the loop has let go of. */

static void
worker_clear(struct worker *worker)
{
    size_t  i;

    for (i = 0; i < worker->shell_count; i++) {
        shell_free(&worker->shells[i]);
    }

    sentinel_free(&worker->sentinel);
    tls_context_free(&worker->secure);
    outbound_free(&worker->outbound);
    vapid_clear(&worker->vapid);
    settings_clear(&worker->settings);
}


static int
worker_run(struct worker *worker, const char *config)
{
    size_t         i;
    struct rlimit  none = { 0, 0 };

    /* passwords pass through this process */
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);

    if (uv_loop_init(&worker->loop) != 0) {
        fputs("chatdesk-worker: no event loop\n", stderr);
        return EXIT_FAILURE;
    }

    if (worker_read(worker, config, 1) != 0) {
        for (i = 0; i < worker->shell_count; i++) {
            shell_cut(worker->shells[i]);
        }
        sentinel_stop(worker->sentinel);
        outbound_stop(worker->outbound);
        uv_run(&worker->loop, UV_RUN_DEFAULT);
        worker_clear(worker);
        return EXIT_FAILURE;
    }

    log_setup(worker->settings.log_level, worker->settings.log_format,
              worker->settings.name);
    signal(SIGPIPE, SIG_IGN);
    worker_signal(worker, 0, SIGTERM, worker_stop);
    worker_signal(worker, 1, SIGINT, worker_stop);
    worker_signal(worker, 2, SIGHUP, worker_reload);

    log_event(LOG_LEVEL_NOTICE, NULL, "started", "%zu desks, process %ld",
              worker->settings.desk_count, (long) getpid());
    notify_send("READY=1");
    uv_run(&worker->loop, UV_RUN_DEFAULT);
    uv_close((uv_handle_t *) &worker->deadline, NULL);
    outbound_stop(worker->outbound);
    uv_run(&worker->loop, UV_RUN_DEFAULT);
    log_event(LOG_LEVEL_NOTICE, NULL, "ended", "%s", "");
    worker_clear(worker);
    uv_loop_close(&worker->loop);

    return EXIT_SUCCESS;
}


int
main(int argc, char **argv)
{
    int             option, check = 0, status;
    const char     *config = DEFAULT_CONFIG;
    struct worker  *worker;

    if (argc == 2 && strcmp(argv[1], "hash-password") == 0) {
        return password_command();
    }

    if (argc == 2 && strcmp(argv[1], "routes") == 0) {
        return api_routes_command();
    }

    while ((option = getopt(argc, argv, "c:th")) != -1) {
        switch (option) {

        case 'c':
            config = optarg;
            break;

        case 't':
            check = 1;
            break;

        case 'h':
            usage(stdout);
            return EXIT_SUCCESS;

        default:
            usage(stderr);
            return EXIT_FAILURE;
        }
    }

    if (optind != argc) {
        usage(stderr);
        return EXIT_FAILURE;
    }

    heap_open();
    worker = calloc(1, sizeof(*worker));
    if (worker == NULL) {
        fputs("chatdesk-worker: no memory\n", stderr);
        return EXIT_FAILURE;
    }

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        fputs("chatdesk-worker: libcurl does not start\n", stderr);
        free(worker);
        return EXIT_FAILURE;
    }

    if (check) {
        status = worker_read(worker, config, 0) == 0 ? EXIT_SUCCESS
                                                     : EXIT_FAILURE;
        if (status == EXIT_SUCCESS) {
            fprintf(stderr, "chatdesk-worker: %s and %zu desk settings hold\n",
                    config, worker->settings.desk_count);
        }
        worker_clear(worker);

    } else {
        status = worker_run(worker, config);
    }

    curl_global_cleanup();
    free(worker);

    return status;
}
