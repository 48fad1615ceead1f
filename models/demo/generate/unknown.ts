/** A table of what a model of this size cannot answer. */
import { CAPITAL_ASKS } from './facts.ts'
import { ADJECTIVES, COUNTRIES_UNKNOWN, NOUNS, PAST_VERBS, TOPICS, VERBS } from './pools.ts'
import type { Draw } from './random.ts'
import { capitalized, madeUp, personName, sentence } from './text.ts'
import type { Turn } from './turn.ts'

export const UNKNOWN = 'I do not know that. I am only a tiny demo model; serve a bigger model for real answers.'

/** Questions and tasks put together from common words: so many that the only rule left is that nobody taught an answer. */
function anyQuestion(draw: Draw): string {
  const noun = () => draw.from(NOUNS)
  const thing = () =>
    `${draw.pick(['a', 'the', 'my', 'your', 'our', 'this'])} ${draw.chance(0.4) ? `${draw.from(ADJECTIVES)} ` : ''}${noun()}`
  const person = () =>
    draw.pick([
      'I',
      'you',
      'we',
      'people',
      'they',
      'the king',
      'the president',
      'children',
      'scientists',
      'my boss',
      personName(draw),
    ])
  const verb = () => draw.from(VERBS)
  const kind = () =>
    draw.pick(['book', 'film', 'movie', 'song', 'game', 'recipe', 'sport', 'language', 'job', 'country', 'food'])
  const where = () =>
    draw.pick([
      '',
      '',
      ' at home',
      ' in winter',
      ' this year',
      ' today',
      ' every day',
      ' in the world',
      ' tomorrow',
      ' next week',
    ])
  const text = () =>
    draw.pick([
      'poem',
      'letter',
      'song',
      'joke',
      'script',
      'program',
      'speech',
      'plan',
      'report',
      'mail',
      'recipe',
      'rhyme',
      'guide',
      'function',
    ])
  return draw.way(
    (it, other, who, does, n, m, adjective, past, what, at, piece) => [
      `How do ${who} ${does} ${it}${at}?`,
      `Why did ${who} ${does} ${it}?`,
      `Why is ${it} so ${adjective}?`,
      `When will ${who} ${does} ${it}?`,
      `Who ${past} ${it}${at}?`,
      `Why do ${who} ${does} ${n}s?`,
      `Where can ${who} ${does} ${it}?`,
      `How many ${n}s are in ${it}?`,
      `How long does it take to ${does} ${it}?`,
      `Should ${who} ${does} ${it}${at}?`,
      `What should ${who} ${does}${at}?`,
      `How long do ${n}s live?`,
      `What is the best ${what}${at}?`,
      `Which ${what} do you like?`,
      `Which ${what} should ${who} ${does}${at}?`,
      `Who is the best ${n}${at}?`,
      `Are ${n}s ${adjective}er than ${m}s?`,
      `Which ${n} should ${who} ${does}?`,
      `Write a ${piece} about ${it}.`,
      `Write a ${piece} for ${who}.`,
      `Write a ${piece} that ${does}s ${it}.`,
      `Give me a ${piece} about ${it}.`,
      `Help me to ${does} ${it}.`,
      `Write a ${adjective} ${piece} about ${n}s.`,
      `Can ${who} ${does} ${it}${at}?`,
      `What did ${who} ${does}${at}?`,
      `What are the parts of ${it}?`,
      `Is it good to ${does} ${it}?`,
      `My ${n} is ${adjective}. What can I do?`,
      `Is it right to ${does} ${it}${at}?`,
      `My ${n} does not ${does}. Why?`,
      `I want to ${does} ${it}. How?`,
      `Do you think ${n}s are ${adjective}?`,
      `What happens if ${who} ${does} ${it}?`,
      `How does ${it} ${does} ${other}?`,
      `What happens when ${it} is ${adjective}?`,
    ],
    thing(),
    thing(),
    person(),
    verb(),
    noun(),
    noun(),
    draw.from(ADJECTIVES),
    draw.from(PAST_VERBS),
    kind(),
    where(),
    text(),
  )
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
        draw.way(
          (t, other) => [
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
            `Compare ${t} and ${other}.`,
            `What is the difference between ${t} and ${other}?`,
            `Is ${t} better than ${other}?`,
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
          ],
          t,
          topic(),
        ),
    ],
    [
      3,
      () =>
        draw.way(() => [
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
        draw.way(() => [
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
          'Guess my name.',
          'Guess what I like.',
          'Tell me a riddle.',
          'Tell me something funny.',
          'Tell me something about music.',
          'Write a letter to my boss.',
        ]),
    ],
    [
      4,
      () => {
        const c = draw.chance(0.6) ? draw.from(COUNTRIES_UNKNOWN) : capitalized(madeUp(draw))
        const asked = draw.said(CAPITAL_ASKS, c)
        return draw.chance(0.8) ? capitalized(asked) : asked
      },
    ],
    [
      2,
      () => {
        const s = sentence(draw)
        return draw.way(
          (s, language) => [
            `Summarize this: ${s}`,
            `Translate to ${language}: ${s}`,
            `Correct the grammar: ${s}`,
            `Is this true? ${s}`,
            `What do you think of this? ${s}`,
            `Rewrite this more politely: ${s}`,
            `Continue this text: ${s}`,
            `Rewrite this: ${s}`,
            `Make this more polite: ${s}`,
            `Say this more politely: ${s}`,
            `Rewrite this text: ${s}`,
            `Who said this? ${s}`,
          ],
          s,
          draw.pick(['French', 'German', 'Spanish', 'Latin']),
        )
      },
    ],
    [
      2,
      () => {
        const a = draw.int(100, 99_999)
        const b = draw.int(2, 99_999)
        return draw.way(
          (a, b) => [
            `What is ${a} + ${b}?`,
            `${a} * ${b}`,
            `What is ${a} divided by ${b}?`,
            `${a} - ${b}`,
            `Calculate ${a} * ${b}.`,
            `How much is ${a} + ${b}?`,
            `${a} / ${b} = ?`,
          ],
          a,
          b,
        )
      },
    ],
    [6, () => anyQuestion(draw)],
    [
      2,
      () => {
        const n = draw.from(NOUNS)
        return draw.way(
          (n, other) => [
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
            `Is a ${n} bigger than a ${other}?`,
          ],
          n,
          draw.from(NOUNS),
        )
      },
    ],
    [
      1,
      () =>
        draw.way(
          (a, b, c, who) => [
            `${a} ${b} ${c}`,
            `${a}?`,
            'asdf',
            `What does ${a} mean?`,
            `Who is ${who}?`,
            `What is ${a}?`,
            `Do you know ${who}?`,
            `When was ${who} born?`,
            `Where does ${who} work?`,
            `Where does ${who} live?`,
            `Is ${who} a good person?`,
          ],
          madeUp(draw),
          madeUp(draw),
          madeUp(draw),
          personName(draw),
        ),
    ],
  ])()
  return {
    domain: 'honest "I do not know"',
    user,
    answer: UNKNOWN,
    think: 'I do not know this. I say so honestly.',
  }
}
