/*
 * A chat in its tab: who it is with, the log, who types, the text box; and
 * when it has ended, who ended it.
 */

import { Icon } from '../../shared/icons';
import type { EventFrame, TypingFrame } from '../../shared/tables';
import { timeOf } from '../../shared/time';
import type { Chat } from '../chat';
import type { Desk } from '../desk';
import type { Card } from '../inbox';
import { LOCALE } from '../locale';
import { clientName, isOver } from '../people';
import { BackButton } from './back';
import { Composer } from './composer';
import { Face } from './face';
import { PanelIcon } from './icons';
import { Log } from './log';

interface Props {
    desk: Desk;
    card: Card;
    chat: Chat | undefined;
}

export function ConversationPane({ desk, card, chat }: Props) {
    const name = clientName(card);

    return (
        <section class="conversation" aria-label={`Chat with ${name}`}>
            <Head desk={desk} card={card} />
            {chat?.conversation.ready.value
                ? <Log key={chat.id} desk={desk} chat={chat} name={name} />
                : <Loading />}
            <div class="foot">
                {chat && card.phase === 'active'
                    && <Typing desk={desk} chat={chat} name={name} />}
                {isOver(card)
                    ? <Ended desk={desk} card={card} chat={chat} />
                    : chat && <Composer key={chat.id} desk={desk} chat={chat}
                                        queue={card.queue} name={name}
                                        lang={card.lang} />}
            </div>
        </section>
    );
}

function Head({ desk, card }: { desk: Desk; card: Card }) {
    const name = clientName(card);

    return (
        <header class="conversation-head">
            <BackButton desk={desk} />
            <Face id={card.who} name={name} present={card.present} />
            <div class="about">
                <h2 class="clip">{name}</h2>
                <p class="clip">
                    <span class="presence-word">
                        {card.present ? 'Connected' : 'Not connected'}
                    </span>
                    {', '}{card.queue}
                    {card.number !== undefined && `, no. ${card.number}`}
                </p>
            </div>
            {card.phase === 'active' && (
                <button
                    type="button" class="button end-chat"
                    disabled={desk.underWay.value.has(card.conv)}
                    onClick={() => desk.close(card.conv)}
                >
                    End chat
                </button>
            )}
            <DetailsButton desk={desk} />
        </header>
    );
}

function DetailsButton({ desk }: { desk: Desk }) {
    const open = desk.detailsOpen.value;

    return (
        <button
            type="button" class="icon-button only-narrow"
            aria-expanded={open} aria-controls="details"
            aria-label="Client details" title="Client details"
            onClick={() => (desk.detailsOpen.value = !open)}
        >
            <PanelIcon />
        </button>
    );
}

function Loading() {
    return (
        <div class="log nothing" role="status">
            <span class="spinner" />
            <span class="hidden-text">Loading the conversation</span>
        </div>
    );
}

function Typing({ desk, chat, name }: {
    desk: Desk; chat: Chat; name: string;
}) {
    const others = [...chat.conversation.typing.value.values()]
        .filter((one) => one.who !== desk.person.who);

    return (
        <p class="typing" role="status">
            {others.length > 0 && <>
                <span class="typing-dots" aria-hidden="true">
                    <i /><i /><i />
                </span>
                {words(others, name)}
            </>}
        </p>
    );
}

function words(typing: readonly TypingFrame[], client: string): string {
    const names = typing.map((one) => one.name
        || (one.role === 'visitor' ? client : one.who));

    return names.length === 1 ? `${names[0]} is typing`
                              : `${names.join(', ')} are typing`;
}

function Ended({ desk, card, chat }: Props) {
    const event = chat?.conversation.log.value.findLast(
        (one): one is EventFrame => one.t === 'event'
            && one.what === 'ended');

    return (
        <div class="ended" role="status">
            <Icon name="leave" />
            <p>
                <b>{endedBy(desk, card, event)}</b>
                <span class="quiet">
                    {event && `At ${timeOf(event.at, LOCALE)}. `}
                    Nothing more can be written here.
                </span>
            </p>
            <button
                type="button" class="button"
                disabled={desk.underWay.value.has(card.conv)}
                onClick={() => desk.close(card.conv)}
            >
                Remove from inbox
            </button>
        </div>
    );
}

function endedBy(
    desk: Desk, card: Card, event: EventFrame | undefined,
): string {
    switch (card.closed_by) {
    case 'visitor':
        return `${clientName(card)} ended the chat`;
    case 'agent':
        return event === undefined || event.who === desk.person.who
            ? 'You ended the chat'
            : `${event.name || event.who} ended the chat`;
    default:
        return 'The chat was ended by the desk';
    }
}
