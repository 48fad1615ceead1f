/** A table: tools with one argument and a simple answer. */
import type { Json } from '../../dialect.ts'
import { done, type Family, first, type Outcome, text, told, two, whole } from '../kit.ts'
import { NOUNS } from '../pools.ts'
import type { Draw } from '../random.ts'
import { capitalized, madeUp, personName, phrase, sentence, someFile, someWords, word } from '../text.ts'

/** Families with one string argument and a simple answer, as a table. */
type Single = {
  names: readonly string[]
  about: readonly string[]
  keys: readonly string[]
  value: (draw: Draw) => Json
  ways: (v: string) => string[]
  /** Ways to ask for two. */
  pairs?: (v: string, w: string) => string[]
  outcome: (draw: Draw, v: string) => Outcome
  type?: string
}
const single =
  (row: Single): Family =>
  (draw) => {
    const key = draw.pick(row.keys)
    const { pairs } = row
    return {
      names: row.names,
      about: row.about,
      properties: {
        [key]: row.type
          ? whole(draw, [capitalized(key.replaceAll('_', ' '))])
          : text(draw, [capitalized(key.replaceAll('_', ' ')), `The ${key.replaceAll('_', ' ')}`]),
      },
      ask: () => {
        const value = row.value(draw)
        return { user: draw.way(row.ways, String(value)), args: { [key]: value } }
      },
      ...(pairs && {
        askPair: () => {
          const [one, other] = two(() => row.value(draw))
          return {
            user: draw.way(pairs, String(one), String(other)),
            args: [{ [key]: one }, { [key]: other }] as const,
          }
        },
      }),
      outcome: (args) => row.outcome(draw, first(args)),
    }
  }

const rows: readonly Single[] = [
  {
    names: ['play_music', 'play_song', 'play', 'music_player', 'start_song', 'playTrack'],
    about: ['Play a song', 'Play music by title', 'Start playing a song', 'Plays music'],
    keys: ['song', 'title', 'name', 'track'],
    value: (d) => capitalized(someWords(d, 1, 3)),
    ways: (v) => [
      `Play ${v}.`,
      `Play the song ${v}`,
      `Please play "${v}".`,
      `I want to hear ${v}.`,
      `Put on ${v}.`,
      `Start the song ${v}.`,
      `play ${v}`,
      `Can you play ${v}?`,
    ],
    outcome: (d, v) => ({ content: d.chance(0.5) ? 'playing' : done(d), answer: `Now playing ${v}.` }),
  },
  {
    names: ['set_timer', 'timer', 'start_timer', 'set_alarm', 'countdown', 'create_timer'],
    about: ['Set a timer', 'Start a timer for some minutes', 'Set a countdown', 'Timer in minutes'],
    keys: ['minutes', 'duration', 'mins', 'duration_minutes'],
    type: 'integer',
    value: (d) => d.int(1, 180),
    ways: (v) => [
      `Set a timer for ${v} minutes.`,
      `Start a ${v} minute timer.`,
      `timer ${v} minutes`,
      `Remind me in ${v} minutes.`,
      `I need a timer for ${v} minutes.`,
      `Set a ${v} minute timer please.`,
      `Timer for ${v} minutes`,
      `Start a timer: ${v} minutes.`,
    ],
    outcome: (d, v) => ({ content: done(d), answer: `The timer is set for ${v} minutes.` }),
  },
  {
    names: ['read_file', 'open_file', 'cat_file', 'get_file', 'view_file', 'readFile', 'load_file', 'file_read'],
    about: ['Read a file', 'Returns the content of a file', 'Open a file by path', 'Reads a text file'],
    keys: ['path', 'file', 'filename', 'file_path'],
    value: someFile,
    ways: (v) => [
      `Read the file ${v}.`,
      `Open ${v}`,
      `Show me ${v}.`,
      `What is in ${v}?`,
      `Read ${v}`,
      `Please read ${v}.`,
      `Show the content of ${v}.`,
      `What does ${v} say?`,
      `Can you open ${v}?`,
      `Read the content of ${v}.`,
      `Look into ${v}.`,
    ],
    pairs: (v, w) => [
      `Read ${v} and ${w}.`,
      `Open the files ${v} and ${w}.`,
      `Show me ${v} and ${w}.`,
      `What is in ${v} and ${w}?`,
      `Read the files ${v} and ${w}`,
      `Please read ${v} and ${w}.`,
      `Open ${v} and ${w}`,
      `Compare ${v} and ${w}.`,
      `Show the content of ${v} and ${w}.`,
      `Read both ${v} and ${w}.`,
    ],
    outcome: (d) => {
      const t = phrase(d)
      return { content: told(d, t, ['content', 'text']), answer: `The file says: ${t}` }
    },
  },
  {
    names: ['run_command', 'bash', 'shell', 'execute', 'run', 'terminal', 'exec_command', 'runShell'],
    about: ['Run a shell command', 'Execute a command', 'Run a command in the terminal', 'Runs bash'],
    keys: ['command', 'cmd'],
    value: (d) =>
      d.weighted<() => string>([
        [
          3,
          () =>
            d.pick([
              'ls',
              'ls -la',
              'pwd',
              'git status',
              'npm test',
              'uname -a',
              'whoami',
              'df -h',
              'ps aux',
              'git log --oneline',
              'date',
              'npm run build',
            ]),
        ],
        [1, () => `cat ${someFile(d)}`],
        [1, () => `echo ${word(d)}`],
        [1, () => `mkdir ${word(d)}`],
        [1, () => `rm ${someFile(d)}`],
        [1, () => `grep ${word(d)} ${someFile(d)}`],
        [1, () => `cd ${word(d)} && ls`],
      ])(),
    ways: (v) => [
      `Run ${v}`,
      `Run the command ${v}`,
      `Execute "${v}".`,
      `Please run \`${v}\`.`,
      `Run \`${v}\``,
      `Execute the command ${v}`,
      `Run "${v}" in the shell.`,
      `Use the shell: ${v}`,
      `Can you run ${v}`,
      `run ${v}`,
      `Execute ${v}`,
      `Run this: ${v}`,
    ],
    outcome: (d) => {
      const t = d.chance(0.5) ? someWords(d, 1, 5) : someFile(d)
      return { content: told(d, t, ['output', 'stdout']), answer: `The output is: ${t}` }
    },
  },
  {
    names: [
      'get_stock_price',
      'stock_price',
      'stock',
      'quote',
      'get_quote',
      'ticker_price',
      'getStockPrice',
      'share_price',
    ],
    about: ['Get the stock price of a company', 'Returns the price for a ticker', 'Stock quotes', 'Price of a stock'],
    keys: ['symbol', 'ticker', 'company', 'stock'],
    value: (d) =>
      d.chance(0.3)
        ? capitalized(madeUp(d))
        : d.times(d.int(3, 4), () => String.fromCharCode(65 + d.int(0, 25))).join(''),
    ways: (v) => [
      `What is the stock price of ${v}?`,
      `How much is ${v} stock?`,
      `Price of ${v}?`,
      `Get me the quote for ${v}.`,
      `What is the price of ${v}?`,
      `Stock price ${v}`,
      `How is ${v} trading?`,
      `What does a share of ${v} cost?`,
    ],
    pairs: (v, w) => [
      `What is the stock price of ${v} and ${w}?`,
      `Compare the stock price of ${v} and ${w}.`,
      `Price of ${v} and ${w}?`,
      `Get me the quote for ${v} and ${w}.`,
      `Stock price of ${v} and ${w}`,
      `What is the price of ${v} and ${w}?`,
      `Tell me the stock price of ${v} and ${w}.`,
      `How are ${v} and ${w} trading?`,
      `I need the stock price of ${v} and ${w}.`,
    ],
    outcome: (d, v) => {
      const p = d.chance(0.5) ? d.int(1, 999) : d.int(100, 99_999) / 100
      return { content: told(d, p, ['price', 'value', 'last']), answer: `The price of ${v} is ${p}.` }
    },
  },
  {
    names: [
      'get_user',
      'find_user',
      'user_info',
      'lookup_user',
      'get_customer',
      'fetch_user',
      'getUserById',
      'load_user',
    ],
    about: ['Get a user by id', 'Look up a user', 'Find information on a user', 'Returns a customer'],
    keys: ['id', 'user_id', 'customer_id', 'userId'],
    type: 'integer',
    value: (d) => d.int(1, 99_999),
    ways: (v) => [
      `Show me user ${v}.`,
      `Who is user ${v}?`,
      `Get the user with id ${v}.`,
      `Look up user ${v}`,
      `Find user ${v}.`,
      `Find customer ${v}.`,
      `Which user has the id ${v}?`,
      `Load user ${v}.`,
    ],
    pairs: (v, w) => [
      `Show me user ${v} and user ${w}.`,
      `Get the users ${v} and ${w}.`,
      `Look up users ${v} and ${w}`,
      `Find user ${v} and user ${w}.`,
      `Who are the users ${v} and ${w}?`,
      `Load the users ${v} and ${w}.`,
      `Find customers ${v} and ${w}.`,
      `Compare user ${v} and user ${w}.`,
      `Show users ${v} and ${w}.`,
    ],
    outcome: (d) => {
      const n = personName(d)
      return { content: told(d, n, ['name', 'user', 'full_name']), answer: `The user is ${n}.` }
    },
  },
  {
    names: [
      'get_order',
      'order_status',
      'track_order',
      'find_order',
      'check_order',
      'lookup_order',
      'getOrder',
      'order_info',
    ],
    about: ['Get the status of an order', 'Track an order', 'Find an order by number', 'Order lookup'],
    keys: ['order_id', 'order', 'number', 'id', 'orderId'],
    type: 'integer',
    value: (d) => d.int(1, 99_999),
    ways: (v) => [
      `Where is my order ${v}?`,
      `Track order ${v}.`,
      `What is the status of order ${v}?`,
      `Look up order ${v}.`,
      `Check order ${v}`,
      `Order ${v}?`,
      `Has order ${v} been shipped?`,
      `Find my order ${v}.`,
      `status of order ${v}`,
      `Show order ${v}.`,
      `Please check my order ${v}.`,
      `When will order ${v} arrive?`,
      `Did order ${v} arrive?`,
      `When does order ${v} arrive?`,
      `When is order ${v} coming?`,
    ],
    pairs: (v, w) => [
      `Where are my orders ${v} and ${w}?`,
      `Track order ${v} and order ${w}.`,
      `What is the status of order ${v} and order ${w}?`,
      `Check orders ${v} and ${w}`,
      `Look up the orders ${v} and ${w}.`,
      `Find my orders ${v} and ${w}.`,
      `Show order ${v} and order ${w}.`,
      `Track the orders ${v} and ${w}.`,
      `status of orders ${v} and ${w}`,
    ],
    outcome: (d, v) => {
      const s = d.pick([
        'shipped',
        'delivered',
        'pending',
        'cancelled',
        'on the way',
        'delayed',
        'processing',
        'returned',
      ])
      return { content: told(d, s, ['status', 'state']), answer: `The status of order ${v} is ${s}.` }
    },
  },
  {
    names: ['get_exchange_rate', 'exchange_rate', 'currency_rate', 'fx_rate', 'rate', 'get_rate'],
    about: ['Get an exchange rate', 'Currency rates', 'Rate of a currency'],
    keys: ['currency', 'code'],
    value: (d) =>
      d.pick(['USD', 'EUR', 'GBP', 'JPY', 'CHF', 'SEK', 'NOK', 'PLN', 'CZK', 'INR', 'CNY', 'BRL', 'MXN', 'CAD', 'AUD']),
    ways: (v) => [
      `What is the exchange rate of ${v}?`,
      `Exchange rate for ${v}`,
      `How much is one ${v}?`,
      `Get the rate of ${v}.`,
      `What is the ${v} rate?`,
      `What is the exchange rate for ${v}?`,
      `Tell me the rate of ${v}.`,
      `Get the exchange rate of ${v}.`,
    ],
    pairs: (v, w) => [
      `What is the exchange rate of ${v} and ${w}?`,
      `Compare the rates of ${v} and ${w}.`,
      `Exchange rate for ${v} and ${w}`,
      `Get the rate of ${v} and ${w}.`,
      `Tell me the rate of ${v} and ${w}.`,
      `I need the exchange rate of ${v} and ${w}.`,
      `How much is one ${v} and one ${w}?`,
      `What are the rates of ${v} and ${w}?`,
      `Get the exchange rates of ${v} and ${w}.`,
    ],
    outcome: (d, v) => {
      const r = d.int(10, 900) / 100
      return { content: told(d, r, ['rate', 'value']), answer: `The rate of ${v} is ${r}.` }
    },
  },
  {
    names: ['define_word', 'dictionary', 'define', 'lookup_word', 'get_definition', 'word_meaning'],
    about: ['Look up a word in the dictionary', 'Define a word', 'Meaning of a word'],
    keys: ['word', 'term', 'entry'],
    value: word,
    ways: (v) => [
      `What does ${v} mean?`,
      `Define ${v}.`,
      `What is the meaning of ${v}?`,
      `Look up the word ${v}.`,
      `Definition of ${v}?`,
      `What is the definition of ${v}?`,
      `Find the meaning of ${v}.`,
      `Give me the definition of ${v}.`,
    ],
    pairs: (v, w) => [
      `What does ${v} mean, and what does ${w} mean?`,
      `Define ${v} and ${w}.`,
      `What is the meaning of ${v} and ${w}?`,
      `Look up the words ${v} and ${w}.`,
      `Definition of ${v} and ${w}?`,
      `Find the meaning of ${v} and ${w}.`,
      `Give me the definition of ${v} and ${w}.`,
      `Define the words ${v} and ${w}.`,
      `Compare the meaning of ${v} and ${w}.`,
    ],
    outcome: (d, v) => {
      const t = sentence(d)
      return { content: told(d, t, ['definition', 'meaning']), answer: `The meaning of ${v}: ${t}` }
    },
  },
  {
    names: ['open_url', 'fetch_url', 'browse', 'get_page', 'http_get', 'visit_page'],
    about: ['Open a web page', 'Fetch a URL', 'Get a page'],
    keys: ['url', 'link', 'address'],
    value: (d) =>
      `https://${d.chance(0.5) ? 'www.' : ''}${word(d)}.${d.pick(['com', 'org', 'net', 'io'])}${d.chance(0.4) ? `/${word(d)}` : ''}`,
    ways: (v) => [
      `Open ${v}`,
      `Fetch ${v}`,
      `Go to ${v}`,
      `Read the page ${v}`,
      `What is on ${v}`,
      `Open the page ${v}`,
      `Visit ${v}`,
    ],
    outcome: (d) => {
      const t = sentence(d)
      return { content: told(d, t, ['text', 'title', 'content']), answer: `The page says: ${t}` }
    },
  },
  {
    names: ['add_todo', 'create_task', 'add_task', 'todo_add', 'new_task', 'addTodo'],
    about: ['Add a task to the list', 'Create a todo', 'Adds a task'],
    keys: ['title', 'task', 'text', 'name'],
    value: (d) =>
      `${d.from(['buy', 'call', 'clean', 'repair', 'write', 'visit', 'paint'])} ${d.chance(0.5) ? `the ${d.from(NOUNS)}` : personName(d)}`,
    ways: (v) => [
      `Add "${v}" to my tasks.`,
      `Add a task: ${v}`,
      `Remind me to ${v}.`,
      `New task: ${v}`,
      `Create a task to ${v}.`,
      `Add "${v}" to my list.`,
      `Put "${v}" on my list.`,
      `Create the task ${v}`,
    ],
    outcome: (d, v) => ({ content: done(d), answer: `The task "${v}" was added.` }),
  },
]

export const singles: readonly Family[] = rows.map(single)
