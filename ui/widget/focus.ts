/*
 * Keys that belong to the panel as a whole: Escape, and Tab while it fills a
 * phone's screen.
 */

import type { Screen } from './host';

const STOPS = 'button:not([disabled]), textarea, input, a[href]';


export function trapFocus({ host, phone, asking }: Screen): void {
    host.section.addEventListener('keydown', (event) => {
        if (event.key === 'Escape' && !event.isComposing) {
            event.stopPropagation();

            if (asking.value) {
                asking.value = false;
            } else {
                host.close();
            }

        } else if (event.key === 'Tab' && phone.value) {
            turnAround(host, event);
        }
    });
}


/* From the last stop to the first, and back. */

function turnAround(host: Host, event: KeyboardEvent): void {
    const stops = [...host.section.querySelectorAll<HTMLElement>(STOPS)]
        .filter((stop) => stop.checkVisibility());
    const from = stops.at(event.shiftKey ? 0 : -1);
    const to = stops.at(event.shiftKey ? -1 : 0);

    if (host.shadowRoot?.activeElement === from) {
        event.preventDefault();
        to?.focus();
    }
}

type Host = Screen['host'];
