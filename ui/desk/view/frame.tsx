/*
 * The frame of the desk: banner, rail, list, tabs, the current tab, toasts.
 */

import { useEffect } from 'preact/hooks';

import { Icon } from '../../shared/icons';
import { duration } from '../../shared/time';
import type { Desk } from '../desk';
import { isItem } from '../item';
import { listenKeys } from '../keys';
import { Announcer } from './announce';
import { ConversationPane } from './conversation';
import { Details } from './details';
import { InboxIcon } from './icons';
import { ItemPane } from './item';
import { InboxList } from './list';
import { Offer, OfferBar } from './offer';
import { Overlays } from './overlays';
import { PermissionBar } from './permission';
import { Rail } from './rail';
import { Tabs } from './tabs';

export function Frame({ desk }: { desk: Desk }) {
    useEffect(() => listenKeys(desk), [desk]);

    return (
        <div class="desk" data-list={desk.listOpen.value ? '' : undefined}>
            <Above desk={desk} />
            <Rail desk={desk} />
            <InboxList desk={desk} />
            <main class="work"
                  onPointerDown={() => (desk.listOpen.value = false)}>
                <Tabs desk={desk} />
                <OfferBar desk={desk} />
                <Current desk={desk} />
            </main>
            <Overlays desk={desk} />
            <Toasts desk={desk} />
            <Announcer desk={desk} />
        </div>
    );
}

/* Over list and work alike, of which a phone shows one.  What comes up here
   is also said. */
function Above({ desk }: { desk: Desk }) {
    return (
        <div class="above">
            <Banner desk={desk} />
            <div role="status"><PermissionBar desk={desk} /></div>
        </div>
    );
}

/* Says how the connection is whenever it is not simply there. */
function Banner({ desk }: { desk: Desk }) {
    const { state, retryAt } = desk.connection;

    if (state.value === 'offline') {
        return (
            <div class="banner" role="status">
                <Icon name="offline" size={16} />
                Your network is off. What you write is kept and sent later.
            </div>
        );
    }

    if (state.value !== 'reconnecting'
        && !(state.value === 'connecting' && retryAt.value > 0))
    {
        return null;
    }

    const left = Math.max(0, retryAt.value - Date.now());

    return (
        <div class="banner" role="status" data-now={desk.clock.now.value}>
            <span class="spinner" />
            <span>
                The connection is lost. What you write is kept and sent
                later.
            </span>
            {left > 1000 && <>
                <span class="digits" aria-hidden="true">
                    Next try in {duration(left)}
                </span>
                <button type="button" class="button"
                        onClick={() => desk.connection.wake()}>
                    Try now
                </button>
            </>}
        </div>
    );
}

function Current({ desk }: { desk: Desk }) {
    const conv = desk.current.value;
    const card = conv ? desk.inbox.card(conv)?.value : undefined;

    if (card === undefined) {
        return desk.inbox.loaded.value ? <Empty desk={desk} /> : <Opening />;
    }

    const chat = desk.chat(card.conv);

    if (isItem(card) && card.phase !== 'offered') {
        return <ItemPane key={card.conv} desk={desk} card={card} />;
    }

    return (
        <div class="panes">
            {card.phase === 'offered'
                ? <Offer key={card.conv} desk={desk} card={card} />
                : <ConversationPane key={card.conv} desk={desk} card={card}
                                    chat={chat} />}
            {!isItem(card)
                && <Details desk={desk} card={card} chat={chat} />}
        </div>
    );
}

function Opening() {
    return (
        <div class="nothing fill" role="status">
            <span class="spinner" />
            <p>Connecting to the desk</p>
        </div>
    );
}

function Empty({ desk }: { desk: Desk }) {
    const available = desk.inbox.me.value?.state === 'available';

    return (
        <div class="nothing fill">
            <span class="art"><InboxIcon /></span>
            <h2>{available ? 'You are ready for the next chat'
                           : 'No chats are offered to you'}</h2>
            <p>
                {available ? 'An offer opens here as a tab with a countdown.'
                    : 'Become available, and the next chat opens here.'}
            </p>
            <dl class="keys">
                <dt>Accept an offer</dt><dd><kbd>Alt+A</kbd></dd>
                <dt>Go to a chat or do something</dt><dd><kbd>Ctrl+K</kbd></dd>
                <dt>All keys</dt><dd><kbd>?</kbd></dd>
            </dl>
        </div>
    );
}

function Toasts({ desk }: { desk: Desk }) {
    return (
        <div class="toasts" role="status">
            {desk.toasts.list.value.map((toast) => (
                <div class="toast" key={toast.id}>
                    <span>{toast.text}</span>
                    <button
                        type="button" class="icon-button small"
                        aria-label="Dismiss"
                        onClick={() => desk.toasts.drop(toast.id)}
                    >
                        <Icon name="close" size={16} />
                    </button>
                </div>
            ))}
        </div>
    );
}
