/*
 * Beside the conversation: the client, this interaction, and the script.
 *
 * What the visitor typed is shown as plain text; a page becomes a link only
 * when it is http or https.
 */

import type { ComponentChildren } from 'preact';

import { Icon } from '../../shared/icons';
import { fullTimeOf } from '../../shared/time';
import type { Chat } from '../chat';
import type { Desk } from '../desk';
import type { Card } from '../inbox';
import { LOCALE, languageOf, stampOf } from '../locale';
import { clientName } from '../people';
import { scriptFor, scriptLanguage } from '../script';
import { Face } from './face';

interface Props {
    desk: Desk;
    card: Card;
    chat: Chat | undefined;
}

export function Details({ desk, card, chat }: Props) {
    const open = desk.detailsOpen.value;

    return (
        <aside
            class={open ? 'details open' : 'details'} id="details"
            aria-label="Client and script"
        >
            <Client desk={desk} card={card} />
            <section>
                <h3>This chat</h3>
                <dl class="facts">
                    {card.number !== undefined
                        && <Fact name="Interaction">{card.number}</Fact>}
                    <Fact name="Queue">{card.queue}</Fact>
                    <Fact name="Since">
                        <time title={fullTimeOf(card.since, LOCALE)}>
                            {stampOf(card.since)}
                        </time>
                    </Fact>
                    {card.page && <Fact name="Page"><Page card={card} /></Fact>}
                </dl>
            </section>
            {card.phase === 'active' && chat
                && <Script desk={desk} card={card} chat={chat} />}
        </aside>
    );
}

function Client({ desk, card }: { desk: Desk; card: Card }) {
    const name = clientName(card);

    return (
        <section>
            <h3>
                Client
                <button
                    type="button" class="icon-button small only-narrow"
                    aria-label="Close the details"
                    onClick={() => (desk.detailsOpen.value = false)}
                >
                    <Icon name="close" size={16} />
                </button>
            </h3>
            <div class="client">
                <Face id={card.who} name={name} size="large"
                      present={card.present} />
                <div>
                    <b>{name}</b>
                    <span class="quiet">
                        {card.present ? 'Connected' : 'Not connected'}
                    </span>
                </div>
            </div>
            <dl class="facts client-facts">
                {card.email && (
                    <Fact name="E-mail">
                        <a href={`mailto:${encodeURIComponent(card.email)}`}>
                            {card.email}
                        </a>
                    </Fact>
                )}
                {card.lang
                    && <Fact name="Language">{languageOf(card.lang)}</Fact>}
            </dl>
        </section>
    );
}

function Fact({ name, children }: {
    name: string; children: ComponentChildren;
}) {
    return <><dt>{name}</dt><dd dir="auto">{children}</dd></>;
}

function Page({ card }: { card: Card }) {
    const page = card.page ?? '';
    const words = card.title || page;

    return /^https?:\/\//i.test(page) ? (
        <a href={page} title={page} target="_blank"
           rel="noopener noreferrer nofollow">
            {words}
        </a>
    ) : <span>{words}</span>;
}

function Script({ desk, card, chat }: Props & { chat: Chat }) {
    const lines = scriptFor(card.lang, card.name, desk.person.name,
                            card.queue);
    const free = chat.draft.value.trim() === '';

    const take = (text: string) => {
        chat.type(text);
        desk.detailsOpen.value = false;
        desk.focusWanted.value++;
    };

    return (
        <section>
            <h3>
                Script
                <span class="quiet">{languageOf(scriptLanguage(card.lang))}</span>
            </h3>
            {lines.map((line) => (
                <button
                    key={line.title} type="button" class="script-line"
                    disabled={!free} onClick={() => take(line.text)}
                    title={free ? 'Put into the text box'
                                : 'The text box is not empty'}
                    lang={scriptLanguage(card.lang)}
                >
                    <span><b lang="en">{line.title}</b>{line.text}</span>
                </button>
            ))}
        </section>
    );
}
