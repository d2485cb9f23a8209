/*
 * Ongoing messages: the clock in the rail, and the cards that it opens.
 *
 * The clock carries the number of conversations with unread messages; a card
 * with a new message has a green dot, which is said in words, too.
 */

import { Icon } from '../../shared/icons';
import { fullTimeOf } from '../../shared/time';
import type { Desk } from '../desk';
import { LOCALE, stampOf } from '../locale';
import { clientName, updatedAt } from '../people';
import { ago } from '../spans';
import { Face } from './face';

export function OngoingButton({ desk }: { desk: Desk }) {
    const { offered, open, unread } = desk.ongoing;
    const count = unread.value;

    if (!offered.value) {
        return null;
    }

    return (
        <button
            type="button" class="rail-button ongoing"
            aria-current={open.value ? 'page' : undefined}
            title="Ongoing messages" onClick={() => desk.showList(true)}
            aria-label={count > 0
                ? `Ongoing messages, ${count} with unread messages`
                : 'Ongoing messages'}
        >
            <Icon name="clock" />
            {count > 0 && (
                <span class="badge corner digits">
                    {count > 99 ? '99+' : count}
                </span>
            )}
        </button>
    );
}

export function OngoingCards({ desk }: { desk: Desk }) {
    const ids = desk.ongoing.cards.value;

    if (ids.length === 0) {
        return (
            <div class="nothing">
                <h2>No ongoing messages</h2>
                <p>
                    Conversations that come and go, such as SMS, stay here
                    from the moment you accept them until they end.
                </p>
            </div>
        );
    }

    return (
        <ul class="cards">
            {ids.map((conv) => (
                <li key={conv}><MessageCard desk={desk} conv={conv} /></li>
            ))}
        </ul>
    );
}

function MessageCard({ desk, conv }: { desk: Desk; conv: string }) {
    const card = desk.inbox.card(conv)?.value;

    if (card === undefined) {
        return null;
    }

    const name = clientName(card);
    const news = desk.waiting.unread(conv) > 0;
    const at = updatedAt(card);

    return (
        <button
            type="button" class={`message-card${news ? ' unread' : ''}`}
            aria-current={desk.current.value === conv ? 'true' : undefined}
            data-conv={conv} onClick={() => desk.open(conv)}
        >
            <Face id={card.who} name={name} present={card.present} />
            <span class="who">
                <b class="clip">{name}</b>
                <span class="hidden-text">
                    {card.present ? ', connected' : ', not connected'}
                </span>
                {news && (
                    <span class="dot" data-is="news">
                        <span class="hidden-text">, new message</span>
                    </span>
                )}
            </span>
            <span class="preview clip" dir="auto">
                {card.preview || 'No message yet'}
            </span>
            <span class="about digits">
                <span title="Interaction number">
                    <span class="hidden-text">Interaction </span>
                    #{card.number}
                </span>
                <span class="clip">{card.queue}</span>
                <time dateTime={new Date(at).toISOString()}
                      title={`Last update ${fullTimeOf(at, LOCALE)}`}>
                    <span class="hidden-text">Updated </span>
                    {stampOf(at)}
                    <span class="quiet">
                        {' '}({ago(desk.clock.now.value - at)})
                    </span>
                </time>
            </span>
        </button>
    );
}
