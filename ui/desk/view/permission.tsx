/*
 * Asks for the browser's notifications: at each sign-in and reload, until
 * the agent allows or blocks them, then never again.
 */

import { useSignal } from '@preact/signals';

import type { Desk } from '../desk';

export function PermissionBar({ desk }: { desk: Desk }) {
    const later = useSignal(false);

    if (desk.herald.consent.is.value !== 'default' || later.value
        || !desk.inbox.loaded.value)
    {
        return null;
    }

    return (
        <div class="permission-bar" role="region"
             aria-label="Notifications of the browser">
            <span>
                Be told of chats and messages while you are in another window.
            </span>
            <button type="button" class="button main"
                    onClick={() => void desk.herald.consent.ask()}>
                Turn on notifications
            </button>
            <button type="button" class="button"
                    onClick={() => (later.value = true)}>
                Not now
            </button>
        </div>
    );
}
