/*
 * An offer: its tab's content, the bar that shows it while the agent looks
 * elsewhere, and what stands below its row on a phone, where the list is all
 * there is to see.  All count down the accept time limit.
 */

import { useEffect, useRef } from 'preact/hooks';

import { duration } from '../../shared/time';
import type { Desk } from '../desk';
import type { Card } from '../inbox';
import { isItem, workWord } from '../item';
import { clientName } from '../people';
import { leftOf, remaining } from '../spans';
import { BackButton } from './back';

const LATE_MS = 5000;
const RADIUS = 40;
const ROUND = 2 * Math.PI * RADIUS;

interface Props {
    desk: Desk;
    card: Card;
}

export function Offer({ desk, card }: Props) {
    const name = clientName(card);
    const section = useRef<HTMLElement>(null);

    /* `a` works at once, and Enter cannot accept by mistake */
    useEffect(() => section.current?.focus(), [desk.focusWanted.value]);

    const onKey = (event: KeyboardEvent) => {
        if (event.key === 'a' && !event.ctrlKey && !event.metaKey
            && !event.altKey)
        {
            event.preventDefault();
            desk.accept(card.conv);
        }
    };

    return (
        <section
            class="offer" ref={section} tabIndex={-1}
            aria-labelledby="offer-title" onKeyDown={onKey}
        >
            <BackButton desk={desk} />
            <div class="offer-card">
                <Ring desk={desk} card={card} />
                <div>
                    <h2 id="offer-title">{name}</h2>
                    <p class="quiet">
                        {isItem(card) ? workWord(card) : 'New chat'}
                        {' '}in {card.queue}, waiting for
                        {' '}<Waiting desk={desk} card={card} />
                    </p>
                </div>
                {card.preview && (
                    <blockquote class="offer-said" dir="auto">
                        {card.preview}
                    </blockquote>
                )}
                <Actions desk={desk} card={card} large />
            </div>
        </section>
    );
}

/* Shows the first offer that is not in front of the agent. */
export function OfferBar({ desk }: { desk: Desk }) {
    const conv = desk.inbox.offers.value
        .find((one) => one !== desk.current.value);
    const card = conv ? desk.inbox.card(conv)?.value : undefined;
    const more = desk.inbox.offers.value.length - 1;

    if (card === undefined) {
        return null;
    }

    return (
        <div class="offer-bar" role="region"
             aria-label={isItem(card) ? 'Offered work' : 'Offered chat'}>
            <Ring desk={desk} card={card} small />
            <p class="about clip">
                <b>{clientName(card)}</b>
                <span class="quiet">
                    {isItem(card) && `, ${workWord(card).toLowerCase()}`}
                    {' '}in {card.queue}
                </span>
                {more > 0 && <span class="quiet">, {more} more</span>}
                {card.preview && <span dir="auto">: {card.preview}</span>}
            </p>
            <button
                type="button" class="button"
                onClick={() => desk.open(card.conv)}
            >
                Look
            </button>
            <Actions desk={desk} card={card} />
        </div>
    );
}

/* Below the offer's row in the list. */
export function OfferAnswer({ desk, card }: Props) {
    return (
        <div class="offer-answer" role="group"
             aria-label={`Offer of ${clientName(card)}`}>
            <Ring desk={desk} card={card} small />
            <Actions desk={desk} card={card} />
        </div>
    );
}

function Actions({ desk, card, large }: Props & { large?: boolean }) {
    const size = large ? ' large' : '';
    const under = desk.underWay.value.has(card.conv);
    const off = under || !desk.online.value;
    const buttons = <>
        <button
            type="button" class={`button${size} reject`} disabled={off}
            onClick={() => desk.reject(card.conv)}
        >
            Reject
        </button>
        <button
            type="button" class={`button good${size} accept`} disabled={off}
            aria-keyshortcuts="Alt+A" onClick={() => desk.accept(card.conv)}
        >
            Accept <kbd>Alt+A</kbd>
        </button>
    </>;

    return large ? <div class="offer-actions">{buttons}</div> : buttons;
}

function Waiting({ desk, card }: Props) {
    return (
        <time class="digits">
            {duration(desk.clock.now.value - card.since)}
        </time>
    );
}

function Ring({ desk, card, small }: Props & { small?: boolean }) {
    const now = desk.clock.now.value;
    const left = leftOf(card, now);
    const whole = card.accept_ms || left || 1;
    const seconds = Math.ceil(left / 1000);

    return (
        <div
            class={small ? 'ring small' : 'ring'} role="timer"
            data-late={left <= LATE_MS ? '' : undefined}
            aria-label={`${seconds} seconds left to accept`}
        >
            <svg viewBox="0 0 88 88" aria-hidden="true">
                <circle cx="44" cy="44" r={RADIUS} />
                <circle
                    class="left" cx="44" cy="44" r={RADIUS}
                    style={{
                        strokeDasharray: String(ROUND),
                        strokeDashoffset:
                            String(ROUND * (1 - Math.min(1, left / whole))),
                    }}
                />
            </svg>
            <b class="digits" aria-hidden="true">
                {seconds < 100 ? seconds : remaining(card, now)}
            </b>
        </div>
    );
}
