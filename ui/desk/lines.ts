/*
 * The log of a chat as lines to draw: days, what happened, balloons.
 *
 * Pure.  Messages that are still on their way come after those that the
 * desk has numbered.  Neighbours of one sender within one minute share one
 * head with sender, date and time.
 */

import type { Delivery, Entry } from '../shared/conversation';
import type { OutboxItem } from '../shared/outbox';
import type { EventFrame } from '../shared/tables';
import { dayNumber } from '../shared/time';

const MINUTE = 60_000;

export type BalloonState = Delivery | 'sending' | 'failed';

export interface Balloon {
    is: 'balloon';
    key: string;
    from: string;
    name: string;
    own: boolean;
    text: string;
    at: number;

    /* the first of its sender and minute: it carries the head */
    first: boolean;

    /* of own messages only */
    state?: BalloonState;

    /* words below it: always for what is under way or failed, else for the
       newest own message */
    says: boolean;
    item?: OutboxItem;

    /* of a menu: its options, and what was picked */
    choices?: readonly string[];
    picked?: string;

    /* the text was picked from a menu */
    pick: boolean;
}

export type Line =
    | { is: 'day'; key: string; at: number }
    | { is: 'news'; key: string }
    | { is: 'event'; key: string; event: EventFrame }
    | Balloon;

export interface Source {
    log: readonly Entry[];
    items: readonly OutboxItem[];
    who: string;
    newsFrom: number;
    picks: ReadonlyMap<string, string>;
    keyOf: (mid: string) => string;
    deliveryOf: (message: Extract<Entry, { t: 'message' }>) => Delivery;
}

export function linesOf(source: Source): Line[] {
    const lines: Line[] = [];
    let day = NaN;

    const put = (at: number, line: Line) => {
        if (dayNumber(at) !== day) {
            day = dayNumber(at);
            lines.push({ is: 'day', key: `day.${day}`, at });
        }

        if (line.is === 'balloon') {
            line.first = !continues(lines.at(-1), line);
        }

        lines.push(line);
    };

    for (const entry of source.log) {
        if (entry.t === 'event') {
            put(entry.at, { is: 'event', key: `n.${entry.n}`, event: entry });
            continue;
        }

        if (source.newsFrom > 0 && entry.v === source.newsFrom) {
            lines.push({ is: 'news', key: 'news' });
        }

        put(entry.at, ofMessage(entry, source));
    }

    for (const item of source.items) {
        put(item.ack?.at ?? item.at, ofItem(item, source.who));
    }

    sayLast(lines);

    return lines;
}

function ofMessage(
    message: Extract<Entry, { t: 'message' }>, source: Source,
): Balloon {
    const own = message.role === 'agent' && message.from === source.who;

    return {
        is: 'balloon', key: source.keyOf(message.mid), own,
        from: message.from, name: message.name ?? '', text: message.text,
        at: message.at, first: true, says: false,
        choices: message.choices, picked: source.picks.get(message.mid),
        pick: message.picks !== undefined,
        ...(own && { state: source.deliveryOf(message) }),
    };
}

function ofItem(item: OutboxItem, who: string): Balloon {
    return {
        is: 'balloon', key: item.id, own: true, from: who, name: '',
        text: item.text, at: item.ack?.at || item.at, first: true,
        state: item.state, says: item.state !== 'sent', item,
        choices: item.choices, pick: false,
    };
}

function continues(before: Line | undefined, line: Balloon): boolean {
    return before?.is === 'balloon' && before.from === line.from
        && Math.floor(before.at / MINUTE) === Math.floor(line.at / MINUTE);
}

function sayLast(lines: readonly Line[]): void {
    for (let at = lines.length - 1; at >= 0; at--) {
        const line = lines[at];

        if (line?.is === 'balloon' && line.own) {
            line.says = true;
            return;
        }
    }
}
