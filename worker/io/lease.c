/*
 * The lease of a desk, and what its new owner does first.
 *
 *   give back what is left --> ask, every CD_LIMIT_LEASE_RENEW_MS
 *                                |  somebody else's: ask on
 *                                v  ours
 *                              library --> cd_setup --> load.c
 *
 * Purpose:    from STANDBY to LOADING, and the renewals after that.
 * Owner:      shell->epoch, shell->owner and shell->asking_lease are this
 *             file's.
 * Invariants: one question is under way at a time; another owner or epoch
 *             in the answer ends the tenure.  A renewal names the epoch, so
 *             that a lease which ran out while Redis or this process stood
 *             still, and which nobody has taken, goes on.
 */

#include "io/shell_state.h"

#include <stdio.h>
#include <string.h>

#include "io/clock.h"

static void setup_ask(struct shell *shell, const char *lost);


static void
lease_given_back(void *data, const redisReply *reply)
{
    struct shell  *shell = data;

    if (reply == NULL) {
        return;
    }

    if (!redis_is_ok(reply, 3)) {
        shell_drop(shell, LOG_LEVEL_ERROR, redis_text(reply));
        return;
    }

    lease_ask(shell);
    uv_timer_again(&shell->lease_timer);
}


void
lease_compete(struct shell *shell)
{
    const char  *args[2] = { shell->worker, "0" };

    if (shell->told != NULL) {
        log_event(LOG_LEVEL_NOTICE, shell->entry->name, "redis_back", "%s",
                  "everything is there");
        shell->told = NULL;
    }

    /* what this process may still hold from before is given back first, so
       that a commit whose outcome is not known is refused when it arrives */
    if (shell_call(shell, lease_given_back, "cd_lease", "lease", 2, args, NULL)
        != 0)
    {
        shell_drop(shell, LOG_LEVEL_ERROR, "no memory");
    }
}


static void
setup_answer(void *data, const redisReply *reply)
{
    struct shell  *shell = data;
    const char    *applied, *last;

    if (reply == NULL) {
        return;
    }

    if (!redis_is_ok(reply, 4)) {
        shell_drop(shell, LOG_LEVEL_WARNING, redis_text(reply));
        return;
    }

    applied = redis_element(reply, 2);
    last = redis_element(reply, 3);

    if (entry_id_before(applied, shell->known_applied)
        || entry_id_before(last, shell->known_last))
    {
        log_event(LOG_LEVEL_CRIT, shell->entry->name, "lost",
                  "Redis has lost writes: applied %s was %s, log ends at %s "
                  "after %s; a new era begins", applied,
                  shell->known_applied, last, shell->known_last);
        snprintf(shell->known_applied, ENTRY_ID_MAX, "%s", applied);
        snprintf(shell->known_last, ENTRY_ID_MAX, "%s", last);
        setup_ask(shell, "1");
        return;
    }

    snprintf(shell->known_applied, ENTRY_ID_MAX, "%s", applied);
    snprintf(shell->known_last, ENTRY_ID_MAX, "%s", last);
    shell->state = SHELL_LOADING;
    batch_start(shell, applied);
    load_start(shell);
}


static int
setup_call(struct shell *shell, redis_answer answer, const char *lost)
{
    char         epoch[24], now[24];
    const char  *name = config_file(shell->config)->settings.name;
    const char  *args[5] = { shell->worker, epoch, name, now, lost };

    snprintf(epoch, sizeof(epoch), "%llu", (unsigned long long) shell->epoch);
    snprintf(now, sizeof(now), "%llu", (unsigned long long) clock_now_ms());
    snprintf(shell->named, sizeof(shell->named), "%s", name);

    return shell_call(shell, answer, "cd_setup", "desk", 5, args, NULL);
}


static void
setup_ask(struct shell *shell, const char *lost)
{
    if (setup_call(shell, setup_answer, lost) != 0) {
        shell_drop(shell, LOG_LEVEL_ERROR, "no memory");
    }
}


/* Without an answer: who is no owner any more learns it from the commit.
   What could not be sent is tried again with the next batch. */

void
setup_rename(struct shell *shell)
{
    if (strcmp(shell->named, config_file(shell->config)->settings.name) != 0
        && setup_call(shell, NULL, "0") != 0)
    {
        shell->named[0] = '\0';
    }
}


static void
lease_won(struct shell *shell, uint64_t epoch)
{
    if (library_replace(shell)) {
        return;
    }

    shell->epoch = epoch;
    shell->state = SHELL_SETUP;
    shell->owner[0] = '\0';
    log_event(LOG_LEVEL_NOTICE, shell->entry->name, "owner", "epoch %llu",
              (unsigned long long) epoch);
    setup_ask(shell, "0");
}


/* A standby asks as soon as the lease can have run out. */

static void
lease_await(struct shell *shell, long long left_ms)
{
    if (left_ms >= 0 && left_ms < (long long) CD_LIMIT_LEASE_RENEW_MS) {
        uv_timer_start(&shell->lease_timer, lease_fired,
                       (uint64_t) left_ms + 1, CD_LIMIT_LEASE_RENEW_MS);
    }
}


static void
lease_answer(void *data, const redisReply *reply)
{
    int            mine;
    uint64_t       epoch;
    const char    *owner;
    struct shell  *shell = data;

    shell->asking_lease = 0;

    if (reply == NULL) {
        return;
    }

    if (!redis_is_ok(reply, 3)) {
        shell_drop(shell, LOG_LEVEL_ERROR, redis_text(reply));
        return;
    }

    if (shell->loads > 0) {
        return;
    }

    epoch = (uint64_t) redis_number(reply, 1);
    owner = redis_element(reply, 2);
    mine = strcmp(owner, shell->worker) == 0;

    if (shell->state == SHELL_STANDBY && mine) {
        lease_won(shell, epoch);

    } else if (shell->state == SHELL_STANDBY) {
        if (strcmp(owner, shell->owner) != 0) {
            snprintf(shell->owner, sizeof(shell->owner), "%s", owner);
            log_event(LOG_LEVEL_NOTICE, shell->entry->name, "standby",
                      "the owner is %s, epoch %llu", owner,
                      (unsigned long long) epoch);
        }
        lease_await(shell, redis_number(reply, 3));

    } else if (!mine || epoch != shell->epoch) {
        shell_drop(shell, LOG_LEVEL_WARNING, "the lease has gone");
    }
}


void
lease_ask(struct shell *shell)
{
    int          held = shell->state != SHELL_STANDBY;
    char         ttl[24], epoch[24];
    const char  *args[3] = { shell->worker, ttl, epoch };

    snprintf(ttl, sizeof(ttl), "%llu", (unsigned long long) CD_LIMIT_LEASE_MS);
    snprintf(epoch, sizeof(epoch), "%llu", (unsigned long long) shell->epoch);

    if (!shell->asking_lease && !shell->stopping
        && shell_call(shell, lease_answer, "cd_lease", "lease", 2 + held,
                      args, NULL) == 0)
    {
        shell->asking_lease = 1;
    }
}


void
lease_fired(uv_timer_t *timer)
{
    lease_ask(timer->data);
}
