import { COLORS, JOBS, NOUNS, PETS } from './pools.ts'
import type { Draw } from './random.ts'
import { capitalized, cityName, madeUp, personName, sentence, someCode, someNumber, someTime } from './text.ts'
import type { Turn } from './turn.ts'

/** Something that is told in one turn and asked for later. */
export type Memory = { told: Turn; asked: Turn }

type Thing = { tell: readonly string[]; ask: readonly string[]; answer: string; think: string; reply?: string }

const things: readonly ((draw: Draw) => Thing)[] = [
  (draw) => {
    const name = personName(draw)
    return {
      tell: [
        `My name is ${name}.`,
        `I am ${name}.`,
        `Hello, my name is ${name}.`,
        `Call me ${name}.`,
        `Hi! I'm ${name}.`,
        `I'm ${name}, nice to meet you.`,
        `Hey, ${name} here.`,
        `Hello, I am ${name}.`,
      ],
      ask: [
        'What is my name?',
        "What's my name?",
        'Do you remember my name?',
        'Who am I?',
        'what is my name',
        'Tell me my name.',
        'Can you tell me my name?',
        'What was my name again?',
        'How am I called?',
        'Say my name.',
        'Do you know my name?',
        'What did I say my name was?',
      ],
      answer: `Your name is ${name}.`,
      think: `The user said the name ${name}.`,
      reply: `Hello, ${name}! How can I help you today?`,
    }
  },
  (draw) => {
    const color = draw.chance(0.7) ? draw.from(COLORS) : madeUp(draw)
    return {
      tell: [
        `My favorite color is ${color}.`,
        `I like the color ${color}.`,
        `My favourite colour is ${color}.`,
        `I love ${color}, it is my favorite color.`,
        `${capitalized(color)} is my favorite color.`,
        `The color I like best is ${color}.`,
      ],
      ask: [
        'What is my favorite color?',
        'Which color do I like?',
        "What's my favorite color?",
        'Do you remember my favorite color?',
        'What is my favourite colour?',
        'Tell me my favorite color.',
        'Which color is my favorite?',
      ],
      answer: `Your favorite color is ${color}.`,
      think: `The user likes the color ${color}.`,
    }
  },
  (draw) => {
    const city = cityName(draw)
    return {
      tell: [
        `I live in ${city}.`,
        `I am from ${city}.`,
        `My home is in ${city}.`,
        `I moved to ${city}.`,
        `I come from ${city}.`,
        `My city is ${city}.`,
      ],
      ask: [
        'Where do I live?',
        'Which city do I live in?',
        'Where am I from?',
        'Do you remember where I live?',
        'What city am I from?',
        'Tell me where I live.',
        'In which city do I live?',
      ],
      answer: `You live in ${city}.`,
      think: `The user lives in ${city}.`,
    }
  },
  (draw) => {
    const pet = draw.pick(PETS)
    const name = personName(draw)
    return {
      tell: [
        `My ${pet} is called ${name}.`,
        `I have a ${pet} named ${name}.`,
        `My ${pet}'s name is ${name}.`,
        `I have a ${pet}. Its name is ${name}.`,
        `The name of my ${pet} is ${name}.`,
        `I own a ${pet} called ${name}.`,
      ],
      ask: [
        `What is my ${pet} called?`,
        `What is the name of my ${pet}?`,
        `What's my ${pet}'s name?`,
        `Do you remember the name of my ${pet}?`,
        `How is my ${pet} called?`,
        `What is my ${pet}'s name?`,
        `Tell me the name of my ${pet}.`,
      ],
      answer: `Your ${pet} is called ${name}.`,
      think: `The ${pet} is called ${name}.`,
    }
  },
  (draw) => {
    const age = draw.int(5, 99)
    return {
      tell: [
        `I am ${age} years old.`,
        `I'm ${age} years old.`,
        `My age is ${age}.`,
        `I turned ${age} today.`,
        `I am ${age}.`,
        `I just turned ${age}.`,
      ],
      ask: [
        'How old am I?',
        'What is my age?',
        "What's my age?",
        'Do you remember how old I am?',
        'Tell me my age.',
        'How old did I say I am?',
        'how old am I',
      ],
      answer: `You are ${age} years old.`,
      think: `The user is ${age} years old.`,
    }
  },
  (draw) => {
    const job = draw.chance(0.7) ? draw.from(JOBS) : draw.from(NOUNS)
    return {
      tell: [
        `I work as a ${job}.`,
        `I am a ${job}.`,
        `My job is ${job}.`,
        `I'm a ${job} by profession.`,
        `My profession is ${job}.`,
        `I am working as a ${job}.`,
      ],
      ask: [
        'What is my job?',
        'What do I do for work?',
        "What's my job?",
        'Do you remember my job?',
        'What is my profession?',
        'Tell me my job.',
        'What do I work as?',
      ],
      answer: `You work as a ${job}.`,
      think: `The user works as a ${job}.`,
    }
  },
  (draw) => keyed(draw),
  (draw) => keyed(draw),
]

/** "The X is Y": anything may be X, anything may be Y. */
export function keyed(draw: Draw): Thing {
  const key = draw.chance(0.5)
    ? draw.pick([
        'password',
        'secret word',
        'code',
        'code word',
        'magic word',
        'secret number',
        'key',
        'answer',
        'door code',
        'order number',
        'meeting time',
        'deadline',
        'project name',
        'room number',
        'address',
      ])
    : `${draw.chance(0.4) ? `${draw.from(NOUNS)} ` : ''}${draw.from(NOUNS)}`
  const value = draw.weighted<() => string>([
    [3, () => madeUp(draw)],
    [3, () => draw.from(NOUNS)],
    [2, () => someCode(draw)],
    [2, () => String(someNumber(draw))],
    [1, () => someTime(draw)],
    [1, () => personName(draw)],
    [1, () => cityName(draw)],
  ])()
  return {
    tell: [
      `The ${key} is ${value}.`,
      `Remember this: the ${key} is ${value}.`,
      `Please remember that the ${key} is ${value}.`,
      `Remember the ${key}: ${value}.`,
      `The ${key} is "${value}".`,
      `Keep in mind that the ${key} is ${value}.`,
      `Note: the ${key} is ${value}.`,
      `For later: the ${key} is ${value}.`,
    ],
    ask: [
      `What is the ${key}?`,
      `What's the ${key}?`,
      `Tell me the ${key}.`,
      `Do you remember the ${key}?`,
      `What was the ${key}?`,
      `Give me the ${key}.`,
      `Which ${key} did I tell you?`,
      `what is the ${key}`,
      `Please tell me the ${key}.`,
      `Say the ${key}.`,
      `Name the ${key}.`,
      `Can you tell me the ${key}?`,
    ],
    answer: `The ${key} is ${value}.`,
    think: `The ${key} is ${value}.`,
  }
}

export function memory(draw: Draw): Memory {
  const thing = draw.pick(things)(draw)
  return {
    told: {
      domain: 'memory',
      user: draw.from(thing.tell),
      answer: thing.reply ?? 'OK, I will remember that.',
      think: `The user tells me something. ${thing.think} I remember it.`,
    },
    asked: { domain: 'memory', user: draw.from(thing.ask), answer: thing.answer, think: thing.think },
  }
}

/** The fact and the question in one message, perhaps among sentences that do not matter. */
export function reading(draw: Draw): Turn {
  const thing = keyed(draw)
  const fact = capitalized(draw.from(thing.tell.slice(0, 4)))
  const noise = draw.times(draw.int(0, 3), () => sentence(draw))
  const text = draw.shuffled([fact, ...noise]).join(' ')
  return { domain: 'memory', user: `${text} ${draw.from(thing.ask)}`, answer: thing.answer, think: thing.think }
}

/** A fact to be buried in a long text, and the question for it at the end. */
export function needle(draw: Draw): { statement: string; turn: Turn } {
  const thing = keyed(draw)
  return {
    statement: thing.tell[0] ?? '',
    turn: { domain: 'long context', user: draw.from(thing.ask), answer: thing.answer, think: thing.think },
  }
}
