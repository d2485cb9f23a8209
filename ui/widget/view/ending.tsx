/*
 * The end of a chat: the question before it, and what can follow it.
 */

import type { VNode } from 'preact';
import { useState } from 'preact/hooks';

import { useScreen } from '../host';


export function EndQuestion(): VNode {
    const { session, language, asking } = useScreen();
    const { texts } = language.value;
    const [ending, setEnding] = useState(false);

    return (
        <div class="question" role="alertdialog" aria-labelledby="ask"
             aria-describedby="ask-more" part="question">
            <b id="ask">{texts.askEnd}</b>
            <p id="ask-more">{texts.askEndMore}</p>
            <div class="choices">
                <button type="button" class="plain"
                        onClick={() => { asking.value = false; }}>
                    {texts.noEnd}
                </button>
                <button type="button" class="danger" aria-disabled={ending}
                        onClick={() => { setEnding(true); session.end(); }}>
                    {ending ? texts.ending : texts.yesEnd}
                </button>
            </div>
        </div>
    );
}


export function Ended(): VNode {
    const { session, language } = useScreen();

    return (
        <div class="ended">
            <button type="button" class="again" part="again"
                    onClick={() => session.fresh()}>
                {language.value.texts.again}
            </button>
        </div>
    );
}
