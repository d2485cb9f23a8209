/*
 * Says to who cannot see it what has come up elsewhere on the screen: an
 * offer.  Its countdown is not said, which would be once a second.
 */

import type { Desk } from '../desk';
import { isItem, workWord } from '../item';
import { clientName } from '../people';

export function Announcer({ desk }: { desk: Desk }) {
    const conv = desk.inbox.offers.value.at(-1);
    const card = conv ? desk.inbox.card(conv)?.value : undefined;

    return (
        <p class="hidden-text announcer" role="alert">
            {card && `${isItem(card) ? workWord(card) : 'New chat'}: `
                + `${clientName(card)} in ${card.queue}. `
                + 'Alt+A accepts the offer.'}
        </p>
    );
}
