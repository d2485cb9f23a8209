/*
 * The worker's settings; see settings.h.
 *
 * Purpose:    one row for each setting: section, name, what takes it.
 * Owner:      a struct reading lives for one call of settings_read().
 * Invariants: the first fault stands, with the line it was found in.
 */

#include "io/settings.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

struct reading {
    struct settings  *settings;         /* borrows */
    struct fault      what;             /* without file and line */
};


void
fault_set(struct fault *fault, const char *format, ...)
{
    va_list  args;

    va_start(args, format);
    vsnprintf(fault->text, sizeof(fault->text), format, args);
    va_end(args);
}


char *
settings_slurp(const char *path, size_t max, size_t *len, struct fault *fault)
{
    char   *text = NULL;
    FILE   *file = fopen(path, "rb");

    if (file == NULL) {
        fault_set(fault, "%s: %s", path, strerror(errno));
        return NULL;
    }

    text = malloc(max + 2);
    if (text == NULL) {
        fault_set(fault, "%s: no memory", path);
        fclose(file);
        return NULL;
    }

    *len = fread(text, 1, max + 1, file);

    if (ferror(file) || *len > max) {
        fault_set(fault, ferror(file) ? "%s: cannot be read"
                                      : "%s: is too large", path);
        free(text);
        text = NULL;

    } else {
        text[*len] = '\0';
    }

    fclose(file);

    return text;
}


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


/* Whether 1 to `max` bytes, all of them of `allowed`. */

static int
is_word(const char *word, const char *allowed, size_t max)
{
    size_t  len = strlen(word);

    return len >= 1 && len <= max && strspn(word, allowed) == len;
}


/* Takers of one value; 0, or -1 with what was expected. */

static int
take_name(struct settings *settings, const char *value, struct fault *fault)
{
    if (!is_word(value, "abcdefghijklmnopqrstuvwxyz0123456789-", 32)) {
        fault_set(fault, "expected a name of 1 to 32 of a-z, 0-9 and -");
        return -1;
    }

    return replace(&settings->name, value);
}


static int
take_log_level(struct settings *settings, const char *value,
    struct fault *fault)
{
    settings->log_level = log_level_find(value);

    if (settings->log_level == 0) {
        fault_set(fault, "expected crit, error, warning, notice, info or "
                  "debug");
        return -1;
    }

    return 0;
}


static int
take_log_format(struct settings *settings, const char *value,
    struct fault *fault)
{
    if (log_format_find(value, &settings->log_format) != 0) {
        fault_set(fault, "expected text or json");
        return -1;
    }

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
take_url(struct settings *settings, const char *value, struct fault *fault)
{
    int             rc;
    struct address  address = { NULL, NULL };

    if (strncmp(value, "sentinel://", 11) == 0) {
        return take_sentinels(&settings->redis, value + 11, fault);
    }

    if (strncmp(value, "unix:", 5) == 0) {
        if (value[5] != '/' || strlen(value + 5) > 107) {
            fault_set(fault, "expected unix: and an absolute path of at most "
                      "107 bytes");
            return -1;
        }

        return replace(&settings->redis.path, value + 5);
    }

    rc = take_address(&address, value, strlen(value), fault);

    if (rc == 0) {
        free(settings->redis.host);
        free(settings->redis.port);
        settings->redis.host = address.host;
        settings->redis.port = address.port;

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
take_user(struct settings *settings, const char *value, struct fault *fault)
{
    return take_word(&settings->redis.user, value,
                     "the name of a user of Redis", fault);
}


static int
take_sentinel_user(struct settings *settings, const char *value,
    struct fault *fault)
{
    return take_word(&settings->redis.sentinel_user, value,
                     "the name of a user of the Sentinels", fault);
}


static int
take_tls_ca(struct settings *settings, const char *value, struct fault *fault)
{
    return take_word(&settings->redis.tls_ca, value,
                     "a file of certificates to trust", fault);
}


static int
take_tls_name(struct settings *settings, const char *value,
    struct fault *fault)
{
    return take_word(&settings->redis.tls_name, value,
                     "the name in the server's certificate", fault);
}


static int
take_tls(struct settings *settings, const char *value, struct fault *fault)
{
    if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0) {
        fault_set(fault, "expected on or off");
        return -1;
    }

    settings->redis.tls = strcmp(value, "on") == 0;

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
take_password_file(struct settings *settings, const char *value,
    struct fault *fault)
{
    return take_password(&settings->redis.password, value, fault);
}


static int
take_sentinel_password_file(struct settings *settings, const char *value,
    struct fault *fault)
{
    return take_password(&settings->redis.sentinel_password, value, fault);
}


static int
take_db(struct settings *settings, const char *value, struct fault *fault)
{
    char  *end;
    long   db = strtol(value, &end, 10);

    if (*value == '\0' || *end != '\0' || db < 0 || db > 65535) {
        fault_set(fault, "expected the number of a database");
        return -1;
    }

    settings->redis.db = (int) db;

    return 0;
}


static const struct row {
    const char  *section;
    const char  *name;
    int        (*take)(struct settings *settings, const char *value,
                   struct fault *fault);
} rows[] = {
    { "worker", "name",          take_name },
    { "worker", "log_level",     take_log_level },
    { "worker", "log_format",    take_log_format },
    { "redis",  "url",           take_url },
    { "redis",  "user",          take_user },
    { "redis",  "password_file", take_password_file },
    { "redis",  "db",            take_db },
    { "redis",  "sentinel_user", take_sentinel_user },
    { "redis",  "sentinel_password_file", take_sentinel_password_file },
    { "redis",  "tls",           take_tls },
    { "redis",  "tls_ca",        take_tls_ca },
    { "redis",  "tls_name",      take_tls_name },
};


/* [desk NAME] config = PATH */

static int
take_desk(struct settings *settings, const char *desk, const char *name,
    const char *value, struct fault *fault)
{
    size_t              i;
    struct desk_entry  *desks;

    if (!is_word(desk, "abcdefghijklmnopqrstuvwxyz0123456789-", 32)) {
        fault_set(fault, "[desk %s]: expected a desk's name of 1 to 32 of "
                  "a-z, 0-9 and -", desk);
        return -1;
    }

    if (strcmp(name, "config") != 0) {
        fault_set(fault, "[desk %s] knows no setting \"%s\", expected "
                  "config", desk, name);
        return -1;
    }

    for (i = 0; i < settings->desk_count; i++) {
        if (strcmp(settings->desks[i].name, desk) == 0) {
            fault_set(fault, "[desk %s] is there twice", desk);
            return -1;
        }
    }

    if (settings->desk_count == SETTINGS_DESKS_MAX) {
        fault_set(fault, "expected at most %d desks", SETTINGS_DESKS_MAX);
        return -1;
    }

    desks = realloc(settings->desks, (i + 1) * sizeof(*desks));
    if (desks == NULL) {
        return -1;
    }

    settings->desks = desks;
    desks[i].name = strdup(desk);
    desks[i].config = strdup(value);
    settings->desk_count++;

    return desks[i].name != NULL && desks[i].config != NULL ? 0 : -1;
}


static int
take(void *data, const char *section, const char *name, const char *value)
{
    size_t           i;
    struct fault     what = { "no memory" };
    struct reading  *reading = data;

    if (reading->what.text[0] != '\0') {
        return 1;
    }

    if (strncmp(section, "desk ", 5) == 0) {
        if (take_desk(reading->settings, section + 5, name, value, &what)
            == 0)
        {
            return 1;
        }

        reading->what = what;
        return 0;
    }

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].section, section) == 0
            && strcmp(rows[i].name, name) == 0)
        {
            if (rows[i].take(reading->settings, value, &what) == 0) {
                return 1;
            }

            fault_set(&reading->what, "%s: %.*s", name, FAULT_MAX - 100,
                      what.text);
            return 0;
        }
    }

    fault_set(&reading->what, "[%.40s] %.40s is not a setting", section,
              name);

    return 0;
}


/* What no single line can say. */

static int
settings_check(struct settings *settings, const char *path,
    struct fault *fault)
{
    const struct redis_settings  *redis = &settings->redis;
    const char                   *wrong = NULL;

    if (redis->path == NULL && redis->host == NULL && redis->primary == NULL) {
        wrong = "url is missing";

    } else if ((redis->path != NULL) + (redis->host != NULL)
               + (redis->primary != NULL) > 1)
    {
        wrong = "url is there twice";

    } else if (redis->user != NULL && redis->password == NULL) {
        wrong = "user needs password_file";

    } else if (redis->sentinel_user != NULL
               && redis->sentinel_password == NULL)
    {
        wrong = "sentinel_user needs sentinel_password_file";

    } else if (redis->sentinel_password != NULL && redis->primary == NULL) {
        wrong = "sentinel_password_file needs a url with sentinel://";

    } else if (redis->tls && redis->tls_ca == NULL) {
        wrong = "tls = on needs tls_ca";

    } else if (redis->tls && redis->path != NULL) {
        wrong = "tls = on makes no sense on a Unix socket";

    } else if (!redis->tls
               && (redis->tls_ca != NULL || redis->tls_name != NULL))
    {
        wrong = "tls_ca and tls_name need tls = on";
    }

    if (wrong != NULL) {
        fault_set(fault, "%s: [redis] %s", path, wrong);
        return -1;
    }

    if (settings->desk_count == 0) {
        fault_set(fault, "%s: expected at least one section [desk NAME] with "
                  "config = PATH", path);
        return -1;
    }

    return 0;
}


int
settings_read(struct settings *settings, const char *path,
    struct fault *fault)
{
    int             line;
    struct reading  reading = { settings, { "" } };

    memset(settings, 0, sizeof(*settings));
    settings->log_level = LOG_LEVEL_NOTICE;
    settings->name = strdup("worker");

    if (settings->name == NULL) {
        fault_set(fault, "%s: no memory", path);
        return -1;
    }

    line = ini_parse(path, take, &reading);

    if (line < 0) {
        fault_set(fault, "%s: %s", path, strerror(errno));

    } else if (line > 0) {
        fault_set(fault, "%s:%d: %.*s", path, line, FAULT_MAX - 200,
                  reading.what.text[0] != '\0' ? reading.what.text
                  : "expected [section], name = value or a comment");

    } else if (settings_check(settings, path, fault) == 0) {
        return 0;
    }

    settings_clear(settings);

    return -1;
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
settings_clear(struct settings *settings)
{
    size_t  i;

    for (i = 0; i < settings->desk_count; i++) {
        free(settings->desks[i].name);
        free(settings->desks[i].config);
    }

    wipe(settings->redis.password);
    wipe(settings->redis.sentinel_password);
    clear_sentinels(&settings->redis);
    free(settings->desks);
    free(settings->name);
    free(settings->redis.path);
    free(settings->redis.host);
    free(settings->redis.port);
    free(settings->redis.user);
    free(settings->redis.sentinel_user);
    free(settings->redis.tls_ca);
    free(settings->redis.tls_name);
    memset(settings, 0, sizeof(*settings));
}
