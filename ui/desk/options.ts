/*
 * The options of a menu while an agent writes them.
 *
 * Pure.  What the desk would refuse (docs/protocol.md, section 5) is said
 * beside the option at fault before anything is sent.
 */

import { LIMITS } from '../shared/tables';
import { codePoints } from '../shared/text';

export const OPTIONS_MAX = 10;

/* control characters, line ends, and what turns the direction of text */
const UNFIT =
    /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/* What was typed or pasted, on one line. */
export function cleanOption(text: string): string {
    return text.replace(UNFIT, ' ');
}

/* What is wrong with each option; undefined for what is right or empty. */
export function faultsOf(
    options: readonly string[],
): readonly (string | undefined)[] {
    const trimmed = options.map((option) => option.trim());

    return trimmed.map((option, at) => {
        const over = codePoints(option) - LIMITS.LIST_ITEM;
        const same = option === '' ? at : trimmed.indexOf(option);

        return over > 0 ? `${over} too many`
            : same < at ? `The same as option ${same + 1}` : undefined;
    });
}

/* The options as they are sent, undefined while they cannot be. */
export function optionsOf(
    options: readonly string[],
): readonly string[] | undefined {
    const filled = options.map((option) => option.trim())
        .filter((option) => option !== '');

    return filled.length >= LIMITS.CHOICES_MIN && filled.length <= OPTIONS_MAX
        && faultsOf(filled).every((fault) => fault === undefined)
        ? filled : undefined;
}

/* Why the options cannot be sent, and the first that is at fault; undefined
   when they can. */
export function whyNot(
    options: readonly string[],
): { text: string; at?: number } | undefined {
    const faults = faultsOf(options);
    const at = faults.findIndex((fault) => fault !== undefined);

    return optionsOf(options) !== undefined ? undefined
        : at < 0 ? { text: `Choices: at least ${LIMITS.CHOICES_MIN} options` }
        : { text: `Option ${at + 1}: ${faults[at]?.toLowerCase()}`, at };
}

/* Moved by one place up (-1) or down (1); the same when that is outside. */
export function moved(
    options: readonly string[], at: number, by: number,
): readonly string[] {
    const next = [...options];
    const to = at + by;

    if (at >= 0 && to >= 0 && at < next.length && to < next.length) {
        [next[at], next[to]] = [next[to] ?? '', next[at] ?? ''];
    }

    return next;
}
