/*
 * See entity_route.h.
 *
 * Purpose:    kind, link, rule and the last choice of an agent.
 * Owner:      nothing.
 * Invariants: those of entity.h.
 */

#include "core/entity_route.h"

#include "core/agent.h"
#include "core/entity.h"
#include "core/entity_seats.h"
#include "core/state.h"
#include "core/text.h"


static void
put_choice(struct map_out *to, struct map *map,
    const struct conversation *conversation)
{
    const struct choice  *choice = &conversation->choice;

    map_text(to, map, CONV_CHOSEN, conversation->chosen->id.s);
    map_uint(to, map, CONV_CHOSEN_AT, choice->at_ms);
    map_uint(to, map, CONV_CHOSEN_LOAD, choice->load);
    map_uint(to, map, CONV_CHOSEN_IDLE, choice->idle_ms);
    map_uint(to, map, CONV_CHOSEN_PASSED, choice->passed);
    map_uint(to, map, CONV_CHOSEN_AGAIN, choice->again != 0);
    map_uint(to, map, CONV_CHOSEN_WAITED, choice->waited_ms);
    map_uint(to, map, CONV_CHOSEN_PLACE, choice->place);
}


void
entity_put_route(struct map_out *to, struct map *map,
    const struct conversation *conversation)
{
    map_text(to, map, CONV_KIND, conversation->kind);
    map_text(to, map, CONV_LINK, conversation->link);
    map_uint(to, map, CONV_ROUTED, conversation->routed);
    map_text(to, map, CONV_RULE, conversation->rule);
    map_text(to, map, CONV_SKILLS, conversation->skills);

    if (conversation->chosen != NULL) {
        put_choice(to, map, conversation);
    }
}


static void
load_choice(struct choice *choice, struct fields *fields)
{
    choice->at_ms = fields_uint(fields, CONV_CHOSEN_AT, UINT64_MAX, 0);
    choice->load = fields_uint(fields, CONV_CHOSEN_LOAD, UINT64_MAX, 0);
    choice->idle_ms = fields_uint(fields, CONV_CHOSEN_IDLE, UINT64_MAX, 0);
    choice->passed = fields_uint(fields, CONV_CHOSEN_PASSED, UINT64_MAX, 0);
    choice->again = fields_uint(fields, CONV_CHOSEN_AGAIN, 1, 0) != 0;
    choice->waited_ms = fields_uint(fields, CONV_CHOSEN_WAITED, UINT64_MAX,
                                    0);
    choice->place = fields_uint(fields, CONV_CHOSEN_PLACE, UINT64_MAX, 0);
}


int
entity_load_route(struct desk *desk, struct conversation *conversation,
    struct fields *fields)
{
    conversation->routed = (uint8_t) fields_uint(fields, CONV_ROUTED,
                                                 ROUTED_MAX - 1,
                                                 ROUTED_BY_FLOW);

    if (fields->value[CONV_CHOSEN] != NULL) {
        conversation->chosen = entity_agent_ref(desk,
                                   fields_str(fields, CONV_CHOSEN));
        load_choice(&conversation->choice, fields);

        if (conversation->chosen == NULL) {
            return -1;
        }
    }

    if (text_set(&conversation->skills, fields_str(fields, CONV_SKILLS),
                 SKILLS_TEXT_MAX) != 0)
    {
        return -1;
    }

    conversation->needs = skills_bits_of(&desk->skills,
                                         conversation->skills);

    return text_set(&conversation->kind, fields_str(fields, CONV_KIND),
                    cd_field_row(CD_F_KIND)->max) != 0
           || text_set(&conversation->link, fields_str(fields, CONV_LINK),
                       cd_field_row(CD_F_LINK)->max) != 0
           || text_set(&conversation->rule, fields_str(fields, CONV_RULE),
                       cd_field_row(CD_F_NAME)->max) != 0 ? -1 : 0;
}
