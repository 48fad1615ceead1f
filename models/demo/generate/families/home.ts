import { jsonText } from '../json-text.ts'
import { done, type Family, text, told } from '../kit.ts'
import { COLORS } from '../pools.ts'
import { capitalized, cityName, someDate, someFile, word } from '../text.ts'

export const light: Family = (draw) => {
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
      const room = draw.chance(0.85) ? draw.from(rooms) : word(draw)
      if (hue) {
        const color = draw.pick(colors)
        return {
          user: draw.way(
            (room, color) => [
              `Make the light in the ${room} ${color}.`,
              `Set the ${room} light to ${color}.`,
              `Change the ${room} lamp to ${color}`,
              `${capitalized(color)} light in the ${room} please.`,
              `I want ${color} light in the ${room}.`,
              `Set the light in the ${room} to ${color}.`,
              `Turn the light in the ${room} ${color}.`,
              `Make the ${room} light ${color}.`,
            ],
            room,
            color,
          ),
          args: { [x]: room, color },
        }
      }
      const on = draw.chance(0.5)
      const s = on ? 'on' : 'off'
      return {
        user: draw.way(
          (s, room) => [
            `Turn ${s} the light in the ${room}.`,
            `Turn the ${room} light ${s}.`,
            `Switch ${s} the lights in the ${room}`,
            `Light ${s} in the ${room} please.`,
            `${room} light ${s}`,
            `Switch the ${room} light ${s}.`,
            `Switch the light in the ${room} ${s}.`,
            `Please turn ${s} the light in the ${room}.`,
          ],
          s,
          room,
        ),
        args: { [x]: room, [y]: on },
      }
    },
    outcome: () => ({ content: done(draw), answer: 'Done. The light is set.' }),
  }
}

export const noArguments: Family = (draw) => {
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
        'What date is it today?',
        'Which day is it today?',
        'Tell me what date it is.',
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
        'Which place am I in?',
        'Find out where I am.',
        'Where am I right now?',
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
        'Show me all files.',
        'Which files do I have?',
        'List all files.',
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
        'Roll a dice for me.',
        'Throw the dice.',
        'I want a random number.',
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
    ask: () => ({ user: draw.way(() => ways), args: {} }),
    outcome: () => make(),
  }
}
