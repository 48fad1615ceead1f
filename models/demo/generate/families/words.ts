import { jsonText } from '../json-text.ts'
import { done, type Family, first, text, told } from '../kit.ts'
import { ADJECTIVES, LANGUAGES, NOUNS } from '../pools.ts'
import { cityName, item, personName, phrase, sentence, someEmail, someWords } from '../text.ts'

const SEARCH_ASKS = [
  'Search [||the web |the internet |online |the net ]for [{0}|{0}|"{0}"][||.]',
  'Find [information|pages|something|everything|websites|articles|results] [about|on] {0}.',
  '[Look up|Google|search|Look for|find] [{0}|"{0}"][||.]',
  'Do a [web |quick |new |]search [for|about|on] [{0}|"{0}"][||.]',
  '[What can you find|What is there on the web|What does the web say] about {0}?',
  'I [want|need] [information|pages|articles] [about|on] {0}.',
  '[Query|Web search|Search query|Please google]: {0}',
  'See what [the web|the internet] says about {0}.',
]

export const search: Family = (draw) => {
  const key = draw.pick(
    'query q text term search_query terms keywords search what phrase question query_text search_term'.split(' '),
  )
  return {
    names: [
      '[web|internet|google|online|site|page|docs|net]_[search|lookup|query|find|finder]',
      '[search|find|lookup|query|browse|google][||||_web|_internet|_docs|_pages|_online|_index|_engine|_google|_articles|_the_web]',
      '[run|do|make|start]_[search|web_search|query]',
    ],
    about: [
      '[Search|Searches|Query|Look through] [the web|the internet|the net|web pages|online pages|the documents|the index][||| for information| for a query| for something][||.]',
      '[Web search|Internet search|A search engine|Search engine|Full text search][||.]',
      '[Find|Finds|Look up|Returns] [pages|documents|information|websites|articles|results] [about|for|on] [a query|something|a topic|some words][||.]',
    ],
    properties: { [key]: text(draw, ['The search query', 'What to search for', 'Search terms', 'Query text']) },
    ask: () => {
      const q = draw.weighted<() => string>([
        [5, () => someWords(draw, 1, 4)],
        [2, () => item(draw)],
        [2, () => `${draw.from(ADJECTIVES)} ${draw.from(NOUNS)}s in ${cityName(draw)}`],
      ])()
      return { user: draw.said(SEARCH_ASKS, q), args: { [key]: q } }
    },
    outcome: () => {
      const found = sentence(draw)
      return {
        content: draw.chance(0.4)
          ? found
          : draw.chance(0.5)
            ? jsonText({ [draw.pick(['results', 'pages', 'hits'])]: [found] })
            : jsonText({ [draw.pick(['result', 'text', 'found', 'snippet'])]: found }),
        answer: `I found this: ${found}`,
      }
    },
  }
}

const MAIL_ASKS = [
  '[Send|Write|Compose] an [email|e-mail] to {0}[: {1}| saying "{1}"| with the text "{1}"| that says "{1}"]',
  '[Email|Mail] {0}: {1}',
  '[Email|Mail|Send] {0} the [text|message|words] "{1}"[|.]',
  '[Send|Write] {0} an [email|e-mail][: {1}| with the text "{1}".| saying "{1}".]',
  '[Send|Write|New] [mail|email] to {0}: {1}',
]
const MESSAGE_ASKS = [
  '[Send|Write] a [message|text|text message|note|short message] to {0}[: {1}| saying "{1}"| that says "{1}"]',
  '[Tell|Message|Text|Notify|Inform] {0}: {1}',
  '[Write to|Tell|Send] {0} "{1}"[|.]',
  '[Send|Write|Text] {0} [the text|the message|the words|this] "{1}"[|.]',
  'Send {0} a [message|note|text] [saying "{1}"|with the text "{1}"|: {1}]',
  '[Send|Pass|Forward] this to {0}: {1}',
  'Let {0} know: {1}',
  '[Send|Pass] the [message|text|note] "{1}" to {0}.',
]

export const sender: Family = (draw) => {
  const mail = draw.chance(0.4)
  const x = draw.pick(
    (mail
      ? 'to recipient address email receiver mail_to to_address'
      : 'to recipient name contact person receiver user phone to_user'
    ).split(' '),
  )
  const y = draw.pick('body text message content msg note words letter body_text'.split(' '))
  return {
    names: mail
      ? [
          '[send|write|compose|mail|deliver|new|create]_[email|mail|e_mail|letter][||||_to|_message|_now|_text]',
          '[email|mail|mailer|email_send|email_sender|mail_out]',
        ]
      : [
          '[send|write|post|deliver|new|push|create|pass]_[message|text|sms|note|msg|notification|chat][||||_to|_now|_user|_contact]',
          '[message|notify|sms|text_contact|notify_person|tell_person|message_user|texting]',
        ],
    about: mail
      ? [
          '[Send|Sends|Write|Compose|Deliver] [an email|an e-mail|a mail|email|mail][||| to an address| to somebody| to a recipient][||.]',
        ]
      : [
          '[Send|Sends|Deliver|Write|Post] [a message|a text|a text message|an SMS|a note|a short message] to [a person|someone|somebody|a contact|a user][||.]',
          '[Notify|Notifies|Inform|Text] [a person|someone|somebody|a contact][||.]',
        ],
    properties: {
      [x]: text(draw, ['Who gets it', 'The recipient', 'To whom']),
      [y]: text(draw, ['The text', 'What to say', 'Message text']),
    },
    ask: () => {
      const n = mail && draw.chance(0.6) ? someEmail(draw) : personName(draw)
      const t = phrase(draw).replaceAll('"', '')
      return { user: draw.said(mail ? MAIL_ASKS : MESSAGE_ASKS, n, t), args: { [x]: n, [y]: t } }
    },
    outcome: (args) => ({ content: done(draw), answer: `Done. The message to ${first(args)} was sent.` }),
  }
}

const TRANSLATE_ASKS = [
  'Translate [{0}|{0}|"{0}"|"{0}"|the text "{0}"|the words "{0}"] [to|into] {1}[||.]',
  '[How do you say|How do I say|What is|What does one call|How would you write] "{0}" in {1}?',
  '[Say|Write|Put] "{0}" [in|into] {1}.',
  'Translate [to|into] {1}: {0}',
  '[In {1}|{1} translation|Into {1}|To {1}][, please|]: {0}',
  '[I need|Give me|Get me] [the|a] {1} translation of "{0}".',
]

export const translate: Family = (draw) => {
  const x = draw.pick('text sentence phrase words input source content'.split(' '))
  const y = draw.pick('language to target target_language lang into to_language'.split(' '))
  return {
    names: [
      '[translate|translator|translation|get_translation|translate_words|language_translate]',
      '[translate|convert|put]_[text|sentence|phrase|language|words|string][||||_to|_into|_now]',
      '[text|language|sentence|phrase]_[translator|translation|translate]',
    ],
    about: [
      '[Translate|Translates] [a text|text|a sentence|words|a phrase][||| to another language| into a language| to some language][||.]',
      '[Translator|A translator|Translation of text|Text translation|Translations][||| between languages| for many languages][||.]',
    ],
    properties: {
      [x]: text(draw, ['The text', 'What to translate']),
      [y]: text(draw, ['Target language', 'The language']),
    },
    ask: () => {
      const t = draw.chance(0.5) ? someWords(draw, 1, 4) : sentence(draw).replaceAll('"', '')
      const l = draw.from(LANGUAGES)
      return { user: draw.said(TRANSLATE_ASKS, t, l), args: { [x]: t, [y]: l } }
    },
    outcome: () => {
      const t = someWords(draw, 1, 5)
      return {
        content: told(draw, t, ['translation', 'text', 'result', 'translated', 'output']),
        answer: `The translation is: ${t}`,
      }
    },
  }
}
