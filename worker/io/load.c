/*
 * Loading a desk: its entities and the sessions that are connected.
 *
 * Purpose:    from Redis to a fresh core.
 * Owner:      shell->load, from load_start() to load_clear().
 * Invariants: keys are read at once and values in chunks, so that nothing
 *             comes twice; a value that is gone by then is left out.  What
 *             cannot be read is logged and left where it is.  Redis answers
 *             the next chunks while one is taken in, never more than AHEAD,
 *             and the keys of the next hash behind the last of them.
 */

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "io/heap.h"
#include "io/shell_state.h"

#define CHUNK     500
#define AHEAD     4         /* chunks that are asked for at once */
#define FIELD_MAX 160    /* an alert's: about, a slash, an agent */

/* in the order in which the core wants them */
static const char *const  load_hashes[] = {
    "e:" CONFIG_ENTITY, "e:desk", "e:agent", "e:conv", "online", "e:alert",
    "e:focus", "e:wish", "e:template", "e:waits", "e:device", "e:outbox",
    "e:" REQUEST_ENTITY, NULL
};

struct load {
    struct shell  *shell;           /* borrows */
    unsigned       hash;            /* place in load_hashes */
    int            ahead;           /* the next one's keys are asked for */
    char          *text;            /* owns: fields, one behind the other */
    char         **fields;          /* owns; into text */
    size_t         count;
    size_t         asked;           /* first field not asked for */
    size_t         next;            /* first field without an answer */
    size_t         loaded[sizeof(load_hashes) / sizeof(load_hashes[0])];
};

static void load_values(struct load *load);


static void
load_free_fields(struct load *load)
{
    free(load->fields);
    free(load->text);
    load->fields = NULL;
    load->text = NULL;
}


void
load_clear(struct shell *shell)
{
    if (shell->load != NULL) {
        load_free_fields(shell->load);
        free(shell->load);
        shell->load = NULL;
    }
}


static void
load_fail(struct load *load, const char *why)
{
    shell_drop(load->shell, LOG_LEVEL_ERROR, why);
}


/* "<node> <v|a> <person>" */

static int
load_session(struct load *load, const char *session, char *value)
{
    char  *node = strtok(value, " ");
    char  *role = strtok(NULL, " ");
    char  *who = strtok(NULL, " ");

    if (who == NULL) {
        return -1;
    }

    nodes_seen(load->shell, node);

    return desk_load_session(load->shell->desk, session, node,
                             strcmp(role, "a") == 0, who);
}


static void
load_value(struct load *load, const char *field, redisReply *value)
{
    int            rc;
    const char    *why = "not a session";
    const char    *hash = load_hashes[load->hash];
    struct shell  *shell = load->shell;

    if (value->type != REDIS_REPLY_STRING) {
        return;
    }

    if (strcmp(hash, "e:" CONFIG_ENTITY) == 0) {
        rc = config_load(shell->config, field, value->str,
                         (size_t) value->len, &why);

    } else if (strcmp(hash, "e:" REQUEST_ENTITY) == 0) {
        rc = shell->ops->load(shell->api, field, value->str,
                              (size_t) value->len, &why);

    } else if (strncmp(hash, "e:", 2) == 0) {
        rc = desk_load(shell->desk, hash + 2, field, value->str,
                       (size_t) value->len, &why);

    } else {
        rc = load_session(load, field, value->str);
    }

    if (rc == 0) {
        load->loaded[load->hash]++;
        return;
    }

    log_event(LOG_LEVEL_ERROR, shell->entry->name, "unreadable",
              "%s %s: %s; it is left alone", hash, field, why);
}


/* The fields of the chunk that begins at `from`. */

static size_t
load_chunk(const struct load *load, size_t from)
{
    return load->count - from < CHUNK ? load->count - from : CHUNK;
}


static void
load_got_values(void *data, const redisReply *reply)
{
    size_t        i, chunk;
    struct load  *load;

    if (reply == NULL) {
        return;
    }

    load = ((struct shell *) data)->load;
    chunk = load_chunk(load, load->next);

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != chunk) {
        load_fail(load, redis_text(reply));
        return;
    }

    for (i = 0; i < chunk; i++) {
        load_value(load, load->fields[load->next + i], reply->element[i]);
    }

    heap_grown();
    load->next += chunk;
    load_values(load);
}


static int
load_ask(struct load *load)
{
    char         key[64];
    size_t       i, chunk = load_chunk(load, load->asked);
    const char  *args[2 + CHUNK] = { "HMGET", key };

    snprintf(key, sizeof(key), "%s%s", load->shell->prefix,
             load_hashes[load->hash]);

    for (i = 0; i < chunk; i++) {
        args[2 + i] = load->fields[load->asked + i];
    }

    load->asked += chunk;

    return redis_command(load->shell->command, load_got_values, load->shell,
                         0, (int) (2 + chunk), args, NULL);
}


/* All of the settings are there: the desk takes them before what they are
   about.  0, or -1 when loading has ended. */

static int
load_settings(struct load *load)
{
    const char    *what = "", *why = "no memory";
    struct fault   fault;
    struct shell  *shell = load->shell;

    if (config_loaded(shell->config, &what, &fault) != 0
        || desk_configure(shell->desk, &config_file(shell->config)->settings,
                          &why) != 0)
    {
        load_fail(load, why);
        return -1;
    }

    if (fault.text[0] != '\0') {
        log_event(LOG_LEVEL_CRIT, shell->entry->name, "settings_unreadable",
                  "those in Redis do not hold with this version (%s); "
                  "desk.json is used and nothing can be changed",
                  fault.text);
    }

    log_event(LOG_LEVEL_INFO, shell->entry->name, "settings",
              "%s; revision %llu", what,
              (unsigned long long) config_revision(shell->config));

    return 0;
}


static void
load_done(struct load *load)
{
    struct shell  *shell = load->shell;

    log_event(LOG_LEVEL_NOTICE, shell->entry->name, "loaded",
              "%zu conversations, %zu agents, %zu sessions, %zu templates; "
              "applied %s", load->loaded[3], load->loaded[2],
              load->loaded[4], load->loaded[8], shell->batch.position);
    load_clear(shell);
    shell_loaded(shell);
}


/* Copies them out of the answer; 0, or -1 for memory. */

static int
load_fields(struct load *load, const redisReply *reply)
{
    size_t             i, len = 0;
    const redisReply  *field;

    for (i = 0; i < reply->elements; i++) {
        len += (size_t) reply->element[i]->len + 1;
    }

    load->count = 0;
    load->asked = 0;
    load->next = 0;
    load->text = malloc(len + 1);
    load->fields = malloc((reply->elements + 1) * sizeof(load->fields[0]));

    if (load->text == NULL || load->fields == NULL) {
        return -1;
    }

    for (i = 0, len = 0; i < reply->elements; i++) {
        field = reply->element[i];

        if (field->type == REDIS_REPLY_STRING && field->len < FIELD_MAX) {
            load->fields[load->count] = load->text + len;
            memcpy(load->fields[load->count++], field->str,
                   (size_t) field->len + 1);
            len += (size_t) field->len + 1;
        }
    }

    return 0;
}


static void
load_got_fields(void *data, const redisReply *reply)
{
    struct load  *load;

    if (reply == NULL) {
        return;
    }

    load = ((struct shell *) data)->load;
    load->ahead = 0;

    if (reply->type != REDIS_REPLY_ARRAY) {
        load_fail(load, redis_text(reply));

    } else if (load_fields(load, reply) != 0) {
        load_fail(load, "no memory");

    } else {
        load_values(load);
    }
}


/* Asks for the keys of a hash; 0, or -1 when loading has ended. */

static int
load_keys(struct load *load, unsigned hash)
{
    char         key[64];
    const char  *args[2] = { "HKEYS", key };

    snprintf(key, sizeof(key), "%s%s", load->shell->prefix,
             load_hashes[hash]);

    if (redis_command(load->shell->command, load_got_fields, load->shell, 0,
                      2, args, NULL) != 0)
    {
        load_fail(load, "no memory");
        return -1;
    }

    load->ahead = 1;

    return 0;
}


/* Asks for values, as far as that may go ahead; 0, or -1 when loading has
   ended. */

static int
load_ask_more(struct load *load)
{
    while (load->asked < load->count
           && load->asked - load->next < AHEAD * CHUNK)
    {
        if (load_ask(load) != 0) {
            load_fail(load, "no memory");
            return -1;
        }
    }

    if (load->asked == load->count && !load->ahead
        && load_hashes[load->hash + 1] != NULL)
    {
        return load_keys(load, load->hash + 1);
    }

    return 0;
}


/* Asks for the next values, or goes on to the next hash, whose keys are then
   on their way. */

static void
load_values(struct load *load)
{
    if (load_ask_more(load) != 0 || load->next < load->count) {
        return;
    }

    load_free_fields(load);

    if (load->hash == 0 && load_settings(load) != 0) {
        return;
    }

    load->hash++;

    if (load_hashes[load->hash] == NULL) {
        load_done(load);
    }
}


void
load_start(struct shell *shell)
{
    struct load  *load = calloc(1, sizeof(*load));

    shell->desk = desk_new();
    shell->changes = changes_new();
    shell->api = shell->ops->open();

    if (load == NULL || shell->desk == NULL || shell->changes == NULL
        || shell->api == NULL)
    {
        free(load);
        shell_drop(shell, LOG_LEVEL_ERROR, "no memory");
        return;
    }

    config_load_begin(shell->config);
    load->shell = shell;
    shell->load = load;
    (void) load_keys(load, 0);
}
