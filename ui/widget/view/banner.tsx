/*
 * News of the connection, when there is something to say.  A connection that
 * comes back within GRACE_MS is not worth a word.
 */

import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { ALERT, OFFLINE, Drawing } from '../../shared/icons';
import { CLOSES } from '../../shared/tables';
import { useScreen } from '../host';
import type { Texts } from '../locale';
import type { Status } from '../share';

const GRACE_MS = 1_200;


function newsOf(status: Status, texts: Texts): string {
    switch (status.link) {
    case 'online':
        return '';

    case 'offline':
        return texts.offline;

    case 'denied':
        return status.denial === CLOSES.SUPERSEDED
            ? texts.elsewhere : texts.denied;
    }

    if (status.trouble !== '') {
        return texts.unavailable;
    }

    return status.link === 'reconnecting'
        ? texts.reconnecting : texts.connecting;
}


export function Banner(): VNode {
    const { session, language } = useScreen();
    const status = session.status.value;
    const news = newsOf(status, language.value.texts);
    const [late, setLate] = useState(false);
    const away = news !== '';

    useEffect(() => {
        if (!away) {
            setLate(false);
            return undefined;
        }

        const timer = setTimeout(() => setLate(true), GRACE_MS);

        return () => clearTimeout(timer);
    }, [away]);

    const shown = away && late;

    return (
        <div class={`banner ${status.link}`} role="status"
             hidden={!shown} part="banner">
            {shown && <Drawing path={status.link === 'offline' ? OFFLINE : ALERT}
                              size={18} />}
            <span>{shown && news}</span>
            {shown && status.link !== 'offline' && (
                <button type="button" class="link"
                        onClick={() => session.wake()}>
                    {language.value.texts.tryNow}
                </button>
            )}
        </div>
    );
}
