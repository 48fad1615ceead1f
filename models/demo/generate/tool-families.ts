import type { Arguments, Json, Schema, Tool } from '../dialect.ts'
import { jsonText } from './json.ts'
import { ADJECTIVES, COLORS, LANGUAGES, NOUNS } from './pools.ts'
import type { Draw } from './random.ts'
import {
  capitalized,
  cityName,
  item,
  madeUp,
  personName,
  phrase,
  sentence,
  someCode,
  someDate,
  someEmail,
  someFile,
  someNumber,
  someTime,
  someWords,
  word,
} from './text.ts'

/** A request that a tool answers. */
export type Ask = { user: string; args: Arguments }
/** What came back, and what is said about it. */
export type Outcome = { content: string; answer: string }
/** A tool as one conversation has it, with ways to ask for it. */
export type Kit = { tool: Tool; ask: () => Ask; outcome: (args: Arguments) => Outcome; topic: string }

type Family = (draw: Draw) => {
  names: readonly string[]
  about: readonly string[]
  properties: { [key: string]: Schema }
  optional?: readonly string[]
  ask: () => Ask
  outcome: (args: Arguments) => Outcome
}

const text = (draw: Draw, descriptions: readonly string[]): Schema =>
  draw.chance(0.6) ? { type: 'string', description: draw.pick(descriptions) } : { type: 'string' }
const whole = (draw: Draw, descriptions: readonly string[]): Schema =>
  draw.chance(0.5)
    ? { type: 'integer', description: draw.pick(descriptions) }
    : { type: draw.pick(['integer', 'number']) }
const first = (args: Arguments): string => String(Object.values(args)[0])
/** A result in one of the ways tools write it. */
const told = (draw: Draw, value: Json, keys: readonly string[]): string =>
  draw.chance(0.35) ? String(value) : jsonText({ ...(draw.chance(0.15) ? { ok: true } : {}), [draw.pick(keys)]: value })
const done = (draw: Draw): string =>
  draw.pick([
    'ok',
    'done',
    'sent',
    'success',
    '{"ok": true}',
    '{"status": "ok"}',
    '{"success": true}',
    '{"status": "done"}',
  ])

const weather: Family = (draw) => {
  const key = draw.pick(['city', 'location', 'place', 'town', 'city_name'])
  const unit = draw.chance(0.3)
  const days = !unit && draw.chance(0.15)
  return {
    names: [
      'get_weather',
      'get_current_weather',
      'weather',
      'weather_lookup',
      'fetch_weather',
      'current_weather',
      'getWeather',
      'get_forecast',
      'weather_api',
      'check_weather',
      'find_weather',
      'local_weather',
    ],
    about: [
      'Get the current weather for a city',
      'Look up the weather in a location',
      'Returns the weather for the given place',
      'Get the weather',
      'Get current temperature for a given location.',
      'Weather for a city',
      'Get the weather of a city',
    ],
    properties: {
      [key]: text(draw, ['The city', 'City name', 'The city, e.g. Paris', 'Name of the place', 'City and country']),
      ...(unit && { unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } }),
      ...(days && { days: whole(draw, ['Number of days', 'How many days']) }),
    },
    optional: ['unit', 'days'],
    ask: () => {
      const city = cityName(draw)
      const args: Arguments = { [key]: city }
      let user = draw.from([
        `What is the weather in ${city}?`,
        `What's the weather like in ${city}?`,
        `weather in ${city}`,
        `Is it raining in ${city}?`,
        `How is the weather in ${city} today?`,
        `Tell me the weather for ${city}.`,
        `How warm is it in ${city}?`,
        `Do I need an umbrella in ${city}?`,
        `Check the weather in ${city} please.`,
        `What is the temperature in ${city}?`,
        `What's the weather in ${city}?`,
        `How is the weather in ${city}?`,
        `Is it cold in ${city}?`,
        `I am travelling to ${city}. How is the weather there?`,
        `Weather ${city}?`,
        `Give me the weather in ${city}.`,
        `What's the weather like in ${city} today?`,
        `Can you look up the weather in ${city}?`,
        `Will it rain in ${city}?`,
        `What is the weather like in ${city}?`,
        `I want to know the weather in ${city}.`,
        `Is it sunny in ${city} right now?`,
        `Current weather for ${city}`,
        `How hot is it in ${city}?`,
      ])
      if (unit && draw.chance(0.5)) {
        const chosen = draw.pick(['celsius', 'fahrenheit'])
        args.unit = chosen
        user = `${user.replace(/[.?]$/, '')} in ${draw.chance(0.6) ? chosen : capitalized(chosen)}?`
      }
      if (days && draw.chance(0.7)) {
        const n = draw.int(2, 10)
        args.days = n
        user = draw.from([
          `What is the weather in ${city} for the next ${n} days?`,
          `Weather in ${city} for ${n} days`,
          `Give me a ${n} day forecast for ${city}.`,
          `Forecast for ${city}, ${n} days please.`,
          `How will the weather be in ${city} in the next ${n} days?`,
          `${n} days of weather for ${city}`,
        ])
      }
      return { user, args }
    },
    outcome: (args) => {
      const degrees = draw.int(-15, 39)
      const sky = draw.pick([
        'sunny',
        'rainy',
        'cloudy',
        'windy',
        'snowy',
        'foggy',
        'clear',
        'stormy',
        'partly cloudy',
        'light rain',
      ])
      const [kt, ks] = draw.pick([
        ['temperature', 'condition'],
        ['temp', 'sky'],
        ['temp_c', 'summary'],
        ['degrees', 'weather'],
        ['temperature', 'conditions'],
        ['temperature_c', 'description'],
      ] as const)
      const pairs: [string, Json][] = [
        [kt, degrees],
        [ks, sky],
      ]
      if (draw.chance(0.25)) pairs.push(['humidity', draw.int(20, 99)])
      if (draw.chance(0.2)) pairs.unshift([key, first(args)])
      if (draw.chance(0.3)) pairs.reverse()
      const content = draw.chance(0.75)
        ? jsonText(Object.fromEntries(pairs))
        : draw.pick([`${capitalized(sky)}, ${degrees} degrees`, `${degrees} degrees, ${sky}`, `${sky} ${degrees}°C`])
      return { content, answer: `The weather in ${first(args)} is ${sky} with ${degrees} degrees.` }
    },
  }
}

const time: Family = (draw) => {
  const key = draw.pick(['city', 'timezone', 'location', 'place'])
  return {
    names: [
      'get_time',
      'current_time',
      'time_in',
      'get_local_time',
      'clock',
      'world_time',
      'get_current_time',
      'local_time',
      'getTime',
      'time_lookup',
      'what_time',
      'show_time',
    ],
    about: [
      'Get the current time in a city',
      'Returns the local time',
      'What time it is in a place',
      'Look up the current time',
      'Current time',
      'Time for a place',
      'Tells the time of a city',
    ],
    properties: { [key]: text(draw, ['The city', 'Name of the place', 'The location', 'Place or time zone']) },
    ask: () => {
      const city = cityName(draw)
      return {
        user: draw.from([
          `What time is it in ${city}?`,
          `Tell me the time in ${city}.`,
          `current time in ${city}`,
          `What is the local time in ${city}?`,
          `How late is it in ${city}?`,
          `What's the time in ${city}?`,
          `Time in ${city}?`,
          `Can you tell me what time it is in ${city}?`,
          `What time is it now in ${city}?`,
          `I need the time in ${city}.`,
          `What is the time in ${city}?`,
          `Do you know the time in ${city}?`,
        ]),
        args: { [key]: city },
      }
    },
    outcome: (args) => {
      const t = someTime(draw)
      return { content: told(draw, t, ['time', 'local_time', 'now']), answer: `The time in ${first(args)} is ${t}.` }
    },
  }
}

const search: Family = (draw) => {
  const key = draw.pick(['query', 'q', 'text', 'term', 'search_query'])
  return {
    names: [
      'search',
      'web_search',
      'search_web',
      'find',
      'lookup',
      'google',
      'internet_search',
      'search_docs',
      'searchWeb',
      'find_pages',
      'query_index',
      'search_engine',
    ],
    about: [
      'Search the web',
      'Search for information',
      'Find pages about a query',
      'Web search',
      'Look something up',
      'Search the internet for a query',
      'Finds documents',
    ],
    properties: { [key]: text(draw, ['The search query', 'What to search for', 'Search terms', 'Query text']) },
    ask: () => {
      const q = draw.weighted<() => string>([
        [5, () => someWords(draw, 1, 4)],
        [2, () => item(draw)],
        [2, () => `${draw.from(ADJECTIVES)} ${draw.from(NOUNS)}s in ${cityName(draw)}`],
      ])()
      return {
        user: draw.from([
          `Search for ${q}.`,
          `Search the web for ${q}`,
          `Find information about ${q}.`,
          `Look up ${q}.`,
          `Google ${q}`,
          `Please search for "${q}".`,
          `search ${q}`,
          `Search for "${q}"`,
          `Can you search for ${q}?`,
          `Find pages about ${q}.`,
          `Do a web search for ${q}.`,
          `Search the internet for ${q}.`,
        ]),
        args: { [key]: q },
      }
    },
    outcome: () => {
      const found = sentence(draw)
      return {
        content: draw.chance(0.4)
          ? found
          : draw.chance(0.5)
            ? jsonText({ results: [found] })
            : jsonText({ result: found }),
        answer: `I found this: ${found}`,
      }
    },
  }
}

const adder: Family = (draw) => {
  const [x, y] = draw.pick([
    ['a', 'b'],
    ['x', 'y'],
    ['first', 'second'],
    ['num1', 'num2'],
    ['left', 'right'],
  ] as const)
  const kind = draw.chance(0.7) ? 'add' : 'multiply'
  return {
    names:
      kind === 'add'
        ? [
            'add',
            'add_numbers',
            'sum',
            'calculate_sum',
            'plus',
            'addition',
            'add_two',
            'addNumbers',
            'sum_numbers',
            'get_sum',
            'math_add',
            'compute_sum',
          ]
        : ['multiply', 'product', 'times', 'mul', 'multiply_numbers', 'get_product', 'multiplyNumbers'],
    about:
      kind === 'add'
        ? [
            'Add two numbers',
            'Returns the sum of two numbers',
            'Sum of two values',
            'Adds numbers',
            'Add numbers',
            'Compute a sum',
          ]
        : ['Multiply two numbers', 'Returns the product of two numbers', 'Product of two values'],
    properties: { [x]: whole(draw, ['First number', 'A number']), [y]: whole(draw, ['Second number', 'A number']) },
    ask: () => {
      const a = someNumber(draw)
      const b = someNumber(draw)
      return {
        user:
          kind === 'add'
            ? draw.from([
                `What is ${a} plus ${b}?`,
                `Add ${a} and ${b}.`,
                `${a} + ${b}`,
                `Calculate ${a} + ${b}.`,
                `Sum of ${a} and ${b}?`,
                `What is ${a} + ${b}?`,
                `What is the sum of ${a} and ${b}?`,
                `add ${a} and ${b}`,
                `How much is ${a} + ${b}?`,
                `Please add ${a} and ${b}.`,
                `Add up ${a} and ${b}`,
                `Use the tool to add ${a} and ${b}.`,
              ])
            : draw.from([
                `What is ${a} times ${b}?`,
                `Multiply ${a} and ${b}.`,
                `${a} * ${b}`,
                `Calculate ${a} * ${b}.`,
                `Product of ${a} and ${b}?`,
                `Multiply ${a} by ${b}.`,
                `What is ${a} * ${b}?`,
              ]),
        args: { [x]: a, [y]: b },
      }
    },
    outcome: (args) => {
      const [a, b] = Object.values(args).map(Number) as [number, number]
      const r = kind === 'add' ? a + b : a * b
      return { content: told(draw, r, ['result', 'sum', 'value']), answer: `The result is ${r}.` }
    },
  }
}

const calculator: Family = (draw) => {
  const key = draw.pick(['expression', 'expr', 'input', 'formula'])
  return {
    names: [
      'calculator',
      'calculate',
      'eval_math',
      'math',
      'compute',
      'evaluate',
      'calc',
      'run_calculation',
      'solve_math',
      'evaluate_expression',
      'do_math',
      'arithmetic',
    ],
    about: [
      'Evaluate a math expression',
      'Calculate an expression',
      'Simple calculator',
      'Does arithmetic',
      'Calculates',
      'Compute the value of an expression',
    ],
    properties: { [key]: text(draw, ['The expression', 'Math expression', 'What to calculate, e.g. 2 + 3']) },
    ask: () => {
      const e = draw
        .times(
          draw.weighted([
            [4, 2],
            [1, 3],
          ]),
          () => String(someNumber(draw)),
        )
        .join(` ${draw.pick(['+', '-', '*', '/'])} `)
      return {
        user: draw.from([
          `Calculate ${e}.`,
          `What is ${e}?`,
          `Compute ${e}`,
          `How much is ${e}?`,
          e,
          `${e} = ?`,
          `Please calculate ${e}.`,
          `Use the calculator for ${e}.`,
          `what's ${e}`,
          `Evaluate ${e}.`,
          `Work out ${e}.`,
          `I need ${e}.`,
        ]),
        args: { [key]: e },
      }
    },
    outcome: () => {
      const r = someNumber(draw)
      return { content: told(draw, r, ['result', 'value', 'answer']), answer: `The result is ${r}.` }
    },
  }
}

const sender: Family = (draw) => {
  const mail = draw.chance(0.4)
  const [x, y] = draw.pick(
    mail
      ? ([
          ['to', 'body'],
          ['recipient', 'text'],
          ['address', 'message'],
          ['email', 'content'],
        ] as const)
      : ([
          ['to', 'text'],
          ['recipient', 'body'],
          ['name', 'message'],
          ['to', 'message'],
          ['contact', 'text'],
        ] as const),
  )
  return {
    names: mail
      ? ['send_email', 'email', 'send_mail', 'mail', 'write_email', 'sendEmail', 'email_send', 'compose_email']
      : [
          'send_message',
          'message',
          'notify',
          'send_text',
          'sms',
          'send_sms',
          'sendMessage',
          'text_contact',
          'send_note',
        ],
    about: mail
      ? ['Send an email', 'Sends a mail', 'Write an email to an address']
      : ['Send a message to a person', 'Sends a text to someone', 'Notify a person', 'Send a text message'],
    properties: {
      [x]: text(draw, ['Who gets it', 'The recipient', 'To whom']),
      [y]: text(draw, ['The text', 'What to say', 'Message text']),
    },
    ask: () => {
      const n = mail && draw.chance(0.6) ? someEmail(draw) : personName(draw)
      const t = phrase(draw).replaceAll('"', '')
      return {
        user: draw.from(
          mail
            ? [
                `Send an email to ${n}: ${t}`,
                `Email ${n}: ${t}`,
                `Write an email to ${n} saying "${t}"`,
                `Mail ${n} the text "${t}"`,
                `Send ${n} an email with the text "${t}".`,
                `Please email ${n}: ${t}`,
              ]
            : [
                `Send a message to ${n}: ${t}`,
                `Tell ${n}: ${t}`,
                `Write to ${n} "${t}"`,
                `Send ${n} the text "${t}".`,
                `Message ${n}: ${t}`,
                `Text ${n}: ${t}`,
                `Send ${n} a message saying "${t}"`,
                `Please tell ${n}: ${t}`,
                `Notify ${n}: ${t}`,
                `Send this to ${n}: ${t}`,
                `Let ${n} know: ${t}`,
                `Send the message "${t}" to ${n}.`,
              ],
        ),
        args: { [x]: n, [y]: t },
      }
    },
    outcome: (args) => ({ content: done(draw), answer: `Done. The message to ${first(args)} was sent.` }),
  }
}

/** Families with one string argument and a simple answer, as a table. */
type Single = {
  names: readonly string[]
  about: readonly string[]
  keys: readonly string[]
  value: (draw: Draw) => Json
  ways: (v: string) => string[]
  outcome: (draw: Draw, v: string) => Outcome
  type?: string
}
const single =
  (row: Single): Family =>
  (draw) => {
    const key = draw.pick(row.keys)
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
        return { user: draw.from(row.ways(String(value))), args: { [key]: value } }
      },
      outcome: (args) => row.outcome(draw, first(args)),
    }
  }

const singles: readonly Single[] = [
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
      `Set a ${v} minute timer please.`,
      `I need a timer for ${v} minutes.`,
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
      `cat ${v}`,
      `Read ${v}`,
      `Please read ${v}.`,
      `Show the content of ${v}.`,
      `What does ${v} say?`,
      `Can you open ${v}?`,
      `Read the content of ${v}.`,
      `Look into ${v}.`,
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
    value: (d) => (d.chance(0.5) ? String(d.int(1, 99_999)) : someCode(d)),
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
      `When does order ${v} arrive?`,
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
      `Tell me the exchange rate for ${v}.`,
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
      `Find the definition of ${v}.`,
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
    ways: (v) => [`Open ${v}`, `Fetch ${v}`, `Go to ${v}`, `Read the page ${v}`, `What is on ${v}`, `Visit ${v}`],
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
      `Put ${v} on my list.`,
    ],
    outcome: (d, v) => ({ content: done(d), answer: `The task "${v}" was added.` }),
  },
]

const translate: Family = (draw) => {
  const [x, y] = draw.pick([
    ['text', 'language'],
    ['text', 'to'],
    ['text', 'target'],
    ['sentence', 'target_language'],
  ] as const)
  return {
    names: ['translate', 'translate_text', 'translator', 'translation', 'translateText', 'get_translation'],
    about: ['Translate a text', 'Translate text to another language', 'Translator'],
    properties: {
      [x]: text(draw, ['The text', 'What to translate']),
      [y]: text(draw, ['Target language', 'The language']),
    },
    ask: () => {
      const t = draw.chance(0.5) ? someWords(draw, 1, 4) : sentence(draw).replaceAll('"', '')
      const l = draw.from(LANGUAGES)
      return {
        user: draw.from([
          `Translate "${t}" to ${l}.`,
          `Translate ${t} into ${l}`,
          `How do you say "${t}" in ${l}?`,
          `Say "${t}" in ${l}.`,
          `Translate to ${l}: ${t}`,
          `What is "${t}" in ${l}?`,
        ]),
        args: { [x]: t, [y]: l },
      }
    },
    outcome: () => {
      const t = someWords(draw, 1, 5)
      return { content: told(draw, t, ['translation', 'text', 'result']), answer: `The translation is: ${t}` }
    },
  }
}

const booking: Family = (draw) => {
  const kind = draw.pick(['table', 'room', 'flight', 'meeting'] as const)
  const [from, to] = [draw.pick(['from', 'origin', 'from_city']), draw.pick(['to', 'destination', 'to_city'])]
  if (kind === 'flight')
    return {
      names: ['book_flight', 'find_flight', 'search_flights', 'flights', 'get_flights', 'flight_search'],
      about: ['Find a flight', 'Book a flight between two cities', 'Search flights'],
      properties: {
        [from]: text(draw, ['City of departure', 'Start']),
        [to]: text(draw, ['City of arrival', 'Destination']),
        date: text(draw, ['Date of travel', 'Day of departure']),
      },
      ask: () => {
        const a = cityName(draw)
        const b = cityName(draw)
        const d = someDate(draw)
        return {
          user: draw.from([
            `Book a flight from ${a} to ${b} on ${d}.`,
            `Find flights from ${a} to ${b} on ${d}`,
            `I want to fly from ${a} to ${b} on ${d}.`,
            `Flight ${a} to ${b}, ${d}`,
            `Is there a flight from ${a} to ${b} on ${d}?`,
            `I need a flight to ${b} from ${a} on ${d}.`,
          ]),
          args: { [from]: a, [to]: b, date: d },
        }
      },
      outcome: () => {
        const c = someCode(draw)
        return { content: told(draw, c, ['flight', 'number', 'booking']), answer: `The flight is ${c}.` }
      },
    }
  if (kind === 'meeting')
    return {
      names: ['create_event', 'add_event', 'schedule_meeting', 'calendar_add', 'new_event', 'createEvent'],
      about: ['Create a calendar event', 'Schedule a meeting', 'Add an event to the calendar'],
      properties: {
        title: text(draw, ['Title of the event']),
        date: text(draw, ['Date']),
        time: text(draw, ['Start time']),
      },
      ask: () => {
        const t = capitalized(someWords(draw, 1, 3))
        const d = someDate(draw)
        const h = someTime(draw)
        return {
          user: draw.from([
            `Schedule "${t}" on ${d} at ${h}.`,
            `Create an event called ${t} on ${d} at ${h}`,
            `Add ${t} to my calendar, ${d} at ${h}.`,
            `New event: ${t}, ${d}, ${h}`,
            `Put "${t}" in the calendar for ${d} at ${h}.`,
            `Plan ${t} for ${d}, ${h}.`,
          ]),
          args: { title: t, date: d, time: h },
        }
      },
      outcome: (args) => ({ content: done(draw), answer: `The event "${first(args)}" was created.` }),
    }
  const [where, count] =
    kind === 'table'
      ? [draw.pick(['restaurant', 'place', 'name']), draw.pick(['people', 'guests', 'party_size'])]
      : [draw.pick(['hotel', 'name', 'place']), draw.pick(['nights', 'days'])]
  const plural = kind === 'table' ? 'people' : 'nights'
  return {
    names:
      kind === 'table'
        ? ['book_table', 'reserve_table', 'restaurant_booking', 'make_reservation', 'table_booking', 'reserve']
        : ['book_room', 'book_hotel', 'reserve_room', 'hotel_booking', 'get_room', 'reserve_hotel'],
    about:
      kind === 'table'
        ? ['Book a table', 'Reserve a table in a restaurant']
        : ['Book a hotel room', 'Reserve a room for some nights'],
    properties: {
      [where]: text(draw, ['Name of the place', 'Where']),
      [count]: whole(draw, ['How many', `Number of ${plural}`]),
    },
    ask: () => {
      const n = `${capitalized(draw.from(ADJECTIVES))} ${capitalized(draw.from(NOUNS))}`
      const k = draw.int(1, 14)
      return {
        user: draw.from([
          `Book a ${kind} at ${n} for ${k} ${plural}.`,
          `Reserve a ${kind} at ${n} for ${k} ${plural}`,
          `I need a ${kind} at ${n}, ${k} ${plural}.`,
          `A ${kind} for ${k} ${plural} at ${n} please.`,
          `Can you book ${n} for ${k} ${plural}?`,
          `Get me a ${kind} at ${n} for ${k} ${plural}.`,
        ]),
        args: { [where]: n, [count]: k },
      }
    },
    outcome: (args) => ({ content: done(draw), answer: `Done. ${first(args)} is booked.` }),
  }
}

const light: Family = (draw) => {
  const [x, y] = draw.pick([
    ['room', 'on'],
    ['room', 'state'],
    ['light', 'on'],
    ['device', 'enabled'],
  ] as const)
  const hue = draw.chance(0.25)
  const colors = draw.shuffled(COLORS).slice(0, 5)
  const rooms = [
    'kitchen',
    'bedroom',
    'bathroom',
    'office',
    'garage',
    'hall',
    'living room',
    'cellar',
    'attic',
    'garden',
    'nursery',
    'library',
  ]
  return {
    names: hue
      ? ['set_light_color', 'light_color', 'change_color', 'color_lamp', 'set_color', 'paint_light']
      : ['set_light', 'switch_light', 'light', 'toggle_light', 'turn_light', 'smart_light'],
    about: hue
      ? ['Set the color of a light', 'Change the light color']
      : ['Turn a light on or off', 'Switch the light of a room'],
    properties: hue
      ? { [x]: text(draw, ['Which room']), color: { type: 'string', enum: colors } }
      : { [x]: text(draw, ['Which room']), [y]: { type: 'boolean' } },
    ask: () => {
      const room = draw.from(rooms)
      if (hue) {
        const color = draw.pick(colors)
        return {
          user: draw.from([
            `Make the light in the ${room} ${color}.`,
            `Set the ${room} light to ${color}.`,
            `Change the ${room} lamp to ${color}`,
            `${capitalized(color)} light in the ${room} please.`,
            `I want ${color} light in the ${room}.`,
            `Turn the ${room} light ${color}.`,
          ]),
          args: { [x]: room, color },
        }
      }
      const on = draw.chance(0.5)
      const s = on ? 'on' : 'off'
      return {
        user: draw.from([
          `Turn ${s} the light in the ${room}.`,
          `Turn the ${room} light ${s}.`,
          `Switch ${s} the lights in the ${room}`,
          `Light ${s} in the ${room} please.`,
          `${room} light ${s}`,
          `Please switch the ${room} light ${s}.`,
        ]),
        args: { [x]: room, [y]: on },
      }
    },
    outcome: () => ({ content: done(draw), answer: 'Done. The light is set.' }),
  }
}

const noArguments: Family = (draw) => {
  const [names, about, ways, make] = draw.pick([
    [
      ['get_date', 'today', 'current_date', 'get_today', 'date', 'what_day'],
      'Returns the current date',
      [
        'What is the date today?',
        'Which date is it?',
        "What's today's date?",
        'Tell me the date.',
        'date please',
        'What day is it?',
      ],
      () => {
        const d = someDate(draw)
        return { content: told(draw, d, ['date', 'today']), answer: `The date is ${d}.` }
      },
    ],
    [
      ['get_location', 'where_am_i', 'current_location', 'locate', 'my_location', 'get_position'],
      'Returns the location of the user',
      [
        'Where am I?',
        'What is my location?',
        'Find my location.',
        'Tell me where I am.',
        'Which city am I in?',
        'Locate me.',
      ],
      () => {
        const c = cityName(draw)
        return { content: told(draw, c, ['location', 'city']), answer: `You are in ${c}.` }
      },
    ],
    [
      ['list_files', 'ls', 'get_files', 'show_files', 'files', 'dir'],
      'Lists the files in the folder',
      [
        'List the files.',
        'Which files are there?',
        'Show me the files.',
        'What files do I have?',
        'list files',
        'Show all files.',
      ],
      () => {
        const f = draw.times(draw.int(1, 4), () => someFile(draw))
        return {
          content: draw.chance(0.5) ? f.join('\n') : jsonText({ files: f }),
          answer: `The files are: ${f.join(', ')}`,
        }
      },
    ],
    [
      ['roll_dice', 'random_number', 'roll', 'dice', 'get_random', 'throw_dice'],
      'Rolls a dice',
      [
        'Roll a dice.',
        'Roll the dice!',
        'Throw a dice for me.',
        'Give me a random number.',
        'roll dice',
        'Please roll a dice.',
      ],
      () => {
        const n = draw.int(1, 20)
        return { content: told(draw, n, ['number', 'value', 'roll']), answer: `The number is ${n}.` }
      },
    ],
  ] as const)
  return {
    names,
    about: [about],
    properties: {},
    ask: () => ({ user: draw.from(ways), args: {} }),
    outcome: () => make(),
  }
}

const families: readonly (readonly [number, string, Family])[] = [
  [6, 'weather', weather],
  [3, 'time', time],
  [3, 'search', search],
  [2, 'sum', adder],
  [2, 'calculator', calculator],
  [3, 'message', sender],
  [1, 'translate', translate],
  [3, 'booking', booking],
  [2, 'light', light],
  [1, 'nothing', noArguments],
  ...singles.map((row, i): readonly [number, string, Family] => [1, `single ${i}`, single(row)]),
]

/** A tool of a known kind, in one of its many shapes. */
export function familyKit(draw: Draw): Kit {
  const [topic, family] = draw.weighted(
    families.map(([weight, name, make]) => [weight, [name, make] as const] as const),
  )
  const { names, about, properties, optional = [], ask, outcome } = family(draw)
  const required = Object.keys(properties).filter((key) => !optional.includes(key))
  return {
    topic,
    ask,
    outcome,
    tool: toolOf(draw, draw.from(names), draw.chance(0.93) ? draw.from(about) : undefined, properties, required),
  }
}

export function toolOf(
  draw: Draw,
  name: string,
  description: string | undefined,
  properties: { [key: string]: Schema },
  required: string[],
): Tool {
  const empty = Object.keys(properties).length === 0
  if (empty && draw.chance(0.4))
    return { type: 'function', function: { name, ...(description !== undefined && { description }) } }
  const parameters: Schema = { type: 'object', properties }
  if (required.length > 0 || draw.chance(0.3)) parameters.required = required
  const strict = draw.chance(0.1)
  if (strict || draw.chance(0.25)) parameters.additionalProperties = false
  return {
    type: 'function',
    function: { name, ...(description !== undefined && { description }), parameters, ...(strict && { strict }) },
  }
}
