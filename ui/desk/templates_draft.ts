/*
 * A template while it is edited.
 *
 *   read --> draftOf() --> edited by the form --> fieldsOf() --> saved
 *
 * Owns nothing.  Choices are lines as long as they are typed.
 */

import { randomId } from '../shared/ids';
import { VARIABLES } from '../shared/tables';
import type { Template, TemplateFields } from './templates_api';

export interface DraftText {
    /* stays when others come and go */
    key: string;
    lang: string;
    text: string;
    lines: string;
}

export interface Draft {
    own: boolean;
    id: string;
    title: string;
    shortcut: string;
    queues: readonly string[];
    texts: readonly DraftText[];
}

export interface Edited {
    draft: Draft;

    /* as the desk has it; undefined for a new one */
    saved: Template | undefined;
}

export function newText(lang: string): DraftText {
    return { key: randomId(), lang, text: '', lines: '' };
}

export function newDraft(own: boolean): Draft {
    return {
        own, id: randomId(), title: '', shortcut: '', queues: [],
        texts: [newText('en')],
    };
}

export function draftOf(template: Template): Draft {
    const { own, id, title, shortcut = '', queues, texts } = template;

    return {
        own, id, title, shortcut, queues,
        texts: texts.map(({ lang, text, choices = [] }) => ({
            key: randomId(), lang, text, lines: choices.join('\n'),
        })),
    };
}

export function fieldsOf(draft: Draft): TemplateFields {
    const { title, shortcut, queues, texts } = draft;

    return {
        title: title.trim(), shortcut, queues,
        texts: texts.map(({ lang, text, lines }) => {
            const choices = lines.split('\n').map((line) => line.trim())
                .filter((line) => line !== '');

            return { lang, text, ...(choices.length > 0 && { choices }) };
        }),
    };
}

/* What the desk says is wrong with a text; where it says that there is no
   such variable, which one, and what there is. */
export function explained(fault: string, text: string): string {
    if (!fault.includes('no such variable')) {
        return fault;
    }

    for (const [, inside = ''] of text.matchAll(/\{\{([^{}|\n]*)/g)) {
        const name = inside.trim();

        if (!VARIABLES.some((one) => one === name)
            && !/^custom\.[a-z0-9_]{1,32}$/.test(name))
        {
            return `${fault}: ${name || 'no name'}. There are `
                + `${VARIABLES.join(', ')}, and custom. with a field's name.`;
        }
    }

    return fault;
}

/* Whether closing would lose something. */
export function isUnsaved({ draft, saved }: Edited): boolean {
    const now = fieldsOf(draft);
    const then = fieldsOf(saved ? draftOf(saved) : newDraft(draft.own));

    return JSON.stringify(now) !== JSON.stringify(then);
}
