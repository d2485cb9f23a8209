/*
 * Drafts: what was typed and not sent, one for each chat.
 *
 * Owns the keys `draft.*` of this browser tab's session storage, so that a
 * reload loses nothing and nothing outlives the tab or the login.
 */

import { Keep } from '../shared/storage';

const START = 'draft.';

export class Drafts {
    readonly #keep = new Keep('chatdesk.desk.', () => sessionStorage);

    get(conv: string): string {
        return this.#keep.get<string>(START + conv) ?? '';
    }

    /* An empty text removes the draft. */
    set(conv: string, text: string): void {
        this.#keep.set(START + conv, text || undefined);
    }

    clear(): void {
        for (const key of this.#keep.keys(START)) {
            this.#keep.set(key, undefined);
        }
    }
}
