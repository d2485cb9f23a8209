/*
 * Fuzz target: texts of templates, and what is filled into them.
 *
 * Whatever the bytes: what is refused has a place and a reason; what is
 * accepted is filled in within its bound, as UTF-8 without controls, from
 * values that are the same bytes.
 *
 * link: worker/core/template.c worker/core/text.c -lmsgpackc
 */

#include <stdlib.h>

#include "core/template.h"
#include "core/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static struct cd_str
value_of(void *context, enum variable variable, struct cd_str key)
{
    struct cd_str  none = { "", 0 };

    if (variable > VARIABLE_CUSTOM
        || (variable == VARIABLE_CUSTOM) != (key.len > 0))
    {
        abort();
    }

    return variable == VARIABLE_AGENT_NAME ? none
                                           : *(struct cd_str *) context;
}


static void
check_result(const char *out, size_t len)
{
    size_t    at, step, points = 0;
    uint32_t  point;

    for (at = 0; at < len; at += step, points++) {
        point = text_point((const unsigned char *) out + at, len - at, &step);

        if (point == TEXT_NO_POINT || point == 0x202e || point == 0x2066
            || (point < 0x20 && point != '\n' && point != '\t'))
        {
            abort();
        }
    }

    if (points > CD_LIMIT_TEXT || out[len] != '\0') {
        abort();
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char            out[TEMPLATE_RESULT_MAX];
    struct cd_str          input = { (const char *) data, size };
    struct template_text  *text;
    struct template_fault  fault = { 0, 0, NULL };

    text = template_parse(input, &fault);

    if (text == NULL) {
        if (fault.line == 0 || fault.column == 0 || fault.why == NULL) {
            abort();
        }
        return 0;
    }

    if (template_source(text).len != size) {
        abort();
    }

    check_result(out, template_render(text, value_of, &input, out));
    template_text_free(&text);

    return 0;
}
