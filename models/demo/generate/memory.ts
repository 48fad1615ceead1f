import { JOBS, MONTHS, NOUNS, PETS } from './pools.ts'
import type { Draw } from './random.ts'
import { capitalized, cityName, madeUp, personName, sentence, someCode, someNumber, word } from './text.ts'
import type { Turn } from './turn.ts'

/** Something that is told in one turn and asked for later. Of one `topic` nothing is told twice in a conversation. */
export type Memory = { topic: string; told: Turn; asked: Turn }

/** One reasoning for all that was told before, by the user or by the system text: which of them it was, nobody has to find out. */
export const RECALL = 'I was told this. I look back.'

/** Ways to tell something and to ask for it: patterns (see `Draw.said`), with the values that go into them. */
type Thing = {
  topic: string
  values: readonly string[]
  tells: readonly string[]
  asks: readonly string[]
  answer: string
  reply?: string
}

const BEFORE =
  '[|||||Remember this: |Remember: |Remember that |Please remember that |Please remember: |Note that |Please note: |For later: |Keep in mind that |Do not forget: |You should know that |I tell you that |By the way, |Let me tell you: |OK, |So, |Well, ]'
const BEHIND =
  '[|||||| Remember that.| Please remember it.| Keep that in mind.| Do not forget it.| Please keep it in mind.]'
/** The same statement with what people say around it. */
const telling = (...statements: readonly string[]): string[] =>
  statements.map((statement) => `${BEFORE}${statement}.${BEHIND}`)

/** Ways to ask for what is called so: `my name`, `the code`. */
const asking = (it: string): string[] => [
  `[What is|What's|what is|What was] ${it}[||| again| once more]?`,
  `[Tell me|Say|Name|Please tell me|Please say|Tell me again|Now tell me] ${it}.`,
  `Do you [|still |also ][know|remember|recall] ${it}?`,
  `[Can|Could] you [tell me|say|remember|recall|repeat|name] ${it}[|| again]?`,
  `I [forgot|have forgotten|do not remember] ${it}. [What is it?|What was it?|Can you help?|Tell me.]`,
  `I [need|want to know|would like to know|want to hear] ${it}[|| now| again].`,
  `[What did I say|Do you remember what I said|What did I tell you]: what is ${it}?`,
  `[So|And|Now|OK], what [is|was] ${it}[|| again]?`,
]

const FAVORITES =
  'color color food drink animal fruit season sport song book number word flower tree instrument game dish movie dessert tool month band bird vegetable toy hobby shape fabric metal'.split(
    ' ',
  )
const RELATIVES =
  'brother sister son daughter boss neighbor teacher friend doctor uncle aunt cousin father mother colleague wife husband'.split(
    ' ',
  )
const KEYS =
  'password,secret word,code,code word,magic word,secret number,key,door code,order number,project name,room number,address,gate code,pass phrase,user name,license number,locker number,meeting place,safe word,ticket number,file name,invoice number,seat number,locker code,street,team name,account number,answer,version,host,phone code,entry code,table number,part number,flight code,batch number,folder,server name'.split(
    ',',
  )

const things: readonly ((draw: Draw) => Thing)[] = [
  (draw) => {
    const name = personName(draw)
    return {
      topic: 'name',
      values: [name],
      tells: [
        "[|Hello, |Hi, |Hey, |Hi! |Hello! |Good morning, |Good day! ][my name is|my name's|I am|I'm|I am called|the name is|this is|it's|you can call me|please call me|people call me|everybody calls me] {0}[|.|.|!]",
        '[Call me|You can call me|They call me|My friends call me] {0}.',
        '[Hello|Hi|Hey|Good day], {0} here[.|!]',
        "[I'm|I am|My name is] {0}, nice to meet you.",
        '[Please remember|Remember|Note|Keep in mind] that [my name is|I am|I am called] {0}.',
        '[Hi|Hello], [I am|my name is] {0}. [Remember my name.|Please remember my name.|Remember that.]',
      ],
      asks: [
        ...asking('my name'),
        'Who am I[|| again]?',
        '[How am I called|What am I called|Which name do I have|What do people call me]?',
        '[What|Which] name did I [tell you|give you|say]?',
        '[Do you|Do you still|Can you] [know|remember|tell me|say] who I am?',
        'What did I say [my name was|I am called]?',
      ],
      answer: `Your name is ${name}.`,
      reply: `Hello, ${name}! How can I help you today?`,
    }
  },
  (draw) => {
    const what = draw.from(FAVORITES)
    const value = draw.chance(0.75) ? word(draw) : madeUp(draw)
    return {
      topic: `favorite ${what}`,
      values: [what, value],
      tells: [
        ...telling(
          'my favorite {0} is {1}',
          'my favourite {0} is {1}',
          'the {0} I [like best|like most|love|love most|prefer] is {1}',
          'the {0} that I [like best|like most|love] is {1}',
          'of all {0}s I [like|love] {1} best',
          'my best {0} is {1}',
          'for me the best {0} is {1}',
        ),
        'I [like|love] the {0} {1}[|| best| most].',
        'I [like|love|prefer] {1}, it is my favorite {0}.',
      ],
      asks: [
        ...asking('my [favorite|favorite|favourite] {0}'),
        '[Which|What] {0} do I [like|like best|love|like most|prefer][|| again]?',
        '[Which|What] {0} is my [favorite|favourite][|| again]?',
        '[Do you know|Tell me|Do you remember|Can you say] [which|what] {0} I [like|like best|love].',
      ],
      answer: `Your favorite ${what} is ${value}.`,
    }
  },
  (draw) => {
    const city = cityName(draw)
    return {
      topic: 'city',
      values: [city],
      tells: telling(
        'I [live|am living|have my home|have a house|have a flat] in {0}',
        'I [am|come] from {0}',
        '[my home|my house|my flat] is in {0}',
        'I [moved|have moved|just moved] to {0}',
        'my [city|home city|home town|home] is {0}',
        'the [city|town|place] I live in is {0}',
        '{0} is [where I live|my home|my city|the city I live in]',
        'we live in {0}',
      ),
      asks: [
        'Where [do I live|am I from|is my home|is my house|do I have my home|did I say I live|do I come from][|| again| now]?',
        '[Which|What] [city|town|place] [do I live in|am I from|is my home|do I come from][|| again]?',
        'In [which|what] [city|town|place] do I live[|| again]?',
        '[Tell me|Do you know|Do you remember|Can you tell me|Do you still know|Please tell me|Say] [where I live|which city I live in|where I am from|where my home is].',
        'I forgot where I live. [Tell me.|Can you help?|Where is it?]',
        ...asking('my [city|home city|home town]'),
      ],
      answer: `You live in ${city}.`,
    }
  },
  (draw) => {
    const who = draw.chance(0.6) ? draw.from(PETS) : draw.from(RELATIVES)
    const name = personName(draw)
    return {
      topic: who,
      values: [who, name],
      tells: telling(
        'my {0} is [called|named] {1}',
        'I have a {0} [named|called] {1}',
        "[my {0}'s name|the name of my {0}] is {1}",
        'I have a {0}. [The name|Its name|The {0}] is {1}',
        'we have a {0} [called|named] {1}',
        '{1} is [my {0}|the name of my {0}]',
        'I call my {0} {1}',
        'my {0} has the name {1}',
        'this is my {0} {1}',
        'my {0} [answers|listens] to the name {1}',
      ),
      asks: [
        ...asking("[the name of my {0}|my {0}'s name]"),
        '[What|How] is my {0} called[|| again]?',
        '[Which|What] name does my {0} have[|| again]?',
        'What do I call my {0}?',
        '[Tell me|Do you know|Do you remember|Can you tell me|Do you still know|Say] [what|how] my {0} is called.',
      ],
      answer: `Your ${who} is called ${name}.`,
    }
  },
  (draw) => {
    const age = String(draw.int(5, 99))
    return {
      topic: 'age',
      values: [age],
      tells: telling(
        "[I am|I'm|I am now|I will soon be] {0} years [old|of age]",
        "[I am|I'm] {0}",
        'my age is {0}[| years]',
        'I [turned|just turned|have turned] {0}[| today| this year]',
        'today I turned {0}',
      ),
      asks: [
        ...asking('my age'),
        'How old [am I|did I say I am][|| again| now]?',
        '[Tell me|Do you know|Do you remember|Can you tell me|Do you still know|Say] how old I am.',
        '[What age am I|Which age do I have|How many years old am I]?',
      ],
      answer: `You are ${age} years old.`,
    }
  },
  (draw) => {
    const job = draw.chance(0.7) ? draw.from(JOBS) : madeUp(draw)
    return {
      topic: 'job',
      values: [job],
      tells: telling(
        'I [work|am working|have a job|earn my money|have a position] as a {0}',
        "[I am|I'm] a {0}[| by profession| by trade]",
        'my [job|profession|trade] is {0}',
        'in my job I am a {0}',
      ),
      asks: [
        ...asking('my [job|job|profession|trade]'),
        'What do I [do for work|work as|do for a living|do as a job][|| again]?',
        'Which [job|profession] do I have[|| again]?',
        '[Tell me|Do you know|Do you remember|Can you tell me|Do you still know|Say] [what I work as|what I do for work|which job I have].',
      ],
      answer: `You work as a ${job}.`,
    }
  },
  (draw) => {
    const month = draw.pick(MONTHS)
    return {
      topic: 'birthday',
      values: [month],
      tells: telling(
        'my birthday is in {0}',
        'I was born in {0}',
        'I have my birthday in {0}',
        'my birthday comes in {0}',
        'the month of my birthday is {0}',
      ),
      asks: [
        'When [is my birthday|was I born|do I have my birthday][|| again]?',
        '[In which month|In what month] [is my birthday|was I born|do I have my birthday][|| again]?',
        '[Tell me|Do you know|Do you remember|Can you tell me|Do you still know|Say] when [my birthday is|I was born].',
        ...asking('the month of my birthday'),
      ],
      answer: `Your birthday is in ${month}.`,
    }
  },
  (draw) => keyed(draw),
  (draw) => keyed(draw),
]

/** "The X is Y": anything may be X, nearly anything may be Y. */
export function keyed(draw: Draw): Thing & { plain: string } {
  const key = draw.chance(0.5)
    ? draw.from(KEYS)
    : `${draw.chance(0.3) ? `${draw.from(NOUNS)} ` : ''}${draw.chance(0.8) ? draw.from(NOUNS) : madeUp(draw)}`
  const value = draw.weighted<() => string>([
    [3, () => madeUp(draw)],
    [3, () => draw.from(NOUNS)],
    [2, () => someCode(draw)],
    [2, () => String(someNumber(draw))],
    [1, () => personName(draw)],
    [1, () => cityName(draw)],
  ])()
  return {
    topic: key,
    values: [key, value],
    plain: `The ${key} is ${value}.`,
    tells: [
      ...telling('the {0} is {1}', 'the {0} is {1}', 'the {0} is "{1}"', '[my|our] {0} is {1}', 'this is the {0}: {1}'),
      '[Remember|Note|Save|Keep in mind] the {0}: {1}.',
      '[Use|Take|Remember|Note] {1} as the {0}.',
    ],
    asks: [
      ...asking('the {0}'),
      'Which {0} did I [tell you|name|give you|say]?',
      'What did I say the {0} is?',
      'Give me the {0}.',
    ],
    answer: `The ${key} is ${value}.`,
  }
}

export function memory(draw: Draw): Memory {
  const { topic, values, tells, asks, answer, reply = 'OK, I will remember that.' } = draw.pick(things)(draw)
  const think = 'The user tells me something. I remember it.'
  return {
    topic,
    told: { domain: 'memory', user: capitalized(draw.said(tells, ...values)), answer: reply, think },
    asked: { domain: 'memory', user: draw.said(asks, ...values), answer, think: RECALL },
  }
}

/** The fact and the question in one message, perhaps among sentences that do not matter. */
export function reading(draw: Draw): Turn {
  const { values, tells, asks, answer } = keyed(draw)
  const noise = draw.times(draw.int(0, 2), () => sentence(draw))
  const text = draw.shuffled([capitalized(draw.said(tells, ...values)), ...noise]).join(' ')
  return { domain: 'memory', user: `${text} ${capitalized(draw.said(asks, ...values))}`, answer, think: RECALL }
}

/** A fact to be buried in a long text, and the question for it at the end. */
export function needle(draw: Draw): { statement: string; turn: Turn } {
  const { values, asks, answer, plain } = keyed(draw)
  return {
    statement: plain,
    turn: { domain: 'long context', user: draw.said(asks, ...values), answer, think: RECALL },
  }
}
