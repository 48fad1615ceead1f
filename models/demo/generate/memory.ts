import { COLORS, JOBS, NOUNS, PETS } from './pools.ts'
import type { Draw } from './random.ts'
import { capitalized, cityName, madeUp, personName, sentence, someCode, someNumber } from './text.ts'
import type { Turn } from './turn.ts'

/** Something that is told in one turn and asked for later. Of one `topic` nothing is told twice in a conversation. */
export type Memory = { topic: string; told: Turn; asked: Turn }

const RECALL = 'The user told me. I look back.'

/** Ways to tell something and to ask for it, with the values in them. */
type Thing = {
  topic: string
  values: readonly string[]
  tell: (...values: string[]) => readonly string[]
  ask: (...values: string[]) => readonly string[]
  answer: string
  reply?: string
}

const things: readonly ((draw: Draw) => Thing)[] = [
  (draw) => {
    const name = personName(draw)
    return {
      topic: 'name',
      values: [name],
      tell: (it) => [
        `My name is ${it}.`,
        `I am ${it}.`,
        `Hello, my name is ${it}.`,
        `Call me ${it}.`,
        `Hi! I'm ${it}.`,
        `I'm ${it}, nice to meet you.`,
        `Hey, ${it} here.`,
        `Hello, I am ${it}.`,
        `I am called ${it}.`,
        `My name's ${it}.`,
        `You can call me ${it}.`,
        `Hi, this is ${it}.`,
        `The name is ${it}.`,
        `Hi, I am ${it}. Remember my name.`,
        `I'm ${it}.`,
        `Please remember that my name is ${it}.`,
      ],
      ask: () => [
        'What is my name?',
        "What's my name?",
        'Do you remember my name?',
        'Who am I?',
        'Can you say my name?',
        'what is my name',
        'Tell me my name.',
        'Can you tell me my name?',
        'What was my name again?',
        'How am I called?',
        'Say my name.',
        'Do you know my name?',
        'What did I say my name was?',
        'What name did I tell you?',
        'Please tell me my name.',
        'Which name did I give you?',
        'What was my name?',
        'Do you know who I am?',
      ],
      answer: `Your name is ${name}.`,
      reply: `Hello, ${name}! How can I help you today?`,
    }
  },
  (draw) => {
    const color = draw.chance(0.6) ? draw.from(COLORS) : madeUp(draw)
    return {
      topic: 'color',
      values: [color, capitalized(color)],
      tell: (it, It) => [
        `My favorite color is ${it}.`,
        `I like the color ${it}.`,
        `My favourite colour is ${it}.`,
        `I love ${it}, it is my favorite color.`,
        `${It} is my favorite color.`,
        `The color I like best is ${it}.`,
        `I like ${it} best of all colors.`,
        `My favorite color is the color ${it}.`,
        `${It} is the color I like most.`,
        `Of all colors I like ${it} best.`,
        `I love the color ${it}.`,
        `The color I love is ${it}.`,
        `Remember that my favorite color is ${it}.`,
        `The color that I like most is ${it}.`,
        `My best color is ${it}.`,
        `For me the best color is ${it}.`,
      ],
      ask: () => [
        'What is my favorite color?',
        'Which color do I like?',
        "What's my favorite color?",
        'Do you remember my favorite color?',
        'What is my favourite colour?',
        'Tell me my favorite color.',
        'Which color is my favorite?',
        'Do you know my favorite color?',
        'Can you tell me my favorite color?',
        'What color do I like best?',
        'What was my favorite color?',
        'Which color do I like best?',
        'Which color do I love?',
        'What color is my favorite?',
        'Say my favorite color.',
        'what is my favorite color',
      ],
      answer: `Your favorite color is ${color}.`,
    }
  },
  (draw) => {
    const city = cityName(draw)
    return {
      topic: 'city',
      values: [city],
      tell: (it) => [
        `I live in ${it}.`,
        `I am from ${it}.`,
        `My home is in ${it}.`,
        `I moved to ${it}.`,
        `I come from ${it}.`,
        `My city is ${it}.`,
        `My home is ${it}.`,
        `I live in the city of ${it}.`,
        `I am living in ${it}.`,
        `The city I live in is ${it}.`,
        `My home city is ${it}.`,
        `${it} is my home.`,
        `${it} is where I live.`,
        `Remember that I live in ${it}.`,
        `I have a house in ${it}.`,
        `We live in ${it}.`,
      ],
      ask: () => [
        'Where do I live?',
        'Which city do I live in?',
        'Where am I from?',
        'Do you remember where I live?',
        'What city am I from?',
        'Tell me where I live.',
        'In which city do I live?',
        'Can you tell me where I live?',
        'Tell me which city I live in.',
        'Where is my home?',
        'Which city am I from?',
        'What is my city?',
        'Do you know where I live?',
        'where do I live',
        'Which city is my home?',
        'Where did I say I live?',
      ],
      answer: `You live in ${city}.`,
    }
  },
  (draw) => {
    const pet = draw.pick(PETS)
    const name = personName(draw)
    return {
      topic: pet,
      values: [pet, name],
      tell: (it, called) => [
        `My ${it} is called ${called}.`,
        `I have a ${it} named ${called}.`,
        `My ${it}'s name is ${called}.`,
        `I have a ${it}. Its name is ${called}.`,
        `I own a ${it} called ${called}.`,
        `The name of my ${it} is ${called}.`,
        `I have a ${it} called ${called}.`,
        `${called} is my ${it}.`,
        `${called} is the name of my ${it}.`,
        `We have a ${it} called ${called}.`,
        `I call my ${it} ${called}.`,
        `My ${it} has the name ${called}.`,
        `This is my ${it} ${called}.`,
        `My ${it} is named ${called}.`,
        `I have a ${it}. I call it ${called}.`,
        `Remember that my ${it} is called ${called}.`,
      ],
      ask: (it) => [
        `What is my ${it} called?`,
        `What is the name of my ${it}?`,
        `What's my ${it}'s name?`,
        `Do you remember the name of my ${it}?`,
        `How is my ${it} called?`,
        `What is my ${it}'s name?`,
        `Tell me the name of my ${it}.`,
        `Which name does my ${it} have?`,
        `Tell me what my ${it} is called.`,
        `What do I call my ${it}?`,
        `Do you know the name of my ${it}?`,
        `What name does my ${it} have?`,
        `Say the name of my ${it}.`,
        `Do you know what my ${it} is called?`,
        `Can you tell me the name of my ${it}?`,
        `What was the name of my ${it}?`,
      ],
      answer: `Your ${pet} is called ${name}.`,
    }
  },
  (draw) => {
    const age = String(draw.int(5, 99))
    return {
      topic: 'age',
      values: [age],
      tell: (it) => [
        `I am ${it} years old.`,
        `I'm ${it} years old.`,
        `My age is ${it}.`,
        `I turned ${it} today.`,
        `I am ${it}.`,
        `I just turned ${it}.`,
        `I am now ${it} years old.`,
        `Today I turned ${it}.`,
        `I'm ${it}.`,
        `I am ${it} years of age.`,
        `My age is ${it} years.`,
        `Remember that I am ${it} years old.`,
      ],
      ask: () => [
        'How old am I?',
        'What is my age?',
        "What's my age?",
        'Do you remember how old I am?',
        'Tell me my age.',
        'How old did I say I am?',
        'how old am I',
        'Tell me how old I am.',
        'Do you know my age?',
        'Do you know how old I am?',
        'What was my age?',
        'Can you tell me my age?',
        'What age am I?',
        'Say my age.',
      ],
      answer: `You are ${age} years old.`,
    }
  },
  (draw) => {
    const job = draw.chance(0.7) ? draw.from(JOBS) : madeUp(draw)
    return {
      topic: 'job',
      values: [job],
      tell: (it) => [
        `I work as a ${it}.`,
        `I am a ${it}.`,
        `My job is ${it}.`,
        `I'm a ${it} by profession.`,
        `My profession is ${it}.`,
        `I am working as a ${it}.`,
        `I have a job as a ${it}.`,
        `I'm a ${it}.`,
        `I earn my money as a ${it}.`,
        `I am a ${it} by profession.`,
        `In my job I am a ${it}.`,
        `Remember that I work as a ${it}.`,
      ],
      ask: () => [
        'What is my job?',
        'What do I do for work?',
        "What's my job?",
        'Do you remember my job?',
        'What is my profession?',
        'Tell me my job.',
        'What do I work as?',
        'Can you tell me my job?',
        'Tell me what I work as.',
        'Do you know my job?',
        'Which job do I have?',
        'What was my job?',
        'Which profession do I have?',
        'Say my job.',
      ],
      answer: `You work as a ${job}.`,
    }
  },
  (draw) => keyed(draw),
  (draw) => keyed(draw),
]

/** "The X is Y": anything may be X, nearly anything may be Y. */
export function keyed(draw: Draw): Thing {
  const key = draw.chance(0.6)
    ? draw.pick([
        'password',
        'secret word',
        'code',
        'code word',
        'magic word',
        'secret number',
        'key',
        'door code',
        'order number',
        'project name',
        'room number',
        'address',
      ])
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
    tell: (x, y) => [
      `The ${x} is ${y}.`,
      `Remember this: the ${x} is ${y}.`,
      `Please remember that the ${x} is ${y}.`,
      `Remember the ${x}: ${y}.`,
      `Keep in mind that the ${x} is ${y}.`,
      `The ${x} is "${y}".`,
      `Note: the ${x} is ${y}.`,
      `For later: the ${x} is ${y}.`,
      `Remember that the ${x} is ${y}.`,
      `Note that the ${x} is ${y}.`,
      `My ${x} is ${y}.`,
      `Our ${x} is ${y}.`,
      `I tell you that the ${x} is ${y}.`,
      `Do not forget: the ${x} is ${y}.`,
      `Please note: the ${x} is ${y}.`,
      `This is the ${x}: ${y}.`,
    ],
    ask: (x) => [
      `What is the ${x}?`,
      `What's the ${x}?`,
      `Tell me the ${x}.`,
      `Do you remember the ${x}?`,
      `What was the ${x}?`,
      `Give me the ${x}.`,
      `Which ${x} did I tell you?`,
      `what is the ${x}`,
      `Please tell me the ${x}.`,
      `Say the ${x}.`,
      `Name the ${x}.`,
      `Can you tell me the ${x}?`,
      `Do you know the ${x}?`,
      `Which ${x} did I name?`,
      `What did I say the ${x} is?`,
      `I need the ${x}.`,
    ],
    answer: `The ${key} is ${value}.`,
  }
}

export function memory(draw: Draw): Memory {
  const { topic, values, tell, ask, answer, reply = 'OK, I will remember that.' } = draw.pick(things)(draw)
  const think = 'The user tells me something. I remember it.'
  return {
    topic,
    told: { domain: 'memory', user: draw.way(tell, ...values), answer: reply, think },
    asked: { domain: 'memory', user: draw.way(ask, ...values), answer, think: RECALL },
  }
}

/** The fact and the question in one message, perhaps among sentences that do not matter. */
export function reading(draw: Draw): Turn {
  const { values, tell, ask, answer } = keyed(draw)
  const fact = capitalized(draw.way((...v: string[]) => tell(...v).slice(0, 4), ...values))
  const noise = draw.times(draw.int(0, 2), () => sentence(draw))
  const text = draw.shuffled([fact, ...noise]).join(' ')
  return { domain: 'memory', user: `${text} ${draw.way(ask, ...values)}`, answer, think: RECALL }
}

/** A fact to be buried in a long text, and the question for it at the end. */
export function needle(draw: Draw): { statement: string; turn: Turn } {
  const { values, tell, ask, answer } = keyed(draw)
  return {
    statement: tell(...values)[0] ?? '',
    turn: { domain: 'long context', user: draw.way(ask, ...values), answer, think: RECALL },
  }
}
