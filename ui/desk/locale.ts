/*
 * The language in which the desktop writes times: that of its words.
 *
 * Constant; the region, which decides between 14:03 and 2:03 pm, is the
 * browser's where its language is the desktop's too.
 */

const WORDS = 'en';

export const LOCALE = navigator.languages
    .find((tag) => tag.split('-')[0] === WORDS) ?? 'en-GB';

const stamp = new Intl.DateTimeFormat(LOCALE, {
    day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit',
});

const languages = new Intl.DisplayNames([LOCALE], { type: 'language' });

/* "21 Nov, 14:03" */
export function stampOf(at: number): string {
    return stamp.format(at);
}

/* "Portuguese (Brazil)" for pt-BR; the tag itself when it is none. */
export function languageOf(tag: string): string {
    try {
        return languages.of(tag) ?? tag;

    } catch {
        return tag;
    }
}
