import { jsonText } from '../json-text.ts'
import { done, type Family, first, text, told } from '../kit.ts'
import { ADJECTIVES, LANGUAGES, NOUNS } from '../pools.ts'
import { cityName, item, personName, phrase, sentence, someEmail, someWords } from '../text.ts'

export const search: Family = (draw) => {
  const key = draw.pick(['query', 'q', 'text', 'term', 'search_query'])
  return {
    names: [
      'search',
      'web_search',
      'search_web',
      'find',
      'lookup',
      'google',
      'internet_search',
      'search_docs',
      'searchWeb',
      'find_pages',
      'query_index',
      'search_engine',
    ],
    about: [
      'Search the web',
      'Search for information',
      'Find pages about a query',
      'Web search',
      'Look something up',
      'Search the internet for a query',
      'Finds documents',
    ],
    properties: { [key]: text(draw, ['The search query', 'What to search for', 'Search terms', 'Query text']) },
    ask: () => {
      const q = draw.weighted<() => string>([
        [5, () => someWords(draw, 1, 4)],
        [2, () => item(draw)],
        [2, () => `${draw.from(ADJECTIVES)} ${draw.from(NOUNS)}s in ${cityName(draw)}`],
      ])()
      return {
        user: draw.way(
          (q) => [
            `Search for ${q}.`,
            `Search the web for ${q}`,
            `Find information about ${q}.`,
            `Look up ${q}.`,
            `Google ${q}`,
            `Please search for "${q}".`,
            `search ${q}`,
            `Search for "${q}"`,
            `Can you search for ${q}?`,
            `Find pages about ${q}.`,
            `Do a web search for ${q}.`,
            `Search the internet for ${q}.`,
          ],
          q,
        ),
        args: { [key]: q },
      }
    },
    outcome: () => {
      const found = sentence(draw)
      return {
        content: draw.chance(0.4)
          ? found
          : draw.chance(0.5)
            ? jsonText({ results: [found] })
            : jsonText({ result: found }),
        answer: `I found this: ${found}`,
      }
    },
  }
}

export const sender: Family = (draw) => {
  const mail = draw.chance(0.4)
  const [x, y] = draw.pick<readonly [string, string]>(
    mail
      ? ([
          ['to', 'body'],
          ['recipient', 'text'],
          ['address', 'message'],
          ['email', 'content'],
        ] as const)
      : ([
          ['to', 'text'],
          ['recipient', 'body'],
          ['name', 'message'],
          ['to', 'message'],
          ['contact', 'text'],
        ] as const),
  )
  return {
    names: mail
      ? ['send_email', 'email', 'send_mail', 'mail', 'write_email', 'sendEmail', 'email_send', 'compose_email']
      : [
          'send_message',
          'message',
          'notify',
          'send_text',
          'sms',
          'send_sms',
          'sendMessage',
          'text_contact',
          'send_note',
        ],
    about: mail
      ? ['Send an email', 'Sends a mail', 'Write an email to an address']
      : ['Send a message to a person', 'Sends a text to someone', 'Notify a person', 'Send a text message'],
    properties: {
      [x]: text(draw, ['Who gets it', 'The recipient', 'To whom']),
      [y]: text(draw, ['The text', 'What to say', 'Message text']),
    },
    ask: () => {
      const n = mail && draw.chance(0.6) ? someEmail(draw) : personName(draw)
      const t = phrase(draw).replaceAll('"', '')
      return {
        user: draw.from(
          mail
            ? [
                `Send an email to ${n}: ${t}`,
                `Email ${n}: ${t}`,
                `Write an email to ${n} saying "${t}"`,
                `Mail ${n} the text "${t}"`,
                `Send ${n} an email with the text "${t}".`,
                `Please email ${n}: ${t}`,
              ]
            : [
                `Send a message to ${n}: ${t}`,
                `Tell ${n}: ${t}`,
                `Write to ${n} "${t}"`,
                `Send ${n} the text "${t}".`,
                `Message ${n}: ${t}`,
                `Text ${n}: ${t}`,
                `Send ${n} a message saying "${t}"`,
                `Please tell ${n}: ${t}`,
                `Notify ${n}: ${t}`,
                `Send this to ${n}: ${t}`,
                `Let ${n} know: ${t}`,
                `Send the message "${t}" to ${n}.`,
              ],
        ),
        args: { [x]: n, [y]: t },
      }
    },
    outcome: (args) => ({ content: done(draw), answer: `Done. The message to ${first(args)} was sent.` }),
  }
}

export const translate: Family = (draw) => {
  const [x, y] = draw.pick([
    ['text', 'language'],
    ['text', 'to'],
    ['text', 'target'],
    ['sentence', 'target_language'],
  ] as const)
  return {
    names: ['translate', 'translate_text', 'translator', 'translation', 'translateText', 'get_translation'],
    about: ['Translate a text', 'Translate text to another language', 'Translator'],
    properties: {
      [x]: text(draw, ['The text', 'What to translate']),
      [y]: text(draw, ['Target language', 'The language']),
    },
    ask: () => {
      const t = draw.chance(0.5) ? someWords(draw, 1, 4) : sentence(draw).replaceAll('"', '')
      const l = draw.from(LANGUAGES)
      return {
        user: draw.way(
          (t, l) => [
            `Translate "${t}" to ${l}.`,
            `Translate ${t} into ${l}`,
            `How do you say "${t}" in ${l}?`,
            `Say "${t}" in ${l}.`,
            `Translate to ${l}: ${t}`,
            `Translate "${t}" into ${l}.`,
            `What is "${t}" in ${l}?`,
            `Translate into ${l}: ${t}`,
          ],
          t,
          l,
        ),
        args: { [x]: t, [y]: l },
      }
    },
    outcome: () => {
      const t = someWords(draw, 1, 5)
      return { content: told(draw, t, ['translation', 'text', 'result']), answer: `The translation is: ${t}` }
    },
  }
}
