/*
 * Tabs on top of the work area: one for each chat and each offer.
 *
 * A tab of a chat says how long since the last reply to the client; its x
 * ends the chat, or removes it when it has ended.
 */

import { useEffect, useRef } from 'preact/hooks';

import { Icon } from '../../shared/icons';
import { duration } from '../../shared/time';
import type { Desk } from '../desk';
import type { Card } from '../inbox';
import { isItem, workWord } from '../item';
import { clientName, isOver } from '../people';
import { remaining, sinceReply } from '../spans';

export function Tabs({ desk }: { desk: Desk }) {
    const ids = desk.tabs.value;

    if (ids.length === 0) {
        return null;
    }

    return (
        <nav aria-label="Open chats">
            <ul class="tabs">
                {ids.map((conv) => <Tab key={conv} desk={desk} conv={conv} />)}
            </ul>
        </nav>
    );
}

function Tab({ desk, conv }: { desk: Desk; conv: string }) {
    const row = useRef<HTMLLIElement>(null);
    const current = desk.current.value === conv;
    const card = desk.inbox.card(conv)?.value;

    useEffect(() => {
        if (current) {
            row.current?.scrollIntoView({ block: 'nearest' });
        }
    }, [current]);

    if (card === undefined) {
        return null;
    }

    const name = clientName(card);
    const unread = desk.waiting.unread(conv);
    const marks = (current ? ' current' : '') + (unread ? ' unread' : '');

    return (
        <li class={`tab${marks}`} ref={row} data-conv={conv}>
            <button
                type="button" class="tab-pick"
                aria-current={current ? 'page' : undefined}
                onClick={() => desk.open(conv)}
            >
                {isItem(card) ? <span class="dot task" /> : (
                    <span
                        class="dot presence"
                        data-is={card.present ? 'on' : 'off'}
                        title={card.present ? 'Connected' : 'Not connected'}
                    />
                )}
                <span class="tab-name clip">{name}</span>
                {unread > 0 && (
                    <span class="badge digits">
                        {unread}<span class="hidden-text"> unread</span>
                    </span>
                )}
                <Since desk={desk} card={card} />
            </button>
            {card.phase !== 'offered' && (
                <button
                    type="button" class="icon-button small tab-close"
                    title={closeWord(card)}
                    aria-label={`${closeWord(card)}: ${name}`}
                    onClick={() => desk.close(conv)}
                >
                    <Icon name="close" />
                </button>
            )}
        </li>
    );
}

function closeWord(card: Card): string {
    return isOver(card) ? 'Remove' : isItem(card) ? 'Done' : 'End chat';
}

function Since({ desk, card }: { desk: Desk; card: Card }) {
    const now = desk.clock.now.value;

    if (card.phase === 'offered') {
        return (
            <span class="tab-since digits">
                Offer, {remaining(card, now)} left
            </span>
        );
    }

    if (isOver(card)) {
        return <span class="tab-since">Ended</span>;
    }

    if (isItem(card)) {
        return <span class="tab-since">{workWord(card)}</span>;
    }

    const { span, first, grows } = sinceReply(card, now);

    return (
        <span
            class="tab-since digits" data-grows={grows}
            title={first ? 'Time without a reply to the client'
                         : 'Time since the last reply to the client'}
        >
            {first ? 'No reply ' : 'Reply '}
            <time>{duration(span)}</time>
            {first ? '' : ' ago'}
        </span>
    );
}
