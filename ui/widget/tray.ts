/*
 * Messages that have no conversation yet, or come from a tab that does not
 * lead: each under a key of its own, so that every tab may put one in.
 *
 * Purpose:    a message is kept before anything else happens to it.
 * Owner:      the keys `tray.*`; any tab adds, only the leading tab removes.
 * Invariants: list() is in the order of writing.
 */

import { randomId } from '../shared/ids';
import type { Keep } from '../shared/storage';

const KEY = 'tray.';

export interface TrayItem {
    id: string;
    text: string;
    at: number;
    /* the menu that it picks from */
    picks?: string;
}


export class Tray {
    #keep: Keep;
    #last = 0;

    constructor(keep: Keep) {
        this.#keep = keep;
    }

    add(text: string, id = randomId(), picks?: string): TrayItem {
        this.#last = Math.max(Date.now(), this.#last + 1);

        const item = { id, text, at: this.#last, ...picks && { picks } };

        this.#keep.set(KEY + id, item);

        return item;
    }

    remove(id: string): void {
        this.#keep.set(KEY + id, undefined);
    }

    list(): TrayItem[] {
        return this.#keep.keys(KEY)
            .map((key) => this.#keep.get<TrayItem>(key))
            .filter((item) => item !== undefined)
            .sort((a, b) => a.at - b.at);
    }
}
