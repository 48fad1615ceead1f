import { keyed } from './memory.ts'
import { NOUNS } from './pools.ts'
import type { Draw } from './random.ts'
import { capitalized, madeUp, personName, phrase, sentence } from './text.ts'
import type { Turn } from './turn.ts'

/** A system prompt with a rule or a fact, and a turn where it matters. */
export type Rule = { system: string; turn: Turn }

export function rule(draw: Draw): Rule {
  const make = draw.weighted<() => { system: string; user: string; answer: string; think: string }>([
    [
      4,
      () => {
        const t = keyed(draw)
        return {
          system: capitalized(t.tell[0] ?? ''),
          user: draw.from(t.ask),
          answer: t.answer,
          think: `The system text says it. ${t.think}`,
        }
      },
    ],
    [
      2,
      () => {
        const n = personName(draw)
        const user = draw.from([
          'Who are you?',
          'What is your name?',
          "What's your name?",
          'who are you',
          'Tell me your name.',
          'Introduce yourself.',
          'What are you called?',
        ])
        return {
          system: draw.from([
            `You are ${n}.`,
            `Your name is ${n}.`,
            `You are ${n}, a helpful assistant.`,
            `You are an assistant called ${n}.`,
            `You are called ${n}.`,
            `Act as ${n}, a friendly helper.`,
            `You are ${n}, the assistant of this shop.`,
          ]),
          user,
          answer: `I am ${n}, played by tidegate-demo, a tiny demo model.`,
          think: `The system text calls me ${n}. I say so, and that I am a tiny demo model.`,
        }
      },
    ],
    [
      3,
      () => {
        const cue = draw.chance(0.5) ? draw.from(NOUNS) : phrase(draw)
        const reply = draw.chance(0.5) ? sentence(draw) : madeUp(draw)
        return {
          system: draw.from([
            `If the user says "${cue}", answer "${reply}".`,
            `When the user says "${cue}", reply with "${reply}".`,
            `If you are told "${cue}", say "${reply}".`,
            `Answer "${reply}" when the user writes "${cue}".`,
            `Whenever the user says "${cue}", say "${reply}".`,
            `If the message is "${cue}", respond with "${reply}".`,
          ]),
          user: cue,
          answer: reply,
          think: 'The system text says what to answer here. I copy it.',
        }
      },
    ],
    [
      3,
      () => {
        const reply = draw.chance(0.5) ? draw.from(NOUNS) : phrase(draw)
        return {
          system: draw.from([
            `Always answer with "${reply}".`,
            `Whatever the user says, answer "${reply}".`,
            `Reply to every message with exactly "${reply}".`,
            `Only ever say "${reply}".`,
            `Answer every question with "${reply}".`,
            `No matter what is asked, say "${reply}".`,
            `You always reply "${reply}" and nothing else.`,
          ]),
          user: draw.chance(0.5)
            ? sentence(draw)
            : `${capitalized(draw.from(['what is', 'tell me about', 'explain', 'who is', 'where is', 'how is']))} the ${draw.from(NOUNS)}?`,
          answer: reply,
          think: 'The system text says what to answer every time. I copy it.',
        }
      },
    ],
    [
      2,
      () => {
        const n = personName(draw)
        return {
          system: draw.from([
            `The user is called ${n}.`,
            `You are talking to ${n}.`,
            `The user's name is ${n}.`,
            `The name of the user is ${n}.`,
            `Your user is ${n}.`,
            `You are chatting with ${n}.`,
            `The customer is called ${n}.`,
          ]),
          user: draw.from([
            'What is my name?',
            "What's my name?",
            'Do you know my name?',
            'Who am I?',
            'Tell me my name.',
            'Do you know who I am?',
            'what is my name',
          ]),
          answer: `Your name is ${n}.`,
          think: `The system text names the user: ${n}.`,
        }
      },
    ],
  ])()
  return {
    system: make.system,
    turn: { domain: 'system rule', user: make.user, answer: make.answer, think: make.think },
  }
}
