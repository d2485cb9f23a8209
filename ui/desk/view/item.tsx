/*
 * A work item in its tab: what is to be done, and where.
 *
 * The link opens another tab that knows nothing of this one.
 */

import { Icon } from '../../shared/icons';
import { fullTimeOf } from '../../shared/time';
import type { Desk } from '../desk';
import type { Card } from '../inbox';
import { itemAddress, workWord } from '../item';
import { LOCALE, stampOf } from '../locale';
import { clientName, isOver } from '../people';
import { BackButton } from './back';
import { WorkFace } from './face';

interface Props {
    desk: Desk;
    card: Card;
}

export function ItemPane({ desk, card }: Props) {
    const title = clientName(card);
    const under = desk.underWay.value.has(card.conv);

    return (
        <section class="conversation item"
                 aria-label={`${workWord(card)}: ${title}`}>
            <header class="conversation-head">
                <BackButton desk={desk} />
                <WorkFace />
                <div class="about">
                    <h2 class="clip" dir="auto">{title}</h2>
                    <p class="clip">
                        {workWord(card)}{', '}{card.queue}
                        {card.number !== undefined && `, no. ${card.number}`}
                    </p>
                </div>
                {card.phase === 'active' && (
                    <button
                        type="button" class="button end-chat"
                        disabled={under} onClick={() => desk.close(card.conv)}
                    >
                        Done
                    </button>
                )}
            </header>
            <div class="item-body">
                <h3 dir="auto">{title}</h3>
                <p class="quiet">
                    In {card.queue} since
                    {' '}<time title={fullTimeOf(card.since, LOCALE)}>
                        {stampOf(card.since)}
                    </time>
                </p>
                <Link card={card} />
            </div>
            {isOver(card) && (
                <div class="foot">
                    <div class="ended" role="status">
                        <Icon name="leave" />
                        <p><b>{endedWords(card)}</b></p>
                        <button
                            type="button" class="button" disabled={under}
                            onClick={() => desk.close(card.conv)}
                        >
                            Remove from inbox
                        </button>
                    </div>
                </div>
            )}
        </section>
    );
}

function Link({ card }: { card: Card }) {
    const address = itemAddress(card);

    if (address === undefined) {
        return card.link ? <p class="quiet">{card.link}</p> : null;
    }

    return (
        <p>
            <a class="item-link" href={address} title={address}
               target="_blank" rel="noopener noreferrer nofollow">
                Open {address}
            </a>
        </p>
    );
}

function endedWords(card: Card): string {
    return card.closed_by === 'agent' ? `${workWord(card)} is done`
        : `${workWord(card)} was cancelled`;
}
