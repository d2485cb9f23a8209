/*
 * The widget's language: found, loaded, filled in.
 *
 * Purpose:    English comes with the panel, other languages when needed.
 * Owner:      nothing; the host element keeps what was chosen.
 * Invariants: a language that cannot be loaded leaves English, never an
 *             empty screen; texts given by the site win over ours.
 */

import { texts as english, type Texts } from './en';

export type { Texts };

const LANGUAGES: Readonly<Record<string, () => Promise<{ texts: Texts }>>> = {
    ar: () => import('./ar'),
    de: () => import('./de'),
    es: () => import('./es'),
    fr: () => import('./fr'),
    pt: () => import('./pt'),
};

const RIGHT_TO_LEFT = /^(ar|fa|he|ur)\b/;

export interface Language {
    /* BCP 47, for Intl and for the desk */
    locale: string;
    dir: 'ltr' | 'rtl';
    texts: Texts;
}


/* The first wish that is a well-formed tag. */

export function chooseLocale(wishes: readonly (string | null)[]): string {
    for (const wish of wishes) {
        try {
            const tag = wish && Intl.getCanonicalLocales(wish)[0];

            if (tag && tag !== 'und') {
                return tag;
            }
        } catch {
            /* not a language tag: the next wish counts */
        }
    }

    return 'en';
}


export async function loadLanguage(locale: string,
                                   own: Partial<Texts> = {}): Promise<Language>
{
    const load = LANGUAGES[locale.split('-')[0] ?? ''];
    let texts = english;
    let found = locale.startsWith('en') ? locale : 'en';

    if (load !== undefined) {
        try {
            texts = (await load()).texts;
            found = locale;
        } catch {
            /* the file is not to be had: English */
        }
    }

    return {
        locale: found,
        dir: RIGHT_TO_LEFT.test(found) ? 'rtl' : 'ltr',
        texts: { ...texts, ...own },
    };
}


/* fill('{name} is typing', { name: 'Ana' }) */

export function fill(text: string,
                     values: Readonly<Record<string, string | number>>): string
{
    return text.replace(/\{(\w+)\}/g,
                        (whole, key) => String(values[key] ?? whole));
}
