/*
 * Media queries as signals.  They listen for the life of the page.
 */

import { signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';

/* the widths at which frame.css changes the layout */
export const narrow = follow('(max-width: 900px)');
export const phone = follow('(max-width: 480px)');

export const systemIsDark = follow('(prefers-color-scheme: dark)');

function follow(query: string): ReadonlySignal<boolean> {
    const list = matchMedia(query);
    const matches = signal(list.matches);

    list.addEventListener('change', () => {
        matches.value = list.matches;
    });

    return matches;
}
