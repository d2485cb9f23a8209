/*
 * Before the first message: a greeting and two fields that may stay empty.
 */

import type { VNode } from 'preact';

import { useScreen } from '../host';


export function Welcome(): VNode {
    const { session, language } = useScreen();
    const { texts } = language.value;
    const { name = '', email = '' } = session.profile.value;

    return (
        <div class="welcome">
            <h3>{texts.welcome}</h3>
            <p>{texts.welcomeMore}</p>
            <div class="fields">
                <label>
                    <span>{texts.name} <small>{texts.optional}</small></span>
                    <input name="name" autocomplete="name" maxLength={80}
                           value={name}
                           onInput={(event) => session.setProfile({
                               name: event.currentTarget.value.trim(),
                           })} />
                </label>
                <label>
                    <span>{texts.email} <small>{texts.optional}</small></span>
                    <input name="email" type="email" autocomplete="email"
                           maxLength={254} dir="ltr" value={email}
                           onInput={(event) => session.setProfile({
                               email: event.currentTarget.value.trim(),
                           })} />
                </label>
            </div>
        </div>
    );
}
