/*
 * The inbox list: offers on top, then active chats, then ended ones.
 *
 * Each row hears its own card only, so that a busy chat draws one row.
 */

import { useEffect, useRef } from 'preact/hooks';

import type { Desk } from '../desk';
import { phone } from '../media';
import { clientName } from '../people';
import { ago, remaining } from '../spans';
import { Face } from './face';
import { OfferAnswer } from './offer';
import { presenceWord } from './rail';

export function InboxList({ desk }: { desk: Desk }) {
    const { offers, active, closed, loaded } = desk.inbox;
    const list = useRef<HTMLElement>(null);
    const wanted = desk.listWanted.value;

    useEffect(() => {
        if (wanted > 0) {
            toList(list.current);
        }
    }, [wanted]);

    const empty = offers.value.length + active.value.length
        + closed.value.length === 0;

    return (
        <section class="inbox" ref={list} tabIndex={-1}
                 aria-labelledby="inbox-title">
            <header class="inbox-head">
                <h1 id="inbox-title">Inbox</h1>
                <Load desk={desk} />
            </header>
            <PresenceHint desk={desk} />
            <div class="inbox-body">
                <Group desk={desk} title="Offers" ids={offers.value} />
                <Group desk={desk} title="Active" ids={active.value} />
                <Group desk={desk} title="Ended" ids={closed.value} />
                {empty && loaded.value && <Nothing desk={desk} />}
            </div>
        </section>
    );
}

/* To the current chat's row, or the first, or the list itself. */
function toList(list: HTMLElement | null): void {
    const row = list?.querySelector<HTMLElement>('.chat-item[aria-current]')
        ?? list?.querySelector<HTMLElement>('.chat-item');

    (row ?? list)?.focus();
}

function Load({ desk }: { desk: Desk }) {
    const me = desk.inbox.me.value;

    return me === undefined ? null : (
        <span class="load digits" title="Chats that you hold, of those you can">
            {me.active} of {me.capacity}
        </span>
    );
}

function PresenceHint({ desk }: { desk: Desk }) {
    const me = desk.inbox.me.value;
    const state = me?.state;

    if (state === undefined || me?.takes?.split(', ').includes('chat')) {
        return null;
    }

    return (
        <div class="hint" role="status">
            <span>
                You are {presenceWord(state).toLowerCase()}: no chats
                are offered.
            </span>
            <button
                type="button" class="button"
                onClick={() => desk.setPresence('available')}
            >
                Become available
            </button>
        </div>
    );
}

interface GroupProps {
    desk: Desk;
    title: string;
    ids: readonly string[];
}

function Group({ desk, title, ids }: GroupProps) {
    if (ids.length === 0) {
        return null;
    }

    return (
        <section aria-label={title}>
            <h2>{title} <span class="digits">{ids.length}</span></h2>
            <ul>
                {ids.map((conv) => (
                    <li key={conv}><Row desk={desk} conv={conv} /></li>
                ))}
            </ul>
        </section>
    );
}

function Row({ desk, conv }: { desk: Desk; conv: string }) {
    const card = desk.inbox.card(conv)?.value;

    if (card === undefined) {
        return null;
    }

    const name = clientName(card);
    const unread = desk.unread(conv);
    const last = Math.max(card.client_at ?? 0, card.reply_at ?? 0, card.since);
    const now = desk.clock.now.value;
    const offered = card.phase === 'offered';

    return <>
        <button
            type="button"
            class={`chat-item ${card.phase}${unread > 0 ? ' unread' : ''}`}
            aria-current={desk.current.value === conv ? 'true' : undefined}
            data-conv={conv}
            onClick={() => desk.open(conv)}
        >
            <Face id={card.who} name={name} present={card.present} />
            <span class="who">
                <b class="clip">{name}</b>
                <span class="queue clip">{card.queue}</span>
                <span class="hidden-text">
                    {card.present ? ', connected' : ', not connected'}
                </span>
            </span>
            <span class="when">
                {!offered && <time>{ago(now - last)}</time>}
                {offered && !phone.value
                    && <span class="digits">{remaining(card, now)}</span>}
            </span>
            <span class="preview clip" dir="auto">
                {card.preview || 'No message yet'}
            </span>
            {unread > 0 && <Unread count={unread} />}
        </button>
        {offered && phone.value && <OfferAnswer desk={desk} card={card} />}
    </>;
}

function Unread({ count }: { count: number }) {
    return (
        <span class="badge digits">
            {count > 99 ? '99+' : count}
            <span class="hidden-text"> unread</span>
        </span>
    );
}

function Nothing({ desk }: { desk: Desk }) {
    const me = desk.inbox.me.value;

    return (
        <div class="nothing">
            <h2>No chats right now</h2>
            {me?.queues && <p>You serve {me.queues}.</p>}
        </div>
    );
}
