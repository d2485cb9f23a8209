/*
 * The section [redis] of worker.ini; see settings_redis.h.
 *
 * Purpose:    one row for each setting.
 * Owner:      see settings.h.
 * Invariants: a setting that is refused leaves what is owned in order.
 */

#include "io/settings_redis.h"

#include <stdlib.h>
#include <string.h>


/* Replaces an owned string.  0, or -1 for memory. */

static int
replace(char **slot, const char *value)
{
    char  *copy = strdup(value);

    if (copy == NULL) {
        return -1;
    }

    free(*slot);
    *slot = copy;

    return 0;
}


/* "host:port" of so many bytes; 0, or -1 with what was expected. */

static int
take_address(struct address *address, const char *value, size_t len,
    struct fault *fault)
{
    long         port;
    char        *end;
    const char  *colon = value + len;

    while (colon > value && *colon != ':') {
        colon--;
    }

    port = colon > value ? strtol(colon + 1, &end, 10) : 0;

    if (port < 1 || port > 65535 || end != value + len) {
        fault_set(fault, "expected unix:/path, host:port or "
                  "sentinel://host:port,host:port/name");
        return -1;
    }

    free(address->host);
    free(address->port);
    address->host = strndup(value, (size_t) (colon - value));
    address->port = strndup(colon + 1, (size_t) (end - colon - 1));

    return address->host != NULL && address->port != NULL ? 0 : -1;
}


static void
clear_sentinels(struct redis_settings *redis)
{
    size_t  i;

    for (i = 0; i < redis->sentinel_count; i++) {
        free(redis->sentinels[i].host);
        free(redis->sentinels[i].port);
    }

    free(redis->sentinels);
    free(redis->primary);
    redis->sentinels = NULL;
    redis->sentinel_count = 0;
    redis->primary = NULL;
}


/* host:port,host:port/name */

static int
take_sentinels(struct redis_settings *redis, const char *value,
    struct fault *fault)
{
    size_t       len;
    const char  *slash = strchr(value, '/');

    clear_sentinels(redis);

    if (slash == NULL || slash[1] == '\0') {
        fault_set(fault, "expected sentinel://host:port,host:port/name");
        return -1;
    }

    redis->primary = strdup(slash + 1);
    redis->sentinels = calloc(SETTINGS_SENTINELS_MAX,
                              sizeof(*redis->sentinels));

    if (redis->primary == NULL || redis->sentinels == NULL) {
        return -1;
    }

    while (value < slash) {
        if (redis->sentinel_count == SETTINGS_SENTINELS_MAX) {
            fault_set(fault, "expected at most %d Sentinels",
                      SETTINGS_SENTINELS_MAX);
            return -1;
        }

        len = strcspn(value, ",/");

        if (take_address(&redis->sentinels[redis->sentinel_count++], value,
                         len, fault) != 0)
        {
            return -1;
        }

        value += len + 1;
    }

    if (redis->sentinel_count == 0) {
        fault_set(fault, "expected sentinel://host:port,host:port/name");
        return -1;
    }

    return 0;
}


static int
take_url(struct redis_settings *redis, const char *value, struct fault *fault)
{
    int             rc;
    struct address  address = { NULL, NULL };

    if (strncmp(value, "sentinel://", 11) == 0) {
        return take_sentinels(redis, value + 11, fault);
    }

    if (strncmp(value, "unix:", 5) == 0) {
        if (value[5] != '/' || strlen(value + 5) > 107) {
            fault_set(fault, "expected unix: and an absolute path of at most "
                      "107 bytes");
            return -1;
        }

        return replace(&redis->path, value + 5);
    }

    rc = take_address(&address, value, strlen(value), fault);

    if (rc == 0) {
        free(redis->host);
        free(redis->port);
        redis->host = address.host;
        redis->port = address.port;

    } else {
        free(address.host);
        free(address.port);
    }

    return rc;
}


/* Takers of one text: not empty, without blanks. */

static int
take_word(char **slot, const char *value, const char *what,
    struct fault *fault)
{
    if (*value == '\0' || strpbrk(value, " \t") != NULL) {
        fault_set(fault, "expected %s", what);
        return -1;
    }

    return replace(slot, value);
}


static int
take_user(struct redis_settings *redis, const char *value, struct fault *fault)
{
    return take_word(&redis->user, value,
                     "the name of a user of Redis", fault);
}


static int
take_sentinel_user(struct redis_settings *redis, const char *value,
    struct fault *fault)
{
    return take_word(&redis->sentinel_user, value,
                     "the name of a user of the Sentinels", fault);
}


static int
take_tls_ca(struct redis_settings *redis, const char *value,
    struct fault *fault)
{
    return take_word(&redis->tls_ca, value,
                     "a file of certificates to trust", fault);
}


static int
take_tls_name(struct redis_settings *redis, const char *value,
    struct fault *fault)
{
    return take_word(&redis->tls_name, value,
                     "the name in the server's certificate", fault);
}


static int
take_tls(struct redis_settings *redis, const char *value, struct fault *fault)
{
    if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0) {
        fault_set(fault, "expected on or off");
        return -1;
    }

    redis->tls = strcmp(value, "on") == 0;

    return 0;
}


/* The first line of a file. */

static int
take_password(char **slot, const char *value, struct fault *fault)
{
    size_t  len;
    char   *text = settings_slurp(value, 4096, &len, fault);

    if (text == NULL) {
        return -1;
    }

    text[strcspn(text, "\r\n")] = '\0';

    if (*text == '\0') {
        fault_set(fault, "%s: expected a password in the first line", value);
        free(text);
        return -1;
    }

    free(*slot);
    *slot = text;

    return 0;
}


static int
take_password_file(struct redis_settings *redis, const char *value,
    struct fault *fault)
{
    return take_password(&redis->password, value, fault);
}


static int
take_sentinel_password_file(struct redis_settings *redis,
    const char *value, struct fault *fault)
{
    return take_password(&redis->sentinel_password, value, fault);
}


static int
take_db(struct redis_settings *redis, const char *value, struct fault *fault)
{
    char  *end;
    long   db = strtol(value, &end, 10);

    if (*value == '\0' || *end != '\0' || db < 0 || db > 65535) {
        fault_set(fault, "expected the number of a database");
        return -1;
    }

    redis->db = (int) db;

    return 0;
}


static const struct row {
    const char  *name;
    int        (*take)(struct redis_settings *redis, const char *value,
                   struct fault *fault);
} rows[] = {
    { "url",                    take_url },
    { "user",                   take_user },
    { "password_file",          take_password_file },
    { "db",                     take_db },
    { "sentinel_user",          take_sentinel_user },
    { "sentinel_password_file", take_sentinel_password_file },
    { "tls",                    take_tls },
    { "tls_ca",                 take_tls_ca },
    { "tls_name",               take_tls_name },
};


int
settings_redis_take(struct redis_settings *redis, const char *name,
    const char *value, struct fault *fault)
{
    size_t  i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return rows[i].take(redis, value, fault);
        }
    }

    return 1;
}


const char *
settings_redis_wrong(const struct redis_settings *redis)
{
    if (redis->path == NULL && redis->host == NULL && redis->primary == NULL) {
        return "url is missing";
    }

    if ((redis->path != NULL) + (redis->host != NULL)
        + (redis->primary != NULL) > 1)
    {
        return "url is there twice";
    }

    if (redis->user != NULL && redis->password == NULL) {
        return "user needs password_file";
    }

    if (redis->sentinel_user != NULL && redis->sentinel_password == NULL) {
        return "sentinel_user needs sentinel_password_file";
    }

    if (redis->sentinel_password != NULL && redis->primary == NULL) {
        return "sentinel_password_file needs a url with sentinel://";
    }

    if (redis->tls && redis->tls_ca == NULL) {
        return "tls = on needs tls_ca";
    }

    if (redis->tls && redis->path != NULL) {
        return "tls = on makes no sense on a Unix socket";
    }

    if (!redis->tls && (redis->tls_ca != NULL || redis->tls_name != NULL)) {
        return "tls_ca and tls_name need tls = on";
    }

    return NULL;
}


/* Frees a secret. */

static void
wipe(char *secret)
{
    if (secret != NULL) {
        explicit_bzero(secret, strlen(secret));
        free(secret);
    }
}


void
settings_redis_clear(struct redis_settings *redis)
{
    wipe(redis->password);
    wipe(redis->sentinel_password);
    clear_sentinels(redis);
    free(redis->path);
    free(redis->host);
    free(redis->port);
    free(redis->user);
    free(redis->sentinel_user);
    free(redis->tls_ca);
    free(redis->tls_name);
    memset(redis, 0, sizeof(*redis));
}
