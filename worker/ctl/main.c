/*
 * chatdeskctl: arguments and commands.
 *
 *   chatdeskctl [options] diff FILE           what applying would change
 *   chatdeskctl [options] apply [--yes] FILE  prints that, and does it
 *   chatdeskctl [options] export              prints the settings
 *   chatdeskctl push-key FILE                 makes a key pair for web push
 *
 * Purpose:    the settings and the shared templates of a desk under version
 *             control, and a key that OpenSSL's own tool takes three options
 *             for.
 * Owner:      main() owns everything.
 * Invariants: a file is checked before the desk is asked; nothing is changed
 *             without --yes; diff ends with 1 when something differs, every
 *             command with 2 when it could not be done.
 */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "io/desk_file.h"
#include "io/document.h"

#define EXIT_DIFFERS  1
#define EXIT_TROUBLE  2
#define KEY_BYTES     256


static void
usage(FILE *file)
{
    fputs("usage: chatdeskctl [options] diff FILE\n"
          "       chatdeskctl [options] apply [--yes] FILE\n"
          "       chatdeskctl [options] export\n"
          "       chatdeskctl push-key FILE\n"
          "  -u, --url URL      location with chatdesk_api ($CHATDESK_URL)\n"
          "  -k, --key FILE     file with an admin's API key; else the key is\n"
          "                     $CHATDESK_KEY\n"
          "  -c, --ca FILE      certificates to trust\n"
          "  -s, --socket PATH  Unix socket of nginx\n"
          "  -y, --yes          apply\n", file);
}


static int
trouble(const struct fault *fault)
{
    fprintf(stderr, "chatdeskctl: %s\n", fault->text);

    return EXIT_TROUBLE;
}


/* The key from its file or the environment; NULL with *fault set. */

static char *
read_key(const char *path, struct fault *fault)
{
    size_t       len;
    char        *key = NULL;
    const char  *given = getenv("CHATDESK_KEY");

    if (path != NULL) {
        key = settings_slurp(path, KEY_BYTES, &len, fault);

    } else if (given == NULL || given[0] == '\0') {
        fault_set(fault, "no API key: give --key or set CHATDESK_KEY");

    } else {
        key = strndup(given, KEY_BYTES);
        if (key == NULL) {
            fault_set(fault, "no memory");
        }
    }

    if (key != NULL) {
        key[strcspn(key, " \t\r\n")] = '\0';
    }

    return key;
}


/* What a file may say and its author seldom means. */

static void
warn(const struct desk_settings *settings)
{
    size_t  i;

    for (i = 0; i < settings->flow_count; i++) {
        if (settings->flows[i].janitor_ms == 0) {
            fprintf(stderr, "chatdeskctl: warning: flow %s: the janitor is "
                    "off, inactive conversations stay open\n",
                    settings->flows[i].id);
        }
    }
}


/* what the desk has, or a file says: settings, and templates by id */
struct state {
    struct json_object *settings;       /* owns */
    struct json_object *templates;      /* owns; NULL: the file has no list */
};


static void
state_free(struct state *state)
{
    json_object_put(state->settings);
    json_object_put(state->templates);
}


/* A checked file; 0, or -1 with *fault set. */

static int
read_file(const char *path, struct state *state, struct fault *fault)
{
    struct desk_file  *file = desk_file_read(path, fault);

    if (file == NULL) {
        return -1;
    }

    warn(&file->settings);
    state->settings = document_sorted(file->root);

    if (file->templates != NULL) {
        state->templates = ctl_templates_of(file->templates);
    }

    desk_file_free(&file);

    if (state->settings == NULL) {
        fault_set(fault, "no memory");
        return -1;
    }

    return 0;
}


/* The settings last, for the tag of their revision to be the last one. */

static int
read_desk(struct ctl *ctl, struct state *state, struct fault *fault)
{
    state->templates = ctl_templates_read(ctl, fault);

    if (state->templates != NULL) {
        state->settings = ctl_read(ctl, fault);
    }

    return state->settings != NULL ? 0 : -1;
}


static int
command_export(struct ctl *ctl)
{
    int           rc;
    struct fault  fault = { "" };
    struct state  state = { NULL, NULL };

    rc = read_desk(ctl, &state, &fault);

    if (rc == 0) {
        json_object_object_add(state.settings, "templates",
                               ctl_templates_list(state.templates));
        puts(json_object_to_json_string_ext(state.settings,
            JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED
            | JSON_C_TO_STRING_NOSLASHESCAPE));
    }

    state_free(&state);

    if (rc != 0) {
        return trouble(&fault);
    }

    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_TROUBLE;
}


/* Templates name queues: what goes, goes before the settings change, and what
   comes, after them.  `settings`: how many objects of these differ. */

static int
apply(struct ctl *ctl, struct state *old, struct state *wanted,
    size_t settings, const char *path, struct fault *fault)
{
    char  tag[CTL_TAG_MAX];

    memcpy(tag, ctl->tag, sizeof(tag));

    if (wanted->templates != NULL
        && ctl_templates_drop(ctl, old->templates, wanted->templates, fault)
           != 0)
    {
        return -1;
    }

    memcpy(ctl->tag, tag, sizeof(tag));

    if (settings > 0
        && ctl_write(ctl, old->settings, wanted->settings, fault) != 0)
    {
        return -1;
    }

    return wanted->templates != NULL
           ? ctl_templates_put(ctl, old->templates, wanted->templates, path,
                               fault) : 0;
}


/* `yes`: not only shown.  What the desk would refuse is told either way, before
   anything is changed. */

static int
compare(struct ctl *ctl, struct state *old, struct state *wanted,
    const char *path, int yes)
{
    char          tag[CTL_TAG_MAX];
    size_t        settings, templates = 0;
    struct fault  fault = { "" };

    memcpy(tag, ctl->tag, sizeof(tag));

    if (ctl_try(ctl, wanted->settings, &fault) != 0
        || (wanted->templates != NULL
            && ctl_templates_try(ctl, old->templates, wanted->templates, path,
                                 &fault) != 0))
    {
        return trouble(&fault);
    }

    memcpy(ctl->tag, tag, sizeof(tag));
    settings = ctl_show(old->settings, wanted->settings);

    if (wanted->templates != NULL) {
        templates = ctl_templates_show(old->templates, wanted->templates);
    }

    if (settings + templates == 0) {
        puts("no changes");
        return EXIT_SUCCESS;
    }

    if (!yes) {
        return EXIT_DIFFERS;
    }

    if (apply(ctl, old, wanted, settings, path, &fault) != 0) {
        return trouble(&fault);
    }

    puts("applied");

    return EXIT_SUCCESS;
}


/* `apply` without --yes is `diff`. */

static int
command_apply(struct ctl *ctl, const char *path, int yes)
{
    int           status;
    struct fault  fault = { "" };
    struct state  old = { NULL, NULL }, wanted = { NULL, NULL };

    if (read_file(path, &wanted, &fault) != 0
        || read_desk(ctl, &old, &fault) != 0)
    {
        status = trouble(&fault);
    } else {
        status = compare(ctl, &old, &wanted, path, yes);
    }

    state_free(&old);
    state_free(&wanted);

    return status;
}


static int
run(struct ctl *ctl, int argc, char **argv, int yes)
{
    int  status;

    if (argc == 1 && strcmp(argv[0], "export") == 0) {
        return command_export(ctl);
    }

    if (argc == 2 && strcmp(argv[0], "diff") == 0) {
        return command_apply(ctl, argv[1], 0);
    }

    if (argc == 2 && strcmp(argv[0], "apply") == 0) {
        status = command_apply(ctl, argv[1], yes);

        if (status == EXIT_DIFFERS) {
            fflush(stdout);
            fputs("chatdeskctl: nothing was changed; say --yes\n", stderr);
        }

        return status;
    }

    usage(stderr);

    return EXIT_TROUBLE;
}


/* -1: go on; else how the process ends. */

static int
options(struct ctl *ctl, int argc, char **argv, const char **key, int *yes)
{
    int  option;
    static const struct option  names[] = {
        { "url", required_argument, NULL, 'u' },
        { "key", required_argument, NULL, 'k' },
        { "ca", required_argument, NULL, 'c' },
        { "socket", required_argument, NULL, 's' },
        { "yes", no_argument, NULL, 'y' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 }
    };

    while ((option = getopt_long(argc, argv, "u:k:c:s:yh", names, NULL))
           != -1)
    {
        switch (option) {

        case 'u':
            ctl->url = optarg;
            break;

        case 'k':
            *key = optarg;
            break;

        case 'c':
            ctl->ca = optarg;
            break;

        case 's':
            ctl->socket = optarg;
            break;

        case 'y':
            *yes = 1;
            break;

        case 'h':
            usage(stdout);
            return EXIT_SUCCESS;

        default:
            usage(stderr);
            return EXIT_TROUBLE;
        }
    }

    return -1;
}


int
main(int argc, char **argv)
{
    int           status, yes = 0;
    const char   *key = NULL;
    struct ctl    ctl = { .url = getenv("CHATDESK_URL") };
    struct fault  fault = { "" };

    status = options(&ctl, argc, argv, &key, &yes);

    if (status >= 0) {
        return status;
    }

    if (argc - optind == 2 && strcmp(argv[optind], "push-key") == 0) {
        return ctl_push_key(argv[optind + 1], &fault) == 0 ? EXIT_SUCCESS
                                                           : trouble(&fault);
    }

    if (ctl.url == NULL) {
        fault_set(&fault, "no address: give --url or set CHATDESK_URL");
        return trouble(&fault);
    }

    ctl.key = read_key(key, &fault);

    if (ctl.key == NULL || ctl_open(&ctl, &fault) != 0) {
        ctl_close(&ctl);
        return trouble(&fault);
    }

    status = run(&ctl, argc - optind, argv + optind, yes);
    ctl_close(&ctl);

    return status;
}
