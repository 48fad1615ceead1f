import { done, type Family, first, text, told, whole } from '../kit.ts'
import { ADJECTIVES, NOUNS } from '../pools.ts'
import { capitalized, cityName, someCode, someDate, someTime, someWords } from '../text.ts'

const flight: Family = (draw) => {
  const [from, to] = draw.pick([
    ['from', 'to'],
    ['origin', 'destination'],
    ['from_city', 'to_city'],
    ['origin', 'to'],
    ['from', 'destination'],
    ['departure', 'arrival'],
    ['start', 'end'],
    ['departure_city', 'arrival_city'],
    ['source', 'target'],
    ['fromCity', 'toCity'],
  ] as const)
  const date = draw.pick(['date', 'date', 'day', 'travel_date', 'when', 'departure_date', 'on'])
  return {
    names: [
      '[book|find|search|get|reserve|look_up|list|show|order|plan|check]_[flight|flights|a_flight|air_travel|plane|trip|plane_ticket][||||_between|_now|_offers]',
      '[flight|plane|air|airline]_[search|booking|finder|lookup|tickets|service]',
      'flights',
    ],
    about: [
      '[Find|Book|Search|Look up|Reserve|Order|Get|List] [a flight|flights|plane tickets|a plane|air travel][||| between two cities| from one city to another| on a day][||.]',
      '[Flight search|Flight booking|Flights between cities|Plane tickets][||.]',
    ],
    properties: {
      [from]: text(draw, ['City of departure', 'Start', 'Where the flight begins']),
      [to]: text(draw, ['City of arrival', 'Destination', 'Where the flight ends']),
      [date]: text(draw, ['Date of travel', 'Day of departure']),
    },
    ask: () => {
      const [a, b, d] = [cityName(draw), cityName(draw), someDate(draw)]
      const user = draw.said(
        [
          '[Book|Find|Get me|Search|Reserve|Look up|Show me|I need|I want|I would like] [a flight|flights|a plane|a plane ticket|the flights] from {0} to {1} [on {2}|on {2}|for {2}|, {2}][||.]',
          '[I want|I need|I have|I plan] to [fly|travel by plane|take a plane] from {0} to {1} on {2}.',
          '[Flight|Flights|Plane] [from |]{0} to {1}[, {2}| on {2}]',
          '[Is there|Are there|Which flights are there|Do you have|Can I get] [a flight|flights|a plane|any flights] from {0} to {1} on {2}?',
          'How [can|do] I [fly|get by plane] from {0} to {1} on {2}?',
        ],
        a,
        b,
        d,
      )
      return { user, args: { [from]: a, [to]: b, [date]: d } }
    },
    outcome: () => {
      const c = someCode(draw)
      return {
        content: told(draw, c, ['flight', 'number', 'booking', 'flight_number', 'code']),
        answer: `The flight is ${c}.`,
      }
    },
  }
}

const meeting: Family = (draw) => {
  const title = draw.pick(['title', 'title', 'name', 'event', 'subject', 'summary', 'what', 'label'])
  const date = draw.pick(['date', 'date', 'day', 'on', 'event_date'])
  const time = draw.pick(['time', 'time', 'at', 'start', 'hour', 'start_time'])
  return {
    names: [
      '[create|add|schedule|new|plan|make|insert|put|book]_[event|meeting|appointment|calendar_event|calendar_entry|date_entry][||||_now|_in_calendar|_entry]',
      '[calendar|event|meeting|appointment]_[add|create|planner|scheduler|new|insert]',
    ],
    about: [
      '[Create|Add|Schedule|Plan|Make|Insert|Enter] [an event|a meeting|an appointment|a calendar event|an entry][||| in the calendar| for the calendar| at a time][||.]',
      '[Put|Puts|Writes] [an event|a meeting|an appointment] [in|into] the calendar[||.]',
    ],
    properties: {
      [title]: text(draw, ['Title of the event', 'Name of the event']),
      [date]: text(draw, ['Date', 'Day of the event']),
      [time]: text(draw, ['Start time', 'Time of the event']),
    },
    ask: () => {
      const [t, d, h] = [capitalized(someWords(draw, 1, 3)), someDate(draw), someTime(draw)]
      const user = draw.said(
        [
          '[Schedule|Plan|Add|Create|Enter|Book] "{0}" [on|for] {1} at {2}[||.]',
          '[Create|Add|Plan|Schedule|Make|I need] [an event|a meeting|an appointment|a calendar entry] [called|named|with the title] [{0}|"{0}"] [on|for] {1} at {2}[||.]',
          '[Add|Put|Enter|Write] [{0}|"{0}"] [to|in|into] [my|the|our] calendar[,| on| for] {1} at {2}.',
          '[New event|Calendar|Event|New meeting|Appointment]: {0}, {1}[, {2}| at {2}]',
          'I have [a meeting|an appointment] "{0}" on {1} at {2}. [Add it to the calendar.|Write it down.|Put it in my calendar.]',
        ],
        t,
        d,
        h,
      )
      return { user, args: { [title]: t, [date]: d, [time]: h } }
    },
    outcome: (args) => ({ content: done(draw), answer: `The event "${first(args)}" was created.` }),
  }
}

/** A table for some people or a room for some nights. */
const place: Family = (draw) => {
  const table = draw.chance(0.5)
  const [kind, plural] = table ? ['table', 'people'] : ['room', 'nights']
  const where = draw.pick(
    (table
      ? 'restaurant place name venue where restaurant_name location'
      : 'hotel name place where hotel_name location venue'
    ).split(' '),
  )
  const count = draw.pick(
    (table
      ? 'people guests party_size persons seats count number_of_people'
      : 'nights days stay duration count number_of_nights length'
    ).split(' '),
  )
  return {
    names: table
      ? [
          '[book|reserve|get|order|request|find]_[table|a_table|restaurant|restaurant_table|seats|dinner][||||_now|_for_guests]',
          '[restaurant|table|dinner]_[booking|reservation|reserve|booker]',
          '[make_reservation|reserve|new_reservation]',
        ]
      : [
          '[book|reserve|get|order|request|find]_[room|a_room|hotel|hotel_room|stay|lodging][||||_now|_for_nights]',
          '[hotel|room|stay]_[booking|reservation|reserve|booker]',
        ],
    about: table
      ? [
          '[Book|Books|Reserve|Order|Get] a table[||| in a restaurant| at a restaurant| for some people| for guests][||.]',
        ]
      : ['[Book|Books|Reserve|Order|Get] a [room|hotel room][||| in a hotel| at a hotel| for some nights][||.]'],
    properties: {
      [where]: text(draw, ['Name of the place', 'Where', `Where the ${kind} is`]),
      [count]: whole(draw, ['How many', `Number of ${plural}`]),
    },
    ask: () => {
      const n = `${capitalized(draw.from(ADJECTIVES))} ${capitalized(draw.from(NOUNS))}`
      const k = draw.int(1, 14)
      const user = draw.said(
        [
          '[Book|Reserve|Get me|Get us|Order|I need|I want|We need|I would like] a {0} at {1}[ for|,] {2} {3}[||.]',
          '[Book|Reserve|Get me|Get us|I need|I want|Find] a {0} for {2} {3} [at|in] {1}[||.]',
          'A {0} for {2} {3} at {1}[| please|, please][|.]',
          '[Can|Could] you [book|reserve] {1} for {2} {3}?',
          '[I want|I would like|We want] to [book|reserve] a {0} at {1} for {2} {3}.',
          '[Get|Book|Reserve] {1} for {2} {3}[|.]',
          '[Is there|Do they have] a {0} at {1} for {2} {3}? [Book it.|Reserve it.|Take it.]',
        ],
        kind,
        n,
        k,
        plural,
      )
      return { user, args: { [where]: n, [count]: k } }
    },
    outcome: (args) => ({ content: done(draw), answer: `Done. ${first(args)} is booked.` }),
  }
}

export const booking: Family = (draw) =>
  draw.weighted([
    [2, place],
    [1, flight],
    [1, meeting],
  ] as const)(draw)
