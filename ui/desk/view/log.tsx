/*
 * The log of a chat: balloons with sender, date and time, days, events.
 *
 * Owns the scroll position: the log follows its end only while it stands
 * there; who reads further up stays where they are and gets a button.
 */

import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

import { Icon } from '../../shared/icons';
import type { IconName } from '../../shared/icons';
import type { OutboxItem } from '../../shared/outbox';
import { LIMITS } from '../../shared/tables';
import type { EventFrame } from '../../shared/tables';
import { Text } from '../../shared/text';
import { dayOf, fullTimeOf, timeOf } from '../../shared/time';
import type { Chat } from '../chat';
import type { Desk } from '../desk';
import { linesOf } from '../lines';
import type { Balloon, BalloonState, Line } from '../lines';
import { LOCALE, stampOf } from '../locale';
import { Menu } from './choices';
import { Face } from './face';

const NEAR_PX = 48;

const STATES: Readonly<Record<BalloonState, readonly [IconName, string]>> = {
    sending: ['clock', 'Sending'],
    sent: ['check', 'Sent'],
    delivered: ['checks', 'Delivered'],
    read: ['checks', 'Read'],
    failed: ['alert', 'Not sent'],
};

interface Props {
    desk: Desk;
    chat: Chat;

    /* the client's name, where a frame has none */
    name: string;
}

export function Log({ desk, chat, name }: Props) {
    const box = useRef<HTMLDivElement>(null);
    const below = useSignal(0);
    const lines = useComputed(() => linesOf({
        log: chat.conversation.log.value,
        items: chat.outbox.value.items.value,
        who: desk.person.who,
        newsFrom: chat.newsFrom.value,
        picks: chat.conversation.picks.value,
        keyOf: (mid) => chat.outbox.value.keyOf(mid),
        deliveryOf: (message) => chat.conversation.deliveryOf(message),
    })).value;
    const count = lines.length;

    useFollow(chat, box, below, lines);

    return <>
        <div
            class="log" ref={box} role="log" tabIndex={0}
            aria-label={`Conversation with ${name}`}
            onScroll={() => scrolled(chat, box.current, below)}
        >
            <div class="log-lines">
                {isCut(chat) && (
                    <p class="note">
                        These are the last {LIMITS.WINDOW} messages.
                    </p>
                )}
                {lines.map((line) => (
                    <OneLine key={line.key} line={line} desk={desk}
                             chat={chat} client={name} />
                ))}
            </div>
        </div>
        {!chat.atEnd.value && count > 0 && (
            <div class="foot">
                <button
                    type="button" class="button to-newest"
                    onClick={() => toEnd(box.current)}
                >
                    <Icon name="down" size={16} />
                    {below.value === 0 ? 'To the newest'
                        : below.value === 1 ? '1 new message'
                        : `${below.value} new messages`}
                </button>
            </div>
        )}
    </>;
}

/* Follows the end while the log stands there; counts what comes below. */
function useFollow(
    chat: Chat, box: { current: HTMLDivElement | null },
    below: { value: number }, lines: readonly Line[],
): void {
    const said = lines.filter((line) => line.is === 'balloon').length;
    const known = useRef(said);
    const last = lines.at(-1);
    const own = last?.is === 'balloon' && last.item !== undefined;

    useLayoutEffect(() => {
        if (chat.atEnd.peek() || (own && said > known.current)) {
            toEnd(box.current);

        } else {
            below.value += Math.max(0, said - known.current);
        }

        known.current = said;
    }, [last?.key, said]);

    useEffect(() => {
        const watch = new ResizeObserver(() => {
            if (chat.atEnd.peek()) {
                toEnd(box.current);
            }
        });

        chat.atEnd.value = true;

        if (box.current !== null) {
            watch.observe(box.current);
            watch.observe(box.current.firstElementChild as Element);
        }

        return () => {
            watch.disconnect();
            chat.atEnd.value = true;
        };
    }, [chat]);
}

function scrolled(
    chat: Chat, box: HTMLDivElement | null, below: { value: number },
): void {
    if (box !== null) {
        chat.atEnd.value = box.scrollHeight - box.scrollTop
            - box.clientHeight < NEAR_PX;

        if (chat.atEnd.peek()) {
            below.value = 0;
        }
    }
}

function toEnd(box: HTMLDivElement | null): void {
    box?.scrollTo({ top: box.scrollHeight });
}

/* The conversation began before what the window holds. */
function isCut(chat: Chat): boolean {
    const first = chat.conversation.log.value[0];

    return first !== undefined
        && !(first.t === 'event' && first.what === 'opened');
}

interface LineProps {
    line: Line;
    desk: Desk;
    chat: Chat;
    client: string;
}

function OneLine({ line, desk, chat, client }: LineProps) {
    switch (line.is) {
    case 'day':
        return <p class="day">{capital(dayOf(line.at, LOCALE))}</p>;

    case 'news':
        return <p class="news">New</p>;

    case 'event':
        return (
            <p class="note">
                {happened(line.event, desk.person.who, client)}{' '}
                <time dateTime={new Date(line.event.at).toISOString()}>
                    {timeOf(line.event.at, LOCALE)}
                </time>
            </p>
        );

    default:
        return <OneBalloon line={line} chat={chat} client={client}
                           agent={desk.person.name} />;
    }
}

interface BalloonProps {
    line: Balloon;
    chat: Chat;
    client: string;
    agent: string;
}

function OneBalloon({ line, chat, client, agent }: BalloonProps) {
    const name = line.name || (line.own ? agent : client);
    const parts = ['balloon-row'];

    if (line.own) {
        parts.push('own');
    }

    if (line.first) {
        parts.push('first');
    }

    if (line.state === 'sending' || line.state === 'failed') {
        parts.push(line.state);
    }

    return (
        <article class={parts.join(' ')} data-state={line.state}>
            {line.first ? (
                <p class="balloon-head">
                    <b>{name}</b>
                    <time dateTime={new Date(line.at).toISOString()}
                          title={fullTimeOf(line.at, LOCALE)}>
                        {stampOf(line.at)}
                    </time>
                </p>
            ) : (
                <p class="hidden-text">{name}, {stampOf(line.at)}</p>
            )}
            {line.first && !line.own && (
                <Face id={line.from} name={name} size="small" />
            )}
            <div class="balloon" dir="auto">
                {line.pick && (
                    <span class="pick-mark">
                        <Icon name="check" size={14} />
                        <span class="hidden-text">Picked: </span>
                    </span>
                )}
                <Text text={line.text} />
            </div>
            {line.choices
                && <Menu choices={line.choices} picked={line.picked} />}
            {line.state !== undefined && line.says && (
                <State state={line.state} item={line.item} chat={chat} />
            )}
        </article>
    );
}

interface StateProps {
    state: BalloonState;
    item: OutboxItem | undefined;
    chat: Chat;
}

function State({ state, item, chat }: StateProps) {
    const [icon, word] = STATES[state];
    const outbox = chat.outbox.peek();

    return (
        <p class={`balloon-state ${state}`}>
            <Icon name={icon} size={14} />
            <span>
                {word}
                {item?.waiting && ', the desk is busy and will be asked again'}
                {item?.error && `: ${item.error.text}`}
            </span>
            {item?.state === 'failed' && <>
                <button type="button" class="link"
                        onClick={() => outbox.retry(item.id)}>
                    Try again
                </button>
                <button type="button" class="link"
                        onClick={() => outbox.discard(item.id)}>
                    Discard
                </button>
            </>}
        </p>
    );
}

function happened(event: EventFrame, who: string, client: string): string {
    const name = event.who === who && event.role === 'agent' ? 'You'
        : event.name || (event.role === 'visitor' ? client : 'The desk');

    switch (event.what) {
    case 'opened':
        return `${name} opened the chat`;
    case 'joined':
        return `${name} joined`;
    case 'left':
        return `${name} left`;
    case 'requeued':
        return 'The chat waits for an agent again';
    case 'invited':
        return `${name} was invited`;
    case 'handing':
        return `The chat is being handed on to ${name}`;
    case 'returned':
        return `${event.name ?? 'Nobody'} did not take the chat`;
    case 'hand_up':
        return `${name} asks for help`;
    case 'hand_down':
        return `${name} needs no help any more`;
    case 'ended':
        return `${name} ended the chat`;
    default:
        return `${name}: ${event.what}`;
    }
}

function capital(text: string): string {
    return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
