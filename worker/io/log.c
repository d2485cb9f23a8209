/*
 * Log lines on standard error; see log.h.
 *
 * Purpose:    formats and writes.
 * Owner:      this file's static settings, written once.
 * Invariants: those of log.h.
 */

#include "io/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const  level_names[] = {
    "", "", "crit", "error", "warning", "notice", "info", "debug"
};

static struct {
    enum log_level   level;
    enum log_format  format;
    char             worker[33];
} log_settings = { LOG_LEVEL_NOTICE, LOG_FORMAT_TEXT, "" };


enum log_level
log_level_find(const char *word)
{
    int  i;

    for (i = LOG_LEVEL_CRIT; i <= LOG_LEVEL_DEBUG; i++) {
        if (strcmp(word, level_names[i]) == 0) {
            return (enum log_level) i;
        }
    }

    return (enum log_level) 0;
}


int
log_format_find(const char *word, enum log_format *format)
{
    if (strcmp(word, "text") == 0) {
        *format = LOG_FORMAT_TEXT;
        return 0;
    }

    if (strcmp(word, "json") == 0) {
        *format = LOG_FORMAT_JSON;
        return 0;
    }

    return -1;
}


void
log_setup(enum log_level level, enum log_format format, const char *worker)
{
    log_settings.level = level;
    log_settings.format = format;
    snprintf(log_settings.worker, sizeof(log_settings.worker), "%s", worker);
}


/* Appends text; stops at the end of the buffer. */

struct line {
    char   *data;
    size_t  cap;
    size_t  len;
};


static void
line_byte(struct line *line, char c)
{
    if (line->len + 1 < line->cap) {
        line->data[line->len++] = c;
        line->data[line->len] = '\0';
    }
}


static void
line_text(struct line *line, const char *text)
{
    for ( ; *text != '\0'; text++) {
        line_byte(line, (unsigned char) *text < 0x20 || *text == 0x7f
                        ? ' ' : *text);
    }
}


static void
line_json(struct line *line, const char *name, const char *text)
{
    line_byte(line, line->len > 0 ? ',' : '{');
    line_byte(line, '"');
    line_text(line, name);
    line_text(line, "\":\"");

    /* room for an escaped byte and for what closes the object */
    for ( ; *text != '\0' && line->len + 8 < line->cap; text++) {
        if (*text == '"' || *text == '\\') {
            line_byte(line, '\\');
        }
        line_byte(line, (unsigned char) *text < 0x20 || *text == 0x7f
                        ? ' ' : *text);
    }

    line_byte(line, '"');
}


size_t
log_text_line(char *buf, size_t cap, enum log_level level, const char *desk,
    const char *event, const char *text)
{
    struct line  line = { buf, cap, 0 };

    line_byte(&line, '<');
    line_byte(&line, (char) ('0' + level));
    line_byte(&line, '>');

    if (desk != NULL) {
        line_text(&line, "desk ");
        line_text(&line, desk);
        line_text(&line, ": ");
    }

    line_text(&line, event);

    if (*text != '\0') {
        line_text(&line, ": ");
        line_text(&line, text);
    }

    return line.len;
}


size_t
log_json_line(char *buf, size_t cap, enum log_level level, const char *desk,
    const char *event, const char *text)
{
    char             at[64], when[32] = "";
    struct tm        tm;
    struct line      line = { buf, cap, 0 };
    struct timespec  now = { 0, 0 };

    clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &tm) != NULL) {
        strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
    }
    snprintf(at, sizeof(at), "%s.%03ldZ", when, now.tv_nsec / 1000000);

    line_json(&line, "at", at);
    line_json(&line, "level", level_names[level]);
    line_json(&line, "worker", log_settings.worker);

    if (desk != NULL) {
        line_json(&line, "desk", desk);
    }

    line_json(&line, "event", event);
    line_json(&line, "text", text);
    line_byte(&line, '}');

    return line.len;
}


void
log_event(enum log_level level, const char *desk, const char *event,
    const char *format, ...)
{
    char     text[LOG_LINE_MAX / 2], line[LOG_LINE_MAX];
    size_t   len;
    va_list  args;

    if (level > log_settings.level) {
        return;
    }

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);

    if (log_settings.format == LOG_FORMAT_JSON) {
        len = log_json_line(line, sizeof(line) - 1, level, desk, event, text);

    } else {
        len = log_text_line(line, sizeof(line) - 1, level, desk, event, text);
    }

    line[len++] = '\n';

    /* nowhere is left to say that this failed */
    if (write(STDERR_FILENO, line, len) < 0) {
        return;
    }
}
