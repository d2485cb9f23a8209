/*
 * A desk's settings; see desk_file.h.
 *
 * Purpose:    from the document to struct desk_settings.
 * Owner:      the arrays are the desk_file's; the strings in them are the
 *             document's, which it keeps.
 * Invariants: those of desk_file.h.
 */

#include "io/desk_file.h"

#include <stdlib.h>
#include <string.h>

#include "chatdesk_tables.h"

#include "io/desk_life.h"
#include "io/desk_notify.h"
#include "io/json_check.h"
#include "io/password.h"

#define LETTERS  "abcdefghijklmnopqrstuvwxyz"
#define DIGITS   "0123456789"

static const char  id_bytes[] = LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS
                                "._-";
static const char  login_bytes[] = LETTERS DIGITS "._-";

#define ID_MAX  64

/* sorted copy of ids, to find doubled ones and targets */
struct ids {
    const char **id;            /* owns the array */
    size_t       count;
};


static int
ids_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}


static int
ids_has(const struct ids *ids, const char *id)
{
    return bsearch(&id, ids->id, ids->count, sizeof(id), ids_compare) != NULL;
}


/* Sorts; faults the second of two that are alike. */

static void
ids_close(struct ids *ids, struct json_at *at)
{
    size_t  i;

    if (ids->count > 1) {
        qsort(ids->id, ids->count, sizeof(*ids->id), ids_compare);
    }

    for (i = 1; i < ids->count; i++) {
        if (strcmp(ids->id[i - 1], ids->id[i]) == 0
            && at->fault->text[0] == '\0')
        {
            json_fault(at, "\"%s\" is there twice", ids->id[i]);
        }
    }
}


/* An array of `count` rows, never of none; NULL and a fault for memory. */

static void *
rows_new(struct json_at *at, size_t count, size_t size)
{
    void  *rows = calloc(count > 0 ? count : 1, size);

    if (rows == NULL) {
        json_fault(at, "no memory");
    }

    return rows;
}


static int
ids_open(struct ids *ids, struct json_at *at, size_t count)
{
    ids->id = rows_new(at, count, sizeof(*ids->id));
    ids->count = 0;

    return ids->id != NULL ? 0 : -1;
}


static void
read_queues(struct json_at *root, struct desk_settings *settings,
    struct ids *ids)
{
    size_t                  i;
    struct json_at          at, list = json_member(root, "queues"), item;
    struct queue_settings  *queue;
    static const char *const  names[] = {
        "id", "name", "priority", "accept_seconds", "?wait_alert_seconds",
        DESK_LIFE_QUEUE, NULL
    };

    settings->queue_count = json_count(&list, 1, DESK_QUEUES_MAX);
    queue = rows_new(&list, settings->queue_count, sizeof(*queue));
    settings->queues = queue;

    if (queue == NULL || ids_open(ids, &list, settings->queue_count) != 0) {
        settings->queue_count = 0;
        return;
    }

    for (i = 0; i < settings->queue_count; i++, queue++) {
        item = json_element(&list, i);
        json_members(&item, names);
        at = json_member(&item, "id");
        queue->id = json_word(&at, id_bytes, ID_MAX);
        at = json_member(&item, "name");
        queue->name = json_text(&at, cd_field_row(CD_F_QUEUE)->max);
        at = json_member(&item, "priority");
        queue->priority = (unsigned) json_whole(&at, 1, 9);
        at = json_member(&item, "accept_seconds");
        queue->accept_ms = json_whole(&at, 1,
            cd_field_row(CD_F_ACCEPT_MS)->max / 1000) * 1000;
        at = json_member(&item, "wait_alert_seconds");
        queue->wait_alert_ms = at.value != NULL
                               ? json_whole(&at, 0, 86400) * 1000 : 0;
        desk_life_queue(&item, queue);
        ids->id[ids->count++] = queue->id;
    }

    ids_close(ids, &list);
}


/* The queues of one profile. */

static void
read_profile_queues(struct json_at *item, struct profile_settings *profile,
    const struct ids *queues)
{
    size_t          i;
    struct json_at  at, list = json_member(item, "queues");

    profile->queue_count = json_count(&list, 1, DESK_QUEUES_MAX);
    profile->queues = rows_new(&list, profile->queue_count,
                               sizeof(*profile->queues));

    if (profile->queues == NULL) {
        profile->queue_count = 0;
        return;
    }

    for (i = 0; i < profile->queue_count; i++) {
        at = json_element(&list, i);
        profile->queues[i] = json_word(&at, id_bytes, ID_MAX);

        if (!ids_has(queues, profile->queues[i])) {
            json_fault(&at, "there is no queue \"%s\"", profile->queues[i]);
        }
    }
}


static void
read_profiles(struct json_at *root, struct desk_settings *settings,
    const struct ids *queues, struct ids *ids)
{
    size_t                    i;
    struct json_at            at, list = json_member(root, "profiles"), item;
    struct profile_settings  *profile;
    static const char *const  names[] = {
        "id", "name", "capacity", "queues", "?notify", DESK_LIFE_PROFILE,
        NULL
    };

    settings->profile_count = json_count(&list, 0, DESK_PROFILES_MAX);
    profile = rows_new(&list, settings->profile_count, sizeof(*profile));
    settings->profiles = profile;

    if (profile == NULL || ids_open(ids, &list, settings->profile_count) != 0)
    {
        settings->profile_count = 0;
        return;
    }

    for (i = 0; i < settings->profile_count; i++, profile++) {
        item = json_element(&list, i);
        json_members(&item, names);
        at = json_member(&item, "id");
        profile->id = json_word(&at, id_bytes, ID_MAX);
        at = json_member(&item, "name");
        profile->name = json_text(&at, cd_field_row(CD_F_PROFILE)->max);
        at = json_member(&item, "capacity");
        profile->capacity = (unsigned) json_whole(&at, 1,
            cd_field_row(CD_F_CAPACITY)->max);
        read_profile_queues(&item, profile, queues);
        desk_notify_read(&item, &profile->notify);
        desk_life_profile(&item, profile);
        ids->id[ids->count++] = profile->id;
    }

    ids_close(ids, &list);
}


static const char *
read_role(struct json_at *item)
{
    struct json_at  at = json_member(item, "role");
    const char     *role = json_word(&at, LETTERS, 16);

    if (strcmp(role, "agent") != 0 && strcmp(role, "supervisor") != 0
        && strcmp(role, "admin") != 0)
    {
        json_fault(&at, "expected agent, supervisor or admin");
    }

    return role;
}


static void
read_agents(struct json_at *root, struct desk_file *file,
    const struct ids *profiles, struct ids *ids)
{
    size_t                  i;
    struct json_at          at, list = json_member(root, "agents"), item;
    struct desk_settings   *settings = &file->settings;
    struct agent_settings  *agent;
    static const char *const  names[] = {
        "login", "name", "role", "profile", "password_hash", "?notify", NULL
    };

    settings->agent_count = json_count(&list, 0, DESK_AGENTS_MAX);
    agent = rows_new(&list, settings->agent_count, sizeof(*agent));
    settings->agents = agent;
    file->hashes = rows_new(&list, settings->agent_count,
                            sizeof(*file->hashes));

    if (agent == NULL || file->hashes == NULL
        || ids_open(ids, &list, settings->agent_count) != 0)
    {
        settings->agent_count = 0;
        return;
    }

    for (i = 0; i < settings->agent_count; i++, agent++) {
        item = json_element(&list, i);
        json_members(&item, names);
        at = json_member(&item, "login");
        agent->id = json_word(&at, login_bytes, ID_MAX);
        at = json_member(&item, "name");
        agent->name = json_text(&at, cd_field_row(CD_F_NAME)->max);
        agent->role = read_role(&item);
        at = json_member(&item, "profile");
        agent->profile = json_word(&at, id_bytes, ID_MAX);

        if (!ids_has(profiles, agent->profile)) {
            json_fault(&at, "there is no profile \"%s\"", agent->profile);
        }

        at = json_member(&item, "password_hash");
        file->hashes[i] = json_text(&at, PASSWORD_HASH_MAX);

        if (!password_is_hash(file->hashes[i])) {
            json_fault(&at, "expected what `chatdesk-worker hash-password` "
                       "prints");
        }

        desk_notify_read(&item, &agent->notify);
        ids->id[ids->count++] = agent->id;
    }

    ids_close(ids, &list);
}


/* API keys; a desk may have none. */

static void
read_keys(struct json_at *root, struct desk_file *file)
{
    size_t                i;
    struct ids            ids = { NULL, 0 };
    struct json_at        at, list = json_member(root, "keys"), item;
    static const char *const  names[] = { "id", "role", "sha256", NULL };

    if (list.value == NULL) {
        return;
    }

    file->key_count = json_count(&list, 0, DESK_KEYS_MAX);
    file->keys = rows_new(&list, file->key_count, sizeof(*file->keys));

    if (file->keys == NULL || ids_open(&ids, &list, file->key_count) != 0) {
        file->key_count = 0;
        return;
    }

    for (i = 0; i < file->key_count; i++) {
        item = json_element(&list, i);
        json_members(&item, names);
        at = json_member(&item, "id");
        file->keys[i].id = json_word(&at, id_bytes, ID_MAX);
        file->keys[i].role = read_role(&item);
        at = json_member(&item, "sha256");
        file->keys[i].hash = json_word(&at, "0123456789abcdef", 64);

        if (strlen(file->keys[i].hash) != 64) {
            json_fault(&at, "expected the SHA-256 of the key, 64 hex digits");
        }

        ids.id[ids.count++] = file->keys[i].id;
    }

    ids_close(&ids, &list);
    free(ids.id);
}


static void
read_desk(struct json_at *root, struct desk_file *file)
{
    struct ids      queues = { NULL, 0 }, profiles = { NULL, 0 };
    struct ids      agents = { NULL, 0 };
    struct json_at  at;
    static const char *const  names[] = {
        "name", "default_queue", "queues", "profiles", "agents", "?notify",
        "?keys", DESK_LIFE_DESK, NULL
    };

    if (json_members(root, names) != 0) {
        return;
    }

    at = json_member(root, "name");
    file->settings.name = json_text(&at, cd_field_row(CD_F_NAME)->max);
    desk_notify_read(root, &file->settings.notify);
    read_queues(root, &file->settings, &queues);

    at = json_member(root, "default_queue");
    file->settings.default_queue = json_word(&at, id_bytes, ID_MAX);

    if (!ids_has(&queues, file->settings.default_queue)) {
        json_fault(&at, "there is no queue \"%s\"",
                   file->settings.default_queue);
    }

    read_profiles(root, &file->settings, &queues, &profiles);
    read_agents(root, file, &profiles, &agents);
    read_keys(root, file);
    desk_life_desk(root, &file->settings);

    free(queues.id);
    free(profiles.id);
    free(agents.id);
}


struct desk_file *
desk_file_parse(const char *path, const char *text, size_t len,
    struct fault *fault)
{
    struct json_at      root = { NULL, path, fault, "" };
    struct desk_file   *file = calloc(1, sizeof(*file));

    fault->text[0] = '\0';

    if (file == NULL) {
        fault_set(fault, "%s: no memory", path);
        return NULL;
    }

    if (json_document(&root.value, path, text, len, fault) == 0) {
        file->json = root.value;
        read_desk(&root, file);
    }

    if (fault->text[0] != '\0') {
        desk_file_free(&file);
    }

    return file;
}


struct desk_file *
desk_file_read(const char *path, struct fault *fault)
{
    size_t             len;
    char              *text = settings_slurp(path, DESK_FILE_BYTES, &len,
                                             fault);
    struct desk_file  *file = NULL;

    if (text != NULL) {
        file = desk_file_parse(path, text, len, fault);
        free(text);
    }

    return file;
}


void
desk_file_free(struct desk_file **slot)
{
    size_t             i;
    struct desk_file  *file = *slot;

    *slot = NULL;

    if (file == NULL) {
        return;
    }

    for (i = 0; i < file->settings.profile_count; i++) {
        free(file->settings.profiles[i].queues);
    }

    desk_life_free(&file->settings);
    free((void *) file->settings.queues);
    free((void *) file->settings.profiles);
    free((void *) file->settings.agents);
    free(file->hashes);
    free(file->keys);
    json_object_put(file->json);
    free(file);
}


const char *
desk_file_hash(const struct desk_file *file, const char *login)
{
    size_t  i;

    for (i = 0; i < file->settings.agent_count; i++) {
        if (strcmp(file->settings.agents[i].id, login) == 0) {
            return file->hashes[i];
        }
    }

    return NULL;
}
