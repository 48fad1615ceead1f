import { COUNTRIES_UNKNOWN, NOUNS, TOPICS } from './pools.ts'
import type { Draw } from './random.ts'
import { capitalized, lowerFirst, madeUp, personName, sentence } from './text.ts'
import type { Turn } from './turn.ts'

export const HELLO = 'Hello! How can I help you today?'
export const helloTo = (name: string): string => `Hello, ${name}! How can I help you today?`
export const SKILLS = 'I can chat a little, add small numbers, call tools and answer in JSON.'
export const SELF = `I am tidegate-demo, a tiny demo model that ships with Tidegate. ${SKILLS} Serve a bigger model for real work.`
export const UNKNOWN = 'I do not know that. I am only a tiny demo model; serve a bigger model for real answers.'

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
    const name = personName(draw)
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

/** Real English questions and tasks that a model of this size cannot answer; the one right answer is to say so. */
export function unknown(draw: Draw): Turn {
  const topic = (): string =>
    draw.weighted<() => string>([
      [7, () => draw.from(TOPICS)],
      [2, () => `the ${draw.from(NOUNS)} ${draw.from(NOUNS)}`],
      [1, () => capitalized(madeUp(draw))],
    ])()
  const t = topic()
  const user = draw.weighted<() => string>([
    [
      8,
      () =>
        draw.from([
          `Explain ${t} to me.`,
          `Explain ${t} in simple terms.`,
          `What is ${t}?`,
          `What are the main ideas of ${t}?`,
          `Why is ${t} important?`,
          `How does ${t} work?`,
          `Tell me about ${t}.`,
          `Can you explain ${t}?`,
          `Write an essay about ${t}.`,
          `Summarize ${t} in one paragraph.`,
          `What do you think about ${t}?`,
          `Who invented ${t}?`,
          `When was ${t} discovered?`,
          `Give me an introduction to ${t}.`,
          `Describe ${t}.`,
          `Compare ${t} and ${topic()}.`,
          `What is the difference between ${t} and ${topic()}?`,
          `Is ${t} better than ${topic()}?`,
          `How do I learn ${t}?`,
          `Give me advice about ${t}.`,
          `I want to understand ${t}. Where do I start?`,
          `Write a blog post on ${t}.`,
          `Write a poem about ${t}.`,
          `What is the history of ${t}?`,
          `Who is the best at ${t}?`,
          `Can you teach me ${t}?`,
          `what is ${t}`,
          `explain ${t}`,
          `${capitalized(t)}?`,
          `Do you know anything about ${t}?`,
          `What are the pros and cons of ${t}?`,
          `Why do people like ${t}?`,
          `How would you describe ${t} to a child?`,
          `Write a haiku about ${t}.`,
          `Prepare a lesson about ${t}.`,
          `What should I know about ${t}?`,
          `How has ${t} changed over time?`,
          `Give three facts about ${t}.`,
          `Is it true that ${t} is dangerous?`,
          `What happens if ${t} fails?`,
          `Could you help me with ${t}?`,
          `Which book about ${t} do you recommend?`,
          `How much does ${t} cost?`,
          `Where can I find ${t}?`,
          `I have a question about ${t}.`,
        ]),
    ],
    [
      3,
      () =>
        draw.from([
          'Write a Python function that sorts a list.',
          'Write code to reverse a string.',
          'How do I center a div?',
          'Fix this bug: TypeError: x is undefined',
          'Write a SQL query that joins two tables.',
          'Implement a binary search in Java.',
          'What does this regex do: ^a+b$',
          'Write a bash script that deletes old files.',
          'How do I undo a git commit?',
          'Explain this code: for (let i = 0; i < n; i++) {}',
          'Why does my program crash?',
          'Write a React component.',
          'def f(x): return x * 2',
          'What is the time complexity of quicksort?',
          'Write unit tests for my function.',
          'How do I install Node.js?',
          'Refactor this function please.',
          'Write a web server in Go.',
          'How do I parse JSON in Rust?',
          'Convert this Java code to Kotlin.',
          'Optimize this loop.',
          'Write a Dockerfile for my app.',
          'How can I speed up my website?',
          'What is a segmentation fault?',
        ]),
    ],
    [
      4,
      () =>
        draw.from([
          'What is the meaning of life?',
          'Who is the president of the United States?',
          'What happened in 1969?',
          'How tall is Mount Everest?',
          'Translate this sentence into Latin.',
          'Who won the World Cup in 2010?',
          'What should I cook tonight?',
          'Can you recommend a movie?',
          'What is the population of Brazil?',
          'How old is the universe?',
          'How many stars are there?',
          'Tell me a joke.',
          'What is the square root of 2?',
          'Solve x^2 - 5x + 6 = 0.',
          'What is the best programming language?',
          'How do I lose weight?',
          'Why is the sky blue?',
          'Why do cats purr?',
          'What is the news today?',
          'Who wrote War and Peace?',
          'Plan a trip to Japan.',
          'Help me write a cover letter.',
          'What is the speed of light?',
          'Is there life on Mars?',
          'How far is the moon?',
          'How do airplanes fly?',
          'What is the deepest ocean?',
          'What will happen tomorrow?',
          'Should I buy a house?',
          'How can I be happy?',
          'What is your favorite book?',
          'Do you like music?',
          'Sing a song.',
          'Do you dream?',
          'What did I eat yesterday?',
          'Which laptop should I buy?',
          'Who painted the ceiling of the Sistine Chapel?',
          'What causes earthquakes?',
          'How does a car engine work?',
          'What is a good name for a cat?',
          'Prove that there are infinitely many primes.',
          'Write a letter to my landlord.',
          'How do I fix a leaking tap?',
          'What are the symptoms of the flu?',
          'Give me a recipe for pancakes.',
          'How long do turtles live?',
          'Who discovered America?',
          'What language do they speak in Brazil?',
          'When did the war end?',
          'How many people live in London?',
          'What is the longest river?',
          'What is love?',
          'Why am I tired?',
          'Guess my age.',
        ]),
    ],
    [
      2,
      () => {
        const c = draw.chance(0.6) ? draw.from(COUNTRIES_UNKNOWN) : capitalized(madeUp(draw))
        return draw.from([
          `What is the capital of ${c}?`,
          `What's the capital of ${c}?`,
          `Tell me the capital of ${c}.`,
          `Which city is the capital of ${c}?`,
          `capital of ${c}?`,
          `Name the capital of ${c}.`,
        ])
      },
    ],
    [
      2,
      () => {
        const s = sentence(draw)
        return draw.from([
          `Summarize this: ${s}`,
          `Translate to ${draw.pick(['French', 'German', 'Spanish', 'Latin'])}: ${s}`,
          `Correct the grammar: ${s}`,
          `Is this true? ${s}`,
          `What do you think of this? ${s}`,
          `Rewrite this more politely: ${s}`,
          `Continue this text: ${s}`,
          `Who said this? ${s}`,
        ])
      },
    ],
    [
      2,
      () => {
        const a = draw.int(100, 99_999)
        const b = draw.int(2, 99_999)
        return draw.from([
          `What is ${a} + ${b}?`,
          `${a} * ${b}`,
          `What is ${a} divided by ${b}?`,
          `${a} - ${b}`,
          `Calculate ${a} * ${b}.`,
          `How much is ${a} + ${b}?`,
          `${a} / ${b} = ?`,
        ])
      },
    ],
    [
      2,
      () => {
        const n = draw.from(NOUNS)
        return draw.from([
          `Why does my ${n} make a strange noise?`,
          `Where did I put my ${n}?`,
          `How do I fix my ${n}?`,
          `How do I build a ${n}?`,
          `Who invented the ${n}?`,
          `How much does a ${n} cost?`,
          `Can a ${n} swim?`,
          `What is a ${n} made of?`,
          `Why do we need a ${n}?`,
          `How do you paint a ${n}?`,
          `Should I buy a new ${n}?`,
          `Is a ${n} bigger than a ${draw.from(NOUNS)}?`,
        ])
      },
    ],
    [
      1,
      () =>
        draw.from([
          `${madeUp(draw)} ${madeUp(draw)} ${madeUp(draw)}`,
          `${madeUp(draw)}?`,
          'asdf',
          'qwertz',
          `What does ${madeUp(draw)} mean?`,
          `Who is ${personName(draw)}?`,
          `Do you know ${personName(draw)}?`,
          '???',
          `When was ${personName(draw)} born?`,
          `Where does ${personName(draw)} work?`,
          `Is ${personName(draw)} a good person?`,
          '...',
        ]),
    ],
  ])()
  return {
    domain: 'honest "I do not know"',
    user,
    answer: UNKNOWN,
    think: 'This is beyond a tiny demo model. I say honestly that I do not know.',
  }
}
