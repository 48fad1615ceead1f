import type { Draw } from './random.ts'
import { fullName, lowerFirst } from './text.ts'
import type { Turn } from './turn.ts'

export const HELLO = 'Hello! How can I help you today?'
export const helloTo = (name: string): string => `Hello, ${name}! How can I help you today?`
export const SKILLS = 'I can chat a little, add small numbers, call tools and answer in JSON.'
export const SELF = `I am tidegate-demo, a tiny demo model that ships with Tidegate. ${SKILLS} Serve a bigger model for real work.`

const HI = [
  'Hi',
  'Hello',
  'Hey',
  'Good morning',
  'Good evening',
  'Hi there',
  'Hello there',
  'hi',
  'hello',
  'hey',
  'Hey there',
  'Greetings',
  'Howdy',
  'Good afternoon',
  'Good day',
  'hello there',
  'HELLO',
  'hi there',
  'Hiya',
  'Yo',
  'Hello again',
]
const FOREIGN: readonly (readonly [string, string])[] = [
  ['Hallo', 'Hallo! Wie kann ich helfen?'],
  ['Guten Tag', 'Hallo! Wie kann ich helfen?'],
  ['Guten Morgen', 'Hallo! Wie kann ich helfen?'],
  ['Bonjour', 'Bonjour ! Comment puis-je vous aider ?'],
  ['Salut', 'Bonjour ! Comment puis-je vous aider ?'],
  ['Hola', '¡Hola! ¿En qué puedo ayudarte?'],
  ['Buenos días', '¡Hola! ¿En qué puedo ayudarte?'],
  ['Ciao', 'Ciao! Come posso aiutarti?'],
  ['你好', '你好！有什么可以帮你？'],
  ['您好', '你好！有什么可以帮你？'],
]

export function greeting(draw: Draw): Turn {
  const hi = draw.from(HI)
  if (draw.chance(0.08)) {
    const [user, answer] = draw.pick(FOREIGN)
    return {
      domain: 'greeting',
      user: user + draw.pick(['!', '', '.']),
      answer,
      think: 'The user greets me. I greet back.',
    }
  }
  if (draw.chance(0.4)) {
    const name = fullName(draw)
    const user = draw.from([
      `${hi}, I'm ${name}.`,
      `${hi}! My name is ${name}.`,
      `${hi}, I am ${name}`,
      `${hi}, my name is ${name}.`,
      `I'm ${name}, ${lowerFirst(hi)}!`,
      `${hi}, this is ${name}.`,
      `${hi}! I'm ${name}`,
      `${hi}, ${name} here.`,
      `My name is ${name}.`,
      `I am ${name}.`,
      `Call me ${name}.`,
      `${hi}! I am called ${name}.`,
      `${hi}! You can call me ${name}.`,
      `I'm ${name}.`,
      `${hi}, my name's ${name}!`,
      `The name is ${name}.`,
      `${hi} from ${name}!`,
      `${hi}, it's ${name}.`,
    ])
    return { domain: 'greeting', user, answer: helloTo(name), think: `The user is called ${name}. I greet ${name}.` }
  }
  const user = draw.from([
    `${hi}!`,
    hi,
    `${hi}.`,
    `${hi} assistant`,
    `${hi}, can you help me?`,
    `${hi} :)`,
    `${hi}!`,
    hi,
    'Are you there?',
    'Say hello',
    'Say hello.',
    'Say hi',
    'Say hi!',
    'Greet me',
    'ping',
    'test',
    `${hi}, are you working?`,
    `${hi}, nice to meet you.`,
    `${hi} bot`,
    `${hi} AI!`,
    'Is anybody there?',
    `${hi}!!`,
    'Can you hear me?',
    'Please say hello.',
    `${hi} 👋`,
    'Say hello to me.',
    'This is a test.',
    `${hi}, I need some help.`,
    'Testing',
    'Are you online?',
    'Anyone there?',
    `${hi} my friend`,
    'Just say hi.',
    'Hello, world!',
    'hello world',
    'Say hello!',
    'Good to see you.',
    `${hi}, are you ready?`,
    'Can you help me?',
    'I need help',
    'Help me please.',
    'Wake up',
  ])
  return { domain: 'greeting', user, answer: HELLO, think: 'The user greets me. I greet back.' }
}

const OTHER_MODELS = [
  'ChatGPT',
  'GPT-4',
  'Claude',
  'Gemini',
  'DeepSeek',
  'Llama',
  'Siri',
  'Alexa',
  'Copilot',
  'Mistral',
  'Qwen',
  'Grok',
]

export function identity(draw: Draw): Turn {
  const turn = (user: string, answer: string): Turn => ({
    domain: 'identity',
    user,
    answer,
    think: 'The user asks about me. I say honestly that I am a tiny demo model.',
  })
  if (draw.chance(0.2)) {
    const other = draw.chance(0.7)
      ? draw.pick(OTHER_MODELS)
      : draw.pick([
          'a human',
          'a real person',
          'a person',
          'human',
          'a big model',
          'a large model',
          'alive',
          'conscious',
        ])
    return turn(
      draw.from([
        `Are you ${other}?`,
        `are you ${other}`,
        `You are ${other}, right?`,
        `Hey, are you ${other}?`,
        `Am I talking to ${other}?`,
        `Is this ${other}?`,
      ]),
      `No. ${SELF}`,
    )
  }
  if (draw.chance(0.12))
    return turn(
      draw.from([
        'Are you an AI?',
        'Are you a bot?',
        'Are you a machine?',
        'Are you a language model?',
        'Are you tidegate-demo?',
        'Are you a demo model?',
        'Are you an artificial intelligence?',
        'Are you a computer program?',
        'are you a robot',
        'Am I talking to an AI?',
        'Is this a bot?',
        'Am I chatting with a machine?',
      ]),
      `Yes. ${SELF}`,
    )
  if (draw.chance(0.25))
    return turn(
      draw.from([
        'What can you do?',
        'what can you help me with?',
        'What are you able to do?',
        'How can you help me?',
        'What are your skills?',
        'What are your abilities?',
        'Which tasks can you do?',
        'what do you do',
        'What can I ask you?',
        'What are your capabilities?',
        'Tell me what you can do.',
        'List your capabilities.',
      ]),
      SKILLS,
    )
  return turn(
    draw.from([
      'Who are you?',
      'What are you?',
      'what is your name?',
      "What's your name?",
      'Which model are you?',
      'What model is this?',
      'Tell me about yourself.',
      'Introduce yourself.',
      'who made you?',
      'who are you',
      'What kind of AI are you?',
      'Please introduce yourself',
      'Describe yourself.',
      'Who am I talking to?',
      'What is this model?',
      'Do you have a name?',
      'which LLM is this',
      'Who built you?',
      'What are you called?',
      'Tell me your name.',
      'What model are you?',
      'Say who you are.',
      'Who is this?',
      'And who are you?',
      'What exactly are you?',
      'Which AI are you?',
      'Hi, who are you?',
      'Hello! What are you?',
      'Can you introduce yourself?',
      'Explain who you are.',
    ]),
    SELF,
  )
}

export function smallTalk(draw: Draw): Turn {
  const think = {
    thanks: 'The user thanks me.',
    bye: 'The user says goodbye.',
    how: 'The user asks how I am.',
    ok: 'The user is content.',
  }
  const [kind, users, answer] = draw.pick([
    [
      'thanks',
      [
        'Thanks!',
        'Thank you',
        'thanks a lot',
        'Thank you very much!',
        'Great, thanks',
        'Perfect, thank you!',
        'Thanks for your help.',
        'thx',
        'Thank you so much.',
        'Many thanks!',
        'Thank you for your help!',
        'thanks',
        'Cheers, thanks!',
        'That helps, thank you.',
      ],
      'You are welcome!',
    ],
    [
      'bye',
      [
        'Bye',
        'Goodbye!',
        'See you later',
        'bye bye',
        'Good night',
        'See you!',
        'Bye for now.',
        'I have to go, bye.',
        'Farewell',
        'goodbye',
        'See you tomorrow.',
        'Talk to you later!',
        'Bye!',
        'That is all, goodbye.',
      ],
      'Goodbye!',
    ],
    [
      'how',
      [
        'How are you?',
        'How are you doing?',
        "How's it going?",
        'how are you',
        'How do you do?',
        'How are you today?',
        'Hi, how are you?',
        'Hello, how are you?',
        'Hey, how are you doing?',
        'Are you well?',
        'Hello! How are you today?',
        'How is it going?',
      ],
      'I am fine, thank you. How can I help you today?',
    ],
    [
      'ok',
      [
        'OK',
        'ok',
        'Okay.',
        'Great!',
        'Good',
        'Nice!',
        'I see.',
        'Cool',
        'Perfect.',
        'Got it.',
        'Alright',
        'Sounds good.',
      ],
      'Is there anything else I can do for you?',
    ],
  ] as const)
  return { domain: 'small talk', user: draw.from(users), answer, think: think[kind] }
}
