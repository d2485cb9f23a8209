/*
 * chatdeskctl: arguments and commands.
 *
 *   chatdeskctl [options] diff FILE           what applying would change
 *   chatdeskctl [options] apply [--yes] FILE  prints that, and does it
 *   chatdeskctl [options] export              prints the settings
 *
 * Purpose:    the settings of a desk under version control.
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


/* A checked file as a sorted document; NULL with *fault set. */

static struct json_object *
read_file(const char *path, struct fault *fault)
{
    struct desk_file    *file = desk_file_read(path, fault);
    struct json_object  *sorted = NULL;

    if (file != NULL) {
        warn(&file->settings);
        sorted = document_sorted(file->root);
        desk_file_free(&file);

        if (sorted == NULL) {
            fault_set(fault, "no memory");
        }
    }

    return sorted;
}


static int
command_export(struct ctl *ctl)
{
    struct fault         fault = { "" };
    struct json_object  *document = ctl_read(ctl, &fault);

    if (document == NULL) {
        return trouble(&fault);
    }

    puts(json_object_to_json_string_ext(document, JSON_C_TO_STRING_PRETTY
        | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(document);

    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_TROUBLE;
}


/* `apply` without --yes is `diff`. */

static int
command_apply(struct ctl *ctl, const char *path, int apply)
{
    int                  status = EXIT_SUCCESS;
    struct fault         fault = { "" };
    struct json_object  *old = NULL, *wanted = read_file(path, &fault);

    if (wanted != NULL) {
        old = ctl_read(ctl, &fault);
    }

    if (old == NULL) {
        json_object_put(wanted);
        return trouble(&fault);
    }

    if (ctl_show(old, wanted) == 0) {
        puts("no changes");

    } else if (!apply) {
        status = EXIT_DIFFERS;

    } else if (ctl_write(ctl, old, wanted, &fault) != 0) {
        status = trouble(&fault);

    } else {
        puts("applied");
    }

    json_object_put(old);
    json_object_put(wanted);

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
