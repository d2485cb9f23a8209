/*
 * The inbox list: offers on top, then active chats, then ended ones; or in
 * its place the cards of ongoing messages.
 *
 * Each row hears its own card only, so that a busy chat draws one row.
 */

import { useEffect, useRef } from 'preact/hooks';

import type { Desk } from '../desk';
import { isItem, workWord } from '../item';
import { phone } from '../media';
import { clientName, updatedAt } from '../people';
import { ago, remaining } from '../spans';
import { stateReason, stateWord, takes } from '../states';
import { Face, WorkFace } from './face';
import { OfferAnswer } from './offer';
import { OngoingCards } from './ongoing';

export function InboxList({ desk }: { desk: Desk }) {
    const cards = desk.ongoing.open.value;
    const list = useRef<HTMLElement>(null);
    const wanted = desk.listWanted.value;

    useEffect(() => {
        if (wanted > 0) {
            toList(list.current);
        }
    }, [wanted]);

    return (
        <section class="inbox" ref={list} tabIndex={-1}
                 aria-labelledby="inbox-title">
            <header class="inbox-head">
                <h1 id="inbox-title">
                    {cards ? 'Ongoing messages' : 'Inbox'}
                </h1>
                <Load desk={desk} />
            </header>
            <PresenceHint desk={desk} />
            <div class="inbox-body">
                {cards ? <OngoingCards desk={desk} /> : <Groups desk={desk} />}
            </div>
        </section>
    );
}

function Groups({ desk }: { desk: Desk }) {
    const { offers, active, closed, loaded } = desk.inbox;
    const empty = offers.value.length + active.value.length
        + closed.value.length === 0;

    return <>
        <Group desk={desk} title="Offers" ids={offers.value} />
        <Group desk={desk} title="Active" ids={active.value} />
        <Group desk={desk} title="Ended" ids={closed.value} />
        {empty && loaded.value && <Nothing desk={desk} />}
    </>;
}

/* To the current chat's row, or the first, or the list itself. */
function toList(list: HTMLElement | null): void {
    const row = list?.querySelector<HTMLElement>('button[aria-current]')
        ?? list?.querySelector<HTMLElement>('button[data-conv]');

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
    const word = stateWord(me);

    if (me === undefined || takes(me, 'chat') || takes(me, 'messaging')) {
        return null;
    }

    return (
        <div class="hint" role="status">
            <span>
                You are {word.toLowerCase()}: no chats are offered.
                {' '}{stateReason(me)}
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
    const unread = desk.waiting.unread(conv);
    const last = updatedAt(card);
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
            {isItem(card) ? <WorkFace />
                : <Face id={card.who} name={name} present={card.present} />}
            <span class="who">
                <b class="clip">{name}</b>
                <span class="queue clip">{card.queue}</span>
                {!isItem(card) && (
                    <span class="hidden-text">
                        {card.present ? ', connected' : ', not connected'}
                    </span>
                )}
            </span>
            <span class="when">
                {!offered && <time>{ago(now - last)}</time>}
                {offered && !phone.value
                    && <span class="digits">{remaining(card, now)}</span>}
            </span>
            <span class="preview clip" dir="auto">
                {isItem(card) ? workWord(card)
                              : card.preview || 'No message yet'}
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
