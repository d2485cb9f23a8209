/*
 * Drafts: what was typed and not sent, one for each chat.
 *
 * Owns the keys `draft.*` of the storage it is given, which lives as long as
 * the browser's tab: a reload loses nothing.
 */

import type { Keep } from '../shared/storage';

const START = 'draft.';

export class Drafts {
    readonly #keep: Keep;

    constructor(keep: Keep) {
        this.#keep = keep;
    }

    get(conv: string): string {
        return this.#keep.get<string>(START + conv) ?? '';
    }

    /* An empty text removes the draft. */
    set(conv: string, text: string): void {
        this.#keep.set(START + conv, text || undefined);
    }
}
