import type { Arguments, Json } from '../../dialect.ts'
import { jsonText } from '../json-text.ts'
import { type Family, first, text, told, two, whole } from '../kit.ts'
import { capitalized, cityName, someTime } from '../text.ts'

export const weather: Family = (draw) => {
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
      let user = draw.way(
        (city) => [
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
        ],
        city,
      )
      if (unit && draw.chance(0.5)) {
        const chosen = draw.pick(['celsius', 'fahrenheit'])
        args.unit = chosen
        user = `${user.replace(/[.?]$/, '')} in ${draw.chance(0.6) ? chosen : capitalized(chosen)}?`
      }
      if (days && draw.chance(0.7)) {
        const n = draw.int(2, 10)
        args.days = n
        user = draw.way(
          (city, n) => [
            `What is the weather in ${city} for the next ${n} days?`,
            `Weather in ${city} for ${n} days`,
            `Give me a ${n} day forecast for ${city}.`,
            `Forecast for ${city}, ${n} days please.`,
            `How will the weather be in ${city} in the next ${n} days?`,
            `${n} days of weather for ${city}`,
          ],
          city,
          n,
        )
      }
      return { user, args }
    },
    askPair: () => {
      const [one, other] = two(() => cityName(draw))
      const user = draw.way(
        (a, b) => [
          `What is the weather in ${a} and ${b}?`,
          `Tell me the weather in ${a} and ${b}.`,
          `weather in ${a} and ${b}`,
          `Compare the weather in ${a} and ${b}.`,
          `I need the weather in ${a} and ${b}.`,
          `What's the weather in ${a} and ${b}?`,
          `Give me the weather for ${a} and ${b}.`,
          `Check the weather in ${a} and ${b}.`,
          `How is the weather in ${a} and ${b}?`,
          `What is the weather like in ${a} and in ${b}?`,
          `Look up the weather in ${a} and ${b}.`,
          `Get the weather in ${a} and ${b}.`,
          `Is it raining in ${a} and ${b}?`,
          `How warm is it in ${a} and ${b}?`,
          `Tell me the weather for ${a} and for ${b}.`,
        ],
        one,
        other,
      )
      return { user, args: [{ [key]: one }, { [key]: other }] }
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

export const time: Family = (draw) => {
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
        user: draw.way(
          (city) => [
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
          ],
          city,
        ),
        args: { [key]: city },
      }
    },
    askPair: () => {
      const [one, other] = two(() => cityName(draw))
      const user = draw.way(
        (a, b) => [
          `What time is it in ${a} and ${b}?`,
          `Tell me the time in ${a} and ${b}.`,
          `What is the time in ${a} and ${b}?`,
          `Compare the time in ${a} and ${b}.`,
          `I need the time in ${a} and ${b}.`,
          `What's the time in ${a} and in ${b}?`,
          `Give me the time for ${a} and ${b}.`,
          `Check the time in ${a} and ${b}.`,
          `current time in ${a} and ${b}`,
          `What is the local time in ${a} and ${b}?`,
          `Do you know the time in ${a} and ${b}?`,
          `Get the time in ${a} and ${b}.`,
        ],
        one,
        other,
      )
      return { user, args: [{ [key]: one }, { [key]: other }] }
    },
    outcome: (args) => {
      const t = someTime(draw)
      return { content: told(draw, t, ['time', 'local_time', 'now']), answer: `The time in ${first(args)} is ${t}.` }
    },
  }
}
