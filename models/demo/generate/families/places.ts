import type { Arguments, Json } from '../../dialect.ts'
import { jsonText } from '../json-text.ts'
import { type Family, first, NOW, text, told, two, whole } from '../kit.ts'
import { capitalized, cityName, someTime } from '../text.ts'

const WEATHER_ASKS = [
  `[What is|What's] the [||current ][weather|temperature|weather forecast] [in|in|for|at] {0}${NOW}?`,
  `[What is|What's] the weather like in {0}${NOW}?`,
  `[How is|How's] the weather [in|over in|around] {0}${NOW}?`,
  `Is it [raining|cold|warm|sunny|windy|snowing|hot|cloudy|wet|foggy] in {0}${NOW}?`,
  '[Will|Does|Is] it [rain|going to rain|snow|going to snow|be sunny|stay dry|get cold] in {0}[|| today| tomorrow| tonight]?',
  `How [warm|hot|cold|windy|wet] is it in {0}${NOW}?`,
  '[Tell me|Give me|Show me|Get me|Check|Look up|Get|Find|I need|I want] the [||current |latest ][weather|temperature|forecast] [for|in|in] {0}.',
  'Do I need [an umbrella|a coat|a jacket|warm clothes|sunglasses|a hat] in {0}[|| today| tomorrow]?',
  '[|current |today: |the ][weather|forecast|temperature] [in |for ||at ]{0}[||?| please]',
  "[I am travelling|I am going|I'm off|We are going|I will fly] to {0}. [How is the weather there?|What is the weather there?|Is it warm there?|What's the weather like?]",
  'I [want|need|would like] to know [the weather in|how the weather is in|how warm it is in|what the weather is like in] {0}.',
  '[Can you|Could you] [look up|check|tell me|find|get] the [weather|forecast|temperature] [for|in] {0}?',
  'What [are the weather conditions|kind of weather do they have|weather can I expect|weather do we have] in {0}[| today]?',
]
const FORECAST_ASKS = [
  '[What is|What will be|Tell me|Show me] the [weather|forecast] [in|for] {0} for the next {1} days[.|]',
  '[Weather|Forecast|The weather] [in|for] {0}[| for|,] {1} days[| please]',
  '[Give me|I need|I want|Get me|Show me] [a|the] {1} day [forecast|weather forecast] for {0}.',
  'How will the weather be in {0} [in|for|over] the next {1} days?',
  '{1} days of [weather|forecast] [for|in] {0}[|.]',
]
const WEATHER_PAIRS = [
  `[What is|What's] the [||current ][weather|temperature] [in|for] {0} and [||in ]{1}${NOW}?`,
  '[Tell me|Give me|Get me|Check|Look up|Get|Find|Compare|I need|Show me|I want] the [||current ][weather|temperature|forecast] [in|for] {0} and [||in |for ]{1}.',
  `[How is|How's] the weather in {0} and [||in ]{1}${NOW}?`,
  `[What is|What's] the weather like in {0} and [||in ]{1}${NOW}?`,
  '[|the ][weather|forecast|temperature] [in|for] {0} and {1}[||?| please]',
  'Is it [raining|cold|warm|sunny|windy|snowing|hot] in {0} and [||in ]{1}[|| today]?',
  'How [warm|hot|cold|windy] is it in {0} and [||in ]{1}?',
  'I [want|need] to know the weather in [both |]{0} and {1}.',
]

export const weather: Family = (draw) => {
  const key = draw.pick(
    'city location place town city_name where area region destination position locality address city_or_town'.split(
      ' ',
    ),
  )
  const unit = draw.chance(0.3)
  const days = !unit && draw.chance(0.15)
  return {
    names: [
      '[get_|fetch_|check_|show_|find_|lookup_|read_|query_|tell_||||][current_|local_|live_|city_|todays_|||||][weather|weather|weather|forecast|temperature|climate|conditions][||||||_info|_data|_report|_now|_lookup|_api|_for_city|_service]',
    ],
    about: [
      '[Get|Fetch|Look up|Returns|Return|Show|Find|Tells|Check|Gives|Provides|Read] the [|||current |local |latest |live ][weather|weather|weather|temperature|forecast|weather conditions|weather report] [for|in|of|at] [a|the given|a given|any|one|some] [city|place|location|town|region][||.]',
      '[Weather|The weather|Current weather|Weather forecast|Weather data|Temperature and weather] [for|in|of] a [city|place|location|town][||.]',
      '[Get|Check|Look up|Returns|Tells] [the|current|local] weather[||.]',
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
      let user = draw.said(WEATHER_ASKS, city)
      if (unit && draw.chance(0.5)) {
        const chosen = draw.pick(['celsius', 'fahrenheit'])
        args.unit = chosen
        user = `${user.replace(/[.?]$/, '')} in ${draw.chance(0.6) ? chosen : capitalized(chosen)}?`
      }
      if (days && draw.chance(0.7)) {
        const n = draw.int(2, 10)
        args.days = n
        user = draw.said(FORECAST_ASKS, city, n)
      }
      return { user, args }
    },
    askPair: () => {
      const [one, other] = two(() => cityName(draw))
      return { user: draw.said(WEATHER_PAIRS, one, other), args: [{ [key]: one }, { [key]: other }] }
    },
    outcome: (args) => {
      const degrees = draw.int(-15, 39)
      const sky = draw.pick(
        'sunny,rainy,cloudy,windy,snowy,foggy,clear,stormy,partly cloudy,light rain,misty,overcast,dry,humid,heavy rain,light snow,hazy,icy,thunderstorm,showers'.split(
          ',',
        ),
      )
      const [kt, ks] = draw.pick([
        ['temperature', 'condition'],
        ['temp', 'sky'],
        ['temp_c', 'summary'],
        ['degrees', 'weather'],
        ['temperature', 'conditions'],
        ['temperature_c', 'description'],
        ['celsius', 'state'],
        ['temp_celsius', 'outlook'],
        ['current_temp', 'text'],
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

const TIME_ASKS = [
  '[What time is it|What time is it now|How late is it|What time do we have|What time do they have] in {0}[|| now| right now| at the moment]?',
  "[What is|What's] the [||local |current |exact ]time in {0}[|| now| right now]?",
  '[Tell me|Give me|Show me|Get me|Check|Look up|Get|Find|I need|I want] the [||local |current ]time [in|for|in] {0}.',
  '[|current |local |the ]time [in|for] {0}[||?| please]',
  '[Can you|Could you] [tell me|look up|check|find] [what time it is|the time|how late it is|the local time] in {0}?',
  'Do you know [the time|what time it is|how late it is|the local time] in {0}?',
  'I [want|need|would like] to know [the time|what time it is|how late it is] in {0}.',
  '[I have to call|I want to call|I will phone] somebody in {0}. [What time is it there?|How late is it there?]',
]
const TIME_PAIRS = [
  '[What time is it|How late is it|What time is it now] in {0} and [||in ]{1}[|| now| right now]?',
  "[What is|What's] the [||local |current ]time in {0} and [||in ]{1}[|| now]?",
  '[Tell me|Give me|Get me|Check|Look up|Get|Find|Compare|I need|Show me] the [||local |current ]time [in|for] {0} and [||in |for ]{1}.',
  '[|current |local |the ]time in {0} and {1}[||?| please]',
  'Do you know [the time|what time it is|the local time] in {0} and [||in ]{1}?',
  'I [want|need] to know [the time|what time it is] in [both |]{0} and {1}.',
]

export const time: Family = (draw) => {
  const key = draw.pick(
    'city timezone location place zone town where area region time_zone city_name tz country_or_city'.split(' '),
  )
  return {
    names: [
      '[get_|fetch_|check_|show_|find_|lookup_|read_|tell_||||][current_|local_|world_|city_|exact_|||||][time|time|time|clock][||||||_in|_now|_info|_lookup|_of_day|_for_city|_service|_zone]',
      '[world_clock|what_time|what_time_is_it|time_in_city|clock_time|time_there]',
    ],
    about: [
      '[Get|Fetch|Look up|Returns|Return|Show|Find|Tells|Check|Gives|Provides] the [|||current |local |exact ]time [for|in|of|at] [a|the given|a given|any|one|some] [city|place|location|town|time zone][||.]',
      '[Time|The time|Current time|Local time|World clock|World time] [for|in|of] a [city|place|location|town][||.]',
      '[What time it is|Tells what time it is|How late it is] [in a place|in a city|there|somewhere][||.]',
    ],
    properties: { [key]: text(draw, ['The city', 'Name of the place', 'The location', 'Place or time zone']) },
    ask: () => {
      const city = cityName(draw)
      return { user: draw.said(TIME_ASKS, city), args: { [key]: city } }
    },
    askPair: () => {
      const [one, other] = two(() => cityName(draw))
      return { user: draw.said(TIME_PAIRS, one, other), args: [{ [key]: one }, { [key]: other }] }
    },
    outcome: (args) => {
      const t = someTime(draw)
      return {
        content: told(draw, t, ['time', 'local_time', 'now', 'clock', 'current_time', 'result']),
        answer: `The time in ${first(args)} is ${t}.`,
      }
    },
  }
}
