/*
 * Answers read, written, checked; see form.h.
 *
 * Purpose:    the form that travels in one field.
 * Owner:      the caller.
 * Invariants: those of form.h; decoding never writes beyond what it read.
 */

#include "core/form.h"

#include "chatdesk_tables.h"

#include "core/text.h"


int
form_key_ok(struct cd_str key)
{
    char    c;
    size_t  i;

    for (i = 0; i < key.len; i++) {
        c = key.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '_' || c == '-'))
        {
            return 0;
        }
    }

    return key.len >= 1 && key.len <= FORM_KEY_MAX;
}


static int
form_hex(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}


/* Decodes `in` to `out`, which may be the same place.  The length; -1 for a
   percent sign without its two digits. */

static long
form_unescape(char *out, struct cd_str in)
{
    int     high, low;
    size_t  i, len = 0;

    for (i = 0; i < in.len; i++) {

        if (in.data[i] == '+') {
            out[len++] = ' ';

        } else if (in.data[i] != '%') {
            out[len++] = in.data[i];

        } else {
            if (in.len - i < 3 || (high = form_hex(in.data[i + 1])) < 0
                || (low = form_hex(in.data[i + 2])) < 0)
            {
                return -1;
            }
            out[len++] = (char) (high << 4 | low);
            i += 2;
        }
    }

    return (long) len;
}


/* One "key=value", which stands at `pair` in the form's own text with a byte
   to spare behind it. */

static int
form_add(struct form *form, char *pair, size_t len)
{
    long            value_len;
    char           *equals = memchr(pair, '=', len);
    struct cd_str   key, value;

    if (equals == NULL || form->count == FORM_FIELDS_MAX) {
        return -1;
    }

    key.data = pair;
    key.len = (size_t) (equals - pair);
    value.data = equals + 1;
    value.len = len - key.len - 1;
    value_len = form_unescape(equals + 1, value);

    if (!form_key_ok(key) || value_len < 0) {
        return -1;
    }

    *equals = '\0';

    if (form_value(form, pair) != NULL) {
        return -1;
    }

    value.len = (size_t) value_len;
    text_line(equals + 1, value, value.len);
    form->answers[form->count].key = pair;
    form->answers[form->count].value = equals + 1;
    form->count++;

    return 0;
}


int
form_decode(struct form *form, struct cd_str text)
{
    char  *pair, *end, *amp;

    form->count = 0;
    form->text[0] = '\0';

    if (text.len > FORM_BYTES) {
        return -1;
    }

    memcpy(form->text, text.data, text.len);
    pair = form->text;
    end = form->text + text.len;

    while (pair < end) {
        amp = memchr(pair, '&', (size_t) (end - pair));
        if (amp == NULL) {
            amp = end;
        }

        if (form_add(form, pair, (size_t) (amp - pair)) != 0) {
            form->count = 0;
            return -1;
        }

        pair = amp + 1;
    }

    return 0;
}


static int
form_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}


/* Appends one text, escaped; the new length, or `size` when it is full. */

static size_t
form_escape(char *out, size_t size, size_t len, const char *text)
{
    static const char  hex[] = "0123456789ABCDEF";

    for ( ; *text != '\0' && len < size; text++) {

        if (form_plain(*text)) {
            out[len++] = *text;

        } else if (*text == ' ') {
            out[len++] = '+';

        } else if (size - len < 3) {
            return size;

        } else {
            out[len++] = '%';
            out[len++] = hex[(unsigned char) *text >> 4];
            out[len++] = hex[*text & 15];
        }
    }

    return len;
}


size_t
form_encode(const struct form *form, char *out, size_t size)
{
    size_t  i, len = 0, room = size - 1;

    for (i = 0; i < form->count && len < room; i++) {

        if (i > 0) {
            out[len++] = '&';
        }

        len = form_escape(out, room, len, form->answers[i].key);
        if (len < room) {
            out[len++] = '=';
            len = form_escape(out, room, len, form->answers[i].value);
        }
    }

    if (len >= room) {
        len = 0;
    }

    out[len] = '\0';

    return len;
}


const char *
form_value(const struct form *form, const char *key)
{
    size_t  i;

    for (i = 0; i < form->count; i++) {
        if (strcmp(form->answers[i].key, key) == 0) {
            return form->answers[i].value;
        }
    }

    return NULL;
}


static const struct field_settings *
form_field(const struct field_settings *fields, size_t count, const char *key)
{
    size_t  i;

    for (i = 0; i < count; i++) {
        if (strcmp(fields[i].key, key) == 0) {
            return &fields[i];
        }
    }

    return NULL;
}


/* "something@something": whether there is such a mailbox only a letter to it
   can tell. */

static int
form_email(const char *text)
{
    const char  *at = strchr(text, '@');

    return at != NULL && at > text && at[1] != '\0'
           && strchr(at + 1, '@') == NULL
           && strlen(text) <= cd_field_row(CD_F_EMAIL)->max
           && text[strcspn(text, " ,;<>")] == '\0';
}


static int
form_choice(const struct field_settings *field, const char *text)
{
    size_t  i;

    for (i = 0; i < field->choice_count; i++) {
        if (strcmp(field->choices[i], text) == 0) {
            return 1;
        }
    }

    return 0;
}


static int
form_blank(const char *text)
{
    return text[strspn(text, " ")] == '\0';
}


/* What is wrong with an answer to a field; one that says nothing is right. */

static enum form_fault
form_fits(const struct field_settings *field, const char *text)
{
    if (text_points(text, strlen(text)) > field->max) {
        return FORM_LONG;
    }

    if (form_blank(text)) {
        return FORM_GOOD;
    }

    if ((field->choice_count > 0 && !form_choice(field, text))
        || (field->email && !form_email(text)))
    {
        return FORM_WRONG;
    }

    return FORM_GOOD;
}


/* Whether a field would not take today what was answered once. */

static int
form_stale(const struct field_settings *field, const char *text)
{
    return form_fits(field, text) != FORM_GOOD
           || (field->required && form_blank(text));
}


/* One answer more; -1 when the form has no room for it. */

static int
form_append(struct form *form, const struct form_answer *answer)
{
    char  text[FORM_BYTES + 1];

    if (form->count == FORM_FIELDS_MAX) {
        return -1;
    }

    form->answers[form->count++] = *answer;

    if (form_encode(form, text, sizeof(text)) == 0) {
        form->count--;
        return -1;
    }

    return 0;
}


size_t
form_merge(struct form *form, const struct form *known,
    const struct field_settings *fields, size_t count)
{
    size_t                        i, stale = 0;
    const struct form_answer     *answer;
    const struct field_settings  *field;

    for (i = 0; i < known->count; i++) {
        answer = &known->answers[i];
        field = form_field(fields, count, answer->key);

        if (field != NULL && form_value(form, answer->key) == NULL
            && (form_stale(field, answer->value)
                || form_append(form, answer) != 0))
        {
            stale++;
        }
    }

    return stale;
}


void
form_join(struct form *all, const struct form *form, const struct form *known,
    const struct field_settings *fields, size_t count)
{
    size_t                        i;
    const struct form_answer     *answer;
    const struct field_settings  *field;

    all->count = form->count;
    memcpy(all->answers, form->answers, sizeof(all->answers));

    for (i = 0; i < known->count; i++) {
        answer = &known->answers[i];
        field = form_field(fields, count, answer->key);

        if (form_value(all, answer->key) == NULL
            && (field == NULL || !form_stale(field, answer->value)))
        {
            (void) form_append(all, answer);
        }
    }
}


enum form_fault
form_check(const struct form *form, const struct field_settings *fields,
    size_t count, int open, const char **key)
{
    size_t                        i;
    const char                   *value;
    enum form_fault               fault;
    const struct field_settings  *field;

    for (i = 0; i < form->count; i++) {
        *key = form->answers[i].key;
        field = form_field(fields, count, *key);

        if (field == NULL) {
            return FORM_UNKNOWN;
        }

        fault = form_fits(field, form->answers[i].value);
        if (fault != FORM_GOOD) {
            return fault;
        }
    }

    for (i = 0; i < count; i++) {
        *key = fields[i].key;

        if (!fields[i].required || (fields[i].closed_only && open)) {
            continue;
        }

        value = form_value(form, *key);

        if (value == NULL || form_blank(value)) {
            return FORM_MISSING;
        }
    }

    *key = NULL;

    return FORM_GOOD;
}
