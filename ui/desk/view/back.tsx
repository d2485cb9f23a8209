/*
 * On a phone: the way back from a chat to the list it was chosen from.
 */

import type { Desk } from '../desk';
import { BackIcon } from './icons';

export function BackButton({ desk }: { desk: Desk }) {
    return (
        <button
            type="button" class="icon-button only-phone back"
            aria-label={desk.ongoing.open.value ? 'Back to ongoing messages'
                                                : 'Back to the inbox'}
            onClick={() => (desk.listOpen.value = true)}
        >
            <BackIcon />
        </button>
    );
}
