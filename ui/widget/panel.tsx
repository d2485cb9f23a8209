/*
 * The panel: everything of the widget that comes with the first intent.
 *
 * Purpose:    joins the session, the language and the screen to the element.
 * Owner:      the content of the element's section, and the session.
 * Invariants: mounted once for each element; after forget() nothing runs.
 */

import { computed, effect, signal } from '@preact/signals';
import { render } from 'preact';

import { trapFocus } from './focus';
import { ScreenContext, type Host, type Screen } from './host';
import { chooseLocale, loadLanguage } from './locale';
import { Session, type Profile } from './session';
import foot from './style/foot.css';
import frame from './style/frame.css';
import log from './style/log.css';
import palette from './style/palette.css';
import surroundings from './style/surroundings.css';
import { App } from './view/app';

const PHONE = '(max-width: 480px)';

export interface Panel {
    shown(focus: boolean): void;
    hidden(): void;
    update(): void;
    identify(profile: Profile): void;
    write(text: string): void;
    forget(): void;
}


/* A condition of the page as a signal. */

function watch(target: EventTarget, event: string, read: () => boolean) {
    const value = signal(read());

    target.addEventListener(event, () => { value.value = read(); });

    return value;
}


function readLanguage(host: Host) {
    return loadLanguage(chooseLocale(host.languages), {
        ...host.getAttribute('heading') && {
            title: host.getAttribute('heading') ?? '',
        },
        ...host.texts,
    });
}


/* A phone's keyboard covers what is fixed to the bottom: the panel takes the
   part of the screen that can be seen. */

function fitViewport(section: HTMLElement): void {
    const view = window.visualViewport;
    const fit = () => {
        section.style.setProperty('--view-height', `${view?.height}px`);
        section.style.setProperty('--view-top', `${view?.offsetTop}px`);
    };

    view?.addEventListener('resize', fit);
    view?.addEventListener('scroll', fit);
}


function adopt(root: ShadowRoot | null): void {
    const sheet = new CSSStyleSheet();

    sheet.replaceSync(palette + frame + log + foot + surroundings);
    root?.adoptedStyleSheets.push(sheet);
}


export async function mount(host: Host): Promise<Panel> {
    const language = signal(await readLanguage(host));
    const open = signal(host.isOpen);
    const media = matchMedia(PHONE);
    const visible = watch(document, 'visibilitychange',
                          () => document.visibilityState === 'visible');
    const session = new Session({
        desk: host.desk,
        base: host.base,
        flow: () => host.getAttribute('flow'),
        locale: () => language.value.locale,
        onMessage: (message) => host.emit('message', {
            from: message.role, text: message.text, at: message.at,
        }),
        onEnd: () => host.emit('end'),
    });
    const screen: Screen = {
        host,
        session,
        language,
        draft: signal(''),
        asking: signal(false),
        watched: computed(() => open.value && visible.value),
        phone: watch(media, 'change', () => media.matches),
    };

    session.setProfile(host.profile);
    adopt(host.shadowRoot);
    fitViewport(host.section);
    trapFocus(screen);
    render(
        <ScreenContext.Provider value={screen}><App /></ScreenContext.Provider>,
        host.section);

    const ends = [
        effect(() => {
            host.unread = screen.watched.value ? 0 : session.unread.value;
        }),
        effect(() => {
            host.section.lang = language.value.locale;
            host.section.dir = language.value.dir;
            host.section.ariaLabel = language.value.texts.region;
        }),
        effect(() => {
            const modal = screen.phone.value;

            host.section.setAttribute('role', modal ? 'dialog' : 'region');
            host.section.ariaModal = modal ? 'true' : null;
            document.documentElement.style.overflow =
                modal && open.value ? 'hidden' : '';
        }),
    ];

    session.start();

    return {
        shown(focus) {
            open.value = true;
            if (focus) {
                host.section.querySelector<HTMLElement>(
                    screen.phone.value ? '.close' : 'textarea, .again')
                    ?.focus();
            }
        },
        hidden() { open.value = false; },
        update() {
            session.setProfile(host.profile);
            readLanguage(host).then((found) => { language.value = found; });
        },
        identify(profile) { session.setProfile(profile); },
        write(text) { screen.draft.value = text; },
        forget() {
            ends.forEach((end) => end());
            open.value = false;
            document.documentElement.style.overflow = '';
            render(null, host.section);
            session.forget();
        },
    };
}
