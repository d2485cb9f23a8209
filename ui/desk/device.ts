/*
 * The device id of this browser tab.
 *
 * Two connections must not write with one device at the same time, and a
 * browser copies a tab's session storage when the tab is duplicated.  So
 * the id is claimed by a lock that lives as long as the page; a copy that
 * does not get the lock draws its own.  Without locks (plain http) a copy is
 * found out by the desk's `conflict` instead; see chat.ts.
 */

import { ID_FORM, randomId } from '../shared/ids';
import type { Keep } from '../shared/storage';

const KEY = 'device';

/* Gives the id, claimed until the page ends. */
export async function claimDevice(keep: Keep): Promise<string> {
    const kept = keep.get<string>(KEY);

    if (typeof kept === 'string' && ID_FORM.test(kept) && await claim(kept)) {
        return kept;
    }

    return drawDevice(keep);
}

export async function drawDevice(keep: Keep): Promise<string> {
    const id = randomId();

    await claim(id);
    keep.set(KEY, id);

    return id;
}

async function claim(id: string): Promise<boolean> {
    if (navigator.locks === undefined) {
        return true;
    }

    return new Promise((resolve) => {
        void navigator.locks.request(`chatdesk.device.${id}`,
            { ifAvailable: true }, (lock) => {
                resolve(lock !== null);

                return lock === null ? undefined : new Promise(() => {});
            });
    });
}
