/** A table of what a model of this size cannot answer. */
import { COUNTRIES_UNKNOWN, NOUNS, TOPICS } from './pools.ts'
import type { Draw } from './random.ts'
import { capitalized, madeUp, personName, sentence } from './text.ts'
import type { Turn } from './turn.ts'

export const UNKNOWN = 'I do not know that. I am only a tiny demo model; serve a bigger model for real answers.'
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
