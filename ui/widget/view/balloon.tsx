/*
 * One line of the log: a message with its sender, time and how far it has
 * come, or something that happened.
 */

import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { Avatar } from '../../shared/avatar';
import type { Delivery } from '../../shared/conversation';
import { ALERT, CHECK, CHECKS, CLOCK, Drawing } from '../../shared/icons';
import type { OutboxItem } from '../../shared/outbox';
import type { EventFrame, MessageFrame } from '../../shared/tables';
import { Text } from '../../shared/text';
import { fullTimeOf, timeOf } from '../../shared/time';
import { useScreen } from '../host';
import { fill, type Texts } from '../locale';
import { Menu } from './menu';

const TICK_MS = 500;

const ICONS: Record<OutboxItem['state'] | Delivery, string> = {
    sending: CLOCK, sent: CHECK, delivered: CHECKS, read: CHECKS,
    failed: ALERT,
};

interface BalloonProps {
    who: string;
    name: string;
    own: boolean;
    /* the first of several in a row has the name and the face */
    first: boolean;
    at: number;
    text: string;
    state?: string;
    /* stands beside the time */
    mark?: ComponentChildren;
    /* stands below */
    children?: ComponentChildren;
}


function Balloon(props: BalloonProps): VNode {
    const { locale } = useScreen().language.value;
    const { own, first, at } = props;

    return (
        <div class={`line ${own ? 'own' : 'other'} ${first ? 'first' : ''} `
                    + (props.state ?? '')}>
            {!own && (first ? <Avatar id={props.who} name={props.name} />
                            : <span class="avatar" />)}
            <div class="stack">
                <div class={first ? 'sender' : 'sender quiet'}>
                    {props.name}
                </div>
                <div class="balloon"
                     part={own ? 'balloon own' : 'balloon'}>
                    <span class="text" dir="auto"><Text text={props.text} />
                    </span>
                    <span class="meta">
                        <time dateTime={new Date(at).toISOString()}
                              title={fullTimeOf(at, locale)}>
                            {timeOf(at, locale)}
                        </time>
                        {props.mark}
                    </span>
                </div>
                {props.children}
            </div>
        </div>
    );
}


/* `spoken`: unless the same words stand below. */

function State({ icon, text, spoken }: {
    icon: string; text: string; spoken: boolean;
}): VNode {
    return (
        <span class="state" title={text}>
            <Drawing path={icon} size={16} />
            {spoken && <span class="quiet">{text}</span>}
        </span>
    );
}


/* Seconds until a time, counted down while it is ahead. */

function useSecondsTo(until: number | undefined): number {
    const [now, setNow] = useState(Date.now());

    useEffect(() => {
        if (until === undefined) {
            return undefined;
        }

        const timer = setInterval(() => setNow(Date.now()), TICK_MS);

        return () => clearInterval(timer);
    }, [until]);

    return Math.max(1, Math.ceil(((until ?? now) - now) / 1000));
}


function whyOf(item: OutboxItem, texts: Texts): string {
    switch (item.error?.code) {
    case 'closed':
        return texts.whyClosed;

    case 'too_long':
        return texts.whyTooLong;
    }

    return texts.whyOther;
}


function OutgoingNote({ item }: { item: OutboxItem }): VNode | null {
    const { session, language } = useScreen();
    const { texts } = language.value;
    const seconds = useSecondsTo(item.waiting?.until);

    if (item.state === 'failed') {
        return (
            <div class="note bad" role="alert">
                {texts.failed}. {whyOf(item, texts)}
                <button type="button" class="link"
                        onClick={() => session.retry(item.id)}>
                    {texts.retry}
                </button>
                <button type="button" class="link"
                        onClick={() => session.discard(item.id)}>
                    {texts.discard}
                </button>
            </div>
        );
    }

    if (item.waiting !== undefined) {
        return (
            <div class="note wait">
                {fill(item.waiting.code === 'rate_limited'
                          ? texts.tooFast : texts.later, { n: seconds })}
            </div>
        );
    }

    return item.state === 'sending'
        && session.status.value.link !== 'online'
        ? <div class="note">{texts.queued}</div> : null;
}


/* A message of the log, or one on its way there: the same component, so that
   the element stays the same and is announced once. */

export function MessageLine({ message, item, first, last }: {
    message?: MessageFrame; item?: OutboxItem; first: boolean; last: boolean;
}): VNode {
    const { session, language } = useScreen();
    const { texts } = language.value;

    if (message !== undefined && message.role !== 'visitor') {
        return <Balloon who={message.from} first={first} own={false}
                        name={message.name ?? texts.agent} at={message.at}
                        text={message.text}>
            {message.choices && <Menu message={message} />}
        </Balloon>;
    }

    const state = item?.state
        ?? (message && session.conversation.value?.deliveryOf(message))
        ?? 'sent';

    return (
        <Balloon who={session.status.value.who} name={texts.you} own={true}
                 first={first} state={state}
                 at={message?.at || item?.ack?.at || item?.at || 0}
                 text={(message ?? item)?.text ?? ''}
                 mark={<State icon={ICONS[state]} text={texts[state]}
                              spoken={!last} />}>
            {item !== undefined ? <OutgoingNote item={item} />
                : last && <div class="note">{texts[state]}</div>}
        </Balloon>
    );
}


function wordsFor(event: EventFrame, me: string, texts: Texts): string {
    const name = event.name ?? (event.role === 'agent' ? texts.agent : '');

    switch (event.what) {
    case 'opened':
        return texts.opened;

    case 'joined':
        return fill(texts.joined, { name });

    case 'left':
        return fill(texts.leftChat, { name });

    case 'requeued':
        return texts.requeued;

    case 'ended':
        return event.who === me || event.role === 'visitor'
            ? texts.endedByYou
            : name ? fill(texts.endedBy, { name }) : texts.ended;

    default:
        return event.what;      /* what this version does not know */
    }
}


export function EventLine({ event }: { event: EventFrame }): VNode {
    const { session, language } = useScreen();
    const { locale, texts } = language.value;

    return (
        <div class="event">
            {wordsFor(event, session.status.value.who, texts)}
            {' \u00b7 '}
            <time dateTime={new Date(event.at).toISOString()}
                  title={fullTimeOf(event.at, locale)}>
                {timeOf(event.at, locale)}
            </time>
        </div>
    );
}
