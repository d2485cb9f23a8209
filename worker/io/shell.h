/*
 * The shell around one desk: everything that the core does not do.
 *
 *               library is there       has the lease
 *   AWAY ---------------------> STANDBY ----------> SETUP
 *    ^                            |                   | era, position
 *    |                            |                   v
 *    |<-- connection lost --------+<---------------- LOADING
 *    |<-- stale, refused, uncertain ---+              | entities
 *    |<-- new settings ----------------+---- RUNNING <+
 *
 * Purpose:    owns the desk by lease, feeds the log to the core, commits
 *             what it answers.
 * Owner:      main() owns the shells; a shell must live until the loop has
 *             ended.
 * Invariants: one commit is under way at a time; when its outcome is not
 *             known, the core's state is thrown away and loaded anew under
 *             a new epoch, so a late commit of the old one is refused.
 */

#ifndef CHATDESK_IO_SHELL_H
#define CHATDESK_IO_SHELL_H

#include <uv.h>

#include "io/settings.h"

struct shell;
struct desk_file;
struct request_ops;

/*
 * `settings`, `entry` and `ops` are borrowed for the shell's life; *file is
 * taken over.  NULL: no memory (then *file is still the caller's).
 */
struct shell *shell_new(uv_loop_t *loop, const struct settings *settings,
    const struct desk_entry *entry, const struct request_ops *ops,
    struct desk_file **file);

/* Reads desk.json again; a file with a fault changes nothing. */
void shell_reload(struct shell *shell);

/* Ends after the commit under way and gives the lease back. */
void shell_stop(struct shell *shell);

/* Ends now. */
void shell_cut(struct shell *shell);

/* After the loop has ended. */
void shell_free(struct shell **shell);

#endif /* CHATDESK_IO_SHELL_H */
