/*
 * Where the visitor writes.  Enter sends, Shift+Enter breaks the line; a text
 * that is too long stays here and says by how much.
 */

import type { VNode } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

import { SEND, Drawing } from '../../shared/icons';
import { codePoints } from '../../shared/text';
import { useScreen } from '../host';
import { fill } from '../locale';

const NEAR_LIMIT = 200;


export function Composer(): VNode {
    const { session, language, draft, watched } = useScreen();
    const { texts, locale } = language.value;
    const area = useRef<HTMLTextAreaElement>(null);
    const text = draft.value;
    const left = session.status.value.maxText - codePoints(text.trim());
    const ready = text.trim() !== '' && left >= 0;

    useLayoutEffect(() => {
        const element = area.current;

        if (element) {
            element.style.height = 'auto';
            element.style.height = `${element.scrollHeight}px`;
        }
    }, [text, watched.value]);

    const send = () => {
        if (ready) {
            session.send(text.trim());
            draft.value = '';
            area.current?.focus();
        }
    };

    const onKeyDown = (event: KeyboardEvent) => {
        if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
            event.preventDefault();
            send();
        }
    };

    return (
        <form class="composer" part="composer"
              onSubmit={(event) => { event.preventDefault(); send(); }}>
            <div class="field">
                <textarea ref={area} rows={1} lang={locale}
                          dir={text === '' ? undefined : 'auto'}
                          spellcheck={true} enterkeyhint="send"
                          aria-label={texts.message}
                          aria-invalid={left < 0}
                          aria-describedby="left"
                          placeholder={texts.placeholder} value={text}
                          onKeyDown={onKeyDown}
                          onInput={(event) => {
                              draft.value = event.currentTarget.value;
                              session.typed(draft.value.trim() !== '');
                          }} />
                <button type="submit" class="send" disabled={!ready}
                        aria-label={texts.send} title={texts.send}
                        part="send">
                    <Drawing path={SEND} />
                </button>
            </div>
            <div id="left" class={left < 0 ? 'left bad' : 'left'}
                 role="status">
                {left <= NEAR_LIMIT && fill(
                    left < 0 ? texts.tooMany : texts.left,
                    { n: Math.abs(left) })}
            </div>
        </form>
    );
}
