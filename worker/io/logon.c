/*
 * Logins that nginx workers ask the owner to check.
 *
 *   call --> throttle --> thread: crypt --> good: next commit --> reply
 *               |                            |
 *               +--> 429                     +--> 401
 *
 * Purpose:    checks passwords without holding the loop up.
 * Owner:      a struct logon owns its payload and strings; it belongs to
 *             the pool of threads, then to this file or to shell->verified.
 * Invariants: at most LOGONS_MAX are under way; an unknown account takes
 *             the time of a known one; passwords are wiped and never
 *             logged.
 */

#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "io/password.h"
#include "io/shell_state.h"

#define LOGIN_MAX     64
#define NODE_MAX      22

struct logon {
    STAILQ_ENTRY(logon)  link;
    uv_work_t            work;
    struct shell        *shell;         /* borrows; lives as long */
    uint64_t             tenure;
    char                *payload;       /* owns; wiped */
    size_t               len;
    struct cd_frame      frame;         /* borrows from the payload */
    char                *password;      /* owns; wiped */
    char                *hash;          /* owns */
    int                  known;
    int                  good;
};


static void
logon_free(struct logon *logon)
{
    if (logon->password != NULL) {
        explicit_bzero(logon->password, strlen(logon->password));
    }

    explicit_bzero(logon->payload, logon->len);
    free(logon->payload);
    free(logon->password);
    free(logon->hash);
    free(logon);
}


/* A refusal, at once. */

static void
logon_refuse(struct shell *shell, const struct cd_frame *logon,
    enum cd_error error, uint64_t retry_ms)
{
    char                        node[NODE_MAX + 1] = "";
    struct cd_str               id = cd_frame_str(logon, CD_F_ID);
    struct cd_str               to = cd_frame_str(logon, CD_F_NODE);
    struct cd_frame             reply;
    const struct cd_error_row  *row = cd_error_row(error);

    memcpy(node, to.data, to.len);
    cd_frame_init(&reply, CD_T_REPLY);
    reply.at_ms = clock_now_ms();
    cd_frame_set_str(&reply, CD_F_ID, id.data, id.len);
    cd_frame_set_uint(&reply, CD_F_STATUS, (uint64_t) row->http);
    cd_frame_set_str(&reply, CD_F_CODE, row->code, strlen(row->code));

    if (retry_ms > 0) {
        cd_frame_set_uint(&reply, CD_F_RETRY_AFTER, retry_ms);
    }

    shell_tell_node(shell, node, &reply);
}


/* On a thread of the pool. */

static void
logon_check(uv_work_t *work)
{
    struct logon  *logon = work->data;

    logon->good = password_check(logon->password, logon->hash) == 1
                  && logon->known;
}


static void
logon_forgive(struct shell *shell, const struct cd_frame *frame)
{
    uint64_t       now = clock_now_ms();
    struct cd_str  login = cd_frame_str(frame, CD_F_LOGIN);
    struct cd_str  address = cd_frame_str(frame, CD_F_ADDRESS);

    throttle_forgive(shell->throttle, login.data, login.len, now);
    throttle_forgive(shell->throttle, address.data, address.len, now);
}


static void
logon_checked(uv_work_t *work, int status)
{
    struct logon   *logon = work->data;
    struct shell   *shell = logon->shell;
    struct cd_str   login = cd_frame_str(&logon->frame, CD_F_LOGIN);

    shell->logons--;

    if (shell->state != SHELL_RUNNING || logon->tenure != shell->tenure) {
        logon_free(logon);
        return;
    }

    if (status == 0 && logon->good) {
        logon_forgive(shell, &logon->frame);
        STAILQ_INSERT_TAIL(&shell->verified, logon, link);
        batch_work(shell);
        return;
    }

    log_event(LOG_LEVEL_NOTICE, shell->entry->name, "login_refused",
              "account %.*s", logon->known ? (int) login.len : 9,
              logon->known ? login.data : "(unknown)");
    logon_refuse(shell, &logon->frame, CD_E_UNAUTHORIZED, 0);
    logon_free(logon);
}


/* 0 when both the account and the address may try, else how long to wait. */

static uint64_t
logon_throttle(struct shell *shell, const struct cd_frame *frame)
{
    uint64_t       now = clock_now_ms(), wait, more;
    struct cd_str  login = cd_frame_str(frame, CD_F_LOGIN);
    struct cd_str  address = cd_frame_str(frame, CD_F_ADDRESS);

    wait = throttle_wait_ms(shell->throttle, login.data, login.len, now);
    more = address.len > 0
           ? throttle_wait_ms(shell->throttle, address.data, address.len, now)
           : 0;
    wait = wait > more ? wait : more;

    if (wait == 0) {
        throttle_count(shell->throttle, login.data, login.len, now);
        if (address.len > 0) {
            throttle_count(shell->throttle, address.data, address.len, now);
        }
    }

    return wait;
}


static int
logon_fits(const struct cd_frame *frame)
{
    return frame->type == CD_T_LOGON
           && cd_frame_has(frame, CD_F_ID) && cd_frame_has(frame, CD_F_NODE)
           && cd_frame_has(frame, CD_F_LOGIN)
           && cd_frame_has(frame, CD_F_PASSWORD)
           && cd_frame_has(frame, CD_F_SESSION_KEY)
           && cd_frame_str(frame, CD_F_NODE).len == NODE_MAX
           && cd_frame_str(frame, CD_F_ID).len <= NODE_MAX
           && cd_frame_str(frame, CD_F_LOGIN).len <= LOGIN_MAX
           && cd_frame_str(frame, CD_F_PASSWORD).len <= 4 * 256;
}


/* Copies what the thread needs; NULL: no memory, or not a logon. */

static struct logon *
logon_new(struct shell *shell, const char *payload, size_t len)
{
    char           login[LOGIN_MAX + 1] = "";
    const char    *hash = NULL;
    struct cd_str  text;
    struct logon  *logon = calloc(1, sizeof(*logon));

    if (logon == NULL) {
        return NULL;
    }

    logon->payload = malloc(len + 1);
    if (logon->payload == NULL) {
        free(logon);
        return NULL;
    }

    memcpy(logon->payload, payload, len);
    logon->len = len;

    if (cd_frame_decode(&logon->frame, logon->payload, len) != 0
        || !logon_fits(&logon->frame))
    {
        log_event(LOG_LEVEL_WARNING, shell->entry->name, "bad_call",
                  "a call of %zu bytes cannot be read", len);
        logon_free(logon);
        return NULL;
    }

    text = cd_frame_str(&logon->frame, CD_F_LOGIN);
    memcpy(login, text.data, text.len);
    hash = desk_file_hash(config_file(shell->config), login);

    text = cd_frame_str(&logon->frame, CD_F_PASSWORD);
    logon->known = hash != NULL;
    logon->hash = strdup(hash != NULL ? hash : password_nobody());
    logon->password = strndup(text.data, text.len);
    logon->shell = shell;
    logon->tenure = shell->tenure;
    logon->work.data = logon;

    if (logon->hash == NULL || logon->password == NULL) {
        logon_free(logon);
        return NULL;
    }

    return logon;
}


void
logon_call(struct shell *shell, const char *payload, size_t len)
{
    uint64_t       wait;
    struct logon  *logon;

    if (shell->state != SHELL_RUNNING || len > CD_LIMIT_BUS_FRAME) {
        return;
    }

    logon = logon_new(shell, payload, len);
    if (logon == NULL) {
        return;
    }

    wait = logon_throttle(shell, &logon->frame);

    if (wait > 0) {
        log_event(LOG_LEVEL_NOTICE, shell->entry->name, "login_throttled",
                  "for %llu ms", (unsigned long long) wait);
        logon_refuse(shell, &logon->frame, CD_E_RATE_LIMITED, wait);

    } else if (shell->logons >= LOGONS_MAX
               || uv_queue_work(shell->loop, &logon->work, logon_check,
                                logon_checked) != 0)
    {
        logon_forgive(shell, &logon->frame);
        logon_refuse(shell, &logon->frame, CD_E_BUSY, CD_LIMIT_RETRY_MS);

    } else {
        shell->logons++;
        return;
    }

    logon_free(logon);
}


void
logon_apply(struct shell *shell, uint64_t now_ms)
{
    struct logon  *logon;

    while ((logon = STAILQ_FIRST(&shell->verified)) != NULL) {
        STAILQ_REMOVE_HEAD(&shell->verified, link);
        desk_logged_on(shell->desk, &logon->frame, now_ms, shell->changes);
        logon_free(logon);
    }
}


void
logon_clear(struct shell *shell)
{
    struct logon  *logon;

    while ((logon = STAILQ_FIRST(&shell->verified)) != NULL) {
        STAILQ_REMOVE_HEAD(&shell->verified, link);
        logon_free(logon);
    }
}
