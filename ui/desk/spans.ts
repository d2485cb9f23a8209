/*
 * Spans of time as short words: on tabs, in the list, on offers.
 * Pure functions; milliseconds in, text out.
 */

import { duration } from '../shared/time';
import type { Card } from './inbox';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/* how long a waiting client makes the tab amber, and strongly so */
const GROWS_MS = 60 * SECOND;
const GROWN_MS = 180 * SECOND;

/* "now", "5 min", "3 h", "2 d": calm, for lists */
export function ago(span: number): string {
    if (span < MINUTE) {
        return 'now';
    }

    if (span < HOUR) {
        return `${Math.floor(span / MINUTE)} min`;
    }

    return span < DAY ? `${Math.floor(span / HOUR)} h`
                      : `${Math.floor(span / DAY)} d`;
}

/* Milliseconds that are left of an offer, by the desk's clock. */
export function leftOf(card: Card, now: number): number {
    const left = Math.max(0, (card.expires ?? now) - now);

    return card.accept_ms ? Math.min(left, card.accept_ms) : left;
}

export function remaining(card: Card, now: number): string {
    return duration(Math.ceil(leftOf(card, now) / SECOND) * SECOND);
}

export interface SinceReply {
    span: number;

    /* the client has had no reply at all */
    first: boolean;

    /* 0 calm, 1 amber, 2 strongly amber: somebody waits for an answer */
    grows: 0 | 1 | 2;
}

/* How long since the last reply to the client; without one, since the
   conversation began. */
export function sinceReply(card: Card, now: number): SinceReply {
    const replied = card.reply_at ?? 0;
    const asked = Math.max(card.client_at ?? 0, replied === 0 ? card.since : 0);
    const waits = asked > replied ? now - asked : 0;

    return {
        span: Math.max(0, now - (replied || card.since)),
        first: replied === 0,
        grows: waits >= GROWN_MS ? 2 : waits >= GROWS_MS ? 1 : 0,
    };
}
