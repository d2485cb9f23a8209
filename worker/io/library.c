/*
 * The function library in Redis: looked at with each connection, loaded
 * when it is missing, replaced by an owner that has a newer one.
 *
 * Purpose:    see library.h.
 * Owner:      shell->library and shell->loads are this file's.
 * Invariants: an older library never replaces a newer one.
 */

#include "io/library.h"

#include <string.h>

#include "io/shell_state.h"

#define LIBRARY_LOADS  3


static void
library_loaded(void *data, const redisReply *reply)
{
    struct shell  *shell = data;

    if (reply == NULL) {
        return;
    }

    if (reply->type == REDIS_REPLY_ERROR
        && strstr(reply->str, "already exists") == NULL)
    {
        shell_tell_away(shell, LOG_LEVEL_ERROR, "library_refused",
                        reply->str);
        shell_drop(shell, LOG_LEVEL_ERROR, "no function library");
        return;
    }

    log_event(LOG_LEVEL_NOTICE, shell->entry->name, "library",
              "version %llu loaded", (unsigned long long) CD_LIMIT_LIBRARY);
    library_check(shell);
}


static void
library_load(struct shell *shell, int replace)
{
    int          argc = 0;
    size_t       sizes[4];
    const char  *args[4];

    args[argc++] = "FUNCTION";
    args[argc++] = "LOAD";
    if (replace) {
        args[argc++] = "REPLACE";
    }
    args[argc] = chatdesk_library;
    sizes[argc] = chatdesk_library_len;
    sizes[0] = strlen(args[0]);
    sizes[1] = strlen(args[1]);
    if (replace) {
        sizes[2] = strlen(args[2]);
    }

    /* until then the lease is not asked for */
    uv_timer_stop(&shell->lease_timer);

    if (shell->loads++ >= LIBRARY_LOADS
        || redis_command(shell->command, library_loaded, shell, 0, argc + 1,
                         args, sizes) != 0)
    {
        shell_drop(shell, LOG_LEVEL_ERROR, "no function library");
    }
}


static void
library_version(void *data, const redisReply *reply)
{
    struct shell  *shell = data;

    if (reply == NULL) {
        return;
    }

    if (reply->type == REDIS_REPLY_ERROR
        && strstr(reply->str, "Function not found") != NULL)
    {
        library_load(shell, 0);
        return;
    }

    if (!redis_is_ok(reply, 2)) {
        shell_tell_away(shell, LOG_LEVEL_ERROR, "redis_refused",
                        redis_text(reply));
        shell_drop(shell, LOG_LEVEL_ERROR, "Redis refuses");
        return;
    }

    shell->loads = 0;
    shell->library = (uint64_t) redis_number(reply, 1);
    lease_compete(shell);
}


void
library_check(struct shell *shell)
{
    if (shell_call(shell, library_version, "cd_version", "desk", 0, NULL, NULL)
        != 0)
    {
        shell_drop(shell, LOG_LEVEL_ERROR, "no memory");
    }
}


int
library_replace(struct shell *shell)
{
    if (shell->library < CD_LIMIT_LIBRARY) {
        /* comes back by way of the version, with the lease given back */
        library_load(shell, 1);
        return 1;
    }

    if (shell->library > CD_LIMIT_LIBRARY) {
        log_event(LOG_LEVEL_WARNING, shell->entry->name, "library",
                  "version %llu of a newer worker is left alone",
                  (unsigned long long) shell->library);
    }

    return 0;
}
