/*
 * Texts with variables; see template.h.
 *
 * Purpose:    one pass from text to pieces, one pass from pieces to text.
 * Owner:      pieces point into the copy of the text that they stand beside.
 * Invariants: those of template.h; every byte of a text is looked at once.
 */

#include "core/template.h"

#include <stdlib.h>

#include "core/text.h"

#define VALUE_MAX_POINTS  1024  /* the longest field that can be filled in */
#define KEY_MAX           32

struct piece {
    uint8_t        is_variable;
    enum variable  variable;
    struct cd_str  text;        /* literal, or the key of a custom one */
    struct cd_str  instead;     /* when there is no value */
};

struct template_text {
    size_t        len;
    size_t        count;
    char         *source;       /* owns */
    struct piece  pieces[];     /* two for each variable, and one more */
};

/* where the parser is */
struct parse {
    struct template_text   *text;
    const char             *p;
    const char             *end;
    struct template_fault  *fault;
    unsigned                line;
    unsigned                column;
    unsigned                variables;
};


/* -- what may stand in a text -- */

/* Embeddings, overrides and isolates of the Unicode Bidirectional Algorithm
   (UAX 9, section 2): they reach beyond the text that they stand in. */

static int
point_turns(uint32_t point)
{
    return (point >= 0x202a && point <= 0x202e)
           || (point >= 0x2066 && point <= 0x2069);
}


static int
point_controls(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0)
           || point == 0x2028 || point == 0x2029;
}


size_t
template_clean(char *out, struct cd_str in, size_t max_points)
{
    size_t                at, len, points, written = 0;
    uint32_t              point;
    const unsigned char  *p = (const unsigned char *) in.data;

    for (at = 0, points = 0; at < in.len && points < max_points; at += len) {
        point = text_point(p + at, in.len - at, &len);

        if (point == TEXT_NO_POINT) {
            out[written++] = '?';

        } else if (point_turns(point)) {
            continue;

        } else if (point_controls(point)) {
            out[written++] = ' ';

        } else {
            memcpy(out + written, p + at, len);
            written += len;
        }

        points++;
    }

    return written;
}


/* -- parsing -- */

static int
parse_fault(struct parse *parse, const char *why)
{
    parse->fault->line = parse->line;
    parse->fault->column = parse->column;
    parse->fault->why = why;

    return -1;
}


/* Over one code point; -1 for one that a text may not have. */

static int
parse_step(struct parse *parse)
{
    size_t    len;
    uint32_t  point;

    point = text_point((const unsigned char *) parse->p,
                       (size_t) (parse->end - parse->p), &len);

    if (point == TEXT_NO_POINT) {
        return parse_fault(parse, "this is not UTF-8");
    }

    if (point_turns(point)) {
        return parse_fault(parse, "a character that turns the direction of "
                           "what follows is not allowed");
    }

    if (point_controls(point) && point != '\n' && point != '\t') {
        return parse_fault(parse, "a control character is not allowed");
    }

    parse->p += len;
    parse->column++;

    if (point == '\n') {
        parse->line++;
        parse->column = 1;
    }

    return 0;
}


static int
parse_at(const struct parse *parse, const char *mark)
{
    size_t  len = strlen(mark);

    return (size_t) (parse->end - parse->p) >= len
           && memcmp(parse->p, mark, len) == 0;
}


static struct cd_str
trimmed(const char *from, const char *to)
{
    struct cd_str  str;

    while (from < to && *from == ' ') {
        from++;
    }

    while (to > from && to[-1] == ' ') {
        to--;
    }

    str.data = from;
    str.len = (size_t) (to - from);

    return str;
}


static int
key_holds(struct cd_str key)
{
    size_t  i;
    char    c;

    for (i = 0; i < key.len; i++) {
        c = key.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) {
            return 0;
        }
    }

    return key.len > 0 && key.len <= KEY_MAX;
}


/* 0; -1 when there is no such variable. */

static int
piece_name(struct piece *piece, struct cd_str name)
{
    size_t  i;
    static const char         custom[] = "custom.";
    static const char *const  names[] = {
#define CD_VARIABLE(id, name, doc)  #name,
#include "tbl/variables.h"
#undef CD_VARIABLE
    };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (cd_str_is(name, names[i])) {
            piece->variable = (enum variable) i;
            return 0;
        }
    }

    if (name.len <= sizeof(custom) - 1
        || memcmp(name.data, custom, sizeof(custom) - 1) != 0)
    {
        return -1;
    }

    piece->variable = VARIABLE_CUSTOM;
    piece->text.data = name.data + sizeof(custom) - 1;
    piece->text.len = name.len - (sizeof(custom) - 1);

    return key_holds(piece->text) ? 0 : -1;
}


/* From behind {{ to behind }}. */

static int
parse_variable(struct parse *parse)
{
    const char    *from, *bar = NULL;
    struct parse   open = *parse;
    struct piece  *piece;

    if (++parse->variables > CD_LIMIT_TEMPLATE_VARIABLES) {
        return parse_fault(parse, "there are too many variables");
    }

    parse->p += 2;
    parse->column += 2;
    from = parse->p;

    while (!parse_at(parse, "}}")) {
        if (parse->p == parse->end || *parse->p == '\n') {
            return parse_fault(&open, "{{ without }} on the same line");
        }

        if (*parse->p == '{') {
            return parse_fault(parse, "a variable cannot hold another one");
        }

        if (*parse->p == '|' && bar == NULL) {
            bar = parse->p;
        }

        if (parse_step(parse) != 0) {
            return -1;
        }
    }

    piece = &parse->text->pieces[parse->text->count++];
    piece->is_variable = 1;

    if (piece_name(piece, trimmed(from, bar != NULL ? bar : parse->p)) != 0) {
        return parse_fault(&open, "there is no such variable");
    }

    if (bar != NULL) {
        piece->instead = trimmed(bar + 1, parse->p);
    }

    parse->p += 2;
    parse->column += 2;

    return 0;
}


static void
parse_literal(struct parse *parse, const char *from)
{
    struct piece  *piece;

    if (from < parse->p) {
        piece = &parse->text->pieces[parse->text->count++];
        piece->text.data = from;
        piece->text.len = (size_t) (parse->p - from);
    }
}


/* -- the whole -- */

static int
parse_run(struct parse *parse)
{
    const char  *from = parse->p;

    while (parse->p < parse->end) {

        if (parse_at(parse, "\\{{")) {
            /* it takes the pieces of a variable */
            if (++parse->variables > CD_LIMIT_TEMPLATE_VARIABLES) {
                return parse_fault(parse, "there are too many variables");
            }

            parse_literal(parse, from);
            from = parse->p + 1;
            parse->p += 3;
            parse->column += 3;
            continue;
        }

        if (!parse_at(parse, "{{")) {
            if (parse_step(parse) != 0) {
                return -1;
            }
            continue;
        }

        parse_literal(parse, from);

        if (parse_variable(parse) != 0) {
            return -1;
        }

        from = parse->p;
    }

    parse_literal(parse, from);

    return 0;
}


static size_t
count_points(struct cd_str text)
{
    size_t  i, points = 0;

    for (i = 0; i < text.len; i++) {
        points += ((unsigned char) text.data[i] & 0xc0) != 0x80;
    }

    return points;
}


/* How many pieces there can be: one before and one at each {{, and the
   rest. */

static size_t
count_pieces(struct cd_str text)
{
    size_t  i, opened = 0;

    for (i = 1; i < text.len; i++) {
        opened += text.data[i] == '{' && text.data[i - 1] == '{';
    }

    if (opened > CD_LIMIT_TEMPLATE_VARIABLES) {
        opened = CD_LIMIT_TEMPLATE_VARIABLES;
    }

    return 2 * opened + 1;
}


static struct template_text *
text_new(struct cd_str text)
{
    struct template_text  *new;

    new = calloc(1, sizeof(*new) + count_pieces(text) * sizeof(new->pieces[0]));
    if (new == NULL) {
        return NULL;
    }

    new->source = malloc(text.len);
    if (new->source == NULL) {
        free(new);
        return NULL;
    }

    memcpy(new->source, text.data, text.len);
    new->len = text.len;

    return new;
}


struct template_text *
template_parse(struct cd_str text, struct template_fault *fault)
{
    struct parse  parse = { NULL, NULL, NULL, fault, 1, 1, 0 };

    if (text.len == 0) {
        parse_fault(&parse, "the text is empty");
        return NULL;
    }

    if (text.len > 4 * CD_LIMIT_TEMPLATE_TEXT
        || count_points(text) > CD_LIMIT_TEMPLATE_TEXT)
    {
        parse_fault(&parse, "the text is too long");
        return NULL;
    }

    parse.text = text_new(text);

    if (parse.text == NULL) {
        parse_fault(&parse, "no memory");
        return NULL;
    }

    parse.p = parse.text->source;
    parse.end = parse.p + text.len;

    if (parse_run(&parse) != 0) {
        template_text_free(&parse.text);
    }

    return parse.text;
}


/* Where in the source something stands that points into it. */

static void
fault_at(const struct template_text *text, const char *at,
    struct template_fault *fault)
{
    size_t       len;
    const char  *p;

    fault->line = 1;
    fault->column = 1;

    for (p = text->source; p < at; p += len) {
        (void) text_point((const unsigned char *) p, (size_t) (at - p),
                          &len);

        if (*p == '\n') {
            fault->line++;
            fault->column = 1;
        } else {
            fault->column++;
        }
    }
}


int
template_all_known(const struct template_text *text, template_known known,
    void *context, struct template_fault *fault)
{
    size_t               i;
    const struct piece  *piece;

    for (i = 0; i < text->count; i++) {
        piece = &text->pieces[i];

        if (piece->is_variable && piece->variable == VARIABLE_CUSTOM
            && piece->instead.len == 0 && !known(context, piece->text))
        {
            fault_at(text, piece->text.data, fault);
            fault->why = "no attribute and no form has this key; name one "
                         "that there is, or say with | what stands instead";
            return -1;
        }
    }

    return 0;
}


void
template_text_free(struct template_text **owned)
{
    if (*owned != NULL) {
        free((*owned)->source);
        free(*owned);
        *owned = NULL;
    }
}


struct cd_str
template_source(const struct template_text *text)
{
    struct cd_str  source = { text->source, text->len };

    return source;
}


/* -- filling in -- */

/* Copies at most `max_points` code points of a literal, which is fit. */

static size_t
copy_literal(char *out, struct cd_str in, size_t max_points)
{
    size_t  len, points = 0;

    for (len = 0; len < in.len; len++) {
        points += ((unsigned char) in.data[len] & 0xc0) != 0x80;

        if (points > max_points) {
            break;
        }
    }

    memcpy(out, in.data, len);

    return len;
}


static size_t
fill_variable(char *out, const struct piece *piece, template_value value,
    void *context, size_t room)
{
    size_t         len;
    struct cd_str  str = value(context, piece->variable, piece->text);

    len = template_clean(out, str, VALUE_MAX_POINTS < room ? VALUE_MAX_POINTS
                                                           : room);

    return len > 0 ? len : template_clean(out, piece->instead, room);
}


size_t
template_render(const struct template_text *text, template_value value,
    void *context, char *out)
{
    size_t               i, len, room = CD_LIMIT_TEXT, written = 0;
    struct cd_str        done;
    const struct piece  *piece;

    for (i = 0; i < text->count && room > 0; i++) {
        piece = &text->pieces[i];

        len = piece->is_variable
              ? fill_variable(out + written, piece, value, context, room)
              : copy_literal(out + written, piece->text, room);

        done.data = out + written;
        done.len = len;
        room -= count_points(done);
        written += len;
    }

    out[written] = '\0';

    return written;
}
