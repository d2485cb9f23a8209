/*
 * The script beside the conversation: lines an agent may take over into the
 * text box, in the client's language, filled in with names.
 *
 * Constant data and pure functions.
 */

export interface ScriptLine {
    title: string;
    text: string;
}

interface Blanks {
    client: string;
    agent: string;
    queue: string;
}

type Lines = readonly [greeting: string, hold: string, closing: string];

const TITLES = ['Greeting', 'While you look it up', 'Closing'] as const;

const LINES: Readonly<Record<string, Lines>> = {
    en: [
        'Hello{client}, you are talking to {agent} from {queue}. '
            + 'How can I help you?',
        'Thank you. Please give me a moment while I check this for you.',
        'Is there anything else I can do for you?',
    ],
    pt: [
        'Ol\u00e1{client}, fala com {agent}, de {queue}. '
            + 'Em que posso ajudar?',
        'Obrigado. D\u00ea-me um momento, por favor, enquanto verifico.',
        'Posso ajudar em mais alguma coisa?',
    ],
    es: [
        'Hola{client}, le atiende {agent}, de {queue}. '
            + '\u00bfEn qu\u00e9 puedo ayudarle?',
        'Gracias. Perm\u00edtame un momento mientras lo compruebo.',
        '\u00bfPuedo ayudarle en algo m\u00e1s?',
    ],
    fr: [
        'Bonjour{client}, ici {agent}, {queue}. Comment puis-je vous aider\u00a0?',
        'Merci. Un instant, s\u2019il vous pla\u00eet, je v\u00e9rifie.',
        'Puis-je faire autre chose pour vous\u00a0?',
    ],
    de: [
        'Guten Tag{client}, hier ist {agent}, {queue}. '
            + 'Wie kann ich Ihnen helfen?',
        'Danke. Einen Moment bitte, ich sehe nach.',
        'Kann ich sonst noch etwas f\u00fcr Sie tun?',
    ],
};

/* The language of the script for a client's language tag. */
export function scriptLanguage(tag: string | undefined): string {
    const primary = (tag ?? '').toLowerCase().split('-')[0] ?? '';

    return Object.hasOwn(LINES, primary) ? primary : 'en';
}

export function scriptFor(
    tag: string | undefined, client: string | undefined, agent: string,
    queue: string,
): ScriptLine[] {
    const lines = LINES[scriptLanguage(tag)] as Lines;
    const blanks: Blanks = {
        client: client ? ` ${client}` : '',
        agent,
        queue,
    };

    return lines.map((line, at) => ({
        title: TITLES[at] as string,
        text: line.replace(/\{(client|agent|queue)\}/g,
            (_, blank: keyof Blanks) => blanks[blank]),
    }));
}
