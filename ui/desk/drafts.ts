/*
 * Drafts: what was typed and not sent, one for each chat.
 *
 * Owns the keys `draft.*` of the storage it is given, which lives as long as
 * the browser's tab: a reload loses nothing.
 */

import type { Keep } from '../shared/storage';

const TEXT = 'draft.';
const CHOICES = 'draft-choices.';

export class Drafts {
    readonly #keep: Keep;

    constructor(keep: Keep) {
        this.#keep = keep;
    }

    get(conv: string): string {
        return this.#keep.get<string>(TEXT + conv) ?? '';
    }

    choices(conv: string): readonly string[] | undefined {
        return this.#keep.get<string[]>(CHOICES + conv);
    }

    /* An empty text without choices removes the draft. */
    set(conv: string, text: string, choices?: readonly string[]): void {
        this.#keep.set(TEXT + conv, text || undefined);
        this.#keep.set(CHOICES + conv, choices);
    }
}
