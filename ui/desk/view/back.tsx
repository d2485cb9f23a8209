/*
 * On a phone: the way back from a chat to the list it was chosen from, with
 * what waits there, since nothing else says so inside a chat.
 */

import type { Desk } from '../desk';
import { BackIcon } from './icons';

export function BackButton({ desk }: { desk: Desk }) {
    const waiting = desk.waiting.elsewhere.value;
    const words = desk.ongoing.open.value ? 'Back to ongoing messages'
                                          : 'Back to the inbox';

    return (
        <button
            type="button" class="icon-button only-phone back"
            aria-label={waiting > 0 ? `${words}, ${waiting} waiting there`
                                    : words}
            onClick={() => (desk.listOpen.value = true)}
        >
            <BackIcon />
            {waiting > 0 && (
                <span class="badge digits" aria-hidden="true">
                    {waiting > 99 ? '99+' : waiting}
                </span>
            )}
        </button>
    );
}
