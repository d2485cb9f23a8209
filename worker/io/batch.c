/*
 * The log: read, given to the core, committed.
 *
 *   XREAD --> entries --> desk_apply() ... desk_flush() --> cd_commit
 *     ^                                                        |
 *     +------- while a commit is under way the next are read --+
 *
 * What comes to an idle log is read at once, what follows within
 * CD_LIMIT_PACE_MS in one go: a commit costs Redis as much as a message.
 *
 * Purpose:    the loop at the heart of an owner.
 * Owner:      shell->batch; entries own their envelopes.
 * Invariants: the position moves only with the effects of what lies below
 *             it.  An entry that cannot be decoded, that killed a process
 *             CD_LIMIT_POISON times, or whose commit is refused goes to the
 *             dead letters, and the desk goes on.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "io/shell_state.h"

#define BLOCK_MS       2000
#define HOURS_RENEW_MS  86400000
#define TIMER_MIN_MS   5
#define TIMER_MAX_MS   60000

_Static_assert(sizeof(((struct batch *) 0)->entries)
               / sizeof(struct entry) >= 512, "room for CD_LIMIT_BATCH");


/* Whether stream id `a` is before `b`; an empty one is before all. */

int
entry_id_before(const char *a, const char *b)
{
    unsigned long long  a_ms = 0, a_seq = 0, b_ms = 0, b_seq = 0;

    sscanf(a, "%llu-%llu", &a_ms, &a_seq);
    sscanf(b, "%llu-%llu", &b_ms, &b_seq);

    return a_ms != b_ms ? a_ms < b_ms : a_seq < b_seq;
}


static void
entry_id_copy(char *to, const char *from)
{
    memcpy(to, from, ENTRY_ID_MAX);
}


void
batch_clear(struct shell *shell)
{
    size_t         i;
    struct batch  *batch = &shell->batch;

    for (i = 0; i < batch->count; i++) {
        free(batch->entries[i].envelope);
    }

    memset(batch, 0, sizeof(*batch));
}


void
batch_start(struct shell *shell, const char *position)
{
    struct batch  *batch = &shell->batch;

    snprintf(batch->position, ENTRY_ID_MAX, "%s", position);
    entry_id_copy(batch->read, batch->position);
    batch->fresh = 1;
    batch->behind = 1;

    /* what this process gave to the core before did not kill it */
    batch->tried = strcmp(shell->survived, batch->position) == 0;
}


/* Takes what was read; 0, or -1 for memory or another form. */

static int
batch_take(struct batch *batch, const redisReply *list)
{
    size_t             i;
    struct entry      *entry;
    const redisReply  *id, *pairs;

    if (list->type != REDIS_REPLY_ARRAY
        || list->elements > CD_LIMIT_BATCH)
    {
        return -1;
    }

    for (i = 0; i < list->elements; i++) {
        if (list->element[i]->type != REDIS_REPLY_ARRAY
            || list->element[i]->elements != 2)
        {
            return -1;
        }

        id = list->element[i]->element[0];
        pairs = list->element[i]->element[1];
        entry = &batch->entries[batch->count];
        snprintf(entry->id, ENTRY_ID_MAX, "%s",
                 id->type == REDIS_REPLY_STRING ? id->str : "");

        /* an entry without its one field does not decode */
        entry->len = pairs->type == REDIS_REPLY_ARRAY && pairs->elements == 2
                     && pairs->element[1]->type == REDIS_REPLY_STRING
                     ? (size_t) pairs->element[1]->len : 0;
        entry->envelope = malloc(entry->len + 1);

        if (entry->envelope == NULL || entry->id[0] == '\0') {
            free(entry->envelope);
            return -1;
        }

        if (entry->len > 0) {
            memcpy(entry->envelope, pairs->element[1]->str, entry->len);
        }

        entry_id_copy(batch->read, entry->id);
        batch->count++;
    }

    batch->behind = list->elements == CD_LIMIT_BATCH;

    return 0;
}


static void
batch_got(void *data, const redisReply *reply)
{
    struct shell  *shell = data;
    struct batch  *batch = &shell->batch;

    if (reply == NULL) {
        return;
    }

    batch->reading = 0;
    batch->got_ms = uv_now(shell->loop);

    /* XREAD answers nil when the time is over, else one stream */
    if (reply->type == REDIS_REPLY_NIL) {
        batch->behind = 0;
        batch_work(shell);
        batch_read(shell);
        return;
    }

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 1
        || reply->element[0]->type != REDIS_REPLY_ARRAY
        || reply->element[0]->elements != 2
        || batch_take(batch, reply->element[0]->element[1]) != 0)
    {
        shell_drop(shell, LOG_LEVEL_ERROR, redis_text(reply));
        return;
    }

    if (entry_id_before(shell->known_last, batch->read)) {
        entry_id_copy(shell->known_last, batch->read);
    }

    batch_work(shell);
}


void
batch_read(struct shell *shell)
{
    uint64_t       since;
    char           key[64], count[24], block[24];
    struct batch  *batch = &shell->batch;
    const char    *args[8] = {
        "XREAD", "COUNT", count, "BLOCK", block, "STREAMS", key, batch->read
    };

    if (shell->state != SHELL_RUNNING || batch->reading
        || batch->next < batch->count)
    {
        return;
    }

    since = uv_now(shell->loop) - batch->got_ms;

    if (!batch->behind && since < CD_LIMIT_PACE_MS) {
        shell_pace(shell, CD_LIMIT_PACE_MS - since);
        return;
    }

    batch->count = 0;
    batch->next = 0;
    snprintf(key, sizeof(key), "%slog", shell->prefix);
    snprintf(count, sizeof(count), "%llu",
             (unsigned long long) CD_LIMIT_BATCH);
    snprintf(block, sizeof(block), "%d", BLOCK_MS);

    if (redis_command(shell->reader, batch_got, shell, BLOCK_MS, 8, args,
                      NULL) == 0)
    {
        batch->reading = 1;
    }
}


static void
entry_bury(struct shell *shell, const struct entry *entry, const char *why)
{
    changes_dead(shell->changes, entry->id, why, entry->envelope, entry->len);
    log_event(LOG_LEVEL_ERROR, shell->entry->name, "dead_letter",
              "entry %s of %zu bytes: %s", entry->id, entry->len, why);
}


static void
entry_apply(struct shell *shell, const struct entry *entry, uint64_t now_ms)
{
    struct cd_frame  frame;
    struct batch    *batch = &shell->batch;

    if (batch->poisoned) {
        batch->poisoned = 0;
        entry_bury(shell, entry, "it killed the worker again and again");

    } else if (strcmp(shell->refused, batch->proposed) == 0) {
        shell->refused[0] = '\0';
        entry_bury(shell, entry, "what it leads to cannot be committed");

    } else if (cd_frame_decode(&frame, entry->envelope, entry->len) != 0) {
        entry_bury(shell, entry, "it cannot be decoded");

    } else {
        desk_apply(shell->desk, &frame, now_ms, shell->changes);
    }

    entry_id_copy(batch->proposed, entry->id);
}


static void
batch_entries(struct shell *shell, uint64_t now_ms)
{
    size_t         most = shell->careful > 0 ? 1 : CD_LIMIT_BATCH;
    struct entry  *entry;
    struct batch  *batch = &shell->batch;

    batch->size = 0;
    entry_id_copy(batch->proposed, batch->position);

    while (batch->next < batch->count && batch->size < most) {
        entry = &batch->entries[batch->next++];
        entry_apply(shell, entry, now_ms);
        free(entry->envelope);
        entry->envelope = NULL;
        batch->size++;
    }

    if (shell->careful > 0 && batch->size > 0) {
        shell->careful--;
    }
}


static void
batch_committed(void *data, const redisReply *reply)
{
    struct shell  *shell = data;
    struct batch  *batch = &shell->batch;

    if (reply == NULL) {
        return;
    }

    batch->committing = 0;

    if (!redis_is_ok(reply, 1)) {
        if (strcmp(redis_text(reply), "bad_request") == 0) {
            shell->careful = CD_LIMIT_BATCH;
            if (batch->size == 1) {
                entry_id_copy(shell->refused, batch->position);
            }
        }
        shell_drop(shell, LOG_LEVEL_WARNING, redis_text(reply));
        return;
    }

    entry_id_copy(batch->position, batch->proposed);
    entry_id_copy(shell->known_applied, batch->position);
    entry_id_copy(shell->survived, batch->position);
    redis_settled(shell->command);
    carrier_work(shell);

    if (shell->stopping) {
        shell_stop_idle(shell);

    } else {
        batch_work(shell);
    }
}


static void
batch_commit(struct shell *shell, uint64_t now_ms)
{
    char           epoch[24], at[24];
    size_t         len, lens[5];
    const char    *args[5] = { shell->worker, epoch, "", at, NULL };
    struct batch  *batch = &shell->batch;

    snprintf(epoch, sizeof(epoch), "%llu", (unsigned long long) shell->epoch);
    snprintf(at, sizeof(at), "%llu", (unsigned long long) now_ms);

    if (batch->size > 0) {
        args[2] = batch->proposed;
    }

    args[4] = changes_data(shell->changes, &len);

    if (args[4] == NULL) {
        shell_drop(shell, LOG_LEVEL_ERROR, "no memory for a batch");
        return;
    }

    lens[0] = strlen(args[0]);
    lens[1] = strlen(args[1]);
    lens[2] = strlen(args[2]);
    lens[3] = strlen(args[3]);
    lens[4] = len;

    if (shell_call(shell, batch_committed, "cd_commit", "applied", 5, args,
                   lens) != 0)
    {
        shell_drop(shell, LOG_LEVEL_ERROR, "a batch was not taken");
        return;
    }

    batch->committing = 1;
}


static void
batch_tried(void *data, const redisReply *reply)
{
    long long      tries;
    struct shell  *shell = data;

    if (reply == NULL) {
        return;
    }

    shell->batch.trying = 0;

    if (!redis_is_ok(reply, 2)) {
        shell_drop(shell, LOG_LEVEL_WARNING, redis_text(reply));
        return;
    }

    tries = redis_number(reply, 1);
    shell->batch.tried = 1;

    if (tries > 1) {
        log_event(LOG_LEVEL_WARNING, shell->entry->name, "tried",
                  "attempt %lld at the log after %s; entries are taken one "
                  "by one", tries, shell->batch.position);
        shell->careful = CD_LIMIT_BATCH;
    }

    shell->batch.poisoned = tries > (long long) CD_LIMIT_POISON;
    batch_work(shell);
}


/* Before the first entries of a tenure: counts the attempt. */

static void
batch_try(struct shell *shell)
{
    char         epoch[24];
    const char  *args[3] = { shell->worker, epoch, shell->batch.position };

    snprintf(epoch, sizeof(epoch), "%llu", (unsigned long long) shell->epoch);

    if (shell_call(shell, batch_tried, "cd_try", "desk", 3, args, NULL) != 0) {
        shell_drop(shell, LOG_LEVEL_ERROR, "no memory");
        return;
    }

    shell->batch.trying = 1;
}


/* Sleeps until the core wants to be called. */

static void
batch_rest(struct shell *shell, uint64_t now_ms)
{
    uint64_t  wait, at = desk_deadline(shell->desk);

    if (at == UINT64_MAX) {
        return;
    }

    wait = at > now_ms ? at - now_ms : 0;
    wait = wait < TIMER_MIN_MS ? TIMER_MIN_MS : wait;
    shell_arm(shell, wait < TIMER_MAX_MS ? wait : TIMER_MAX_MS);
}


/* Nodes that are gone, once the log is read to its end: what they wrote
   before must not come after. */

static void
batch_nodes(struct shell *shell, uint64_t now_ms)
{
    size_t         i;
    struct nodes  *nodes = &shell->nodes;
    struct batch  *batch = &shell->batch;

    if (batch->behind || batch->next < batch->count) {
        return;
    }

    for (i = 0; i < nodes->gone_count; i++) {
        desk_node_gone(shell->desk, nodes->gone[i], now_ms, shell->changes);
    }

    nodes->gone_count = 0;
}


/* A file of settings that was read again; what is not stored yet. */

static void
batch_settings(struct shell *shell, uint64_t now_ms)
{
    struct fault  fault = { "" };

    if (shell->reseeded) {
        shell->reseeded = 0;
        config_take_seed(shell->config, shell->desk, now_ms, shell->changes,
                         &fault);

        if (fault.text[0] != '\0') {
            log_event(LOG_LEVEL_ERROR, shell->entry->name,
                      "settings_refused", "%s; the old ones stay",
                      fault.text);
        }
    }

    config_store(shell->config, shell->changes);
    setup_rename(shell);
}


/* A word on what nobody closes, when the settings are new. */

static void
batch_janitor(struct shell *shell)
{
    size_t                       i;
    const struct desk_settings  *settings;

    if (shell->warned == config_revision(shell->config)) {
        return;
    }

    shell->warned = config_revision(shell->config);
    settings = &config_file(shell->config)->settings;

    for (i = 0; i < settings->flow_count; i++) {
        if (settings->flows[i].janitor_ms == 0) {
            log_event(LOG_LEVEL_WARNING, shell->entry->name, "janitor_off",
                      "flow %s: inactive conversations stay open",
                      settings->flows[i].id);
        }
    }
}


/* Once a day the tables of business hours are made anew. */

static void
batch_hours(struct shell *shell, uint64_t now_ms)
{
    if (now_ms < shell->hours_ms) {
        return;
    }

    shell->hours_ms = now_ms + HOURS_RENEW_MS;

    if (config_renew(shell->config, now_ms) != 0
        || desk_renew_hours(shell->desk,
                            &config_file(shell->config)->settings, now_ms,
                            shell->changes)
           != 0)
    {
        log_event(LOG_LEVEL_ERROR, shell->entry->name, "hours",
                  "no memory for the hours of the days to come; tried again "
                  "in a day");
    }
}


/* Everything that is due, into the changes. */

static void
batch_gather(struct shell *shell, uint64_t now_ms)
{
    changes_reset(shell->changes);

    if (shell->batch.fresh) {
        shell->batch.fresh = 0;
        shell->warned = UINT64_MAX;
        desk_loaded(shell->desk, now_ms, shell->changes);
        desk_show_flows(shell->desk, now_ms, shell->changes);
    }

    batch_settings(shell, now_ms);
    batch_entries(shell, now_ms);
    batch_nodes(shell, now_ms);
    logon_apply(shell, now_ms);
    request_apply(shell, now_ms);
    carrier_apply(shell, now_ms);
    batch_hours(shell, now_ms);
    batch_janitor(shell);

    if (desk_deadline(shell->desk) <= now_ms) {
        desk_tick(shell->desk, now_ms, shell->changes);
    }

    desk_flush(shell->desk, shell->changes);
}


void
batch_work(struct shell *shell)
{
    uint64_t       now_ms;
    struct batch  *batch = &shell->batch;

    if (shell->state != SHELL_RUNNING || batch->committing || batch->trying
        || shell->stopping)
    {
        return;
    }

    if (!batch->tried && batch->next < batch->count) {
        batch_try(shell);
        return;
    }

    now_ms = clock_now_ms();
    batch_gather(shell, now_ms);

    if (changes_failed(shell->changes)) {
        shell_drop(shell, LOG_LEVEL_ERROR, "no memory for a batch");
        return;
    }

    if (batch->size > 0 || changes_count(shell->changes) > 0) {
        batch_commit(shell, now_ms);

    } else {
        batch_rest(shell, now_ms);
        carrier_work(shell);
    }

    batch_read(shell);
}
