/*
 * Times for people, in their own zone and language.
 *
 * Purpose:    absolute and relative times from one formatter per language.
 * Owner:      a small cache of Intl formatters, which are slow to make.
 * Invariants: no arithmetic on calendars here; days are those of the viewer.
 */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

type Formats = Record<'time' | 'day' | 'year' | 'full', Intl.DateTimeFormat>
    & { relative: Intl.RelativeTimeFormat };

const cache = new Map<string, Formats>();


function formatsOf(locale: string): Formats {
    let formats = cache.get(locale);

    if (formats === undefined) {
        const format = (options: Intl.DateTimeFormatOptions) =>
            new Intl.DateTimeFormat(locale, options);

        formats = {
            time: format({ hour: 'numeric', minute: '2-digit' }),
            day: format({ weekday: 'long', day: 'numeric', month: 'long' }),
            year: format({ dateStyle: 'long' }),
            full: format({ dateStyle: 'full', timeStyle: 'short' }),
            relative: new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }),
        };
        cache.set(locale, formats);
    }

    return formats;
}


/* "14:03" */
export function timeOf(at: number, locale: string): string {
    return formatsOf(locale).time.format(at);
}


/* "Saturday, 21 November 2026 at 14:03" */
export function fullTimeOf(at: number, locale: string): string {
    return formatsOf(locale).full.format(at);
}


/* A day's number in the viewer's zone: equal for times of the same day. */
export function dayNumber(at: number): number {
    const day = new Date(at);

    return Math.round(
        Date.UTC(day.getFullYear(), day.getMonth(), day.getDate()) / DAY_MS);
}


/* "today", "yesterday", "Thursday, 19 November", "3 May 2025" */
export function dayOf(at: number, locale: string, now = Date.now()): string {
    const formats = formatsOf(locale);
    const days = dayNumber(at) - dayNumber(now);

    if (days === 0 || days === -1) {
        return formats.relative.format(days, 'day');
    }

    return new Date(at).getFullYear() === new Date(now).getFullYear()
        ? formats.day.format(at) : formats.year.format(at);
}


/* "now", "3 minutes ago", "in 2 hours", "yesterday" */
export function relativeTime(at: number, locale: string,
                             now = Date.now()): string
{
    const { relative } = formatsOf(locale);
    const away = at - now;
    const size = Math.abs(away);

    if (size < MINUTE_MS) {
        return relative.format(0, 'second');
    }

    if (size < HOUR_MS) {
        return relative.format(Math.trunc(away / MINUTE_MS), 'minute');
    }

    return size < DAY_MS
        ? relative.format(Math.trunc(away / HOUR_MS), 'hour')
        : relative.format(Math.trunc(away / DAY_MS), 'day');
}


/* "0:07", "12:40", "1:02:09": for clocks that run on the screen */
export function duration(ms: number): string {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    const parts = [
        Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60,
        seconds % 60,
    ];

    if (parts[0] === 0) {
        parts.shift();
    }

    return parts.map((part, i) => String(part).padStart(i ? 2 : 1, '0'))
        .join(':');
}
