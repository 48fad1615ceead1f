import { done, type Family, first, text, told, whole } from '../kit.ts'
import { ADJECTIVES, NOUNS } from '../pools.ts'
import { capitalized, cityName, someCode, someDate, someTime, someWords } from '../text.ts'

export const booking: Family = (draw) => {
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
          user: draw.way(
            (a, b, d) => [
              `Book a flight from ${a} to ${b} on ${d}.`,
              `Find flights from ${a} to ${b} on ${d}`,
              `I want to fly from ${a} to ${b} on ${d}.`,
              `Flight ${a} to ${b}, ${d}`,
              `Is there a flight from ${a} to ${b} on ${d}?`,
              `I need a flight from ${a} to ${b} on ${d}.`,
              `Get me a flight from ${a} to ${b} on ${d}.`,
              `I want a flight from ${a} to ${b}, ${d}.`,
            ],
            a,
            b,
            d,
          ),
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
          user: draw.way(
            (t, d, h) => [
              `Schedule "${t}" on ${d} at ${h}.`,
              `Create an event called ${t} on ${d} at ${h}`,
              `Add ${t} to my calendar, ${d} at ${h}.`,
              `New event: ${t}, ${d}, ${h}`,
              `Put "${t}" in the calendar for ${d} at ${h}.`,
              `Plan "${t}" for ${d} at ${h}.`,
              `Put ${t} in my calendar, ${d} at ${h}.`,
              `Plan an event called ${t} on ${d} at ${h}.`,
            ],
            t,
            d,
            h,
          ),
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
        user: draw.way(
          (kind, n, k, plural) => [
            `Book a ${kind} at ${n} for ${k} ${plural}.`,
            `Reserve a ${kind} at ${n} for ${k} ${plural}`,
            `I need a ${kind} at ${n}, ${k} ${plural}.`,
            `A ${kind} for ${k} ${plural} at ${n} please.`,
            `Can you book ${n} for ${k} ${plural}?`,
            `I want to book a ${kind} at ${n} for ${k} ${plural}.`,
            `Get me a ${kind} for ${k} ${plural} at ${n}.`,
            `Please reserve a ${kind} at ${n} for ${k} ${plural}.`,
            `Get ${n} for ${k} ${plural}.`,
          ],
          kind,
          n,
          k,
          plural,
        ),
        args: { [where]: n, [count]: k },
      }
    },
    outcome: (args) => ({ content: done(draw), answer: `Done. ${first(args)} is booked.` }),
  }
}
