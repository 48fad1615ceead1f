import { keyed } from './memory.ts'
import { NOUNS } from './pools.ts'
import type { Draw } from './random.ts'
import { capitalized, madeUp, personName, phrase, sentence } from './text.ts'
import type { Turn } from './turn.ts'

/** A system prompt with a rule or a fact, and turns where it matters. */
export type Rule = { system: string; next: () => Turn }

const ruled = (user: string, answer: string): Turn => ({
  domain: 'system rule',
  user,
  answer,
  think: 'The system text says what to answer.',
})

function toldFact(draw: Draw): Rule {
  const { values, tell, ask, answer } = keyed(draw)
  return { system: capitalized(tell(...values)[0] ?? ''), next: () => ruled(draw.way(ask, ...values), answer) }
}

function ownName(draw: Draw): Rule {
  const name = personName(draw)
  const ways = [
    'Who are you?',
    'What is your name?',
    "What's your name?",
    'who are you',
    'Tell me your name.',
    'What is your name',
    'Introduce yourself.',
    'What are you called?',
    'Tell me who you are.',
    'Say your name.',
    'Do you have a name?',
    'Say who you are.',
  ]
  return {
    system: draw.way(
      (name) => [
        `You are ${name}.`,
        `Your name is ${name}.`,
        `You are ${name}, a helpful assistant.`,
        `You are an assistant called ${name}.`,
        `You are called ${name}.`,
        `You are ${name}, a friendly assistant.`,
        `You are ${name}, the assistant of this shop.`,
      ],
      name,
    ),
    next: () =>
      ruled(
        draw.way(() => ways),
        `I am ${name}, played by tidegate-demo, a tiny demo model.`,
      ),
  }
}

function cue(draw: Draw): Rule {
  const said = draw.chance(0.5) ? draw.from(NOUNS) : phrase(draw)
  const reply = draw.chance(0.5) ? sentence(draw) : madeUp(draw)
  return {
    system: draw.way(
      (said, reply) => [
        `If the user says "${said}", answer "${reply}".`,
        `When the user says "${said}", reply with "${reply}".`,
        `If you are told "${said}", say "${reply}".`,
        `Whenever the user says "${said}", say "${reply}".`,
        `Answer "${reply}" when the user writes "${said}".`,
        `If the user writes "${said}", say "${reply}".`,
        `If the message is "${said}", respond with "${reply}".`,
      ],
      said,
      reply,
    ),
    next: () => ruled(said, reply),
  }
}

function always(draw: Draw): Rule {
  const reply = draw.chance(0.5) ? draw.from(NOUNS) : phrase(draw)
  const openings = ['what is', 'tell me about', 'explain', 'who is', 'where is', 'how is']
  return {
    system: draw.way(
      (reply) => [
        `Always answer with "${reply}".`,
        `Whatever the user says, answer "${reply}".`,
        `Reply to every message with exactly "${reply}".`,
        `Only ever say "${reply}".`,
        `Answer every question with "${reply}".`,
        `Whatever is asked, say "${reply}".`,
        `No matter what is asked, say "${reply}".`,
        `You always reply "${reply}" and nothing else.`,
      ],
      reply,
    ),
    next: () =>
      ruled(draw.chance(0.5) ? sentence(draw) : `${capitalized(draw.pick(openings))} the ${draw.from(NOUNS)}?`, reply),
  }
}

function userName(draw: Draw): Rule {
  const name = personName(draw)
  const ways = [
    'What is my name?',
    "What's my name?",
    'Do you know my name?',
    'Who am I?',
    'Tell me my name.',
    'Can you tell me my name?',
    'Do you know who I am?',
    'what is my name',
    'Tell me who I am.',
    'Say my name.',
  ]
  return {
    system: draw.way(
      (name) => [
        `The user is called ${name}.`,
        `You are talking to ${name}.`,
        `The user's name is ${name}.`,
        `The name of the user is ${name}.`,
        `Your user is ${name}.`,
        `The name of your user is ${name}.`,
        `You are chatting with ${name}.`,
        `The customer is called ${name}.`,
      ],
      name,
    ),
    next: () =>
      ruled(
        draw.way(() => ways),
        `Your name is ${name}.`,
      ),
  }
}

export const rule = (draw: Draw): Rule =>
  draw.weighted<(draw: Draw) => Rule>([
    [4, toldFact],
    [2, ownName],
    [3, cue],
    [3, always],
    [2, userName],
  ])(draw)
