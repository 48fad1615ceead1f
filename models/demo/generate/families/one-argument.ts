/** A table: tools with one argument and a simple answer. */
import type { Json } from '../../dialect.ts'
import { done, type Family, first, type Outcome, text, told, two, whole } from '../kit.ts'
import { NOUNS, TOPICS, VERBS } from '../pools.ts'
import type { Draw } from '../random.ts'
import { capitalized, madeUp, personName, phrase, sentence, someCode, someFile, someWords, word } from '../text.ts'

type Single = {
  /** Patterns, as in a family. */
  names: readonly string[]
  about: readonly string[]
  keys: string
  value: (draw: Draw) => Json
  asks: readonly string[]
  /** Ways to ask for two. */
  pairs?: readonly string[]
  outcome: (draw: Draw, v: string) => Outcome
  numeric?: true
}
const single =
  ({ names, about, keys, value, asks, pairs, outcome, numeric }: Single): Family =>
  (draw) => {
    const key = draw.pick(keys.split(' '))
    const spoken = key.replaceAll('_', ' ')
    return {
      names,
      about,
      properties: {
        [key]: numeric ? whole(draw, [capitalized(spoken)]) : text(draw, [capitalized(spoken), `The ${spoken}`]),
      },
      ask: () => {
        const one = value(draw)
        return { user: draw.said(asks, String(one)), args: { [key]: one } }
      },
      ...(pairs && {
        askPair: () => {
          const [one, other] = two(() => value(draw))
          return {
            user: draw.said(pairs, String(one), String(other)),
            args: [{ [key]: one }, { [key]: other }] as const,
          }
        },
      }),
      outcome: (args) => outcome(draw, first(args)),
    }
  }

/** What may stand before a request in any of the rows. */
const SHOW = '[Show me|Show|Get|Get me|Fetch|Find|Look up|Check|I need|Load|Give me]'

const rows: readonly Single[] = [
  {
    names: [
      '[play|start|put_on|stream|queue|hear]_[music|song|track|tune|a_song|title|audio][||||_now|_by_name]',
      '[music|song|audio|track]_[player|play|start]',
      'play',
    ],
    about: [
      '[Play|Plays|Start playing|Put on|Stream] [a song|music|a track|a piece of music][||| by title| by name][||.]',
    ],
    keys: 'song title name track music song_name what',
    value: (d) => capitalized(someWords(d, 1, 3)),
    asks: [
      '[Play|Put on|Start playing|Stream] [{0}|{0}|"{0}"][||.]',
      '[Play|Start|Put on|Stream] the [song|track|music|title] [{0}|"{0}"][||.]',
      '[I want|I would like|We want] to [hear|listen to] [{0}|"{0}"].',
      '[Let me|Let us] [hear|listen to] [{0}|"{0}"][||.]',
    ],
    outcome: (d, v) => ({ content: d.chance(0.5) ? 'playing' : done(d), answer: `Now playing ${v}.` }),
  },
  {
    names: [
      '[set|start|create|new|add|make]_[timer|a_timer|countdown|alarm|kitchen_timer|alarm_clock][||||_now|_minutes]',
      '[timer|countdown|alarm|egg_timer|start_clock|timer_set]',
    ],
    about: [
      '[Set|Start|Sets|Starts|Create] [a timer|a countdown|an alarm|the timer][||| for some minutes| in minutes][||.]',
      'Timer in minutes[||.]',
    ],
    keys: 'minutes duration mins duration_minutes length time_minutes in_minutes',
    numeric: true,
    value: (d) => d.int(1, 180),
    asks: [
      '[Set|Start|Create|Make|I need|I want|Give me] a [timer|countdown|alarm] [for|of] {0} minutes[||.]',
      '[Set|Start|Create|I need|I want] a {0} minute [timer|countdown|alarm][||.]',
      '[timer|countdown|alarm|Timer] [for |]{0} minutes[||.]',
      '[Remind me|Wake me|Call me|Ring|Beep] in {0} minutes.',
      '[Start|Set] [a|the] timer: {0} minutes.',
    ],
    outcome: (d, v) => ({ content: done(d), answer: `The timer is set for ${v} minutes.` }),
  },
  {
    names: [
      '[read|open|cat|get|view|load|show|print|fetch]_[file|a_file|text_file|document|file_content|file_text][||||_at|_now|_contents]',
      '[file|text|document]_[read|reader|viewer|open|loader]',
    ],
    about: [
      '[Read|Reads|Open|Opens|Load|View|Show] [a file|a text file|one file|the content of a file|the text of a file][||| by path| from disk][||.]',
      'Returns the [content|text] of a file[||.]',
    ],
    keys: 'path file filename file_path file_name filepath document what name',
    value: someFile,
    asks: [
      '[Read|Open|Show me|Show|View|Print|Load] [|the file |the file ]{0}[||.]',
      '[What is|What stands|What does it say|What is written] in [|the file ]{0}?',
      'What does [|the file ]{0} [say|contain]?',
      '[Show|Show me|Read|Print|Give me|Tell me|I need|Get] the [content|text|contents|words] of {0}[||.]',
      '[Look|Have a look] [into|at] [|the file ]{0}[||.]',
    ],
    pairs: [
      '[Read|Open|Show me|Show|View|Print|Load|Compare] [|the files |both ]{0} and {1}[||.]',
      '[What is|What stands|What is written] in [|the files ]{0} and [||in ]{1}?',
      '[Show|Show me|Read|Print|Give me|I need|Get] the [content|text|contents] of {0} and {1}[||.]',
      '[Look|Have a look] [into|at] {0} and {1}.',
    ],
    outcome: (d) => {
      const t = phrase(d)
      return { content: told(d, t, ['content', 'text', 'data', 'body', 'file']), answer: `The file says: ${t}` }
    },
  },
  {
    names: [
      '[run|exec|execute|do|start|call]_[command|shell|bash|cmd|shell_command|terminal|script_line][||||_now|_line]',
      '[bash|shell|execute|run|terminal|cmd|console|sh|command_line]',
    ],
    about: [
      '[Run|Runs|Execute|Executes] [a command|a shell command|bash|a command line|commands][||| in the terminal| in the shell][||.]',
    ],
    keys: 'command cmd line input script shell_command run',
    value: (d) =>
      d.weighted<() => string>([
        [
          3,
          () =>
            d.pick(
              'ls,ls -la,pwd,git status,npm test,uname -a,whoami,df -h,ps aux,git log --oneline,date,npm run build,git pull,make all,free -m,top -n 1,git branch -a,docker ps,env,hostname,npm install,cargo build,history'.split(
                ',',
              ),
            ),
        ],
        [1, () => `cat ${someFile(d)}`],
        [1, () => `echo ${word(d)}`],
        [1, () => `mkdir ${word(d)}`],
        [1, () => `rm ${someFile(d)}`],
        [1, () => `grep ${word(d)} ${someFile(d)}`],
        [1, () => `cd ${word(d)} && ls`],
        [1, () => `git ${d.from(VERBS)} --${word(d)}`],
        [1, () => `${word(d)} -${d.pick(['a', 'v', 'r', 'x'])} ${word(d)}`],
      ])(),
    asks: [
      '[Run|Execute|run|execute|Start] [{0}|{0}|"{0}"|`{0}`]',
      '[Run|Execute|run|Use|Start|Type] the command[|:] [{0}|{0}|"{0}"|`{0}`]',
      '[Run|Execute|Do|Try] "{0}" in the [shell|terminal|console][||.]',
      '[Use the shell|In the terminal|On the command line|Run this|Shell|Execute this|Command]: {0}',
      'What does [`{0}`|"{0}"] [print|give|output]?',
    ],
    outcome: (d) => {
      const t = d.chance(0.5) ? someWords(d, 1, 5) : someFile(d)
      return { content: told(d, t, ['output', 'stdout', 'result', 'out', 'printed']), answer: `The output is: ${t}` }
    },
  },
  {
    names: [
      '[get|fetch|check|find|show|lookup|read]_[stock|stock_price|share_price|quote|stock_quote|ticker|share][||||_now|_price|_value]',
      '[stock|share|ticker|market]_[price|quote|lookup|value]',
      '[stock|quote|stocks|quotes]',
    ],
    about: [
      '[Get|Returns|Look up|Fetch|Show|Find] the [stock price|share price|price of a stock|stock quote|price of a share][||| of a company| for a ticker][||.]',
      '[Stock quotes|Stock prices|Share prices|Price of a stock|Quotes of stocks][||.]',
    ],
    keys: 'symbol ticker company stock share ticker_symbol name',
    value: (d) =>
      d.chance(0.3)
        ? capitalized(madeUp(d))
        : d.times(d.int(3, 4), () => String.fromCharCode(65 + d.int(0, 25))).join(''),
    asks: [
      "[What is|What's] the [stock price|share price|price|stock|quote|stock quote] of {0}[|| today| now| right now]?",
      '[How much is|How high is|What does] {0} [stock|a share|one share][| cost| now| today]?',
      '[Price|Stock price|Share price|Quote] [of|for] {0}[?|| please]',
      `${SHOW} the [stock price|share price|quote|price] [of|for] {0}[||.]`,
      'How [is|does] {0} [trading|doing on the market|stand] [|today|now]?',
      'What does a share of {0} cost[|| today| now]?',
    ],
    pairs: [
      "[What is|What's] the [stock price|share price|price|quote] of {0} and [||of ]{1}[|| today| now]?",
      '[Price|Stock price|Share price|Quote] [of|for] {0} and {1}[?|| please]',
      `[${SHOW}|Compare|Tell me] the [stock price|share price|quote|price] [of|for] {0} and {1}[||.]`,
      'How are {0} and {1} [trading|doing on the market] [|today|now]?',
      'What does a share of {0} and [of |]{1} cost?',
    ],
    outcome: (d, v) => {
      const p = d.chance(0.5) ? d.int(1, 999) : d.int(100, 99_999) / 100
      return {
        content: told(d, p, ['price', 'value', 'last', 'quote', 'close', 'usd']),
        answer: `The price of ${v} is ${p}.`,
      }
    },
  },
  {
    names: [
      '[get|find|lookup|fetch|load|show|read|query]_[user|customer|account|member|user_record|client_record|profile][||||_by_id|_info|_data|_name]',
      '[user|customer|member|account]_[info|lookup|by_id|record|finder]',
    ],
    about: [
      '[Get|Look up|Find|Returns|Load|Show|Fetch] [a user|a customer|a member|the user|user data|the data of a user][||| by id| by number][||.]',
    ],
    keys: 'id user_id customer_id userId member_id user number uid account_id',
    numeric: true,
    value: (d) => d.int(1, 99_999),
    asks: [
      `${SHOW} [user|customer|member|the user|the customer] {0}[||.]`,
      `${SHOW} the [user|customer|member|account] with [the |]id {0}[||.]`,
      'Who is [user|customer|member|user number] {0}?',
      '[Which|What] [user|customer|member] has the [id|number] {0}?',
      "[What is|What's] the name of [user|customer|member] {0}?",
    ],
    pairs: [
      `[${SHOW}|Compare] [the |][users|customers|members] {0} and {1}[||.]`,
      `[${SHOW}|Compare] user {0} and user {1}[||.]`,
      'Who are [the |][users|customers|members] {0} and {1}?',
      'Who is user {0} and who is user {1}?',
    ],
    outcome: (d) => {
      const n = personName(d)
      return {
        content: told(d, n, ['name', 'user', 'full_name', 'customer', 'display_name']),
        answer: `The user is ${n}.`,
      }
    },
  },
  {
    names: [
      '[get|track|find|check|lookup|show|fetch|trace]_[order|an_order|purchase|order_status|shipment|order_state][||||_by_id|_info|_now|_number]',
      '[order|purchase|shipment]_[status|info|lookup|tracker|state|tracking]',
    ],
    about: [
      '[Get|Returns|Look up|Check|Show|Find] the [status|state] of an order[||| by number| by id][||.]',
      '[Track|Tracks|Find|Look up|Trace] an order[||| by number| by id][||.]',
      '[Order lookup|Order status|Order tracking|Status of an order][||.]',
    ],
    keys: 'order_id order number id orderId order_number purchase_id order_no',
    numeric: true,
    value: (d) => d.int(1, 99_999),
    asks: [
      'Where is [my |the |our |]order [|number |#]{0}[|| now| right now]?',
      '[Track|Find|Check|Look up|Show|Trace|Show me|Follow] [|my |the |our ]order [|number ]{0}[||.]',
      "[What is|What's|Tell me|Check|Show me|Get] the [status|state] of [|my |the ]order {0}[|?|.]",
      '[Has|Was] [|my |the |our ]order {0} been [shipped|sent|delivered|paid]?',
      '[When will|When does|When is] [|my |the |our ]order {0} [arrive|come|coming|get here]?',
      '[status of order|order|Order|Order status] {0}[||?]',
      'Did [|my |the |our ]order {0} arrive[|| already| yet]?',
      'What [happened to|about|is going on with] [|my |the ]order {0}?',
    ],
    pairs: [
      'Where are [my|the|our] orders {0} and {1}[|| now]?',
      '[Track|Find|Check|Look up|Show|Trace|Show me|Compare] [|my |the |our ]orders {0} and {1}[||.]',
      '[Track|Find|Check|Look up|Show|Trace] order {0} and order {1}[||.]',
      "[What is|What's|Tell me|Check|Show me|Get] the [status|state] of [order {0} and order {1}|orders {0} and {1}|the orders {0} and {1}|my orders {0} and {1}][|?|.]",
      '[Have|Were] [my|the|our] orders {0} and {1} [shipped|sent|delivered]?',
      '[status of orders|orders|Orders] {0} and {1}[||?]',
    ],
    outcome: (d, v) => {
      const s = d.pick(
        'shipped,delivered,pending,cancelled,on the way,delayed,processing,returned,packed,lost,paid,refunded,waiting,in transit,ready,sent'.split(
          ',',
        ),
      )
      return {
        content: told(d, s, ['status', 'state', 'order_status', 'result', 'shipping']),
        answer: `The status of order ${v} is ${s}.`,
      }
    },
  },
  {
    names: [
      '[get|fetch|check|find|show|lookup|read]_[exchange_rate|rate|currency_rate|fx_rate|currency|forex|money_rate][||||_now|_of|_today]',
      '[exchange|currency|fx|forex|money]_[rate|rates|lookup|course]',
      'rate',
    ],
    about: [
      '[Get|Returns|Look up|Fetch|Show|Find] [an exchange rate|the exchange rate|a currency rate|the rate of a currency|the rate of exchange][||| of a currency| for a currency][||.]',
      '[Currency rates|Rate of a currency|Exchange rates|Rates of currencies][||.]',
    ],
    keys: 'currency code currency_code of symbol money iso',
    value: (d) =>
      d.pick(
        'USD EUR GBP JPY CHF SEK NOK PLN CZK INR CNY BRL MXN CAD AUD DKK HUF RON BGN TRY ZAR KRW THB SGD HKD NZD ILS AED EGP PHP'.split(
          ' ',
        ),
      ),
    asks: [
      "[What is|What's|Tell me|Give me|I need|Check] the [exchange rate|rate|currency rate] [of|for] {0}[|?|.]",
      '[Exchange rate|Rate|Currency rate|exchange rate] [of|for] {0}[||?| please]',
      'How [much|expensive] is [one|a] {0}[|| now| today]?',
      `${SHOW} the [exchange rate|rate|current rate] [of|for] {0}[||.]`,
      "[What is|What's] the {0} [rate|exchange rate][|| today| now]?",
    ],
    pairs: [
      "[What is|What's|Tell me|Give me|I need|Check|Compare] the [exchange rate|rate|currency rate] [of|for] {0} and {1}[|?|.]",
      '[What are|Tell me|Give me|I need|Compare|Get] the [exchange rates|rates|currency rates] [of|for] {0} and {1}[|?|.]',
      '[Exchange rate|Exchange rates|Rates|Rate] [of|for] {0} and {1}[||?| please]',
      'How much is one {0} and one {1}[|| now| today]?',
    ],
    outcome: (d, v) => {
      const r = d.int(10, 900) / 100
      return {
        content: told(d, r, ['rate', 'value', 'exchange_rate', 'price', 'result']),
        answer: `The rate of ${v} is ${r}.`,
      }
    },
  },
  {
    names: [
      '[define|lookup|explain|get|find|look_up|show]_[word|a_word|definition|meaning|term|word_meaning|dictionary_entry][||||_now|_of]',
      '[dictionary|define|word_meaning|definition|glossary|word_lookup|meaning_of]',
    ],
    about: [
      '[Look up|Looks up|Find|Explain|Define|Defines|Get] [a word|the meaning of a word|the definition of a word|a term][||| in the dictionary| in a dictionary][||.]',
      '[Meaning of a word|Dictionary|A dictionary|Definition of a word|Word meanings][||.]',
    ],
    keys: 'word term entry lemma what vocabulary name',
    value: word,
    asks: [
      'What does [|the word ]{0} mean?',
      '[Define|define|Look up] [|the word |the word ]{0}[||.]',
      "[What is|What's|Tell me|Find|Give me|Look up|Get|I need|Explain] the [meaning|definition] of [|the word ]{0}[|?|.]",
      '[Definition|Meaning] of {0}[?|| please]',
      'What is meant by {0}?',
    ],
    pairs: [
      'What does {0} mean, and what does {1} mean?',
      'What do [|the words ]{0} and {1} mean?',
      '[Define|define|Look up|Compare] [|the words |the words ]{0} and {1}[||.]',
      "[What is|What's|Tell me|Find|Give me|Look up|Get|I need|Compare] the [meaning|definition] of {0} and [|of ]{1}[|?|.]",
      '[Definition|Meaning] of {0} and {1}[?|| please]',
    ],
    outcome: (d, v) => {
      const t = sentence(d)
      return { content: told(d, t, ['definition', 'meaning', 'text', 'entry']), answer: `The meaning of ${v}: ${t}` }
    },
  },
  {
    names: [
      '[open|fetch|browse|get|visit|load|read|download]_[url|page|web_page|link|site|website][||||_now|_text|_content]',
      '[http_get|browse|browser|page_reader|web_fetch|url_fetch|curl]',
    ],
    about: [
      '[Open|Fetch|Get|Visit|Load|Read|Opens|Fetches] [a web page|a URL|a page|a website|a link|an address on the web][||.]',
    ],
    keys: 'url link address page uri site href',
    value: (d) =>
      `https://${d.chance(0.5) ? 'www.' : ''}${word(d)}.${d.pick(['com', 'org', 'net', 'io'])}${d.chance(0.4) ? `/${word(d)}` : ''}`,
    asks: [
      '[Open|Fetch|Go to|Visit|Load|Browse|Read|Get|Show me] [|the page |the link |the website |]{0}',
      '[What is on|What does it say on|What can I read on] [|the page ]{0}',
      '[Read|Show me|Get|Tell me] [the text of|the content of|what is on] {0}',
    ],
    pairs: [
      '[Open|Fetch|Visit|Load|Read|Get|Show me|Compare] [|the pages |both ]{0} and {1}',
      '[What is on|What can I read on] {0} and [on |]{1}',
    ],
    outcome: (d) => {
      const t = sentence(d)
      return { content: told(d, t, ['text', 'title', 'content', 'body', 'page']), answer: `The page says: ${t}` }
    },
  },
  {
    names: [
      '[add|create|new|make|insert|put|save]_[todo|task|a_task|todo_item|list_item|reminder_item][||||_now|_to_list|_entry]',
      '[todo|task|tasks]_[add|create|new|insert|append]',
    ],
    about: [
      '[Add|Adds|Create|Creates|Put|Save] [a task|a todo|an item|a task item][||| to the list| on the list| to the tasks][||.]',
    ],
    keys: 'title task text name todo item what description',
    value: (d) =>
      `${d.pick('buy call clean repair write visit paint find sell wash move bring fix order open check cook read'.split(' '))} ${d.chance(0.5) ? `the ${d.from(NOUNS)}` : personName(d)}`,
    asks: [
      '[Add|Put|Write|Set|Note] "{0}" [to|on] [my|the|our] [tasks|list|task list|todo list|todos][||.]',
      '[Add|Create|Make|Write down|Note] [a|the|a new] task[:| to] {0}',
      '[New task|Todo|Task|To do|Add to my list]: {0}',
      '[Remind me|I have|I need a task|Do not let me forget|I must remember] to {0}[||.]',
    ],
    outcome: (d, v) => ({ content: done(d), answer: `The task "${v}" was added.` }),
  },
  {
    names: [
      '[set|change|adjust|turn|put]_[volume|sound|loudness|sound_level|audio_level|volume_level][||||_to|_now|_percent]',
      '[volume|loudness|sound]_[set|control|level|knob]',
    ],
    about: [
      '[Set|Sets|Change|Adjust|Turn] the [volume|sound volume|loudness][||| of the speaker| in percent| to a level][||.]',
    ],
    keys: 'level volume percent value amount loudness',
    numeric: true,
    value: (d) => d.int(0, 100),
    asks: [
      '[Set|Turn|Put|Change|Adjust] [the|my] [volume|sound|loudness|sound level] to {0}[||.| percent.]',
      '[Volume|volume|Sound|Loudness] [|to |at ]{0}[|| percent| please]',
      '[Make it|I want it|Play it] [as loud as|at volume|at a volume of] {0}[||.]',
    ],
    outcome: (d, v) => ({ content: done(d), answer: `The volume is ${v}.` }),
  },
  {
    names: [
      '[get|fetch|find|read|show|check|latest]_[news|headlines|latest_news|news_items|news_articles][||||_about|_now|_today]',
      '[news|headlines|news_search|news_reader|newsfeed|press]',
    ],
    about: [
      '[Get|Find|Returns|Show|Read|Fetch] [the news|the latest news|headlines|news][||| about a topic| on a topic| of today][||.]',
      '[News about a topic|Headlines|The latest headlines|News reader][||.]',
    ],
    keys: 'topic subject about category theme query',
    value: (d) => (d.chance(0.5) ? d.from(TOPICS) : d.from(NOUNS)),
    asks: [
      '[What is|What are] the [latest |]news [about|on] {0}[|| today]?',
      '[Show me|Get|Find|Give me|Read me|Tell me|I want|I need] [the |][latest |]news [about|on] {0}[||.]',
      '[News|news|Headlines|Latest news] [about|on] {0}[||?| please]',
      "[What's|What is] new [about|with|on] {0}?",
      'Any [news|headlines] [about|on] {0}[|| today]?',
    ],
    pairs: [
      '[Show me|Get|Find|Give me|Read me|Tell me|I want|I need] [the |][latest |]news about {0} and [about |]{1}[||.]',
      '[News|news|Headlines|Latest news] about {0} and {1}[||?| please]',
      'What is the [latest |]news about {0} and [about |]{1}?',
    ],
    outcome: (d) => {
      const t = sentence(d)
      return { content: told(d, t, ['headline', 'news', 'title', 'text']), answer: `The news is: ${t}` }
    },
  },
  {
    names: [
      '[find|get|lookup|search|show|fetch]_[contact|phone|phone_number|contact_number|number_of_person|phone_of][||||_now|_by_name]',
      '[phone_book|contact_lookup|phonebook|contacts|directory_lookup|phone_lookup]',
    ],
    about: [
      '[Find|Get|Look up|Returns|Show] the [phone number|telephone number|number] of [a person|a contact|somebody][||.]',
      '[Phone book|The phone book|Phone numbers of people|Contacts and their numbers][||.]',
    ],
    keys: 'name person contact who contact_name full_name',
    value: personName,
    asks: [
      "[What is|What's|Tell me|Give me|Find|Look up|I need|Get|Show me] the [phone number|telephone number|number] of {0}[|?|.]",
      '[Phone number|Telephone number|Number|phone number] of {0}[||?| please]',
      'How can I [call|phone|reach] {0}[|| by phone]?',
      '[Do you have|Do we have|Can I have] the [phone number|number] of {0}?',
    ],
    pairs: [
      "[What is|What's|Tell me|Give me|Find|Look up|I need|Get] the [phone number|number] of {0} and [of |]{1}[|?|.]",
      '[Give me|Find|Look up|I need|Get|Tell me] the [phone numbers|numbers] of {0} and {1}[|.]',
      '[Phone numbers|Numbers|phone numbers] of {0} and {1}[||?| please]',
    ],
    outcome: (d, v) => {
      const n = `${d.int(100, 999)}-${d.int(1000, 9999)}`
      return {
        content: told(d, n, ['phone', 'number', 'telephone', 'phone_number']),
        answer: `The number of ${v} is ${n}.`,
      }
    },
  },
  {
    names: [
      '[track|trace|find|locate|check|follow]_[parcel|package|shipment_code|delivery|packet|mail_parcel][||||_now|_by_code]',
      '[parcel|package|delivery]_[tracking|tracker|lookup|finder|where]',
    ],
    about: [
      '[Track|Trace|Find|Tracks|Locate|Follow] a [parcel|package|delivery][||| by its code| by tracking code][||.]',
      'Where a [parcel|package] is[||.]',
    ],
    keys: 'code tracking_code parcel tracking_number package tracking number_code',
    value: someCode,
    asks: [
      'Where is [my |the |our |]parcel {0}[|| now| right now]?',
      '[Track|Find|Trace|Follow|Locate|Check|Look for] [|my |the |our ][parcel|package|delivery] {0}[||.]',
      '[When will|When does] [my |the |our |][parcel|package] {0} [arrive|come|get here]?',
      '[Parcel|Package|Delivery|Tracking code] {0}[||?| please]',
    ],
    pairs: [
      'Where are [my |the |our |][parcels|packages] {0} and {1}[|| now]?',
      '[Track|Find|Trace|Follow|Locate|Check|Look for] [|my |the |our ][parcels|packages] {0} and {1}[||.]',
    ],
    outcome: (d, v) => {
      const w = d.pick(['warehouse', 'post office', 'airport', 'harbor', 'van', 'depot', 'station', 'customs'])
      return {
        content: told(d, w, ['place', 'location', 'last_seen', 'where']),
        answer: `The parcel ${v} is here: ${w}`,
      }
    },
  },
  {
    names: [
      '[save|write|take|make|add|keep|store]_[note|a_note|memo|text_note|quick_note|notes_entry][||||_now|_text|_entry]',
      '[note|memo|notes]_[save|new|taker|write|add]',
    ],
    about: ['[Save|Saves|Write|Take|Keep|Store] [a note|a memo|a short note|a text as a note][||| for later][||.]'],
    keys: 'note text content body memo what entry',
    value: (d) => phrase(d).replaceAll('"', ''),
    asks: [
      '[Note|Save|Write|Take|Keep] [this note|a note|the note|a memo]: {0}',
      '[Note|Memo|New note|Note down|Write down|Take down|Make a note]: {0}',
      '[Save|Keep|Write down|Store] "{0}" [as a note|in my notes|in a note].',
    ],
    outcome: (d) => ({ content: done(d), answer: 'The note was saved.' }),
  },
]

export const singles: readonly Family[] = rows.map(single)
