/*
 * The conversation: messages, what happened between them, and what is still
 * on its way.
 *
 * Purpose:    one flat list, so that a message keeps its element from the
 *             first key to "read" and only new ones are announced.
 * Owner:      the place that the visitor has scrolled to.
 * Invariants: the list follows new messages only while its end is in sight.
 */

import type { VNode } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

import type { Entry } from '../../shared/conversation';
import { CLOCK, DOWN, Drawing } from '../../shared/icons';
import type { OutboxItem } from '../../shared/outbox';
import { dayNumber, dayOf } from '../../shared/time';
import { useScreen, type Screen } from '../host';
import { agentsOf, phaseOf } from '../people';
import { EventLine, MessageLine } from './balloon';
import { Welcome } from './welcome';

const NEAR_PX = 60;
const TOGETHER_MS = 5 * 60_000;

interface Line {
    key: string;
    at: number;
    /* who says it; nothing for what merely happened */
    from: string;
    entry?: Entry;
    item?: OutboxItem;
}


function linesOf({ session }: Screen): Line[] {
    const me = session.status.value.who;
    const entries = session.conversation.value?.log.value ?? [];
    const shown = new Set<string>();
    const lines: Line[] = entries.map((entry) => {
        const key = entry.t === 'message'
            ? session.keyOf(entry.mid) : `e${entry.n}`;

        shown.add(key);

        return {
            key, entry, at: entry.at,
            from: entry.t !== 'message' ? ''
                : entry.role === 'visitor' ? me : entry.from,
        };
    });

    for (const item of session.items.value) {
        if (!shown.has(item.id)) {
            lines.push({ key: item.id, item, at: item.at, from: me });
        }
    }

    return lines;
}


/* Follows the end of the list while it is in sight. */

function useFollowing(lines: readonly Line[], mine: boolean) {
    const { watched } = useScreen();
    const box = useRef<HTMLDivElement>(null);
    const near = useRef(true);
    const [behind, setBehind] = useState(false);
    const last = lines.at(-1)?.key;

    const toEnd = () => {
        box.current?.scrollTo({ top: box.current.scrollHeight });
        setBehind(false);
    };

    useLayoutEffect(() => {
        if (near.current || mine) {
            toEnd();
        } else {
            setBehind(true);
        }
    }, [last, lines.length]);

    useLayoutEffect(() => {
        const element = box.current;
        const observer = new ResizeObserver(() => near.current && toEnd());

        if (element?.firstElementChild) {
            observer.observe(element);
            observer.observe(element.firstElementChild);
        }

        return () => observer.disconnect();
    }, []);

    const onScroll = () => {
        const { scrollTop = 0, scrollHeight = 0, clientHeight = 0 } =
            box.current ?? {};

        if (watched.value && clientHeight > 0) {
            near.current = scrollHeight - scrollTop - clientHeight < NEAR_PX;
            setBehind((was) => was && !near.current);
        }
    };

    return { box, behind, toEnd, onScroll };
}


function Lines({ lines }: { lines: readonly Line[] }): VNode {
    const { language } = useScreen();
    const { locale } = language.value;
    const lastOwn = lines.findLast((line) =>
        line.entry?.t === 'message' && line.entry.role === 'visitor')?.key;

    return (
        <>
            {lines.flatMap((line, i) => {
                const before = lines[i - 1];
                const newDay = before === undefined
                    || dayNumber(before.at) !== dayNumber(line.at);
                const first = newDay || line.from !== before.from
                    || line.at - before.at > TOGETHER_MS;

                return [
                    newDay && (
                        <div class="day" key={`d${line.key}`}>
                            <span>{dayOf(line.at, locale)}</span>
                        </div>
                    ),
                    line.entry?.t === 'event'
                        ? <EventLine key={line.key} event={line.entry} />
                        : <MessageLine key={line.key} first={first}
                                       message={line.entry} item={line.item}
                                       last={line.key === lastOwn} />,
                ];
            })}
        </>
    );
}


function Typing(): VNode | null {
    const { session, language } = useScreen();
    const conversation = session.conversation.value;
    const names = [...conversation?.typing.value.values() ?? []]
        .filter((typing) => typing.role === 'agent')
        .map((typing) => typing.name ?? language.value.texts.agent);

    return names.length === 0 ? null : (
        <div class="typing" part="typing">
            <span class="dots" aria-hidden="true"><i /><i /><i /></span>
            {language.value.texts.typing.replace('{name}', names.join(', '))}
        </div>
    );
}


function Waiting(): VNode | null {
    const { session, language } = useScreen();
    const conversation = session.conversation.value;
    const phase = phaseOf(conversation);
    const { texts } = language.value;

    return (phase === 'waiting' || phase === 'offered')
        && agentsOf(conversation).length === 0 ? (
            <div class="waiting" part="waiting">
                <Drawing path={CLOCK} />
                <div>
                    <b>{texts.waiting}</b>
                    <p>{texts.waitingMore}</p>
                </div>
            </div>
        ) : null;
}


export function Log(): VNode {
    const screen = useScreen();
    const { session, language, watched } = screen;
    const { texts } = language.value;
    const lines = linesOf(screen);
    const conversation = session.conversation.value;
    const { box, behind, toEnd, onScroll } = useFollowing(
        lines, lines.at(-1)?.item !== undefined);
    const head = conversation?.headV.value ?? 0;
    const seeing = watched.value;

    useLayoutEffect(() => {
        if (seeing) {
            session.saw(head);
        }
    }, [seeing, head]);

    return (
        <div class="scroll" ref={box} onScroll={onScroll} tabIndex={0}
             aria-label={texts.log} role="group">
            <div class="content">
                {lines.length === 0 && session.status.value.conv === ''
                    && <Welcome />}
                <div role="log" aria-live="polite" aria-relevant="additions"
                     aria-label={texts.log} part="log">
                    <Lines lines={lines} />
                </div>
                <div role="status">
                    <Waiting />
                    <Typing />
                </div>
            </div>
            {behind && (
                <button type="button" class="newer" onClick={toEnd}>
                    <Drawing path={DOWN} size={16} />
                    {texts.newMessages}
                </button>
            )}
        </div>
    );
}
