/*
 * Log lines on standard error.
 *
 * Purpose:    one event, one line: "<5>desk demo: owner: epoch 3", or the
 *             same as JSON.  systemd reads the level in front.
 * Owner:      nobody; level and format are set once, at the start.
 * Invariants: a line is written with one call, is at most LOG_LINE_MAX
 *             bytes, and has no control characters; nothing that a person
 *             wrote and no credentials are ever given to it.
 */

#ifndef CHATDESK_IO_LOG_H
#define CHATDESK_IO_LOG_H

#include <stddef.h>

#define LOG_LINE_MAX  1024

/* levels of syslog(3) */
enum log_level {
    LOG_LEVEL_CRIT = 2,
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_NOTICE = 5,
    LOG_LEVEL_INFO = 6,
    LOG_LEVEL_DEBUG = 7
};

enum log_format { LOG_FORMAT_TEXT = 0, LOG_FORMAT_JSON = 1 };

/* 0 for a word that names no level or format. */
enum log_level log_level_find(const char *word);
int log_format_find(const char *word, enum log_format *format);

/* `worker` is copied; lines above `level` are not written. */
void log_setup(enum log_level level, enum log_format format,
    const char *worker);

/*
 * Writes a line.  `desk` may be NULL; `event` is a constant word that
 * docs/worker.md explains.
 */
void log_event(enum log_level level, const char *desk, const char *event,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The line without the newline, for log_event() and its tests.  Returns its
   length. */
size_t log_text_line(char *buf, size_t cap, enum log_level level,
    const char *desk, const char *event, const char *text);
size_t log_json_line(char *buf, size_t cap, enum log_level level,
    const char *desk, const char *event, const char *text);

#endif /* CHATDESK_IO_LOG_H */
